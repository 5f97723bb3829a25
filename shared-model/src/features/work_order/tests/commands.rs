//! Creating, editing, assigning, timing and using parts; scopes and refusals.

use super::super::{AssetLink, Command, FieldEdit, PartUsed, Priority, Status, number_of, scopes, summarise};
use crate::document::DocumentKind;
use crate::features::storeroom::{self, NewStoreroom};
use crate::features::test_bench::{Bench, document, person, plain_order, reason, record};
use crate::features::{labour_entry, stock_movement};
use crate::identity::{DocumentId, TeamId};
use crate::instant::{DAY_MS, Timestamp};
use crate::permission::{GrantLimit, Role, Scope};
use crate::units::Quantity;
use crate::workspace::Author;

const ORDER: DocumentId = document(7);
const ROOM: DocumentId = document(8);
const PART: DocumentId = document(9);

fn edit(edits: Vec<FieldEdit>) -> Command {
    Command::Edit { id: ORDER, edits }
}

fn assign(add: &[u8], remove: &[u8], event: u8) -> Command {
    let people = |numbers: &[u8]| numbers.iter().map(|n| person(*n)).collect();
    Command::Assign {
        id: ORDER,
        add_people: people(add),
        remove_people: people(remove),
        add_teams: vec![],
        remove_teams: vec![],
        event: record(event),
    }
}

#[test]
fn a_new_order_has_a_provisional_number_and_a_row() {
    let bench = Bench::with_order(ORDER);
    let row = summarise(bench.at(ORDER));
    assert_eq!(row.number, number_of(bench.at(ORDER)));
    assert!(row.number.starts_with('~') && row.number.len() == 5, "{}", row.number);
    assert_eq!((row.status, row.priority, row.title.as_str()), (Status::New, Priority::Medium, "Pump leaks"));
    assert_eq!(row.updated_at, bench.now);
}

#[test]
fn an_order_that_exists_is_not_created_again() {
    let mut bench = Bench::with_order(ORDER);
    assert_eq!(reason(bench.run(Command::Create(Box::new(plain_order(ORDER))))), "already_exists");
    let mut untitled = plain_order(document(2));
    untitled.title = " \t".to_owned();
    assert_eq!(reason(bench.run(Command::Create(Box::new(untitled)))), "title");
}

#[test]
fn what_people_type_wrongly_names_the_field() {
    let mut bench = Bench::with_order(ORDER);
    let long = "x".repeat(2_001);
    assert_eq!(reason(bench.run(edit(vec![FieldEdit::Title("x".repeat(201))]))), "title");
    assert_eq!(reason(bench.run(edit(vec![FieldEdit::AddTag("two words".to_owned())]))), "tag");
    assert_eq!(reason(bench.run(edit(vec![FieldEdit::Custom("a/b".to_owned(), None)]))), "custom");
    assert_eq!(
        reason(bench.run(edit(vec![FieldEdit::Custom("note".to_owned(), Some(long))]))),
        "custom/note"
    );
}

#[test]
fn saving_a_form_that_changed_nothing_writes_nothing() {
    let mut bench = Bench::with_order(ORDER);
    bench.must(edit(vec![
        FieldEdit::Title("Pump leaks".to_owned()),
        FieldEdit::Priority(Priority::Medium),
        FieldEdit::Description("".into()),
        FieldEdit::Due(None),
    ]));
    assert_eq!(bench.made, []);
}

#[test]
fn tags_and_people_added_and_removed_at_once_all_merge() {
    let mut a = Bench::with_order(ORDER);
    a.must(edit(vec![FieldEdit::AddTag("old".to_owned())]));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(edit(vec![FieldEdit::AddTag("a".to_owned()), FieldEdit::RemoveTag("old".to_owned())]));
    b.must(edit(vec![FieldEdit::AddTag("b".to_owned())]));
    a.must(assign(&[3], &[], 31));
    b.must(assign(&[4], &[], 41));
    a.merge(&b);
    let order = a.order(ORDER);
    assert_eq!(order.tags, ["a", "b"]);
    assert_eq!(order.people, [person(3), person(4)]);
    assert_eq!(order.status, Status::Assigned);
    // Both devices stated the assignment; one is enough.
    assert_eq!(order.history.iter().map(|line| line.superseded).collect::<Vec<_>>(), [false, true]);
    a.must(assign(&[], &[3, 4], 42));
    assert_eq!(a.order(ORDER).status, Status::New);
}

#[test]
fn scopes_are_the_site_and_everybody_it_is_about() {
    let mut bench = Bench::of(Role::Admin);
    let (site, team) = (document(3), TeamId::from_bytes([4; 16]));
    let mut new = plain_order(ORDER);
    (new.site, new.requester, new.people, new.teams) =
        (Some(site), Some(person(5)), vec![person(6)], vec![team]);
    bench.must(Command::Create(Box::new(new)));
    let expected = [Scope::Site(site), Scope::Team(team), Scope::Person(person(5)), Scope::Person(person(6))];
    assert_eq!(scopes(bench.at(ORDER)), expected);
}

#[test]
fn a_contractor_does_only_work_that_names_them() {
    let mut bench = Bench::with_order(ORDER);
    let mut contractor = bench.copy_for(6, Role::Contractor);
    let Author::Person { grants, .. } = &mut contractor.author else { panic!("a person") };
    grants.grants = Role::Contractor.grants(GrantLimit::Own);
    let start = Command::StartTimer { id: ORDER };
    assert_eq!(reason(contractor.run(start.clone())), "work_order:execute");
    bench.must(assign(&[6], &[], 1));
    contractor.merge(&bench);
    contractor.must(start);
    assert_eq!(reason(contractor.run(edit(vec![FieldEdit::Priority(Priority::Low)]))), "work_order:edit");
}

