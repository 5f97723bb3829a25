//! Records and commands from outside.

use crate::gate::{LIMITS, check_record};
use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::instant::Timestamp;
use crate::record::{Record, RecordKind};

fn record() -> Record {
    Record {
        id: RecordId::from_bytes([1; 16]),
        kind: RecordKind::Comment.code().to_owned(),
        document: DocumentId::from_bytes([2; 16]),
        author: Some(PersonId::from_bytes([3; 16])),
        actor: ActorId::from_bytes([4; 16]),
        seq: 1,
        at: Timestamp::from_millis(1_700_000_000_000),
        payload: br#"{"text":"Bearing is warm"}"#.to_vec(),
    }
}

#[track_caller]
fn refused(bytes: &[u8], code: &str) {
    assert_eq!(check_record(bytes).unwrap_err().code(), code);
}

#[test]
fn honest_record() {
    assert_eq!(check_record(&record().encode()), Ok(record()));
}

#[test]
fn every_truncation_and_trailing_byte() {
    let mut bytes = record().encode();
    for end in 0..bytes.len() {
        refused(&bytes[..end], "record");
    }
    bytes.push(0);
    refused(&bytes, "record");
}

#[test]
fn unknown_kind() {
    refused(&Record { kind: "gossip".to_owned(), ..record() }.encode(), "record_kind");
}

#[test]
fn payloads_that_are_no_facts() {
    for payload in ["", "null", "[]", "{", "{\"text\":}", "\"text\"", "\u{feff}{}", "{}", "{\"text\":7}"] {
        refused(&Record { payload: payload.as_bytes().to_vec(), ..record() }.encode(), "record_payload");
    }
    let deep = format!("{{\"text\":{}", "[".repeat(60_000));
    refused(&Record { payload: deep.into_bytes(), ..record() }.encode(), "record_payload");
}

#[test]
fn too_long_a_payload() {
    let long = |length| Record { payload: vec![b' '; length], ..record() }.encode();
    refused(&long(64 * 1024 + 1), "record");
    refused(&long(LIMITS.record_bytes), "record_too_long");
}

#[test]
fn time_beyond_any_clock() {
    for millis in [i64::MIN, i64::MAX] {
        refused(&Record { at: Timestamp::from_millis(millis), ..record() }.encode(), "time");
    }
}

#[test]
fn another_encoding_of_the_same_fact() {
    let bytes = record().encode();
    // The sequence number 1 as two bytes.
    let at = bytes.windows(2).position(|pair| pair == [0x05, 0x01]).unwrap();
    let mut other = bytes[..=at].to_vec();
    other.extend([0x18, 0x01]);
    other.extend(&bytes[at + 2..]);
    assert_eq!(Record::decode(&other).ok(), Some(record()));
    refused(&other, "not_canonical");
}
