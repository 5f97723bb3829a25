//! Tests of the storeroom feature.

use super::{Command, FieldEdit, NewStoreroom, StockRule, read, scopes, summarise};
use crate::document::DocumentKind;
use crate::features::stock_movement::{self, Movement};
use crate::features::test_bench::{Bench, document, reason, record};
use crate::identity::DocumentId;
use crate::permission::{Role, Scope};
use crate::units::Quantity;

const ROOM: DocumentId = document(1);
const SEAL: DocumentId = document(2);

fn create(site: Option<DocumentId>) -> Command {
    let fields = vec![FieldEdit::Van(true)];
    Command::Create(Box::new(NewStoreroom {
        id: ROOM,
        name: "Van 3".to_owned(),
        site,
        location: None,
        fields,
    }))
}

fn rule(bin: Option<&str>, min: Option<i64>, reorder_point: Option<i64>) -> Command {
    let rule = StockRule {
        part: SEAL,
        bin: bin.map(str::to_owned),
        min: min.map(Quantity::whole),
        max: Some(Quantity::whole(10)),
        reorder_point: reorder_point.map(Quantity::whole),
    };
    Command::Edit { id: ROOM, edits: vec![FieldEdit::Rule(rule)] }
}

fn receive(id: u8, quantity: i64) -> stock_movement::Command {
    stock_movement::Command::Receive(Movement {
        id: record(id),
        storeroom: ROOM,
        part: SEAL,
        quantity: Quantity::whole(quantity),
        work_order: None,
        note: None,
    })
}

#[test]
fn a_row_holds_every_part_with_a_rule_or_a_movement() {
    let mut bench = Bench::of(Role::Storekeeper);
    bench.must(create(Some(document(9))));
    bench.must(receive(1, 4));
    let row = summarise(bench.at(ROOM));
    assert_eq!((row.van, row.stock.len()), (true, 1));
    assert_eq!((row.stock[0].balance, row.stock[0].is_low()), (Quantity::whole(4), false));
    bench.must(rule(Some("A-3"), Some(2), Some(4)));
    let row = summarise(bench.at(ROOM));
    assert_eq!((row.stock[0].bin.as_deref(), row.stock[0].min), (Some("A-3"), Some(Quantity::whole(2))));
    assert!(row.stock[0].is_low(), "at the reorder point it is time to order");
    assert_eq!(scopes(bench.at(ROOM)), [Scope::Site(document(9))]);
}

#[test]
fn a_storeroom_without_a_site_is_everybodys() {
    let mut bench = Bench::of(Role::Storekeeper);
    bench.must(create(None));
    assert_eq!(scopes(bench.at(ROOM)), [Scope::Kind(DocumentKind::Storeroom)]);
}

#[test]
fn two_rules_of_one_part_written_at_once_both_stand() {
    let mut a = Bench::of(Role::Storekeeper);
    a.must(create(None));
    let mut b = a.copy_for(2, Role::Storekeeper);
    a.must(rule(Some("A-3"), None, None));
    b.must(rule(None, Some(2), None));
    a.merge(&b);
    let room = read(a.at(ROOM));
    assert_eq!((room.rules[0].bin.as_deref(), room.rules[0].min), (Some("A-3"), Some(Quantity::whole(2))));
    assert_eq!(room.conflicts, []);
    // The same rule written twice shows both.
    let mut b = a.copy_for(3, Role::Storekeeper);
    a.must(rule(Some("A-4"), Some(2), None));
    b.must(rule(Some("A-5"), Some(2), None));
    a.merge(&b);
    assert_eq!(summarise(a.at(ROOM)).conflicts, [format!("bin/{SEAL}")]);
}

#[test]
fn rules_that_cannot_be_met_are_refused() {
    let mut bench = Bench::of(Role::Storekeeper);
    bench.must(create(None));
    assert_eq!(reason(bench.run(rule(None, Some(11), None))), "max");
    assert_eq!(reason(bench.run(rule(None, Some(-1), None))), "min");
    let mut technician = bench.copy_for(2, Role::Technician);
    assert_eq!(reason(technician.run(rule(None, None, None))), "part:edit");
}
