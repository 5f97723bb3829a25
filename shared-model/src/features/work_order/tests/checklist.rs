//! Working through checklists: what completing asks for, what steps take, what merges.

use super::super::{AttachedChecklist, Command, PartUsed, ReadingPlace, Status};
use crate::features::asset::{self, FieldEdit, Meter, NewAsset};
use crate::features::checklist::{Condition, Step, StepField};
use crate::features::test_bench::{Bench, document, plain_order, reason, record};
use crate::identity::DocumentId;
use crate::permission::Role;
use crate::units::Quantity;

const ORDER: DocumentId = document(7);

fn step(key: &str, field: StepField) -> Step {
    Step {
        key: key.to_owned(),
        label: format!("Step {key}"),
        field,
        required: true,
        condition: None,
        follow_up: false,
        risk: None,
    }
}

fn steps() -> Vec<Step> {
    let asked = Condition { step: "s0".to_owned(), answer: "fail".to_owned() };
    vec![
        step("h0", StepField::Section),
        step("s0", StepField::PassFail),
        step("s1", StepField::Number { unit: "bar".to_owned(), min: Some(Quantity::ZERO), max: None }),
        Step { condition: Some(asked), ..step("s2", StepField::Text) },
    ]
}

fn bench() -> Bench {
    let mut bench = Bench::of(Role::Admin);
    let checklist = AttachedChecklist {
        key: "c0".to_owned(),
        template: None,
        version: 1,
        title: "Round".to_owned(),
        steps: steps(),
    };
    let mut new = plain_order(ORDER);
    new.checklists = vec![checklist];
    bench.must(Command::Create(Box::new(new)));
    bench.must(status(1, Status::InProgress));
    bench
}

fn status(event: u8, to: Status) -> Command {
    Command::ChangeStatus { id: ORDER, event: record(event), to, reason: None, labour: None }
}

fn answer(step: &str, answer: Option<&str>) -> Command {
    Command::Answer {
        id: ORDER,
        checklist: "c0".to_owned(),
        step: step.to_owned(),
        answer: answer.map(str::to_owned),
        remark: None,
        reading: None,
    }
}

#[test]
fn a_key_stands_for_one_checklist_and_one_part_only() {
    let mut bench = Bench::with_order(ORDER);
    let list = |title: &str| Command::AttachChecklist {
        id: ORDER,
        checklist: AttachedChecklist {
            key: "k1".to_owned(),
            template: None,
            version: 1,
            title: title.to_owned(),
            steps: vec![step("s0", StepField::PassFail)],
        },
    };
    bench.must(list("Start"));
    bench.must(list("Start"));
    assert_eq!(reason(bench.run(list("Stop"))), "key_taken");
    let part = |units: i64| Command::UsePart {
        id: ORDER,
        part: PartUsed {
            key: "p1".to_owned(),
            part: None,
            storeroom: None,
            movement: None,
            number: "6204".to_owned(),
            name: "Bearing".to_owned(),
            quantity: Quantity::whole(units),
            unit: "pcs".to_owned(),
        },
    };
    bench.must(part(1));
    bench.must(part(1));
    assert_eq!(reason(bench.run(part(2))), "key_taken");
}

#[test]
fn completing_needs_every_required_answer_that_is_asked_for() {
    let mut bench = bench();
    let list = |bench: &Bench| bench.order(ORDER).checklists[0].clone();
    assert_eq!(list(&bench).unanswered_required(), ["Step s0", "Step s1"]);
    assert_eq!((list(&bench).answered(), list(&bench).answerable()), (0, 2));
    assert_eq!(reason(bench.run(status(2, Status::Completed))), "checklist_incomplete");

    bench.must(answer("s0", Some("fail")));
    bench.must(answer("s1", Some("2.5")));
    assert_eq!(list(&bench).unanswered_required(), ["Step s2"], "the failure asks for a text");
    assert_eq!(reason(bench.run(status(2, Status::Completed))), "checklist_incomplete");

    bench.must(answer("s0", Some("pass")));
    assert_eq!((list(&bench).answered(), list(&bench).answerable()), (2, 2));
    bench.must(status(2, Status::Completed));
}

#[test]
fn an_answer_can_be_taken_back() {
    let mut bench = bench();
    bench.must(answer("s0", Some("pass")));
    bench.must(answer("s0", None));
    assert!(bench.order(ORDER).checklists[0].answers.is_empty());
    bench.must(answer("s0", None));
    assert_eq!(bench.made, [], "taking back what is not there writes nothing");
}

