//! What the server sets right after the merge, and what it leaves alone.

use std::collections::BTreeMap;

use crate::features::checklist::{Step, StepField};
use crate::features::test_bench::{Bench, document, grants, person, reason, record};
use crate::features::work_order::{
    Arrival, AttachedChecklist, Command, Correction, NoticeKind, Status, StatusEvent, correct, frontier, read,
};
use crate::identity::{ActorId, DocumentId, RecordId};
use crate::permission::Role;
use crate::record::{Record, RecordKind};
use crate::workspace::Author;

const ORDER: DocumentId = document(7);

/// A status event made without asking the rules, by person `n`, who saw everything.
fn hand_made(bench: &mut Bench, id: u8, n: u8, to: Status) -> RecordId {
    let saw = frontier(bench.at(ORDER));
    arrive(bench, id, n, to, saw)
}

fn arrive(bench: &mut Bench, id: u8, n: u8, to: Status, saw: Vec<RecordId>) -> RecordId {
    let event = StatusEvent { to, saw, reason: None, correction: false };
    let fact = Record {
        id: record(id),
        kind: RecordKind::StatusEvent.code().to_owned(),
        document: ORDER,
        author: Some(person(n)),
        actor: ActorId::from_bytes([n; 16]),
        seq: u64::from(id),
        at: bench.now,
        payload: Record::payload_of(&event),
    };
    bench.aggregates.get_mut(&ORDER).unwrap().records.insert(fact.id, fact);
    record(id)
}

fn in_progress() -> Bench {
    let mut bench = Bench::with_order(ORDER);
    hand_made(&mut bench, 20, 1, Status::InProgress);
    bench
}

fn asked(bench: &Bench, events: &[RecordId], inactive: &[u8]) -> Option<Correction> {
    let arrival = Arrival {
        events: events.iter().copied().collect(),
        inactive: inactive.iter().map(|n| (person(*n), Some(person(9)))).collect::<BTreeMap<_, _>>(),
    };
    let mut next = 200;
    correct(bench.at(ORDER), &arrival, &mut || {
        next += 1;
        record(next)
    })
}

/// The server does what it decided; asked again about the same arrival, it has nothing to do.
fn set_right(bench: &mut Bench, events: &[RecordId], inactive: &[u8]) -> Vec<NoticeKind> {
    let Some(correction) = asked(bench, events, inactive) else { return Vec::new() };
    let kinds = correction.notices.iter().map(|(_, notice)| notice.kind).collect();
    let author =
        std::mem::replace(&mut bench.author, Author::Server { actor: ActorId::from_bytes([0x55; 16]) });
    bench.must(Command::Correct(correction));
    bench.author = author;
    assert_eq!(asked(bench, events, inactive), None, "the same is never set right twice");
    kinds
}

fn with_required_step(bench: &mut Bench) {
    let step = Step {
        key: "s0".to_owned(),
        label: "Seal is tight".to_owned(),
        field: StepField::PassFail,
        required: true,
        condition: None,
        follow_up: false,
        risk: None,
    };
    let checklist = AttachedChecklist {
        key: "c0".to_owned(),
        template: None,
        version: 1,
        title: "Round".to_owned(),
        steps: vec![step],
    };
    bench.must(Command::AttachChecklist { id: ORDER, checklist });
}

#[test]
fn work_completed_with_open_steps_is_in_progress_again() {
    let mut bench = in_progress();
    with_required_step(&mut bench);
    let done = hand_made(&mut bench, 21, 2, Status::Completed);
    assert_eq!(set_right(&mut bench, &[done], &[]), [NoticeKind::ChecklistIncomplete]);
    let order = bench.order(ORDER);
    assert_eq!(order.status, Status::InProgress);
    assert_eq!(order.completed_at(), None);
    let notice = &order.notices[0].notice;
    assert_eq!(
        (notice.to, notice.event, notice.detail.as_str()),
        (Some(person(2)), Some(done), "Seal is tight")
    );
    assert!(order.history.iter().any(|line| line.event == done && !line.superseded), "what was done is kept");
    // A completion with every step answered stands.
    let step = ("c0".to_owned(), "s0".to_owned());
    let answer = Some("pass".to_owned());
    bench.must(Command::Answer {
        id: ORDER,
        checklist: step.0,
        step: step.1,
        answer,
        remark: None,
        reading: None,
    });
    let again = hand_made(&mut bench, 22, 2, Status::Completed);
    assert_eq!(set_right(&mut bench, &[again], &[]), []);
    assert_eq!(bench.order(ORDER).status, Status::Completed);
}

#[test]
fn who_completed_does_not_verify_not_even_when_it_is_closed_already() {
    for closes in [false, true] {
        let mut bench = in_progress();
        let done = hand_made(&mut bench, 21, 2, Status::Completed);
        let completed_at = bench.order(ORDER).completed_at();
        bench.now = bench.now.plus_millis(60_000);
        let verified = hand_made(&mut bench, 22, 2, Status::Verified);
        let mut events = vec![done, verified];
        if closes {
            events.push(hand_made(&mut bench, 23, 2, Status::Closed));
        }
        assert_eq!(set_right(&mut bench, &events, &[]), [NoticeKind::SelfVerified]);
        let order = bench.order(ORDER);
        assert_eq!((order.status, order.completed_by()), (Status::Completed, Some(person(2))));
        assert_eq!(order.completed_at(), completed_at, "taking the verification away completes nothing");
        let by_another = hand_made(&mut bench, 24, 3, Status::Verified);
        assert_eq!(set_right(&mut bench, &[by_another], &[]), []);
        assert_eq!(bench.order(ORDER).status, Status::Verified);
    }
}