#[test]
fn whoever_may_only_ask_asks_for_themselves_and_sees_what_they_asked_for() {
    let mut rita = Bench::of(Role::Requester);
    rita.must(Command::Create(Box::new(plain_order(ORDER))));
    assert_eq!(rita.order(ORDER).requester, Some(person(1)));
    assert_eq!(scopes(rita.at(ORDER)), [Scope::Person(person(1))]);
    let Author::Person { grants, .. } = rita.author.clone() else { panic!("a person") };
    assert!(grants.read_document(DocumentKind::WorkOrder, &scopes(rita.at(ORDER))));
    assert_eq!(reason(rita.run(edit(vec![FieldEdit::Priority(Priority::Low)]))), "work_order:edit");

    let mut new = plain_order(document(8));
    new.requester = Some(person(5));
    let for_another = Command::Create(Box::new(new));
    assert_eq!(reason(rita.run(for_another.clone())), "requester");
    let mut supervisor = Bench::of(Role::Supervisor);
    supervisor.must(for_another);
    assert_eq!(supervisor.order(document(8)).requester, Some(person(5)));
    supervisor.must(Command::Create(Box::new(plain_order(ORDER))));
    assert_eq!(supervisor.order(ORDER).requester, None);
}

#[test]
fn a_timer_becomes_hours() {
    let mut bench = Bench::with_order(ORDER);
    bench.must(Command::StartTimer { id: ORDER });
    bench.now = bench.now.plus_millis(90_001);
    let done = Command::ChangeStatus {
        id: ORDER,
        event: record(1),
        to: Status::InProgress,
        reason: None,
        labour: Some(record(2)),
    };
    bench.must(done);
    let order = bench.order(ORDER);
    assert!(order.timers.is_empty());
    assert_eq!(
        order.labour.iter().map(|line| (line.person, line.minutes)).collect::<Vec<_>>(),
        [(person(1), 2)]
    );
}

#[test]
fn a_forgotten_timer_and_a_clock_set_back_still_stop() {
    for (moved, minutes) in [(30 * DAY_MS, labour_entry::MAX_MINUTES), (-DAY_MS, 1)] {
        let mut bench = Bench::with_order(ORDER);
        bench.must(Command::StartTimer { id: ORDER });
        bench.now = bench.now.plus_millis(moved);
        bench.must(Command::StopTimer { id: ORDER, labour: record(2) });
        assert_eq!(bench.order(ORDER).labour[0].minutes, minutes);
    }
}

#[test]
fn a_part_used_leaves_the_storeroom_and_stands_on_the_order() {
    let mut bench = Bench::with_order(ORDER);
    let room = NewStoreroom { id: ROOM, name: "Van".to_owned(), site: None, location: None, fields: vec![] };
    bench.must(storeroom::Command::Create(Box::new(room)));
    let line = PartUsed {
        key: "p0".to_owned(),
        part: Some(PART),
        storeroom: Some(ROOM),
        movement: Some(record(1)),
        number: "P-1".to_owned(),
        name: "Seal".to_owned(),
        quantity: Quantity::whole(2),
        unit: "pcs".to_owned(),
    };
    bench.must(Command::UsePart { id: ORDER, part: line.clone() });
    bench.must(Command::UsePart { id: ORDER, part: line.clone() });
    assert_eq!(bench.made, [], "a replay takes nothing twice");
    assert_eq!(bench.order(ORDER).parts, std::slice::from_ref(&line));
    let balances = stock_movement::balances(bench.at(ROOM));
    assert_eq!(
        balances.get(&PART),
        Some(&Quantity::whole(-2)),
        "what was taken is gone, although nothing was there"
    );
    let nothing = PartUsed { key: "p1".to_owned(), quantity: Quantity::ZERO, ..line };
    assert_eq!(reason(bench.run(Command::UsePart { id: ORDER, part: nothing })), "quantity");
}

#[test]
fn an_asset_linked_twice_at_once_stands_once() {
    let mut a = Bench::with_order(ORDER);
    let mut b = a.copy_for(2, Role::Admin);
    let link = AssetLink { id: document(5), tag: "P-101".to_owned(), name: "Pump".to_owned() };
    a.must(edit(vec![FieldEdit::AddAsset(link.clone())]));
    b.must(edit(vec![FieldEdit::AddAsset(link.clone())]));
    a.merge(&b);
    assert_eq!(a.order(ORDER).assets, [link]);
    assert_eq!(a.order(ORDER).conflicts, []);
    let row = summarise(a.at(ORDER));
    assert_eq!((row.asset_tag.as_deref(), row.assets.len()), (Some("P-101"), 1));
    assert_eq!(row.updated_at, Timestamp::from_millis(a.now.as_millis() + 60_000));
}

#[test]
fn what_nobody_could_mean_is_refused() {
    let mut bench = Bench::with_order(ORDER);
    let far = Some(Timestamp::from_millis(i64::MAX));
    for (field, name) in [
        (FieldEdit::EstimatedMinutes(Some(-1)), "estimated_minutes"),
        (FieldEdit::EstimatedMinutes(Some(i64::MAX)), "estimated_minutes"),
        (FieldEdit::Due(Some(Timestamp::from_millis(i64::MIN))), "due"),
        (FieldEdit::PlannedStart(far), "planned_start"),
        (FieldEdit::Downtime(None, far), "downtime_end"),
    ] {
        assert_eq!(reason(bench.run(edit(vec![field]))), name);
    }
    bench.must(edit(vec![FieldEdit::EstimatedMinutes(Some(0)), FieldEdit::Due(None)]));
}
