//! Tests of costs and prices.

use super::{
    Command, CostEntry, CostKind, CostSum, Price, Rate, cost_lines, cost_sums, costs, price_at,
    work_order_cost,
};
use crate::document::DocumentKind;
use crate::features::labour_entry::{self, LabourEntry};
use crate::features::location::{self, NewLocation};
use crate::features::part::{self, NewPart};
use crate::features::test_bench::{Bench, document, person, reason, record};
use crate::features::{row, view};
use crate::identity::{DocumentId, PersonId};
use crate::instant::Timestamp;
use crate::permission::Role;
use crate::units::{Currency, Money};

const ORDER: DocumentId = document(7);
const SEAL: DocumentId = document(8);
const SITE: DocumentId = document(9);

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

fn bench_with_site() -> Bench {
    let mut bench = Bench::with_order(ORDER);
    let name = "Mine".to_owned();
    let new = NewLocation { id: SITE, name, parent: None, site: None, fields: vec![] };
    bench.must(location::Command::Create(Box::new(new)));
    bench
}

fn rate(id: u8, person: Option<PersonId>, minor: i64, from: i64) -> Command {
    let rate = Rate { person, money: money(minor), from: Timestamp::from_millis(from) };
    Command::SetRate { id: record(id), site: SITE, rate }
}

fn hours(id: u8, n: u8, minutes: i64, started: i64) -> labour_entry::Command {
    let started = Some(Timestamp::from_millis(started));
    let entry = LabourEntry { person: person(n), minutes, started, note: None };
    labour_entry::Command::Add { id: record(id), work_order: ORDER, entry }
}

fn labour_minors(bench: &Bench) -> Vec<Option<i64>> {
    let cost = work_order_cost(bench.at(ORDER), Some(bench.at(SITE)));
    cost.labour.iter().map(|line| line.money.map(|money| money.minor)).collect()
}

#[test]
fn hours_cost_what_the_rate_was_when_they_were_worked() {
    let mut bench = bench_with_site();
    bench.must(hours(10, 3, 90, 1_999));
    bench.must(hours(11, 3, 90, 2_000));
    bench.must(hours(12, 4, 10, 2_000));
    bench.must(hours(13, 4, 60, 999));
    assert_eq!(labour_minors(&bench), [None; 4]);
    assert_eq!(work_order_cost(bench.at(ORDER), Some(bench.at(SITE))).unrated_minutes, 250);
    // The rates arrive after the hours, in any order.
    bench.must(rate(20, Some(person(3)), 6_000, 2_000));
    bench.must(rate(21, None, 5_001, 1_000));
    assert_eq!(labour_minors(&bench), [Some(7_502), Some(9_000), Some(834), None]);
    let lines = cost_lines(bench.at(ORDER), Some(bench.at(SITE)));
    assert_eq!(lines.iter().map(|line| line.money.minor).collect::<Vec<_>>(), [7_502, 9_000, 834]);
    assert!(lines.iter().all(|line| line.kind == CostKind::Labour));
    bench.must(enter(1, -500));
    let of = |kind, minor| CostSum { kind, money: money(minor) };
    assert_eq!(
        cost_sums(&cost_lines(bench.at(ORDER), Some(bench.at(SITE)))),
        [of(CostKind::Labour, 7_502 + 9_000 + 834), of(CostKind::Service, -500)]
    );
    let cost = work_order_cost(bench.at(ORDER), Some(bench.at(SITE)));
    assert_eq!((cost.totals.clone(), cost.unrated_minutes), (vec![money(7_502 + 9_000 + 834 - 500)], 60));
    assert_eq!(
        work_order_cost(bench.at(ORDER), None).totals,
        [money(-500)],
        "without the site no rate is known"
    );
}

#[test]
fn the_later_of_two_rates_from_one_moment_counts_on_every_device() {
    let mut ann = bench_with_site();
    ann.must(hours(10, 3, 60, 5_000));
    let mut bob = ann.copy_for(2, Role::Office);
    ann.must(rate(21, None, 1_000, 1_000));
    bob.must(rate(22, None, 2_000, 1_000));
    ann.merge(&bob);
    bob.merge(&ann);
    assert_eq!((labour_minors(&ann), labour_minors(&bob)), (vec![Some(2_000)], vec![Some(2_000)]));
}

#[test]
fn a_rate_stands_in_no_row_and_belongs_to_a_site() {
    let mut bench = bench_with_site();
    let before = (row(bench.at(SITE)), view(bench.at(SITE)));
    bench.now = bench.now.plus_millis(60_000);
    bench.must(rate(20, None, 6_000, 0));
    assert_eq!((row(bench.at(SITE)), view(bench.at(SITE))), before);
    assert_eq!(reason(bench.run(rate(21, None, -1, 0))), "rate");
    bench.must(location::Command::Move { id: SITE, parent: Some(document(8)), site: Some(document(8)) });
    assert_eq!(reason(bench.run(rate(22, None, 1, 0))), "not_a_site");
    assert_eq!(reason(bench.copy_for(2, Role::Supervisor).run(rate(23, None, 1, 0))), "cost:write");
    let mut other = bench_with_site().copy_for(2, Role::Supervisor);
    assert_eq!(reason(other.run(rate(23, None, 1, 0))), "cost:write");
}
