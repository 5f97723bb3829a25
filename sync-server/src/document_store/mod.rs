//! Documents as they stand now: built from a snapshot and the feed rows after it, kept live in a bounded cache
//! whose entries count only at the version the database holds.

mod assembly;
mod cache;
mod deletion;
mod queries;
mod root;
mod snapshot;

use std::collections::{BTreeMap, BTreeSet};

use automerge::ReadDoc;
use parking_lot::Mutex;
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId, RecordId};
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;

use self::assembly::Parts;
pub use self::assembly::{StoredItem, assemble, concatenate};
use self::cache::Cache;
pub use self::deletion::{Locked, any_deleted, lock_one, set_deleted};
pub use self::queries::{
    DocumentState, insert_created, lock, lock_all, named_records, places, scopes_text, update_existing,
};
pub use self::root::{Rooted, set_root};
pub use self::snapshot::{Snapshot, is_due as snapshot_is_due, write as write_snapshots};
use crate::projection::Written;

/// What a node keeps of live documents unless told otherwise: some ten thousand work orders.
pub const DEFAULT_CACHE_BYTES: usize = 256 * 1024 * 1024;
/// What a live document takes before it holds anything, and for every operation; measured, rounded up.
const DOCUMENT_BYTES: usize = 12 * 1024;
const OPERATION_BYTES: usize = 64;
/// What a record takes beside its payload.
const RECORD_BYTES: usize = 256;

/// A document with what the database says about it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The document and its records, without the ledger a storeroom grows.
    pub aggregate: Aggregate,
    /// What the database says about it.
    pub state: StoredState,
    /// What is known of its rows there.
    pub written: Written,
}

impl Stored {
    /// About how much memory it takes. Copies share it, so what is counted twice is never too little.
    fn estimated_bytes(&self) -> usize {
        let operations = self.aggregate.document.automerge().stats().num_ops;
        let operations = usize::try_from(operations).unwrap_or(usize::MAX).saturating_mul(OPERATION_BYTES);
        let records = self.aggregate.records.values();
        let records: usize = records.map(|record| RECORD_BYTES + record.payload.len()).sum();
        DOCUMENT_BYTES.saturating_add(operations).saturating_add(records)
    }
}

/// What the database says about a document; all zero before it is stored for the first time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoredState {
    /// Rises with every commit that touches the document.
    pub version: i64,
    /// How many changes it holds, its genesis not counted.
    pub change_count: i64,
    /// How many of them the stored snapshot holds.
    pub snapshot_change_count: i64,
}

/// The documents of a node.
pub struct DocumentStore {
    cache: Mutex<Cache>,
}

impl DocumentStore {
    /// A store that keeps about so many bytes of live documents.
    pub fn new(cache_bytes: usize) -> Self {
        Self { cache: Mutex::new(Cache::new(cache_bytes)) }
    }

    /// Takes documents for a batch of commands, as far as they exist; give them back with [`Self::put`] once
    /// the batch is committed.
    pub async fn take(
        &self,
        connection: &mut PgConnection,
        organisation: OrganisationId,
        documents: &[DocumentId],
        needs: Needs,
    ) -> anyhow::Result<Taken> {
        let states = queries::states(connection, organisation, documents, needs.lock).await?;
        let (gone, states): (Vec<_>, Vec<_>) = states.into_iter().partition(|state| state.deleted);
        let deleted = gone.into_iter().map(|state| state.id).collect();
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        {
            let mut cache = self.cache.lock();
            for state in states {
                let cached = cache.take(organisation, state.id);
                let fresh = |stored: &Stored| stored.state.version == state.stored.version;
                // A live document has no ledger.
                let usable = !(needs.ledger && has_ledger(state.kind));
                match cached.filter(|stored| usable && fresh(stored)) {
                    Some(stored) => _ = found.insert(state.id, stored),
                    None => missing.push(state),
                }
            }
        }
        let ledger = if needs.ledger { Ledger::Included } else { Ledger::LeftOut };
        for stored in load(connection, organisation, &missing, ledger).await? {
            found.insert(stored.aggregate.id, stored);
        }
        Ok(Taken { documents: found, deleted })
    }

    /// Gives a document back, at the version that was committed. A ledger is not kept: it grows without end.
    pub fn put(&self, organisation: OrganisationId, mut stored: Stored) {
        if has_ledger(stored.aggregate.document.kind()) {
            let is_kept = |record: &Record| record.kind().is_none_or(RecordKind::bumps_document);
            stored.aggregate.records.retain(|_, record| is_kept(record));
        }
        self.cache.lock().put(organisation, stored);
    }
}

/// Documents for a batch.
#[derive(Debug, Default)]
pub struct Taken {
    /// Those that are there.
    pub documents: BTreeMap<DocumentId, Stored>,
    /// Those that were deleted.
    pub deleted: BTreeSet<DocumentId>,
}

/// How a batch wants its documents.
#[derive(Clone, Copy, Debug, Default)]
pub struct Needs {
    /// Nobody else may change them until the transaction ends.
    pub lock: bool,
    /// With their ledgers, for commands that are executed here.
    pub ledger: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ledger {
    Included,
    LeftOut,
}

/// Reads whole documents, ledgers included, for showing them. Those that were deleted are not shown.
pub async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> anyhow::Result<Vec<Aggregate>> {
    let mut states = queries::states(connection, organisation, documents, false).await?;
    states.retain(|state| !state.deleted);
    let stored = load(connection, organisation, &states, Ledger::Included).await?;
    Ok(stored.into_iter().map(|stored| stored.aggregate).collect())
}

/// Reads a whole document, ledger included, also one that was deleted.
pub async fn read_even_deleted(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
) -> anyhow::Result<Option<Aggregate>> {
    let states = queries::states(connection, organisation, &[document], false).await?;
    let stored = load(connection, organisation, &states, Ledger::Included).await?;
    Ok(stored.into_iter().next().map(|stored| stored.aggregate))
}

/// The record kinds that are left out of documents under command: only their sum matters there.
pub fn ledger_kinds() -> Vec<&'static str> {
    RecordKind::ALL.iter().filter(|kind| !kind.bumps_document()).map(|kind| kind.code()).collect()
}

/// Does a document of this kind own a ledger?
pub fn has_ledger(kind: DocumentKind) -> bool {
    RecordKind::ALL.iter().any(|record| !record.bumps_document() && record.owners().contains(&kind))
}

async fn load(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    states: &[DocumentState],
    ledger: Ledger,
) -> anyhow::Result<Vec<Stored>> {
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let left_out = if ledger == Ledger::LeftOut { ledger_kinds() } else { Vec::new() };
    let mut snapshots = queries::snapshots(connection, organisation, states).await?;
    let mut items = queries::items_after_snapshots(connection, organisation, states, &left_out).await?;
    let parts = states.iter().map(|state| Parts {
        state: *state,
        snapshot: snapshots.remove(&state.id),
        items: items.remove(&state.id).unwrap_or_default(),
    });
    assembly::assemble_all(parts.collect()).await
}

/// A record that is in the feed already.
#[derive(Clone, Debug)]
pub struct NamedRecord {
    /// Its id.
    pub id: RecordId,
    /// The document that owns it.
    pub document: DocumentId,
    /// Encoded record.
    pub payload: Vec<u8>,
}
