//! Writing every row anew from the feed alone.

use shared_model::document::DocumentKind;
use shared_model::features::{self as model, View};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::instant::Timestamp;
use shared_model::permission::Scope;
use shared_model::record::Record;
use shared_model::workspace::Aggregate;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

use super::{Batch, Derived, NewRecord, Projected, Table, WrittenRows, document_row};
use crate::database::tenant_transaction;
use crate::document_store::{self, StoredItem, assemble};
use crate::features;
use crate::sync::feed;

/// Documents projected at once.
const STEP: i64 = 200;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Documents done.
    pub documents: u64,
    /// All documents.
    pub of: u64,
}

/// Every projection table there is.
pub fn tables() -> impl Iterator<Item = &'static Table> {
    features::ALL.iter().flat_map(|feature| feature.tables).chain([&document_row::TABLE])
}

/// Every table that the database derives from one of them.
pub fn derived() -> impl Iterator<Item = &'static Derived> {
    features::ALL.iter().flat_map(|feature| feature.derived)
}

/// Empties the projection tables of an organisation and fills them from its feed, in one transaction. Whoever
/// wants to add to the feed waits that long.
pub async fn rebuild(
    pool: &PgPool,
    organisation: OrganisationId,
    progress: impl FnMut(Progress),
) -> anyhow::Result<()> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    // In the order every writer takes its locks, so that none of them and this ever wait for each other.
    document_store::lock_all(&mut transaction, organisation).await?;
    for table in tables() {
        let statement = table.lock_rows();
        sqlx::query(AssertSqlSafe(statement)).bind(organisation.as_uuid()).execute(&mut *transaction).await?;
    }
    feed::lock(&mut transaction, organisation).await?;
    let names = tables().map(|table| table.name).chain(derived().map(|derived| derived.name));
    for name in names {
        let statement = format!("delete from {name} where organization_id = $1");
        sqlx::query(AssertSqlSafe(statement)).bind(organisation.as_uuid()).execute(&mut *transaction).await?;
    }
    replay(&mut transaction, organisation, progress, |_| {}).await?;
    transaction.commit().await?;
    Ok(())
}

/// Writes every row of a document that was deleted, and of its records, from the feed. Returns where it belongs.
pub async fn restore(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    id: DocumentId,
    kind: DocumentKind,
) -> anyhow::Result<Vec<Scope>> {
    let replayed = Replayed { deleted: false, ..read(connection, organisation, id, kind).await? };
    let scopes = model::scopes(&replayed.aggregate);
    let replayed = Replayed { scopes: scopes.clone(), ..replayed };
    project(connection, organisation, &[replayed]).await?;
    Ok(scopes)
}

/// A document as the feed makes it.
pub(super) struct Replayed {
    pub(super) aggregate: Aggregate,
    /// Where it belongs; nowhere once it was deleted.
    pub(super) scopes: Vec<Scope>,
    /// It was deleted, and has no rows.
    pub(super) deleted: bool,
    view: View,
    received: Vec<(Record, Timestamp)>,
}

/// Projects every document of the feed, step by step in order of id.
pub(super) async fn replay(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    mut progress: impl FnMut(Progress),
    mut each: impl FnMut(&Replayed),
) -> anyhow::Result<()> {
    let of = feed::count_documents(connection, organisation).await?;
    let mut done = 0;
    let mut after = None;
    loop {
        let step = feed::documents_after(connection, organisation, after, STEP).await?;
        let Some((last, _)) = step.last() else { return Ok(()) };
        after = Some(*last);
        let mut replayed = Vec::with_capacity(step.len());
        for (id, kind) in &step {
            replayed.push(read(connection, organisation, *id, *kind).await?);
        }
        replayed.iter().for_each(&mut each);
        project(connection, organisation, &replayed).await?;
        done += step.len() as u64;
        progress(Progress { documents: done, of });
    }
}

async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    id: DocumentId,
    kind: DocumentKind,
) -> anyhow::Result<Replayed> {
    let history = feed::history_of_document(connection, organisation, id).await?;
    let mut received = Vec::new();
    let mut items = Vec::with_capacity(history.items.len());
    for (item, received_at) in history.items {
        if let StoredItem::Record(bytes) = &item {
            received.push((Record::decode(bytes)?, received_at));
        }
        items.push(item);
    }
    let aggregate = assemble(id, kind, None, &items)?;
    let deleted = history.deleted;
    let scopes = if deleted { Vec::new() } else { model::scopes(&aggregate) };
    let view = model::view(&aggregate);
    Ok(Replayed { aggregate, scopes, deleted, view, received })
}

async fn project(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    replayed: &[Replayed],
) -> anyhow::Result<()> {
    let written = WrittenRows::default();
    let mut batch = Batch { organisation, documents: Vec::new(), records: Vec::new(), written };
    for document in replayed.iter().filter(|document| !document.deleted) {
        let kind = document.aggregate.document.kind();
        let Replayed { aggregate, view, scopes, .. } = document;
        batch.documents.push(Projected { aggregate, view, scopes });
        let records = document.received.iter();
        batch.records.extend(records.filter_map(|(record, at)| NewRecord::new(record, kind, *at)));
    }
    Ok(super::project(connection, &batch).await?)
}
