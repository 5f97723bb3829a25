//! The SQL of commands and of the feed's growth.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use shared_model::identity::{CommandId, DeviceId, DocumentId, OrganisationId, PersonId, RecordId};
use shared_model::ingest::{AcceptedItem, ItemFact};
use sqlx::PgConnection;
use uuid::Uuid;

use super::scrutiny::Earlier;
use crate::random;
use crate::sync::chain::{self, Hash};

/// Makes the feed of an organisation that has none yet.
pub(crate) async fn ensure_feed(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into tenant_feed (organization_id, head, horizon, epoch, chain_hash)
         values ($1, 0, 0, $2, $3) on conflict do nothing",
    )
    .bind(organisation.as_uuid())
    .bind(Uuid::from_bytes(random::bytes()))
    .bind(chain::START.as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

/// An id, and the command behind it: author, feed rows and intent, which are missing where the server itself was it.
type Made<I> = (I, Option<Uuid>, Option<Vec<i64>>, Option<Vec<u8>>);

fn made<I>((id, author, seqs, intent): Made<I>) -> (I, Option<Earlier>) {
    let author = author.map(PersonId::from_uuid);
    (id, seqs.zip(intent).map(|(seqs, intent)| Earlier { author, seqs, intent }))
}

/// Those commands that were accepted before.
pub(super) async fn earlier_commands(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    commands: &[CommandId],
) -> sqlx::Result<HashMap<CommandId, Earlier>> {
    if commands.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = commands.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<Made<Uuid>> = sqlx::query_as(
        "select command_id, author, seqs, intent from command
         where organization_id = $1 and command_id = any ($2)",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(made);
    Ok(rows.filter_map(|(id, earlier)| Some((CommandId::from_uuid(id), earlier?))).collect())
}

/// Those of these documents that are there, with the commands that began them.
pub(super) async fn begun_by(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    documents: &[DocumentId],
) -> sqlx::Result<HashMap<DocumentId, Option<Earlier>>> {
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = documents.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<Made<Uuid>> = sqlx::query_as(
        "select distinct on (feed.doc_id) feed.doc_id, command.author, command.seqs, command.intent
         from feed left join command on command.organization_id = feed.organization_id
                                    and command.command_id = feed.command_id
         where feed.organization_id = $1 and feed.doc_id = any ($2)
         order by feed.doc_id, feed.seq",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(made);
    Ok(rows.map(|(id, earlier)| (DocumentId::from_uuid(id), earlier)).collect())
}

/// Those of these records that are there, with the commands that stated them.
pub(super) async fn stated_by(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    records: &[RecordId],
) -> sqlx::Result<HashMap<RecordId, Option<Earlier>>> {
    if records.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&[u8]> = records.iter().map(|id| id.as_bytes().as_slice()).collect();
    let rows: Vec<Made<Vec<u8>>> = sqlx::query_as(
        "select feed.item_id, command.author, command.seqs, command.intent
         from feed left join command on command.organization_id = feed.organization_id
                                    and command.command_id = feed.command_id
         where feed.organization_id = $1 and feed.item_kind = 'record' and feed.item_id = any ($2)",
    )
    .bind(organisation.as_uuid())
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let rows = rows.into_iter().map(made);
    Ok(rows.filter_map(|(id, earlier)| Some((RecordId::from_bytes(id.try_into().ok()?), earlier))).collect())
}

/// Sequence numbers of items that are in the feed.
pub(super) async fn seqs_of(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    items: &[&AcceptedItem],
) -> sqlx::Result<HashMap<(DocumentId, Vec<u8>), i64>> {
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let documents: Vec<Uuid> = items.iter().map(|item| item.document.as_uuid()).collect();
    let ids: Vec<&[u8]> = items.iter().map(|item| item.item_id.as_slice()).collect();
    let rows: Vec<(Uuid, Vec<u8>, i64)> = sqlx::query_as(
        "select feed.doc_id, feed.item_id, feed.seq
         from unnest($2::uuid[], $3::bytea[]) as wanted (doc_id, item_id)
         join feed on feed.organization_id = $1
                  and feed.doc_id = wanted.doc_id and feed.item_id = wanted.item_id
         where feed.doc_id = any ($2)",
    )
    .bind(organisation.as_uuid())
    .bind(documents)
    .bind(ids)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(doc, item, seq)| ((DocumentId::from_uuid(doc), item), seq)).collect())
}

/// Locks the end of the feed: from here to the commit nobody else adds to it.
pub(super) async fn lock_head(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> anyhow::Result<(i64, Hash)> {
    let (head, hash): (i64, Vec<u8>) =
        sqlx::query_as("select head, chain_hash from tenant_feed where organization_id = $1 for update")
            .bind(organisation.as_uuid())
            .fetch_one(connection)
            .await?;
    let hash = hash.try_into().map_err(|_| anyhow::anyhow!("tenant_feed.chain_hash of {organisation}"))?;
    Ok((head, hash))
}

/// One row to add to the feed.
pub(super) struct NewRow<'a> {
    pub(super) seq: i64,
    pub(super) item: &'a AcceptedItem,
    pub(super) chain_hash: Hash,
    pub(super) scopes_before: String,
    pub(super) scopes_after: String,
    pub(super) receipt: Vec<u8>,
    pub(super) device: Option<DeviceId>,
    pub(super) command: Option<CommandId>,
}

pub(super) const fn item_kind(item: &AcceptedItem) -> &'static str {
    match item.fact {
        ItemFact::Change { .. } => "change",
        ItemFact::Record(_) => "record",
    }
}

