//! The SQL of documents and of the feed rows they are built from.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId, RecordId};
use shared_model::permission::Scope;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{NamedRecord, Stored, StoredItem, StoredState};

/// What the database says about a document.
#[derive(Clone, Copy, Debug)]
pub struct DocumentState {
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its version and counts.
    pub stored: StoredState,
    /// It was deleted.
    pub deleted: bool,
    /// The feed row up to which the snapshot holds its changes.
    pub snapshot_seq: i64,
}

type StateRow = (Uuid, String, i64, i64, i64, i64, bool);

/// The states of documents, in order of id; with `lock` they stay as they are until the transaction ends.
pub(super) async fn states(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
    lock: bool,
) -> anyhow::Result<Vec<DocumentState>> {
    const READ: &str = "select doc_id, kind, version, change_count, snapshot_seq, snapshot_change_count,
                                deleted_at is not null
         from document where organization_id = $1 and doc_id = any ($2) order by doc_id";
    const LOCK: &str = "select doc_id, kind, version, change_count, snapshot_seq, snapshot_change_count,
                                deleted_at is not null
         from document where organization_id = $1 and doc_id = any ($2) order by doc_id for update";
    let rows: Vec<StateRow> = sqlx::query_as(if lock { LOCK } else { READ })
        .bind(organisation.as_uuid())
        .bind(uuids(documents))
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(state).collect()
}

fn state(
    (id, kind, version, change_count, snapshot_seq, snapshot_change_count, deleted): StateRow,
) -> anyhow::Result<DocumentState> {
    let kind =
        DocumentKind::from_code(&kind).with_context(|| format!("document {id} has the kind {kind}"))?;
    let id = DocumentId::from_uuid(id);
    Ok(DocumentState {
        id,
        kind,
        stored: StoredState { version, change_count, snapshot_change_count },
        deleted,
        snapshot_seq,
    })
}

pub(super) async fn snapshots(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    states: &[DocumentState],
) -> sqlx::Result<HashMap<DocumentId, Vec<u8>>> {
    let with_snapshot: Vec<Uuid> =
        states.iter().filter(|state| state.snapshot_seq > 0).map(|state| state.id.as_uuid()).collect();
    if with_snapshot.is_empty() {
        return Ok(HashMap::new());
    }
    // A snapshot that was renewed since the state was read holds more than the state says, never less.
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
        "select doc_id, snapshot from document
         where organization_id = $1 and doc_id = any ($2) and snapshot is not null",
    )
    .bind(organisation.as_uuid())
    .bind(with_snapshot)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, bytes)| (DocumentId::from_uuid(id), bytes)).collect())
}

/// Changes after each snapshot, and all records but those of the kinds left out, by document in feed order. What
/// was blanked says nothing any more.
pub(super) async fn items_after_snapshots(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    states: &[DocumentState],
    left_out: &[&str],
) -> sqlx::Result<HashMap<DocumentId, Vec<StoredItem>>> {
    let ids: Vec<Uuid> = states.iter().map(|state| state.id.as_uuid()).collect();
    let after: Vec<i64> = states.iter().map(|state| state.snapshot_seq).collect();
    let rows: Vec<(Uuid, bool, Vec<u8>)> = sqlx::query_as(
        "select feed.doc_id, feed.item_kind in ('change', 'root'), feed.payload
         from unnest($2::uuid[], $3::bigint[]) as wanted (doc_id, after_seq)
         join feed on feed.organization_id = $1 and feed.doc_id = wanted.doc_id
         where feed.doc_id = any ($2) and feed.payload <> ''
           and ((feed.item_kind in ('change', 'root') and feed.seq > wanted.after_seq)
                or (feed.item_kind = 'record' and not feed.record_kind = any ($4)))
         order by feed.seq",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .bind(after)
    .bind(left_out)
    .fetch_all(connection)
    .await?;
    let mut items: HashMap<DocumentId, Vec<StoredItem>> = HashMap::new();
    for (id, is_change, payload) in rows {
        let item = if is_change { StoredItem::Change(payload) } else { StoredItem::Record(payload) };
        items.entry(DocumentId::from_uuid(id)).or_default().push(item);
    }
    Ok(items)
}

/// The records with these ids that are in the feed already, whatever document owns them.
pub async fn named_records(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    records: &[RecordId],
) -> sqlx::Result<Vec<NamedRecord>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<&[u8]> = records.iter().map(|id| id.as_bytes().as_slice()).collect();
    let rows: Vec<(Vec<u8>, Uuid, Vec<u8>)> = sqlx::query_as(
        "select item_id, doc_id, payload from feed
         where organization_id = $1 and item_kind = 'record' and item_id = any ($2) and payload <> ''",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let record = |(id, document, payload): (Vec<u8>, Uuid, Vec<u8>)| {
        let id = RecordId::from_bytes(id.try_into().ok()?);
        Some(NamedRecord { id, document: DocumentId::from_uuid(document), payload })
    };
    Ok(rows.into_iter().filter_map(record).collect())
}

