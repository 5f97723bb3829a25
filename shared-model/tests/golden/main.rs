//! Golden bytes: what version 1 wrote must be read for ever. For every noun `tests/golden/<noun>/` of the repository
//! holds the genesis, a document with its records, the commands that made it, and the row it shows.
//!
//! The files are never written again. For a new noun, `MAINTAINPRO_WRITE_GOLDEN=1` writes those that are missing.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod facts;
mod story;

use std::fs;
use std::path::PathBuf;

use shared_model::document::{Document, DocumentKind, genesis, step};
use shared_model::features::{Command, Row, row, view};
use shared_model::record::Record;
use shared_model::workspace::Aggregate;

use story::Story;

const fn noun(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::WorkOrder => "work_order",
        DocumentKind::Asset => "asset",
        DocumentKind::Location => "location",
        DocumentKind::Part => "part",
        DocumentKind::Storeroom => "storeroom",
        DocumentKind::ChecklistTemplate => "checklist",
    }
}

/// The bytes of a golden file; writes it first when that is asked for and it is missing.
fn golden(kind: DocumentKind, file: &str, written_now: &[u8]) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden").join(noun(kind));
    let path = folder.join(file);
    if !path.exists() && std::env::var_os("MAINTAINPRO_WRITE_GOLDEN").is_some() {
        fs::create_dir_all(&folder).unwrap();
        fs::write(&path, written_now).unwrap();
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lines<T>(items: &[T], write: impl Fn(&T) -> String) -> Vec<u8> {
    items.iter().map(|item| write(item) + "\n").collect::<String>().into_bytes()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[test]
fn every_document_begins_with_the_same_bytes() {
    for kind in DocumentKind::ALL {
        let bytes = genesis::bytes(*kind);
        assert!(!bytes.is_empty());
        assert_eq!(golden(*kind, "genesis.bin", bytes), bytes, "genesis of {}", kind.code());
        let change = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
        assert_eq!(change.hash(), genesis::hash(*kind));
    }
}

#[test]
fn every_schema_step_keeps_its_bytes() {
    for kind in DocumentKind::ALL {
        for step in step::all(*kind) {
            let file = format!("step{}.bin", step.number());
            assert_eq!(golden(*kind, &file, step.bytes()), step.bytes(), "{file} of {}", kind.code());
        }
    }
}

#[test]
fn what_version_1_wrote_shows_the_same_row() {
    for kind in DocumentKind::ALL {
        let told = Story::of(*kind).aggregate;
        let records: Vec<Record> = told.records.values().cloned().collect();
        let document = golden(*kind, "v1.automerge", &told.document.save());
        let records = golden(*kind, "v1.records.hex", &lines(&records, |record| hex(&record.encode())));
        let expected = golden(*kind, "v1.row.json", serde_json::to_string(&row(&told)).unwrap().as_bytes());

        let document = Document::load(*kind, &document).unwrap();
        let mut aggregate = Aggregate { id: told.id, document, records: told.records.clone() };
        aggregate.records.clear();
        for line in String::from_utf8(records).unwrap().lines() {
            let record = Record::decode(&unhex(line)).unwrap();
            assert_eq!(hex(&record.encode()), line, "a record keeps its one encoding");
            assert!(shared_model::features::record_is_readable(&record), "{record:?}");
            aggregate.records.insert(record.id, record);
        }
        let expected: Row = serde_json::from_slice(&expected).unwrap();
        assert_eq!(row(&aggregate), expected);
        assert_eq!(view(&aggregate), view(&told), "the whole of it, as the same commands make it today");
    }
}

#[test]
fn commands_of_version_1_still_run_and_make_the_same_document() {
    for kind in DocumentKind::ALL {
        let told = Story::of(*kind);
        let written = lines(&told.commands, |command| serde_json::to_string(command).unwrap());
        let stored = String::from_utf8(golden(*kind, "v1.commands.jsonl", &written)).unwrap();
        let commands: Vec<Command> = stored.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(commands, told.commands);
        let expected =
            golden(*kind, "v1.row.json", serde_json::to_string(&row(&told.aggregate)).unwrap().as_bytes());
        let replayed = Story::replay(told.aggregate.id, &commands);
        assert_eq!(row(&replayed.aggregate), serde_json::from_slice(&expected).unwrap());
    }
}

#[test]
fn the_same_commands_make_the_same_bytes() {
    for kind in DocumentKind::ALL {
        let (once, again) = (Story::of(*kind), Story::of(*kind));
        assert_eq!(once.made, again.made, "{}", kind.code());
    }
}
