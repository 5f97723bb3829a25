//! Records: immutable facts that are none, that somebody else would have to state, or that overflow a ledger.

use maintainpro_tests::hand::new_document;
use shared_model::document::{Document, DocumentKind};
use shared_model::gate::LIMITS;
use shared_model::identity::{ActorId, DocumentId, PersonId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Role};
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::{PushedCommand, PushedItem};
use sync_server::random;

use super::craft::{Craft, Op, Value, int, signed, string};
use super::scene::{Scene, change, command, fact};
use super::{Case, Chapter, GENESIS_ACTOR, play};

pub(super) const RECORDS: Chapter = Chapter::of_technician(
    "Records",
    &[
        Case::command("a record of no bytes", "rejected record", |_| raw(Vec::new())),
        Case::command("half a record", "rejected record", |scene| {
            let bytes = remark(scene, HELLO).encode();
            raw(bytes[..bytes.len() / 2].to_vec())
        }),
        Case::command("a byte after a record", "rejected record", |scene| {
            raw([remark(scene, HELLO).encode(), vec![0]].concat())
        }),
        Case::command("a record in another encoding", "rejected not_canonical", |scene| {
            let bytes = Record { seq: 1, ..remark(scene, HELLO) }.encode();
            let at = bytes.windows(2).position(|pair| pair == [0x05, 0x01]).unwrap();
            raw([&bytes[..=at], &[0x18, 0x01], &bytes[at + 2..]].concat())
        }),
        Case::command("lists nested 60,000 deep for a record", "rejected record", |_| {
            raw(vec![0x9f; 60_000])
        }),
        Case::command("a record of more than 68 KiB", "rejected record_too_long", |_| {
            raw(vec![0; LIMITS.record_bytes + 1])
        }),
        Case::command("a payload of more than 64 KiB", "rejected record", |scene| {
            fact(&remark(scene, &" ".repeat(64 * 1024 + 1)))
        }),
        Case::command("a payload of nothing", "rejected record_payload", |scene| fact(&remark(scene, ""))),
        Case::command("a payload that is no JSON", "rejected record_payload", |scene| {
            fact(&remark(scene, "hello"))
        }),
        Case::command("null for a payload", "rejected record_payload", |scene| fact(&remark(scene, "null"))),
        Case::command("a list for a payload", "rejected record_payload", |scene| fact(&remark(scene, "[]"))),
        Case::command("half a payload", "rejected record_payload", |scene| {
            fact(&remark(scene, "{\"text\":\"he"))
        }),
        Case::command("a payload after a byte order mark", "rejected record_payload", |scene| {
            fact(&remark(scene, "\u{feff}{\"text\":\"hello\"}"))
        }),
        Case::command("a payload that is no text", "rejected record_payload", |scene| {
            fact(&Record { payload: vec![0xc0, 0x80], ..remark(scene, HELLO) })
        }),
        Case::command("a payload nested 60,000 deep", "rejected record_payload", |scene| {
            fact(&remark(scene, &format!("{{\"text\":{}", "[".repeat(60_000))))
        }),
        Case::command("a remark without words", "rejected record_payload", |scene| {
            fact(&remark(scene, "{}"))
        }),
        Case::command("a remark that is a number", "rejected record_payload", |scene| {
            fact(&remark(scene, "{\"text\":7}"))
        }),
        Case::command("a remark said twice", "rejected record_payload", |scene| {
            fact(&remark(scene, "{\"text\":\"one\",\"text\":\"two\"}"))
        }),
        Case::command("half a surrogate in a remark", "rejected record_payload", |scene| {
            fact(&remark(scene, "{\"text\":\"\\ud800\"}"))
        }),
        Case::command("a kind of record nobody knows", "rejected record_kind", |scene| {
            fact(&Record { kind: "gossip".to_owned(), ..remark(scene, HELLO) })
        }),
        Case::command("a kind of record without a name", "rejected record_kind", |scene| {
            fact(&Record { kind: String::new(), ..remark(scene, HELLO) })
        }),
        Case::command("the first moment for a record", "rejected time", |scene| at(scene, i64::MIN)),
        Case::command("the last moment for a record", "rejected time", |scene| at(scene, i64::MAX)),
        Case::command("a record in Ann's name", "rejected foreign_author", |scene| {
            fact(&Record { author: Some(scene.ann.person()), ..remark(scene, HELLO) })
        }),
        Case::command("a record in nobody's name", "rejected foreign_author", |scene| {
            fact(&Record { author: None, ..remark(scene, HELLO) })
        }),
        Case::command("a record in the name of somebody unknown", "rejected foreign_author", |scene| {
            fact(&Record { author: Some(PersonId::from_bytes([7; 16])), ..remark(scene, HELLO) })
        }),
        Case::command("a record by Ann's actor", "rejected foreign_actor", |scene| {
            fact(&Record { actor: scene.ann.actor, ..remark(scene, HELLO) })
        }),
        Case::command("a record by the server's actor", "rejected foreign_actor", |scene| {
            fact(&Record { actor: scene.server.state.sync.actor(), ..remark(scene, HELLO) })
        }),
        Case::command("a record by the actor of genesis", "rejected foreign_actor", |scene| {
            fact(&Record { actor: GENESIS_ACTOR, ..remark(scene, HELLO) })
        }),
        Case::command("a record on a document nobody has", "rejected unknown_document", |scene| {
            fact(&Record { document: DocumentId::from_bytes([7; 16]), ..remark(scene, HELLO) })
        }),
        Case::command("a record on a document next door", "rejected unknown_document", |scene| {
            fact(&Record { document: scene.their_order, ..remark(scene, HELLO) })
        }),
        Case::command("Ann's remark in other words", "rejected record_id_reused", |scene| {
            fact(&Record { id: scene.remark, ..remark(scene, HELLO) })
        }),
        Case::command("Ann's remark on another document", "rejected record_id_reused", |scene| {
            fact(&Record { id: scene.remark, document: scene.asset, ..remark(scene, HELLO) })
        }),
        Case::command("one id for two records of a command", "rejected record_id_reused", |scene| {
            let first = remark(scene, HELLO);
            let second = Record { seq: 1_001, payload: b"{\"text\":\"two\"}".to_vec(), ..first.clone() };
            command([first, second].iter().map(item).collect())
        }),
        Case::command("a price of a work order", "rejected wrong_owner", |scene| {
            let payload = r#"{"money":{"minor":1,"currency":"EUR"},"from":0}"#;
            fact(&scene.record(RecordKind::Price, scene.order, payload))
        }),
        Case::command("a status of an asset", "rejected wrong_owner", |scene| {
            fact(&status(scene, scene.asset, &[]))
        }),
        Case::command("a status upon an event nobody has", "missing deps", |scene| {
            fact(&status(scene, scene.order, &[RecordId::from_bytes([7; 16])]))
        }),
        Case::command("a status upon itself", "missing deps", |scene| {
            let event = status(scene, scene.order, &[]);
            fact(&Record { payload: status(scene, scene.order, &[event.id]).payload, ..event })
        }),
        Case::command("two statuses upon each other", "missing deps", |scene| {
            let first = status(scene, scene.order, &[]);
            let second = status(scene, scene.order, &[first.id]);
            let first = Record { payload: status(scene, scene.order, &[second.id]).payload, ..first };
            command([first, second].iter().map(item).collect())
        }),
        Case::command("a status nobody knows", "rejected record_payload", |scene| {
            fact(&scene.record(RecordKind::StatusEvent, scene.order, r#"{"to":"exploded"}"#))
        }),
        Case::command("a week and a minute of labour", "rejected record_payload", |scene| {
            labour(scene, 10_081)
        }),
        Case::command("labour of less than nothing", "rejected record_payload", |scene| labour(scene, -1)),
        Case::command("labour beyond every number", "rejected record_payload", |scene| {
            let payload = format!(r#"{{"person":"{}","minutes":1e999}}"#, scene.eve.person());
            fact(&scene.record(RecordKind::LabourEntry, scene.order, &payload))
        }),
    ],
);

pub(super) const LEDGER: Chapter = Chapter {
    title: "Ledgers and odd values",
    role: Role::Admin,
    limit: GrantLimit::Organisation,
    cases: &[
        Case::command("a delivery of all there can be", "rejected record_payload", |scene| {
            moved(scene, "receipt", i64::MAX)
        }),
        Case::command("a delivery of more than a billion", "rejected record_payload", |scene| {
            moved(scene, "receipt", 1_000_000_000_001)
        }),
        Case::command("a delivery of less than nothing", "rejected record_payload", |scene| {
            moved(scene, "receipt", -1)
        }),
        Case::command("an issue of all there can be", "rejected record_payload", |scene| {
            moved(scene, "issue", i64::MIN)
        }),
        Case::command("a count of all there can be", "rejected record_payload", |scene| {
            moved(scene, "count_adjustment", i64::MIN)
        }),
        Case::command("a price below nothing", "rejected record_payload", |scene| {
            fact(&scene.record(RecordKind::Price, scene.part, &price(-1, "EUR")))
        }),
        Case::command("a price in no currency", "rejected record_payload", |scene| {
            fact(&scene.record(RecordKind::Price, scene.part, &price(1, "euro")))
        }),
        Case::command("all the money there can be, twice", "accepted", |scene| {
            let payload =
                format!(r#"{{"money":{{"minor":{},"currency":"EUR"}},"kind":"service"}}"#, i64::MAX);
            let entry = || scene.record(RecordKind::CostEntry, scene.order, &payload);
            command([entry(), entry()].iter().map(item).collect())
        }),
        Case::request("the sum of all the money there can be", "200", |scene| {
            let path = format!("/api/work-orders/{}/cost", scene.order);
            axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap()
        }),
        Case::command("a meter at the end of its numbers", "accepted", |scene| {
            let payload = format!(r#"{{"meter":"hours","value":{},"unit":"h"}}"#, i64::MIN);
            fact(&scene.record(RecordKind::MeterReading, scene.asset, &payload))
        }),
        Case::command("a character nought in a remark", "accepted", |scene| {
            fact(&remark(scene, "{\"text\":\"a\\u0000b\"}"))
        }),
        Case::command("a character nought in a title", "accepted", |_| odd("title", string("a\0b"))),
        Case::command("50 emoji for a title", "accepted", |_| odd("title", string(&"🛠".repeat(50)))),
        Case::command("a due date 200,000 years before us", "accepted", |_| {
            odd("due", moment(-6_300_000_000_000_000))
        }),
        Case::command("a due date 200,000 years after us", "accepted", |_| {
            odd("due", moment(6_300_000_000_000_000))
        }),
        Case::command("a due date before all calendars", "accepted", |_| odd("due", moment(i64::MIN))),
        Case::command("a due date after all calendars", "accepted", |_| odd("due", moment(i64::MAX))),
        Case::command("less than no minutes at all", "accepted", |_| odd("estimated_minutes", int(i64::MIN))),
        Case::command("all the minutes there can be", "accepted", |_| {
            odd("estimated_minutes", int(i64::MAX))
        }),
        Case::command("a site that is no id", "accepted", |_| odd("site", string("nowhere"))),
        Case::command("a requester that is no id", "accepted", |_| odd("requester", string("nobody"))),
        Case::command("a type of work nobody knows", "accepted", |_| odd("type", string("magic"))),
        Case::command("a priority nobody knows", "accepted", |_| odd("priority", string("\0"))),
    ],
};

const HELLO: &str = r#"{"text":"hello"}"#;

fn raw(bytes: Vec<u8>) -> PushedCommand {
    command(vec![PushedItem::Record { bytes: bytes.into() }])
}

fn item(record: &Record) -> PushedItem {
    PushedItem::Record { bytes: record.encode().into() }
}

fn remark(scene: &Scene, payload: &str) -> Record {
    scene.record(RecordKind::Comment, scene.order, payload)
}

fn at(scene: &Scene, millis: i64) -> PushedCommand {
    fact(&Record { at: Timestamp::from_millis(millis), ..remark(scene, HELLO) })
}

fn status(scene: &Scene, document: DocumentId, saw: &[RecordId]) -> Record {
    let saw: Vec<String> = saw.iter().map(|id| format!("\"{id}\"")).collect();
    let payload = format!(r#"{{"to":"in_progress","saw":[{}]}}"#, saw.join(","));
    scene.record(RecordKind::StatusEvent, document, &payload)
}

fn labour(scene: &Scene, minutes: i64) -> PushedCommand {
    let payload = format!(r#"{{"person":"{}","minutes":{minutes}}}"#, scene.eve.person());
    fact(&scene.record(RecordKind::LabourEntry, scene.order, &payload))
}

fn moved(scene: &Scene, kind: &str, thousandths: i64) -> PushedCommand {
    let payload = format!(r#"{{"kind":"{kind}","part":"{}","quantity":{thousandths}}}"#, scene.part);
    fact(&scene.record(RecordKind::StockMovement, scene.storeroom, &payload))
}

fn price(minor: i64, currency: &str) -> String {
    format!(r#"{{"money":{{"minor":{minor},"currency":"{currency}"}},"from":0}}"#)
}

fn moment(millis: i64) -> Value {
    (9, signed(millis))
}

/// A new work order with one odd value in it, from a device of its own.
fn odd(key: &'static str, value: Value) -> PushedCommand {
    let (actor, empty) = (ActorId::from_bytes(random::bytes()), Document::new(DocumentKind::WorkOrder));
    let bytes = Craft::after(&empty, actor, &[Op::put(key, value)]).bytes();
    command(vec![change(new_document(), DocumentKind::WorkOrder, bytes)])
}

#[tokio::test]
async fn records_that_state_no_fact() {
    play(&RECORDS).await;
}

#[tokio::test]
async fn ledgers_that_would_overflow() {
    play(&LEDGER).await;
}
