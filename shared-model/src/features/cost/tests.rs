//! Tests of costs and prices.

use super::{Command, CostEntry, CostKind, Price, costs, price_at};
use crate::document::DocumentKind;
use crate::features::part::{self, NewPart};
use crate::features::test_bench::{Bench, document, reason, record};
use crate::features::{row, view};
use crate::identity::DocumentId;
use crate::instant::Timestamp;
use crate::permission::Role;
use crate::units::{Currency, Money};

const ORDER: DocumentId = document(7);
const SEAL: DocumentId = document(8);

fn money(minor: i64) -> Money {
    Money { minor, currency: Currency::AUD }
}

fn enter(id: u8, minor: i64) -> Command {
    let entry = CostEntry {
        money: money(minor),
        kind: CostKind::Service,
        note: Some("crane".to_owned()),
        external: Some("PO-77".to_owned()),
    };
    Command::Enter { id: record(id), document: ORDER, kind: DocumentKind::WorkOrder, entry }
}

fn price(id: u8, minor: i64, from: i64) -> Command {
    let price = Price { money: money(minor), from: Timestamp::from_millis(from) };
    Command::SetPrice { id: record(id), part: SEAL, price }
}

#[test]
fn costs_are_listed_and_stand_in_no_row_and_no_view() {
    let mut bench = Bench::with_order(ORDER);
    let before = (row(bench.at(ORDER)), view(bench.at(ORDER)));
    bench.now = bench.now.plus_millis(60_000);
    bench.must(enter(1, 918_273));
    bench.must(enter(2, -18_273));
    let lines = costs(bench.at(ORDER));
    assert_eq!(lines.iter().map(|line| line.money.minor).sum::<i64>(), 900_000);
    assert_eq!((lines[0].kind, lines[0].external.as_deref()), (CostKind::Service, Some("PO-77")));
    // Not even the time: a device that may not read costs must show the same row.
    assert_eq!((row(bench.at(ORDER)), view(bench.at(ORDER))), before);
}

#[test]
fn only_those_who_may_write_costs() {
    let mut bench = Bench::with_order(ORDER).copy_for(2, Role::Technician);
    assert_eq!(reason(bench.run(enter(1, 1))), "cost:write");
    let part = Command::Enter {
        id: record(1),
        document: ORDER,
        kind: DocumentKind::Asset,
        entry: CostEntry { money: money(1), kind: CostKind::Other, note: None, external: None },
    };
    assert_eq!(reason(bench.run(part)), "unknown_document");
}

#[test]
fn the_price_at_a_moment_is_the_last_one_before_it() {
    let mut bench = Bench::of(Role::Storekeeper);
    let new = NewPart {
        id: SEAL,
        number: "P-1".to_owned(),
        name: "Seal".to_owned(),
        unit: "pcs".to_owned(),
        fields: vec![],
    };
    bench.must(part::Command::Create(Box::new(new)));
    bench.must(price(1, 500, 2_000));
    bench.must(price(2, 450, 1_000));
    bench.must(price(3, 550, 3_000));
    let at = |millis| price_at(bench.at(SEAL), Timestamp::from_millis(millis)).map(|price| price.money.minor);
    assert_eq!([at(999), at(1_000), at(2_999), at(9_000)], [None, Some(450), Some(500), Some(550)]);
    assert_eq!(reason(bench.run(price(4, -1, 0))), "price");
}