/// Adds rows to the feed and moves its head to the last of them.
pub(super) async fn extend_feed(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    rows: &[NewRow<'_>],
    received_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    let Some(last) = rows.last() else { return Ok(()) };
    let column = |read: fn(&AcceptedItem) -> &[u8]| rows.iter().map(|row| read(row.item)).collect::<Vec<_>>();
    let facts = rows.iter().map(|row| match &row.item.fact {
        ItemFact::Change { actor_seq, .. } => (None, i64::try_from(*actor_seq).ok()),
        ItemFact::Record(record) => (Some(record.kind.as_str()), None),
    });
    let (record_kinds, actor_seqs): (Vec<Option<&str>>, Vec<Option<i64>>) = facts.unzip();
    sqlx::query(
        "with head as (
             update tenant_feed set head = $3, chain_hash = $4 where organization_id = $1)
         insert into feed (organization_id, seq, item_kind, doc_id, doc_kind, item_id, item_hash, chain_hash,
                           payload, record_kind, actor, actor_seq, author, scopes_before, scopes_after,
                           received_at, receipt, command_id, device_id)
         select $1, seq, item_kind, doc_id, doc_kind, item_id, item_hash, chain_hash, payload, record_kind,
                actor, actor_seq, author, string_to_array(before, ' '), string_to_array(after, ' '), $2,
                receipt, command_id, device_id
         from unnest($5::bigint[], $6::text[], $7::uuid[], $8::text[], $9::bytea[], $10::bytea[], $11::bytea[],
                     $12::bytea[], $13::text[], $14::bytea[], $15::bigint[], $16::uuid[], $17::text[],
                     $18::text[], $19::bytea[], $20::uuid[], $21::uuid[])
              as row (seq, item_kind, doc_id, doc_kind, item_id, item_hash, chain_hash, payload, record_kind,
                      actor, actor_seq, author, before, after, receipt, command_id, device_id)",
    )
    .bind(organisation.as_uuid())
    .bind(received_at)
    .bind(last.seq)
    .bind(last.chain_hash.as_slice())
    .bind(rows.iter().map(|row| row.seq).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| item_kind(row.item)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.item.document.as_uuid()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.item.kind.code()).collect::<Vec<_>>())
    .bind(column(|item| &item.item_id))
    .bind(column(|item| &item.item_hash))
    .bind(rows.iter().map(|row| row.chain_hash.as_slice()).collect::<Vec<_>>())
    .bind(column(|item| &item.payload))
    .bind(record_kinds)
    .bind(column(|item| item.actor.as_bytes()))
    .bind(actor_seqs)
    .bind(rows.iter().map(|row| row.item.author.map(PersonId::as_uuid)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.scopes_before.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.scopes_after.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.receipt.as_slice()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.command.map(CommandId::as_uuid)).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.device.map(DeviceId::as_uuid)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// One accepted command to remember.
pub(super) struct NewCommand<'a> {
    pub(super) id: CommandId,
    pub(super) author: Option<Uuid>,
    pub(super) device: Option<Uuid>,
    pub(super) seqs: String,
    pub(super) intent: &'a [u8],
}

/// Remembers accepted commands.
pub(super) async fn insert_commands(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    commands: &[NewCommand<'_>],
    received_at: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into command (organization_id, command_id, author, device_id, seqs, intent, received_at)
         select $1, command_id, author, device_id, string_to_array(seqs, ' ')::bigint[], intent, $2
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::bytea[])
              as row (command_id, author, device_id, seqs, intent)",
    )
    .bind(organisation.as_uuid())
    .bind(received_at)
    .bind(commands.iter().map(|command| command.id.as_uuid()).collect::<Vec<_>>())
    .bind(commands.iter().map(|command| command.author).collect::<Vec<_>>())
    .bind(commands.iter().map(|command| command.device).collect::<Vec<_>>())
    .bind(commands.iter().map(|command| command.seqs.as_str()).collect::<Vec<_>>())
    .bind(commands.iter().map(|command| command.intent).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}
