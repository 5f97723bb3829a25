//! Tests of the registries: what a record must be, who may state it, and what rows are found by.

use super::comment::Comment;
use super::cost::{CostEntry, CostKind};
use super::labour_entry::LabourEntry;
use super::stock_movement::{MovementKind, StockMovement};
use super::test_bench::{Bench, document, grants, person, plain_order, record};
use super::work_order::{self, NumberAssigned, Status, StatusEvent};
use super::{Command, Row, may_write_record, record_is_readable, row, search_text};
use crate::document::DocumentKind;
use crate::features::asset::{self, FieldEdit, NewAsset};
use crate::identity::ActorId;
use crate::instant::Timestamp;
use crate::permission::{Grants, Role, Scope};
use crate::record::{Record, RecordKind};
use crate::units::{Currency, Money, Quantity};

fn fact(kind: RecordKind, payload: Vec<u8>) -> Record {
    Record {
        id: record(1),
        kind: kind.code().to_owned(),
        document: document(7),
        author: Some(person(1)),
        actor: ActorId::from_bytes([1; 16]),
        seq: 1,
        at: Timestamp::from_millis(0),
        payload,
    }
}

fn labour(who: u8, minutes: i64) -> Record {
    let entry = LabourEntry { person: person(who), minutes, started: None, note: None };
    fact(RecordKind::LabourEntry, Record::payload_of(&entry))
}

fn moved(kind: MovementKind, thousandths: i64) -> Record {
    let movement = StockMovement::new(kind, document(2), Quantity::from_thousandths(thousandths));
    fact(RecordKind::StockMovement, Record::payload_of(&movement))
}

fn said(text: &str) -> Record {
    fact(RecordKind::Comment, Record::payload_of(&Comment { text: text.to_owned() }))
}

