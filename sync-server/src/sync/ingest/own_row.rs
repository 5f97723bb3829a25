//! A row of the feed that the server writes by itself, beside all batches: that a document was deleted, came back, or has a
//! new root.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use shared_model::document::DocumentKind;
use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::sync_protocol::Claim;
use sqlx::PgConnection;

use super::Core;
use super::failure::Failure;
use crate::sync::chain;

/// How often somebody else's commit may come first.
const TRIES: u32 = 5;

/// The row.
pub(super) struct OwnRow {
    /// Its sequence number: the one after the head, which is locked.
    pub(super) seq: i64,
    /// What the feed calls it.
    pub(super) item_kind: &'static str,
    pub(super) document: DocumentId,
    pub(super) kind: DocumentKind,
    /// Names it among the items of the document.
    pub(super) item_id: Vec<u8>,
    /// What it carries; nothing when its kind says it all.
    pub(super) payload: Vec<u8>,
    /// The number of the change it carries among those of the node's actor.
    pub(super) actor_seq: Option<i64>,
    /// Who wanted it; `None`: whoever runs the server.
    pub(super) author: Option<PersonId>,
    /// The device they were at.
    pub(super) device: Option<DeviceId>,
    /// The document's scopes before and after, as text.
    pub(super) scopes: [String; 2],
    pub(super) received_at: DateTime<Utc>,
}

impl OwnRow {
    /// Appends it after a row with this chain hash, and moves the head. Returns its own chain hash.
    pub(super) async fn append(
        &self,
        core: &Core,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        before: &chain::Hash,
    ) -> sqlx::Result<chain::Hash> {
        let item: [u8; 32] = Sha256::digest(&self.payload).into();
        let hash = chain::link(before, self.seq, self.item_kind, self.document, &item, self.author);
        let (document, author, device) = (self.document, self.author, self.device);
        let receipt =
            core.receipt_key.sign(organisation, &Claim::Item { document, item: &item, author, device });
        let [scopes_before, scopes_after] = &self.scopes;
        sqlx::query(
            "with head as (
                 update tenant_feed set head = $2, chain_hash = $3 where organization_id = $1)
             insert into feed (organization_id, seq, item_kind, doc_id, doc_kind, item_id, item_hash, chain_hash,
                               payload, actor, actor_seq, author, scopes_before, scopes_after, received_at,
                               receipt, device_id)
             values ($1, $2, $4, $5, $6, $7, $8, $3, $9, $10, $11, $12, string_to_array($13, ' '),
                     string_to_array($14, ' '), $15, $16, $17)",
        )
        .bind(organisation.as_uuid())
        .bind(self.seq)
        .bind(hash.as_slice())
        .bind(self.item_kind)
        .bind(self.document.as_uuid())
        .bind(self.kind.code())
        .bind(&self.item_id)
        .bind(item.as_slice())
        .bind(&self.payload)
        .bind(core.actor().as_bytes().as_slice())
        .bind(self.actor_seq)
        .bind(self.author.map(PersonId::as_uuid))
        .bind(scopes_before)
        .bind(scopes_after)
        .bind(self.received_at)
        .bind(receipt)
        .bind(self.device.map(DeviceId::as_uuid))
        .execute(connection)
        .await?;
        Ok(hash)
    }
}

/// Does something in a transaction of its own, against whoever else writes the same at the moment.
pub(super) async fn against_others<T, A>(attempt: impl Fn() -> A) -> anyhow::Result<T>
where
    A: Future<Output = anyhow::Result<T>>,
{
    let mut tries = 0;
    loop {
        match attempt().await {
            Err(error) if Failure::of(&error) == Failure::Collision && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}
