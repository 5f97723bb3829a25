//! A new root for a document: its present value as one change, in the place of its past, whose bytes go. In one
//! transaction, with locks in the order of every commit: the document, then the feed's counter.

use std::collections::BTreeSet;

use anyhow::Context;
use automerge::Change;
use shared_model::document::{Document, DocumentKind, RootError, step};
use shared_model::identity::{DocumentId, OrganisationId, RecordId, RootId};
use shared_model::record::RecordKind;
use sqlx::PgConnection;

use super::own_row::{OwnRow, against_others};
use super::{Core, queries};
use crate::audit::holds::{self, Erasable};
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::directory::{actors, actors::ActorOwner};
use crate::document_store::{self, Locked, Rooted, scopes_text};
use crate::projection;
use crate::random;
use crate::sync::chain;
use crate::sync::wake::Head;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done: the row of the feed, and how many rows say nothing any more.
    Done {
        /// The row of the new root.
        seq: u64,
        /// How many rows were blanked.
        blanked: u64,
    },
    /// There is no such document.
    Unknown,
    /// People have to settle these fields first.
    Conflicts(Vec<String>),
    /// It has to be kept, for this reason.
    Held(String),
    /// These are no remarks of this document: nothing else can go without the document being another one.
    NotErasable(Vec<RecordId>),
}

/// Gives a document a new root, against whoever else writes it at the moment, and erases these remarks with its past.
pub(crate) async fn reroot(
    core: &Core,
    organisation: OrganisationId,
    document: DocumentId,
    erased: &BTreeSet<RecordId>,
) -> anyhow::Result<Outcome> {
    bind_actor(core, organisation).await?;
    against_others(|| attempt(core, organisation, document, erased)).await
}

async fn attempt(
    core: &Core,
    organisation: OrganisationId,
    id: DocumentId,
    erased: &BTreeSet<RecordId>,
) -> anyhow::Result<Outcome> {
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let Some(locked) = document_store::lock_one(&mut transaction, organisation, id).await? else {
        return Ok(Outcome::Unknown);
    };
    if let Some(reason) = holds::in_the_way(&mut transaction, organisation, Erasable::Document(id)).await? {
        return Ok(Outcome::Held(reason));
    }
    let aggregate = document_store::read_even_deleted(&mut transaction, organisation, id).await?;
    let aggregate = aggregate.with_context(|| format!("document {id} cannot be read"))?;
    let remarks = aggregate.records.values().filter(|record| record.kind() == Some(RecordKind::Comment));
    let remarks: BTreeSet<RecordId> = remarks.map(|record| record.id).collect();
    if !erased.is_subset(&remarks) {
        return Ok(Outcome::NotErasable(erased.difference(&remarks).copied().collect()));
    }
    for record in erased.iter().filter_map(|id| aggregate.records.get(id)) {
        let Some(author) = record.author else { continue };
        if let Some(reason) =
            holds::in_the_way(&mut transaction, organisation, Erasable::Person(author)).await?
        {
            return Ok(Outcome::Held(reason));
        }
    }
    let name = RootId::from_uuid(random::uuid(core.clock.now()));
    let (rooted, changes) = match aggregate.document.upon_new_root(name, core.actor()) {
        Ok(made) => made,
        Err(RootError::Conflicts(fields)) => return Ok(Outcome::Conflicts(fields)),
        Err(error) => return Err(error).with_context(|| format!("document {id}")),
    };
    let mut changes = changes.into_iter();
    let (Some(root), rest) = (changes.next(), changes) else { anyhow::bail!("a root has a change") };
    let (head, chain_hash) = queries::lock_head(&mut transaction, organisation).await?;
    let blanked = blank(&mut transaction, organisation, (id, locked.kind), erased).await?;
    let mut rows = Rows { seq: head, hash: chain_hash, document: id, locked: &locked };
    let first = rows.append(core, &mut transaction, organisation, ("root", root)).await?;
    for change in rest {
        rows.append(core, &mut transaction, organisation, ("change", change)).await?;
    }
    document_store::set_root(&mut transaction, organisation, id, &save(&rooted)?, rows.seq).await?;
    if !locked.deleted {
        projection::remove(&mut transaction, organisation, id).await?;
        projection::restore(&mut transaction, organisation, id, locked.kind).await?;
    }
    transaction.commit().await?;
    core.wake.moved(organisation, Head::of_feed(rows.seq.unsigned_abs()));
    Ok(Outcome::Done { seq: first.unsigned_abs(), blanked })
}

