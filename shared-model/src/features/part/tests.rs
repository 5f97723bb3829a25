//! Tests of the part feature.

use super::{Command, FieldEdit, NewPart, read, scopes, summarise};
use crate::document::DocumentKind;
use crate::features::test_bench::{Bench, document, reason};
use crate::identity::DocumentId;
use crate::permission::{Role, Scope};

const SEAL: DocumentId = document(1);

fn create(number: &str, unit: &str) -> Command {
    let fields = vec![FieldEdit::Barcode(Some("4006381333931".to_owned()))];
    let (number, unit) = (number.to_owned(), unit.to_owned());
    Command::Create(Box::new(NewPart { id: SEAL, number, name: "Shaft seal".to_owned(), unit, fields }))
}

#[test]
fn a_part_of_the_catalogue_reads_back() {
    let mut bench = Bench::of(Role::Storekeeper);
    bench.must(create("P-1", "pcs"));
    let row = summarise(bench.at(SEAL));
    assert_eq!((row.number.as_str(), row.unit.as_str()), ("P-1", "pcs"));
    assert_eq!(row.barcode.as_deref(), Some("4006381333931"));
    assert_eq!(scopes(bench.at(SEAL)), [Scope::Kind(DocumentKind::Part)]);
    assert_eq!(read(bench.at(SEAL)).anomalies, []);
}

#[test]
fn a_part_needs_a_number_a_unit_and_somebody_who_may() {
    let mut bench = Bench::of(Role::Storekeeper);
    assert_eq!(reason(bench.run(create(" ", "pcs"))), "number");
    assert_eq!(reason(bench.run(create("P-1", ""))), "unit");
    let mut technician = bench.copy_for(2, Role::Technician);
    assert_eq!(reason(technician.run(create("P-1", "pcs"))), "part:edit");
}

#[test]
fn a_text_edited_at_once_merges_and_a_number_shows_both() {
    let mut a = Bench::of(Role::Storekeeper);
    a.must(create("P-1", "pcs"));
    let edits = |number: &str, text: &str| Command::Edit {
        id: SEAL,
        edits: vec![FieldEdit::Number(number.to_owned()), FieldEdit::Description(text.into())],
    };
    a.must(edits("P-1", "For the pump."));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(edits("P-01", "For the feed pump."));
    b.must(edits("P-001", "For the pump. Turn left."));
    a.merge(&b);
    assert_eq!(read(a.at(SEAL)).description, "For the feed pump.\n Turn left.");
    assert_eq!(summarise(a.at(SEAL)).conflicts, ["number"]);
}
