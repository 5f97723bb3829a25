//! The history of one document: what happened to it, and what it said at a moment.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use chrono::{DateTime, Utc};
use serde_json::Value;
use shared_model::audit::{AsOf, Happening, StatedRecord, TimelineEntry};
use shared_model::document::{Document, FieldLine, FieldValue};
use shared_model::features;
use shared_model::identity::{CommandId, DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{Grants, Scope};
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::clock::{from_utc, to_utc};

/// Lists and maps inside a fact are told so deep.
const MOST_DEPTH: usize = 4;

/// A row of the feed.
#[derive(sqlx::FromRow)]
pub(super) struct FeedRow {
    seq: i64,
    item_kind: String,
    item_id: Vec<u8>,
    payload: Vec<u8>,
    author: Option<Uuid>,
    device_id: Option<Uuid>,
    received_at: DateTime<Utc>,
    command_id: Option<Uuid>,
}

impl FeedRow {
    /// Its place.
    pub(super) const fn seq(&self) -> u64 {
        self.seq.unsigned_abs()
    }
}

/// The rows of a document before a place of the feed, newest first.
pub(super) async fn rows_before(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
    (before, limit): (Option<u64>, i64),
) -> sqlx::Result<Vec<FeedRow>> {
    sqlx::query_as(
        "select seq, item_kind, item_id, payload, author, device_id, received_at, command_id from feed
         where organization_id = $1 and doc_id = $2 and ($3::bigint is null or seq < $3)
         order by seq desc limit $4",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .bind(before.map(|seq| i64::try_from(seq).unwrap_or(i64::MAX)))
    .bind(limit)
    .fetch_all(connection)
    .await
}

/// The rows of a document that the server had at a moment, and all that were made on a device, in their order.
pub(super) async fn rows_until(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
    (at, device): (Timestamp, Option<DeviceId>),
) -> sqlx::Result<Vec<FeedRow>> {
    sqlx::query_as(
        "select seq, item_kind, item_id, payload, author, device_id, received_at, command_id from feed
         where organization_id = $1 and doc_id = $2 and (received_at <= $3 or device_id = $4)
         order by seq",
    )
    .bind(organisation.as_uuid())
    .bind(document.as_uuid())
    .bind(to_utc(at))
    .bind(device.map(DeviceId::as_uuid))
    .fetch_all(connection)
    .await
}

/// A document with its past, and who asks. Telling costs time with the length of the history: off the async threads.
pub(super) struct Past {
    pub(super) aggregate: Aggregate,
    pub(super) grants: Grants,
}

impl Past {
    /// What happened, row by row. Left out is what this person may not see, and where nothing happened.
    pub(super) fn timeline(&self, rows: &[FeedRow]) -> Vec<TimelineEntry> {
        let scopes = features::scopes(&self.aggregate);
        rows.iter().filter_map(|row| self.entry(row, &scopes)).collect()
    }

    /// What it said when the server's clock showed this time; of a device, when its own did.
    pub(super) fn as_of(&self, rows: &[FeedRow], at: Timestamp, device: Option<DeviceId>) -> AsOf {
        Moment::of(self, rows, at, device).tell(self, at, device)
    }

    fn entry(&self, row: &FeedRow, scopes: &[Scope]) -> Option<TimelineEntry> {
        let (made_at, what) = match row.item_kind.as_str() {
            "deletion" => (None, Happening::Deleted),
            "restoration" => (None, Happening::Restored),
            "root" => (None, Happening::BegunAnew),
            "change" | "record" if row.payload.is_empty() => (None, Happening::Erased),
            "record" => {
                let record = self.readable(&row.payload, scopes)?;
                (record.author.map(|_| record.at), Happening::Stated { record: stated(&record) })
            }
            _ => self.changed(row)?,
        };
        Some(TimelineEntry {
            seq: row.seq(),
            received_at: from_utc(row.received_at),
            made_at,
            person: row.author.map(PersonId::from_uuid),
            device: row.device_id.map(DeviceId::from_uuid),
            command: row.command_id.map(CommandId::from_uuid),
            what,
        })
    }

    fn changed(&self, row: &FeedRow) -> Option<(Option<Timestamp>, Happening)> {
        let document = &self.aggregate.document;
        let hash = ChangeHash(row.item_id.as_slice().try_into().ok()?);
        let changes = document.done_by(&hash)?;
        // A merge of heads and a step of the schema say nothing.
        if changes.is_empty() {
            return None;
        }
        let seconds = document.automerge().get_change_meta_by_hash(&hash)?.timestamp;
        let made_at = (seconds > 0).then(|| Timestamp::from_millis(seconds.saturating_mul(1_000)));
        Some((made_at, Happening::Changed { changes }))
    }

    fn readable(&self, payload: &[u8], scopes: &[Scope]) -> Option<Record> {
        let record = Record::decode(payload).ok()?;
        let kind = RecordKind::from_code(&record.kind)?;
        self.grants.read_record(kind, scopes).then_some(record)
    }
}

/// What was there at a moment.
#[derive(Default)]
struct Moment {
    /// The last row that the server had by then.
    seq: u64,
    /// Changes that the server had.
    taken_in: Vec<ChangeHash>,
    records: Vec<Record>,
    /// Changes made on the device by then, and the first one made there afterwards.
    own: Vec<ChangeHash>,
    own_records: Vec<Record>,
    next_own: Option<(Timestamp, ChangeHash)>,
}

impl Moment {
    fn of(past: &Past, rows: &[FeedRow], at: Timestamp, device: Option<DeviceId>) -> Self {
        let (document, scopes) = (&past.aggregate.document, features::scopes(&past.aggregate));
        let mut moment = Self::default();
        for row in rows {
            let is_in = from_utc(row.received_at) <= at;
            let is_own = device.is_some() && row.device_id.map(DeviceId::from_uuid) == device;
            if is_in {
                moment.seq = row.seq();
            }
            if row.item_kind == "record" {
                let Some(record) = past.readable(&row.payload, &scopes) else { continue };
                if is_own {
                    moment.own_records.extend((record.at <= at).then_some(record));
                } else if is_in {
                    moment.records.push(record);
                }
                continue;
            }
            let Ok(hash) = row.item_id.as_slice().try_into().map(ChangeHash) else { continue };
            let Some(meta) = document.automerge().get_change_meta_by_hash(&hash) else { continue };
            let made_at = Timestamp::from_millis(meta.timestamp.saturating_mul(1_000));
            if is_in {
                moment.taken_in.push(hash);
            }
            if is_own && made_at <= at {
                moment.own.push(hash);
            } else if is_own && moment.next_own.is_none_or(|(next, _)| made_at < next) {
                moment.next_own = Some((made_at, hash));
            }
        }
        moment
    }

    fn tell(self, past: &Past, at: Timestamp, device: Option<DeviceId>) -> AsOf {
        let document = &past.aggregate.document;
        let (seq, records) = (self.seq, self.records.iter().map(stated).collect());
        let told = |fields, records, perhaps, perhaps_records| AsOf {
            at,
            device,
            seq,
            fields,
            records,
            perhaps,
            perhaps_records,
        };
        if device.is_none() {
            let heads = document.heads_of(self.taken_in);
            return told(document.said_at(&heads), records, Vec::new(), Vec::new());
        }
        let proven = document.heads_of(self.own.iter().copied());
        let most = document.heads_of(self.at_most(document));
        let perhaps = document.changed_between(&proven, &most);
        let own = self.own_records.iter().map(stated).collect();
        told(document.said_at(&proven), own, perhaps, records)
    }

    /// All that the device can have had: its own, and what the server had. Not more than its next change was built upon, though,
    /// but all of that was there then or came in between.
    fn at_most(&self, document: &Document) -> BTreeSet<ChangeHash> {
        let own = document.with_ancestors(self.own.iter().copied());
        let mut most = document.with_ancestors(self.taken_in.iter().copied());
        if let Some((_, next)) = self.next_own {
            let bound = document.with_ancestors([next]);
            most.retain(|hash| bound.contains(hash) && *hash != next);
        }
        most.extend(own);
        most
    }
}

fn stated(record: &Record) -> StatedRecord {
    let mut says = Vec::new();
    if let Ok(fact) = serde_json::from_slice::<Value>(&record.payload) {
        flatten(String::new(), &fact, 0, &mut says);
    }
    StatedRecord {
        id: record.id,
        record_kind: record.kind.clone(),
        at: record.at,
        person: record.author,
        says,
    }
}

/// A fact field by field.
fn flatten(field: String, value: &Value, depth: usize, lines: &mut Vec<FieldLine>) {
    let below = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}/{name}") };
    let value = match value {
        Value::Null => return,
        Value::Bool(flag) => FieldValue::Bool(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => FieldValue::Int(number),
            None => FieldValue::Str(number.to_string()),
        },
        Value::String(text) => FieldValue::Str(text.clone()),
        Value::Array(items) if depth < MOST_DEPTH => {
            for (index, item) in items.iter().enumerate() {
                flatten(below(&index.to_string()), item, depth + 1, lines);
            }
            return;
        }
        Value::Object(members) if depth < MOST_DEPTH => {
            for (name, member) in members {
                flatten(below(name), member, depth + 1, lines);
            }
            return;
        }
        deep @ (Value::Array(_) | Value::Object(_)) => FieldValue::Str(deep.to_string()),
    };
    lines.push(FieldLine { field, value });
}
