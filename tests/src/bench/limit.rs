//! The limit loop: what this machine could do at most if a server did nothing but apply each change to a document in
//! memory, read it, and write log and rows in bulk. One process, no network, no gate, no rights, no other device.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::Context;
use automerge::Change;
use shared_model::features::work_order::{self, WorkOrder, WorkOrderSummary};
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{PushedCommand, PushedItem};
use shared_model::workspace::Aggregate;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres};
use tokio::time::Instant;
use uuid::Uuid;

/// Changes of one transaction: more brings little.
const BATCH: usize = 100;
/// With the id, 25 columns.
const TEXTS: usize = 14;
const NUMBERS: usize = 10;

const TABLES: &str = "
    create schema bench;
    create table bench.log (
        seq bigint primary key, doc_id uuid not null, item_id bytea not null, payload bytea not null,
        received_at timestamptz not null default now(), unique (doc_id, item_id));";

/// The loop with its documents.
pub struct LimitLoop {
    connection: PgConnection,
    documents: HashMap<DocumentId, Aggregate>,
    upsert: String,
    seq: i64,
}

type Row = (Uuid, [String; TEXTS], [Option<i64>; NUMBERS]);

impl LimitLoop {
    /// Makes the tables and fills them with these documents.
    pub async fn new(
        mut connection: PgConnection,
        documents: HashMap<DocumentId, Aggregate>,
    ) -> anyhow::Result<Self> {
        let texts = columns("t", TEXTS).map(|name| format!("{name} text not null"));
        let numbers = columns("n", NUMBERS).map(|name| format!("{name} bigint"));
        let all: Vec<String> = texts.chain(numbers).collect();
        let rows = format!("create table bench.row (id uuid primary key, {});", all.join(", "));
        let indexes = ["t3", "t4, n1", "t1", "n0"]
            .map(|columns| format!("create index on bench.row ({columns});"))
            .concat();
        for statement in ["drop schema if exists bench cascade", TABLES, &rows, &indexes] {
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        }
        let mut limit = Self { connection, documents, upsert: upsert(), seq: 0 };
        let ids: Vec<DocumentId> = limit.documents.keys().copied().collect();
        for chunk in ids.chunks(1_000) {
            let rows: Vec<Row> = chunk.iter().map(|id| row(&limit.documents[id])).collect();
            let mut transaction = limit.connection.begin().await?;
            write_rows(&limit.upsert, &rows).execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        Ok(limit)
    }

    /// Takes the changes of these commands in. Returns how long it took.
    pub async fn run(&mut self, commands: &[PushedCommand]) -> anyhow::Result<Duration> {
        let begin = Instant::now();
        for batch in commands.chunks(BATCH) {
            self.batch(batch).await?;
        }
        Ok(begin.elapsed())
    }

    async fn batch(&mut self, commands: &[PushedCommand]) -> anyhow::Result<()> {
        let (mut touched, mut order) = (HashSet::new(), Vec::new());
        let (mut ids, mut hashes, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
        for item in commands.iter().flat_map(|command| &command.items) {
            let PushedItem::Change { document, bytes, .. } = item else { continue };
            let change = Change::from_bytes(bytes.to_vec())?;
            hashes.push(change.hash().0.to_vec());
            let aggregate = self.documents.get_mut(document).context("a document of the loop")?;
            aggregate.document.apply(vec![change])?;
            ids.push(document.as_uuid());
            payloads.push(bytes.as_slice());
            if touched.insert(*document) {
                order.push(*document);
            }
        }
        order.sort_unstable();
        let rows: Vec<Row> = order.iter().map(|id| row(&self.documents[id])).collect();
        let first = self.seq + 1;
        self.seq += i64::try_from(ids.len())?;
        let seqs: Vec<i64> = (first..=self.seq).collect();
        let mut transaction = self.connection.begin().await?;
        sqlx::query(
            "insert into bench.log (seq, doc_id, item_id, payload)
             select * from unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[])",
        )
        .bind(seqs)
        .bind(ids)
        .bind(hashes)
        .bind(payloads)
        .execute(&mut *transaction)
        .await?;
        write_rows(&self.upsert, &rows).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

fn columns(prefix: &str, count: usize) -> impl Iterator<Item = String> {
    (0..count).map(move |place| format!("{prefix}{place}"))
}

fn upsert() -> String {
    let names: Vec<String> = columns("t", TEXTS).chain(columns("n", NUMBERS)).collect();
    let texts = (0..TEXTS).map(|place| format!("${}::text[]", place + 2));
    let numbers = (0..NUMBERS).map(|place| format!("${}::bigint[]", place + 2 + TEXTS));
    let values: Vec<String> = texts.chain(numbers).collect();
    let updates: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "insert into bench.row (id, {}) select * from unnest($1::uuid[], {}) on conflict (id) do update set {}",
        names.join(", "),
        values.join(", "),
        updates.join(", ")
    )
}

fn write_rows(
    upsert: &str,
    rows: &[Row],
) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    let ids: Vec<Uuid> = rows.iter().map(|(id, _, _)| *id).collect();
    let mut query = sqlx::query(AssertSqlSafe(upsert.to_owned())).bind(ids);
    for place in 0..TEXTS {
        query = query.bind(rows.iter().map(|(_, texts, _)| texts[place].clone()).collect::<Vec<_>>());
    }
    for place in 0..NUMBERS {
        query = query.bind(rows.iter().map(|(_, _, numbers)| numbers[place]).collect::<Vec<_>>());
    }
    query
}

fn row(aggregate: &Aggregate) -> Row {
    let order: WorkOrder = work_order::read(aggregate);
    let summary = WorkOrderSummary::of(&order);
    let time = |at: Option<Timestamp>| at.map(Timestamp::as_millis);
    let id = |id: Option<DocumentId>| id.map_or_else(String::new, |id| id.to_string());
    let texts = [
        summary.number,
        summary.title,
        order.description.clone(),
        order.status.code().to_owned(),
        order.priority.code().to_owned(),
        order.work_type.code().to_owned(),
        order.origin.code().to_owned(),
        order.external.clone().unwrap_or_default(),
        summary.asset_tag.unwrap_or_default(),
        summary.asset_name.unwrap_or_default(),
        id(order.site),
        id(order.location),
        summary.tags.join(" "),
        summary.conflicts.join(" "),
    ];
    let numbers = [
        time(order.due),
        Some(summary.updated_at.as_millis()),
        time(order.planned_start),
        time(summary.completed_at),
        order.estimated_minutes,
        Some(i64::from(summary.steps_answered)),
        Some(i64::from(summary.steps_total)),
        Some(summary.labour_minutes),
        Some(i64::from(summary.comments)),
        Some(i64::from(summary.parts_used)),
    ];
    (aggregate.id.as_uuid(), texts, numbers)
}
