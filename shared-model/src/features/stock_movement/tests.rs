//! Tests of the stock ledger.

use super::{Command, Movement, MovementKind, RECENT_PER_PART, balances, movements, recent};
use crate::features::storeroom::{self, NewStoreroom};
use crate::features::test_bench::{Bench, document, reason, record};
use crate::identity::DocumentId;
use crate::permission::Role;
use crate::units::Quantity;
use crate::workspace::Item;

const ROOM: DocumentId = document(1);
const VAN: DocumentId = document(2);
const SEAL: DocumentId = document(3);

fn bench() -> Bench {
    let mut bench = Bench::of(Role::Storekeeper);
    for (id, name) in [(ROOM, "Store"), (VAN, "Van 3")] {
        let new = NewStoreroom { id, name: name.to_owned(), site: None, location: None, fields: vec![] };
        bench.must(storeroom::Command::Create(Box::new(new)));
    }
    bench
}

fn movement(id: u8, quantity: i64) -> Movement {
    Movement {
        id: record(id),
        storeroom: ROOM,
        part: SEAL,
        quantity: Quantity::whole(quantity),
        work_order: None,
        note: None,
    }
}

fn count(id: u8, counted: i64, saw: Option<i64>) -> Command {
    Command::Count {
        id: record(id),
        storeroom: ROOM,
        part: SEAL,
        counted: Quantity::whole(counted),
        saw: saw.map(Quantity::whole),
        note: None,
    }
}

fn transfer(from: DocumentId, to: DocumentId) -> Command {
    let (out, into, quantity) = (record(20), record(21), Quantity::whole(3));
    Command::Transfer { out, into, from, to, part: SEAL, quantity, note: Some("for the round".to_owned()) }
}

fn balance(bench: &Bench, room: DocumentId) -> i64 {
    balances(bench.at(room)).get(&SEAL).copied().unwrap_or_default().thousandths() / 1000
}

#[test]
fn stock_is_the_sum_of_what_moved() {
    let mut bench = bench();
    bench.must(Command::Receive(movement(1, 10)));
    bench.must(Command::Issue(movement(2, 4)));
    bench.must(Command::Return(movement(3, 1)));
    bench.must(Command::Scrap(movement(4, 2)));
    assert_eq!(balance(&bench, ROOM), 5);
    bench.must(Command::Receive(movement(1, 10)));
    assert_eq!((balance(&bench, ROOM), bench.made.len()), (5, 0), "a replay moves nothing");
    bench.must(Command::Issue(movement(5, 8)));
    assert_eq!(balance(&bench, ROOM), -3, "what was taken is gone, whatever the books said");
}

#[test]
fn a_transfer_leaves_one_room_and_comes_to_the_other() {
    let mut bench = bench();
    bench.must(Command::Receive(movement(1, 10)));
    bench.must(transfer(ROOM, VAN));
    assert_eq!((balance(&bench, ROOM), balance(&bench, VAN)), (7, 3));
    let documents: Vec<DocumentId> = bench.made.iter().map(Item::document).collect();
    assert_eq!(documents, [ROOM, VAN]);
    let into = &movements(bench.at(VAN))[0];
    assert_eq!((into.movement.kind, into.movement.counterpart), (MovementKind::TransferIn, Some(ROOM)));
    assert_eq!(reason(bench.run(transfer(ROOM, ROOM))), "to");
    assert_eq!(reason(bench.run(transfer(ROOM, document(9)))), "unknown_document");
}

#[test]
fn a_count_corrects_the_balance_that_was_shown() {
    let mut bench = bench();
    bench.must(Command::Receive(movement(1, 10)));
    bench.must(count(2, 7, None));
    let line = movements(bench.at(ROOM)).pop().unwrap();
    assert_eq!((line.movement.quantity, line.movement.saw), (Quantity::whole(-3), Some(Quantity::whole(10))));
    assert_eq!(balance(&bench, ROOM), 7);
    // A delivery arrives from another device after somebody counted what the shelf and the screen said.
    bench.must(Command::Receive(movement(3, 5)));
    bench.must(count(4, 6, Some(7)));
    assert_eq!(balance(&bench, ROOM), 11, "the delivery is not counted away");
    bench.must(count(5, 11, None));
    assert_eq!(movements(bench.at(ROOM)).pop().unwrap().movement.quantity, Quantity::ZERO);
    assert_eq!(reason(bench.run(count(6, -1, None))), "counted");
}

#[test]
fn quantities_are_given_without_a_sign() {
    let mut bench = bench();
    for quantity in [0, -1] {
        assert_eq!(reason(bench.run(Command::Receive(movement(1, quantity)))), "quantity");
        assert_eq!(reason(bench.run(Command::Issue(movement(1, quantity)))), "quantity");
        assert_eq!(reason(bench.run(Command::Return(movement(1, quantity)))), "quantity");
        assert_eq!(reason(bench.run(Command::Scrap(movement(1, quantity)))), "quantity");
    }
    let long = Movement { note: Some("x".repeat(2_001)), ..movement(1, 1) };
    assert_eq!(reason(bench.run(Command::Receive(long))), "note");
}

#[test]
fn technicians_take_parts_and_only_storekeepers_do_the_rest() {
    let mut technician = bench().copy_for(2, Role::Technician);
    technician.must(Command::Issue(movement(1, 1)));
    technician.must(Command::Return(movement(2, 1)));
    assert_eq!(reason(technician.run(Command::Receive(movement(3, 1)))), "stock:adjust");
    assert_eq!(reason(technician.run(Command::Scrap(movement(3, 1)))), "stock:adjust");
    assert_eq!(reason(technician.run(count(3, 1, None))), "stock:adjust");
    assert_eq!(reason(technician.run(transfer(ROOM, VAN))), "stock:adjust");
}

#[test]
fn the_screen_shows_the_last_movements_of_every_part() {
    let mut bench = bench();
    let seldom = Movement { part: document(4), ..movement(1, 7) };
    bench.must(Command::Receive(seldom));
    for id in 2..20 {
        bench.must(Command::Receive(movement(id, i64::from(id))));
    }
    let shown = recent(movements(bench.at(ROOM)));
    let of = |part| shown.iter().filter(|line| line.movement.part == part).collect::<Vec<_>>();
    assert_eq!((of(SEAL).len(), of(document(4)).len()), (RECENT_PER_PART, 1));
    assert_eq!(of(SEAL)[0].id, record(19), "the latest first");
}