/// The rows of a root: its changes, one after the other.
struct Rows<'a> {
    /// The last row of the feed.
    seq: i64,
    hash: chain::Hash,
    document: DocumentId,
    locked: &'a Locked,
}

impl Rows<'_> {
    async fn append(
        &mut self,
        core: &Core,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        (item_kind, bytes): (&'static str, Vec<u8>),
    ) -> anyhow::Result<i64> {
        let change = Change::from_bytes(bytes.clone())?;
        let scopes = scopes_text(&self.locked.scopes);
        let row = OwnRow {
            seq: self.seq + 1,
            item_kind,
            document: self.document,
            kind: self.locked.kind,
            item_id: change.hash().0.to_vec(),
            payload: bytes,
            actor_seq: Some(i64::try_from(change.seq())?),
            author: None,
            device: None,
            scopes: [scopes.clone(), scopes],
            received_at: to_utc(core.clock.now()),
        };
        self.hash = row.append(core, connection, organisation, &self.hash).await?;
        self.seq = row.seq;
        Ok(row.seq)
    }
}

/// The document to store, once it has been loaded again and shows the same.
fn save(rooted: &Document) -> anyhow::Result<Rooted> {
    let snapshot = rooted.save();
    let loaded = Document::load(rooted.kind(), &snapshot)?;
    anyhow::ensure!(loaded.heads() == rooted.heads(), "the saved document lost changes");
    let changes = rooted.changes_since(&[]).len().saturating_sub(1);
    Ok(Rooted { heads: rooted.heads(), snapshot, change_count: i64::try_from(changes)? })
}

/// Takes the bytes of a document's past out of the feed, and what commands said that wrote it, held ones that somebody decided about
/// among them. Schema steps stay: they hold nothing of anybody's, and the root builds upon them.
async fn blank(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    (document, kind): (DocumentId, DocumentKind),
    erased: &BTreeSet<RecordId>,
) -> sqlx::Result<u64> {
    let steps: Vec<&[u8]> = step::all(kind).iter().map(step::Step::bytes).collect();
    let erased: Vec<&[u8]> = erased.iter().map(|id| id.as_bytes().as_slice()).collect();
    let blanked = sqlx::query(
        "update feed set payload = ''
         where organization_id = $1 and doc_id = $2 and payload <> ''
           and ((item_kind in ('change', 'root') and payload <> all ($3))
                or (item_kind = 'record' and item_id = any ($4)))",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .bind(steps)
    .bind(erased)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "update command set intent = ''
         where organization_id = $1 and command_id in (
             select command_id from feed where organization_id = $1 and doc_id = $2)",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "update held_command set intent = '', bytes = ''
         where organization_id = $1 and $2 = any (documents) and decision is not null",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .execute(connection)
    .await?;
    Ok(blanked.rows_affected())
}

/// The node signs the root: devices hear in the directory whose actor that is.
async fn bind_actor(core: &Core, organisation: OrganisationId) -> anyhow::Result<()> {
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let (actor, now) = (core.actor(), core.clock.now());
    let bound = actors::bind(&mut transaction, organisation, actor, ActorOwner::Server, now).await?;
    anyhow::ensure!(bound, "the actor of this node is somebody else's");
    Ok(transaction.commit().await?)
}
