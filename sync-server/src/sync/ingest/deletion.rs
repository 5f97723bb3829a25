//! Taking a document away, and bringing it back: one row of the feed each, in one transaction with what follows from it.
//! Locks are taken in the order of every commit: the document, then the feed's counter.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use shared_model::document::DocumentKind;
use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::permission::{Grants, Permission, Scope};
use shared_model::sync_protocol::Claim;
use sqlx::PgConnection;

use super::failure::Failure;
use super::{Core, queries};
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::document_store::{self, Locked, scopes_text};
use crate::projection::{self, Namers};
use crate::random;
use crate::sync::chain;
use crate::sync::wake::Head;

/// How often somebody else's commit may come first.
const TRIES: u32 = 5;

/// What is to become of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody sees it any more.
    Deleted,
    /// It is there as it was.
    Restored,
}

/// Who wants it.
#[derive(Clone, Copy, Debug)]
pub struct Requester<'a> {
    /// The person with their rights; `None`: whoever runs the server.
    pub grants: Option<&'a Grants>,
    /// The device they are at.
    pub device: Option<DeviceId>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; the row of the feed.
    Done(u64),
    /// It was so before.
    Already,
    /// There is no such document, or it is not theirs to see.
    Unknown,
    /// It is theirs to see and not to delete.
    NotPermitted,
    /// Others name it.
    Named(Vec<Namers>),
}

impl Fate {
    /// What the feed calls the row.
    const fn item_kind(self) -> &'static str {
        match self {
            Self::Deleted => "deletion",
            Self::Restored => "restoration",
        }
    }
}

/// Does it, against whoever else writes the document at the moment.
pub(crate) async fn decide(
    core: &Core,
    organisation: OrganisationId,
    document: DocumentId,
    fate: Fate,
    requester: Requester<'_>,
) -> anyhow::Result<Outcome> {
    let mut tries = 0;
    loop {
        match attempt(core, organisation, document, fate, requester).await {
            Err(error) if Failure::of(&error) == Failure::Collision && tries < TRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

async fn attempt(
    core: &Core,
    organisation: OrganisationId,
    document: DocumentId,
    fate: Fate,
    requester: Requester<'_>,
) -> anyhow::Result<Outcome> {
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let Some(locked) = document_store::lock_one(&mut transaction, organisation, document).await? else {
        return Ok(Outcome::Unknown);
    };
    if let Some(refused) = refusal(&locked, fate, requester) {
        return Ok(refused);
    }
    let (head, chain_hash) = queries::lock_head(&mut transaction, organisation).await?;
    let now = to_utc(core.clock.now());
    let (before, after) = match fate {
        Fate::Deleted => {
            // Under the counter nobody adds to what was counted.
            let namers = match locked.kind.is_deletable_when_named() {
                true => Vec::new(),
                false => projection::namers(&mut transaction, organisation, document).await?,
            };
            if !namers.is_empty() {
                return Ok(Outcome::Named(namers));
            }
            projection::remove(&mut transaction, organisation, document).await?;
            (locked.scopes, Vec::new())
        }
        Fate::Restored => {
            let scopes = projection::restore(&mut transaction, organisation, document, locked.kind).await?;
            (Vec::new(), scopes)
        }
    };
    let deleted_at = (fate == Fate::Deleted).then_some(now);
    document_store::set_deleted(&mut transaction, organisation, document, (deleted_at, &after)).await?;
    let row = Row {
        seq: head + 1,
        fate,
        document,
        kind: locked.kind,
        author: requester.grants.map(|grants| grants.person),
        device: requester.device,
        before: scopes_text(&before),
        after: scopes_text(&after),
        received_at: now,
    };
    row.append(core, &mut transaction, organisation, &chain_hash).await?;
    transaction.commit().await?;
    core.wake.moved(organisation, Head { feed: row.seq.unsigned_abs(), directory: 0 });
    Ok(Outcome::Done(row.seq.unsigned_abs()))
}

/// Why nothing is to be done.
fn refusal(locked: &Locked, fate: Fate, requester: Requester<'_>) -> Option<Outcome> {
    let may = |permission: Permission, scopes: &[Scope]| {
        requester.grants.is_none_or(|grants| grants.allow(permission, scopes))
    };
    if locked.deleted == (fate == Fate::Deleted) {
        // Whoever may not see what is gone does not hear that it ever was.
        let sees = requester.grants.is_none();
        return Some(if sees { Outcome::Already } else { Outcome::Unknown });
    }
    if !may(locked.kind.read_permission(), &locked.scopes) {
        return Some(Outcome::Unknown);
    }
    (!may(Permission::DELETE_DOCUMENTS, &locked.scopes)).then_some(Outcome::NotPermitted)
}

/// The row of the feed. It carries nothing: what is to be known stands in its kind and its scopes.
struct Row {
    seq: i64,
    fate: Fate,
    document: DocumentId,
    kind: DocumentKind,
    author: Option<PersonId>,
    device: Option<DeviceId>,
    before: String,
    after: String,
    received_at: DateTime<Utc>,
}

impl Row {
    async fn append(
        &self,
        core: &Core,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        before: &chain::Hash,
    ) -> sqlx::Result<()> {
        let item_kind = self.fate.item_kind();
        let item: [u8; 32] = Sha256::digest(b"").into();
        let hash = chain::link(before, self.seq, item_kind, self.document, &item, self.author);
        let (document, author, device) = (self.document, self.author, self.device);
        let receipt =
            core.receipt_key.sign(organisation, &Claim::Item { document, item: &item, author, device });
        sqlx::query(
            "with head as (
                 update tenant_feed set head = $2, chain_hash = $3 where organization_id = $1)
             insert into feed (organization_id, seq, item_kind, doc_id, doc_kind, item_id, item_hash, chain_hash,
                               payload, actor, author, scopes_before, scopes_after, received_at, receipt,
                               device_id)
             values ($1, $2, $4, $5, $6, $7, $8, $3, '', $9, $10, string_to_array($11, ' '),
                     string_to_array($12, ' '), $13, $14, $15)",
        )
        .bind(organisation.as_uuid())
        .bind(self.seq)
        .bind(hash.as_slice())
        .bind(item_kind)
        .bind(self.document.as_uuid())
        .bind(self.kind.code())
        .bind(random::bytes::<16>().as_slice())
        .bind(item.as_slice())
        .bind(core.actor().as_bytes().as_slice())
        .bind(self.author.map(PersonId::as_uuid))
        .bind(&self.before)
        .bind(&self.after)
        .bind(self.received_at)
        .bind(receipt)
        .bind(self.device.map(DeviceId::as_uuid))
        .execute(connection)
        .await?;
        Ok(())
    }
}