#[test]
fn a_record_must_state_a_fact_of_its_kind_within_its_rules() {
    let readable = [
        labour(1, 1),
        labour(1, 7 * 24 * 60),
        moved(MovementKind::Receipt, 1),
        moved(MovementKind::Issue, -1),
        moved(MovementKind::CountAdjustment, 0),
        said("oil"),
        fact(RecordKind::NumberAssigned, Record::payload_of(&NumberAssigned { number: 1 })),
        fact(RecordKind::StatusEvent, br#"{"to":"completed","from_a_newer_version":1}"#.to_vec()),
    ];
    for record in readable {
        assert!(record_is_readable(&record), "{record:?}");
    }
    let unreadable = [
        labour(1, 0),
        labour(1, 7 * 24 * 60 + 1),
        moved(MovementKind::Receipt, 0),
        moved(MovementKind::Receipt, -1),
        moved(MovementKind::Scrap, 1),
        said(" \n"),
        said(&"ü".repeat(10_001)),
        fact(RecordKind::NumberAssigned, Record::payload_of(&NumberAssigned { number: 0 })),
        fact(RecordKind::StatusEvent, br#"{"to":"exploded"}"#.to_vec()),
        fact(RecordKind::StatusEvent, b"{}".to_vec()),
        fact(RecordKind::Price, br#"{"money":{"minor":-1,"currency":"AUD"},"from":0}"#.to_vec()),
        fact(RecordKind::CostEntry, br#"{"money":{"minor":1,"currency":"dollars"},"kind":"part"}"#.to_vec()),
        fact(RecordKind::MeterReading, br#"{"meter":"a/b","value":1,"unit":"h"}"#.to_vec()),
        fact(
            RecordKind::StockDiscrepancy,
            br#"{"part":"02020202-0202-0202-0202-020202020202","balance":0}"#.to_vec(),
        ),
        Record { kind: "from_a_newer_version".to_owned(), ..said("oil") },
        fact(RecordKind::Comment, b"\xff\xfe".to_vec()),
    ];
    for record in unreadable {
        assert!(!record_is_readable(&record), "{record:?}");
    }
}

#[test]
fn every_kind_of_record_is_judged_by_the_role() {
    let cost = CostEntry {
        money: Money { minor: 1, currency: Currency::EUR },
        kind: CostKind::Part,
        note: None,
        external: None,
    };
    let cost = fact(RecordKind::CostEntry, Record::payload_of(&cost));
    let event = StatusEvent { to: Status::Verified, saw: vec![], reason: None, correction: false };
    let verify = fact(RecordKind::StatusEvent, Record::payload_of(&event));
    let number = fact(RecordKind::NumberAssigned, Record::payload_of(&NumberAssigned { number: 1 }));
    let table: [(&str, &Record, &[Role]); 7] = [
        (
            "own hours",
            &labour(1, 5),
            &[Role::Admin, Role::Manager, Role::Supervisor, Role::Technician, Role::Contractor],
        ),
        ("others' hours", &labour(2, 5), &[Role::Admin, Role::Manager, Role::Supervisor, Role::Technician]),
        (
            "comment on what others asked for",
            &said("oil"),
            &[
                Role::Admin,
                Role::Manager,
                Role::Supervisor,
                Role::Technician,
                Role::Storekeeper,
                Role::Office,
                Role::Contractor,
            ],
        ),
        ("cost", &cost, &[Role::Admin, Role::Manager, Role::Storekeeper, Role::Office]),
        ("verify", &verify, &[Role::Admin, Role::Manager, Role::Supervisor]),
        (
            "issue",
            &moved(MovementKind::Issue, -1),
            &[Role::Admin, Role::Manager, Role::Supervisor, Role::Technician, Role::Storekeeper],
        ),
        ("count", &moved(MovementKind::CountAdjustment, 1), &[Role::Admin, Role::Manager, Role::Storekeeper]),
    ];
    for (what, record, roles) in table {
        for role in Role::ALL {
            let may = may_write_record(record, &grants(person(1), *role), &[]);
            assert_eq!(may, roles.contains(role), "{what} by {role:?}");
        }
    }
    for role in Role::ALL {
        let own = [Scope::Person(person(1))];
        assert!(may_write_record(&said("oil"), &grants(person(1), *role), &own), "a comment by {role:?}");
    }
    let admin: Grants = grants(person(1), Role::Admin);
    assert!(!may_write_record(&number, &admin, &[]), "numbers are the server's");
    let stranger = Record { author: Some(person(2)), ..said("oil") };
    assert!(!may_write_record(&stranger, &admin, &[]), "nobody speaks for another");
    assert!(!may_write_record(&Record { author: None, ..said("oil") }, &admin, &[]));
}

#[test]
fn rows_are_found_by_what_people_call_them() {
    let mut bench = Bench::of(Role::Admin);
    let mut new = plain_order(document(7));
    new.title = "ÖL läuft AUS".to_owned();
    new.tags = vec!["PM02".to_owned()];
    bench.must(work_order::Command::Create(Box::new(new)));
    bench.must(asset::Command::Create(Box::new(NewAsset {
        id: document(8),
        tag: "EX-4".to_owned(),
        name: "Excavator".to_owned(),
        parent: None,
        site: None,
        location: None,
        fields: vec![FieldEdit::Serial(Some("SN 0815".to_owned()))],
    })));
    let order = search_text(&row(bench.at(document(7))));
    assert!(order.starts_with('~') && order.ends_with(" öl läuft aus pm02"), "{order}");
    assert_eq!(search_text(&row(bench.at(document(8)))), "ex-4 excavator sn 0815");
}

#[test]
fn rows_keep_their_kind_through_json() {
    let bench = Bench::with_order(document(7));
    let expected = row(bench.at(document(7)));
    let text = serde_json::to_string(&expected).unwrap();
    assert!(text.starts_with(r#"{"kind":"work_order","id":"07070707-"#), "{text}");
    let back: Row = serde_json::from_str(&text).unwrap();
    assert_eq!((back.id(), back.kind(), back.clone()), (document(7), DocumentKind::WorkOrder, expected));
}

#[test]
fn commands_of_an_outbox_keep_their_spelling() {
    let stored = r#"{"on":"work_order","do":"edit","id":"07070707-0707-0707-0707-070707070707",
        "edits":[{"field":"priority","value":"high"},{"field":"place","value":[null,null]}],"unknown":1}"#;
    let command: Command = serde_json::from_str(stored).unwrap();
    let edits = vec![
        work_order::FieldEdit::Priority(work_order::Priority::High),
        work_order::FieldEdit::Place(None, None),
    ];
    assert_eq!(command, work_order::Command::Edit { id: document(7), edits }.into());
    let stored = r#"{"on":"stock_movement","do":"count","id":"01010101-0101-0101-0101-010101010101",
        "storeroom":"02020202-0202-0202-0202-020202020202","part":"03030303-0303-0303-0303-030303030303","counted":5000}"#;
    assert!(serde_json::from_str::<Command>(stored).is_ok());
}
