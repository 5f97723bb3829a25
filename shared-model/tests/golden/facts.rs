//! Golden bytes of records that came after version 1: each as it was first written, and what it says.

use shared_model::document::DocumentKind;
use shared_model::features::cost::{Rate, rates};
use shared_model::features::work_order::{self, Notice, NoticeKind, NoticeSettled};
use shared_model::identity::{ActorId, DocumentId, PersonId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::record::{Record, RecordKind};
use shared_model::units::{Currency, Money};
use shared_model::workspace::Aggregate;

use super::{golden, hex, lines, unhex};

const OWNER: DocumentId = DocumentId::from_bytes([3; 16]);

fn record(id: u8, kind: RecordKind, author: Option<PersonId>, payload: Vec<u8>) -> Record {
    Record {
        id: RecordId::from_bytes([id; 16]),
        kind: kind.code().to_owned(),
        document: OWNER,
        author,
        actor: ActorId::from_bytes([0x22; 16]),
        seq: u64::from(id),
        at: Timestamp::from_millis(1_700_000_000_000),
        payload,
    }
}

/// The aggregate that owns the records of a golden file, which are written first when that is asked for.
fn owner(kind: DocumentKind, file: &str, told: &[Record]) -> Aggregate {
    let stored = golden(kind, file, &lines(told, |record| hex(&record.encode())));
    let mut aggregate = Aggregate::new(OWNER, kind);
    for line in String::from_utf8(stored).unwrap().lines() {
        let record = Record::decode(&unhex(line)).unwrap();
        assert_eq!(hex(&record.encode()), line, "a record keeps its one encoding");
        assert!(shared_model::features::record_is_readable(&record), "{record:?}");
        aggregate.records.insert(record.id, record);
    }
    aggregate
}

#[test]
fn rates_say_what_they_said_when_they_were_new() {
    let person = PersonId::from_bytes([0x12; 16]);
    let rate = |person, minor| Rate {
        person,
        money: Money { minor, currency: Currency::AUD },
        from: Timestamp::from_millis(1_700_000_000_000),
    };
    let told = [rate(None, 6_850), rate(Some(person), 9_120)];
    let records: Vec<Record> = (80..)
        .zip(&told)
        .map(|(id, rate)| record(id, RecordKind::LabourRate, Some(person), Record::payload_of(rate)))
        .collect();
    assert_eq!(rates(&owner(DocumentKind::Location, "labour_rate.records.hex", &records)), told);
}

#[test]
fn notices_say_what_they_said_when_they_were_new() {
    let person = PersonId::from_bytes([0x12; 16]);
    let told = [
        Notice {
            kind: NoticeKind::ChecklistIncomplete,
            event: Some(RecordId::from_bytes([45; 16])),
            person: None,
            to: Some(person),
            detail: "Seal is tight".to_owned(),
        },
        Notice {
            kind: NoticeKind::InactiveAssignee,
            event: None,
            person: Some(person),
            to: None,
            detail: String::new(),
        },
    ];
    let mut records: Vec<Record> = (90..)
        .zip(&told)
        .map(|(id, notice)| record(id, RecordKind::Notice, None, Record::payload_of(notice)))
        .collect();
    let settled = NoticeSettled { notice: records[0].id };
    records.push(record(95, RecordKind::NoticeSettled, Some(person), Record::payload_of(&settled)));
    let order = work_order::read(&owner(DocumentKind::WorkOrder, "notice.records.hex", &records));
    let said: Vec<&Notice> = order.notices.iter().map(|line| &line.notice).collect();
    assert_eq!(said, told.iter().collect::<Vec<_>>());
    let settled_by: Vec<Option<PersonId>> = order.notices.iter().map(|line| line.settled_by).collect();
    assert_eq!(settled_by, [Some(person), None]);
}