#[test]
fn a_step_takes_only_its_own_kind_of_answer() {
    let mut bench = bench();
    assert_eq!(reason(bench.run(answer("s0", Some("maybe")))), "Step s0");
    assert_eq!(reason(bench.run(answer("s1", Some("2,5")))), "Step s1");
    assert_eq!(reason(bench.run(answer("h0", Some("pass")))), "Step h0");
    assert_eq!(reason(bench.run(answer("s9", Some("pass")))), "step");
    assert_eq!(reason(bench.run(answer("s2", Some(&"x".repeat(4_001))))), "checklists/c0/answers/s2");
}

#[test]
fn two_people_on_one_list_both_keep_their_answers() {
    let mut a = bench();
    let mut b = a.copy_for(2, Role::Technician);
    a.must(answer("s0", Some("fail")));
    b.must(answer("s1", Some("3")));
    b.must(answer("s0", Some("pass")));
    let mut merged = a.clone();
    merged.merge(&b);
    b.merge(&a);
    assert_eq!(merged.order(ORDER), b.order(ORDER));
    let order = merged.order(ORDER);
    assert_eq!(order.checklists[0].answers.get("s1").map(String::as_str), Some("3"));
    // The same step answered twice is not settled by chance: both answers are listed.
    assert_eq!(order.conflicts.len(), 1);
    assert_eq!(order.conflicts[0].field, "checklists/c0/answers/s0");
    assert_eq!(order.conflicts[0].values.len(), 2);
}

const ASSET: DocumentId = document(8);

fn read_meter(reading: u8, step: &str, text: &str) -> Command {
    let place = ReadingPlace { id: record(reading), asset: ASSET, meter: "m0".to_owned() };
    match answer(step, Some(text)) {
        Command::Answer { id, checklist, step, answer, remark, .. } => {
            Command::Answer { id, checklist, step, answer, remark, reading: Some(place) }
        }
        other => other,
    }
}

fn with_meter() -> Bench {
    let mut bench = Bench::of(Role::Admin);
    let meter = Meter { key: "m0".to_owned(), name: "Run hours".to_owned(), unit: "h".to_owned() };
    bench.must(asset::Command::Create(Box::new(NewAsset {
        id: ASSET,
        tag: "P-204".to_owned(),
        name: "CIP return pump".to_owned(),
        parent: None,
        site: None,
        location: None,
        fields: vec![FieldEdit::Meter(meter)],
    })));
    let steps =
        vec![step("s0", StepField::MeterReading { unit: "h".to_owned() }), step("s1", StepField::Text)];
    let (key, title) = ("c0".to_owned(), "Round".to_owned());
    let mut new = plain_order(ORDER);
    new.checklists = vec![AttachedChecklist { key, template: None, version: 1, title, steps }];
    bench.must(Command::Create(Box::new(new)));
    bench
}

#[test]
fn a_meter_read_in_a_checklist_is_a_reading_of_the_asset() {
    let mut bench = with_meter();
    bench.must(read_meter(1, "s0", "12706.5"));
    bench.must(read_meter(1, "s0", "12706.5"));
    let readings = asset::read(bench.at(ASSET)).readings;
    assert_eq!(readings.len(), 1, "a replay states it once");
    assert_eq!((readings[0].value, readings[0].unit.as_str()), (Quantity::parse("12706.5").unwrap(), "h"));
    assert_eq!(readings[0].work_order, Some(ORDER));

    bench.must(read_meter(2, "s1", "12706.5"));
    bench.must(answer("s0", None));
    assert_eq!(asset::read(bench.at(ASSET)).readings.len(), 1, "a text is no reading, and a fact stays");
}

#[test]
fn an_answer_stands_where_no_reading_can() {
    let mut bench = with_meter();
    bench.must(asset::Command::Edit { id: ASSET, edits: vec![FieldEdit::RemoveMeter("m0".to_owned())] });
    bench.must(read_meter(1, "s0", "1"));
    assert!(asset::read(bench.at(ASSET)).readings.is_empty());
    bench.aggregates.remove(&ASSET);
    bench.must(read_meter(2, "s0", "2"));
    assert_eq!(bench.order(ORDER).checklists[0].answers.get("s0").map(String::as_str), Some("2"));
}