#[test]
fn closing_is_no_way_around_somebody_else() {
    for closer in [2, 3] {
        let mut bench = in_progress();
        let done = hand_made(&mut bench, 21, 2, Status::Completed);
        let closed = hand_made(&mut bench, 22, closer, Status::Closed);
        assert_eq!(set_right(&mut bench, &[done, closed], &[]), [NoticeKind::ImpossibleStep]);
        let order = bench.order(ORDER);
        let notice = &order.notices[0].notice;
        assert_eq!(
            (order.status, notice.to, notice.event, notice.detail.as_str()),
            (Status::Completed, Some(person(closer)), Some(closed), "completed closed")
        );
    }
}

#[test]
fn open_steps_weigh_more_than_a_verification() {
    let mut bench = in_progress();
    with_required_step(&mut bench);
    let events =
        [hand_made(&mut bench, 21, 2, Status::Completed), hand_made(&mut bench, 22, 2, Status::Verified)];
    let both = [NoticeKind::SelfVerified, NoticeKind::ChecklistIncomplete];
    assert_eq!(set_right(&mut bench, &events, &[]), both);
    assert_eq!(bench.order(ORDER).status, Status::InProgress);
}

#[test]
fn an_impossible_step_is_told_and_changes_nothing() {
    let mut bench = in_progress();
    let closed = hand_made(&mut bench, 21, 2, Status::Closed);
    assert_eq!(set_right(&mut bench, &[closed], &[]), [NoticeKind::ImpossibleStep]);
    let order = bench.order(ORDER);
    assert_eq!(
        (order.status, order.notices[0].notice.detail.as_str()),
        (Status::InProgress, "in_progress closed")
    );
}

#[test]
fn who_loses_a_race_is_told_although_their_step_came_first() {
    let mut bench = in_progress();
    let saw = frontier(bench.at(ORDER));
    let done = arrive(&mut bench, 40, 2, Status::Completed, saw.clone());
    assert_eq!(set_right(&mut bench, &[done], &[]), []);
    // It sorts before the completion, which was accepted long ago.
    let cancelled = arrive(&mut bench, 30, 3, Status::Cancelled, saw);
    assert_eq!(set_right(&mut bench, &[cancelled], &[]), [NoticeKind::ImpossibleStep]);
    let order = bench.order(ORDER);
    assert_eq!((order.status, order.notices[0].notice.to), (Status::Cancelled, Some(person(2))));
}

#[test]
fn two_who_say_the_same_agree_and_an_assignment_stands_by_itself() {
    let mut bench = in_progress();
    let same = hand_made(&mut bench, 21, 2, Status::InProgress);
    let late = hand_made(&mut bench, 22, 3, Status::Assigned);
    assert_eq!(set_right(&mut bench, &[same, late], &[]), []);
}

#[test]
fn who_no_longer_works_here_is_taken_off_and_the_rest_stay() {
    let assign = |people: &[u8], event| Command::Assign {
        id: ORDER,
        add_people: people.iter().map(|n| person(*n)).collect(),
        remove_people: vec![],
        add_teams: vec![],
        remove_teams: vec![],
        event: record(event),
    };
    let mut bench = Bench::with_order(ORDER);
    bench.must(assign(&[3, 4], 30));
    assert_eq!(set_right(&mut bench, &[], &[4, 5]), [NoticeKind::InactiveAssignee]);
    let order = bench.order(ORDER);
    assert_eq!((order.people, order.status), (vec![person(3)], Status::Assigned));
    assert_eq!(order.notices[0].notice.to, Some(person(9)), "who assigned them is told");

    let mut alone = Bench::with_order(ORDER);
    alone.must(assign(&[4], 30));
    set_right(&mut alone, &[], &[4]);
    let order = alone.order(ORDER);
    assert_eq!((order.people, order.status), (vec![], Status::New), "nobody is to do it");
}

#[test]
fn only_the_server_corrects_and_people_settle_once() {
    let mut bench = in_progress();
    let closed = hand_made(&mut bench, 21, 1, Status::Closed);
    let correction = asked(&bench, &[closed], &[]).unwrap();
    assert_eq!(reason(bench.run(Command::Correct(correction))), "server:write");
    set_right(&mut bench, &[closed], &[]);
    let notice = bench.order(ORDER).notices[0].id;
    let settle = |id, notice| Command::SettleNotice { id: ORDER, record: record(id), notice };
    assert_eq!(reason(bench.run(settle(60, record(61)))), "notice");
    let before = read(bench.at(ORDER)).open_notices().count();
    bench.must(settle(60, notice));
    assert_eq!(bench.order(ORDER).notices[0].settled_by, Some(person(1)));
    bench.must(settle(62, notice));
    assert_eq!(bench.made, [], "somebody did that already");
    assert_eq!((before, bench.order(ORDER).open_notices().count()), (1, 0));
    let Author::Person { grants: held, .. } = &mut bench.author else { panic!("a person") };
    *held = grants(person(1), Role::Requester);
    assert_eq!(reason(bench.run(settle(63, notice))), "conflict:resolve");
}