/// Kind and scopes of those of these documents that are there.
pub async fn places(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> sqlx::Result<HashMap<DocumentId, (DocumentKind, Vec<Scope>)>> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Uuid, String, Vec<String>)> = sqlx::query_as(
        "select doc_id, kind, scopes from document
         where organization_id = $1 and doc_id = any ($2) and deleted_at is null",
    )
    .bind(organisation.as_uuid())
    .bind(uuids(documents))
    .fetch_all(connection)
    .await?;
    let place = |(id, kind, scopes): (Uuid, String, Vec<String>)| {
        let scopes = scopes.iter().filter_map(|scope| scope.parse().ok()).collect();
        Some((DocumentId::from_uuid(id), (DocumentKind::from_code(&kind)?, scopes)))
    };
    Ok(rows.into_iter().filter_map(place).collect())
}

/// Locks existing documents in order of id and returns their versions.
pub async fn lock(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> sqlx::Result<BTreeMap<DocumentId, i64>> {
    if documents.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows: Vec<(Uuid, i64)> = sqlx::query_as(
        "select doc_id, version from document
         where organization_id = $1 and doc_id = any ($2) order by doc_id for update",
    )
    .bind(organisation.as_uuid())
    .bind(uuids(documents))
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id, version)| (DocumentId::from_uuid(id), version)).collect())
}

/// Locks every document of an organisation in order of id.
pub async fn lock_all(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<()> {
    sqlx::query("select from document where organization_id = $1 order by doc_id for update")
        .bind(organisation.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// Inserts new documents in order of id. Returns how many: fewer than given when somebody else created one.
pub async fn insert_created(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    created: &[(&Stored, &[Scope])],
) -> sqlx::Result<u64> {
    if created.is_empty() {
        return Ok(0);
    }
    let columns = Columns::of(created.iter().copied());
    let inserted = sqlx::query(
        "insert into document (organization_id, doc_id, kind, version, heads, scopes, change_count)
         select $1, doc_id, kind, 1, heads, string_to_array(scopes, ' '), change_count
         from unnest($2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::bigint[])
              as made (doc_id, kind, heads, scopes, change_count)
         order by doc_id
         on conflict (organization_id, doc_id) do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(columns.ids)
    .bind(columns.kinds)
    .bind(columns.heads)
    .bind(columns.scopes)
    .bind(columns.change_counts)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected())
}

/// Writes what became of existing documents, in order of id, and raises their versions by one. Each is given with the
/// version it should have. Returns how many had it; all are locked now, and the others are otherwise as they were.
///
/// A document is looked up by its key, one by one, as if it were to be inserted: there is no plan to choose that would
/// be a bad one once there are many.
pub async fn update_existing(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    changed: &[(&Stored, i64, &[Scope])],
) -> sqlx::Result<usize> {
    if changed.is_empty() {
        return Ok(0);
    }
    let columns = Columns::of(changed.iter().map(|(stored, _, scopes)| (*stored, *scopes)));
    let expected: Vec<i64> = changed.iter().map(|(_, version, _)| *version).collect();
    // One that is not there at all would be there then, at a version that nothing has.
    let versions: Vec<i64> = sqlx::query_scalar(
        "insert into document (organization_id, doc_id, kind, version, heads, scopes, change_count)
         select $1, doc_id, kind, -version, heads, string_to_array(scopes, ' '), change_count
         from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::bigint[])
              as now (doc_id, kind, version, heads, scopes, change_count)
         order by doc_id
         on conflict (organization_id, doc_id) do update
         set version = document.version + 1, heads = excluded.heads,
             scopes = excluded.scopes, change_count = excluded.change_count
         where document.version = -excluded.version
         returning version",
    )
    .bind(organisation.as_uuid())
    .bind(columns.ids)
    .bind(columns.kinds)
    .bind(expected)
    .bind(columns.heads)
    .bind(columns.scopes)
    .bind(columns.change_counts)
    .fetch_all(connection)
    .await?;
    Ok(versions.into_iter().filter(|version| *version > 0).count())
}

#[derive(Default)]
struct Columns {
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    heads: Vec<Vec<u8>>,
    scopes: Vec<String>,
    change_counts: Vec<i64>,
}

impl Columns {
    fn of<'s>(documents: impl Iterator<Item = (&'s Stored, &'s [Scope])>) -> Self {
        let mut columns = Self::default();
        for (stored, scopes) in documents {
            columns.ids.push(stored.aggregate.id.as_uuid());
            columns.kinds.push(stored.aggregate.document.kind().code());
            columns.heads.push(heads_bytes(stored));
            columns.scopes.push(scopes_text(scopes));
            columns.change_counts.push(stored.state.change_count);
        }
        columns
    }
}

/// The heads of a document, sorted, one after the other.
fn heads_bytes(stored: &Stored) -> Vec<u8> {
    stored.aggregate.document.heads().iter().flat_map(|hash| hash.0).collect()
}

/// Scopes for `string_to_array(…, ' ')`: arrays of arrays cannot be unnested by row.
pub fn scopes_text(scopes: &[Scope]) -> String {
    let texts: Vec<String> = scopes.iter().map(Scope::to_string).collect();
    texts.join(" ")
}

fn uuids(documents: &[DocumentId]) -> Vec<Uuid> {
    documents.iter().map(|id| id.as_uuid()).collect()
}
