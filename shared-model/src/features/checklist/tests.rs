//! Tests of the checklist feature.

use super::{
    Answer, Command, Condition, FieldEdit, MAX_STEPS, NewTemplate, NewVersion, Step, StepField, check_steps,
    read, scopes, summarise,
};
use crate::document::DocumentKind;
use crate::features::test_bench::{Bench, document, reason};
use crate::identity::DocumentId;
use crate::permission::{Role, Scope};
use crate::units::Quantity;

const ROUND: DocumentId = document(1);

fn step(key: &str, field: StepField) -> Step {
    Step {
        key: key.to_owned(),
        label: format!("Step {key}"),
        field,
        required: false,
        condition: None,
        follow_up: false,
        risk: None,
    }
}

fn version(key: &str, steps: usize) -> NewVersion {
    let steps = (0..steps).map(|n| step(&format!("s{n}"), StepField::Check)).collect();
    NewVersion { key: key.to_owned(), steps }
}

fn create(publish: bool) -> Command {
    let fields = vec![FieldEdit::Category(Some("Rounds".to_owned()))];
    let version = Some(version("v-a", 1));
    Command::Create(Box::new(NewTemplate { id: ROUND, title: "Round".to_owned(), fields, version, publish }))
}

fn save(key: &str, steps: usize) -> Command {
    Command::SaveVersion { id: ROUND, version: version(key, steps) }
}

fn publish(key: &str) -> Command {
    Command::Publish { id: ROUND, version: key.to_owned() }
}

#[test]
fn a_template_is_a_draft_until_a_version_is_published() {
    let mut bench = Bench::of(Role::Supervisor);
    bench.must(create(false));
    let row = summarise(bench.at(ROUND));
    assert_eq!((row.published, row.versions, row.steps), (None, 1, 1));
    bench.must(save("v-b", 3));
    bench.must(publish("v-a"));
    let template = read(bench.at(ROUND));
    assert_eq!(template.current_version().map(|version| version.number), Some(1));
    assert_eq!(template.latest_version().map(|version| (version.number, version.steps.len())), Some((2, 3)));
    bench.must(publish("v-b"));
    bench.must(Command::Retire { id: ROUND });
    assert_eq!(summarise(bench.at(ROUND)).published, None);
    bench.must(publish("v-b"));
    let row = summarise(bench.at(ROUND));
    assert_eq!((row.published, row.retired, row.steps), (Some(2), false, 3));
    assert_eq!(scopes(bench.at(ROUND)), [Scope::Kind(DocumentKind::ChecklistTemplate)]);
}

#[test]
fn two_who_save_the_same_number_both_keep_their_version() {
    let mut a = Bench::of(Role::Supervisor);
    a.must(create(true));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(save("v-y", 2));
    b.must(save("v-x", 3));
    let mut merged = a.clone();
    merged.merge(&b);
    b.merge(&a);
    assert_eq!(read(merged.at(ROUND)), read(b.at(ROUND)));
    let template = read(merged.at(ROUND));
    let versions: Vec<(i64, &str)> = template.versions.iter().map(|v| (v.number, v.key.as_str())).collect();
    assert_eq!(versions, [(1, "v-a"), (2, "v-x"), (2, "v-y")]);
    assert_eq!(template.latest_version().map(|version| version.key.as_str()), Some("v-y"));
    assert_eq!(template.current_version().map(|version| version.key.as_str()), Some("v-a"));
    // The next version follows both, and a replay saves nothing twice.
    merged.must(save("v-z", 1));
    merged.must(save("v-z", 1));
    assert_eq!(merged.made, []);
    assert_eq!(read(merged.at(ROUND)).latest_version().map(|version| version.number), Some(3));
}

#[test]
fn two_who_publish_different_versions_show_both() {
    let mut a = Bench::of(Role::Supervisor);
    a.must(create(false));
    a.must(save("v-b", 2));
    let mut b = a.copy_for(2, Role::Admin);
    a.must(publish("v-a"));
    b.must(publish("v-b"));
    a.merge(&b);
    assert_eq!(summarise(a.at(ROUND)).conflicts, ["published"]);
    assert!(read(a.at(ROUND)).current_version().is_some());
}

#[test]
fn only_a_version_that_is_there_is_published_and_only_by_those_who_may() {
    let mut bench = Bench::of(Role::Supervisor);
    bench.must(create(true));
    assert_eq!(reason(bench.run(publish("v-b"))), "version");
    assert_eq!(reason(bench.run(save("v b", 1))), "version");
    assert_eq!(reason(bench.run(save("v-b", 0))), "steps");
    let mut technician = bench.copy_for(2, Role::Technician);
    assert_eq!(reason(technician.run(publish("v-a"))), "checklist:edit");
    assert_eq!(reason(technician.run(create(true))), "checklist:edit");
}

#[test]
fn a_list_that_nobody_could_work_through_is_refused() {
    let choice = |options: &[&str]| StepField::Choice {
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        many: true,
    };
    let asks = |about: &str| Step {
        condition: Some(Condition { step: about.to_owned(), answer: "checked".to_owned() }),
        ..step("s1", StepField::Text)
    };
    let check = || step("s0", StepField::Check);
    assert!(check_steps(&[check(), asks("s0")]).is_ok());
    assert_eq!(reason(check_steps(&[])), "steps");
    assert_eq!(reason(check_steps(&version("v", MAX_STEPS + 1).steps)), "steps");
    assert_eq!(reason(check_steps(&[check(), check()])), "Step s0");
    assert_eq!(reason(check_steps(&[asks("s0"), check()])), "Step s1");
    assert_eq!(reason(check_steps(&[asks("s1")])), "Step s1");
    assert_eq!(reason(check_steps(&[step("s 0", StepField::Check)])), "step");
    assert_eq!(reason(check_steps(&[Step { label: " ".to_owned(), ..check() }])), "label");
    assert_eq!(reason(check_steps(&[step("s0", choice(&[]))])), "Step s0");
    assert_eq!(reason(check_steps(&[step("s0", choice(&["a\nb"]))])), "Step s0");
    let wordy = Step { risk: Some("x".repeat(32_000)), ..check() };
    assert_eq!(reason(check_steps(&[wordy])), "steps");
}

#[test]
fn answers_are_read_by_the_type_of_their_step() {
    let number = StepField::Number {
        unit: "bar".to_owned(),
        min: Some(Quantity::ZERO),
        max: Some(Quantity::whole(6)),
    };
    let colours = |many| StepField::Choice { options: vec!["red".to_owned(), "blue".to_owned()], many };
    for (field, text, read) in [
        (&StepField::Check, "checked", true),
        (&StepField::Check, "yes", false),
        (&StepField::PassFail, "na", true),
        (&StepField::PassFail, "PASS", false),
        (&number, "6.001", true),
        (&number, "1e3", false),
        (&colours(false), "red", true),
        (&colours(false), "red\nblue", false),
        (&colours(true), "red\nblue", true),
        (&colours(true), "red\ngreen", false),
        (&StepField::Text, " ", false),
        (&StepField::DateTime, "1700000000000", true),
        (&StepField::DateTime, "today", false),
        (&StepField::Section, "checked", false),
    ] {
        let answer = Answer::parse(field, text);
        assert_eq!(answer.is_some(), read, "{field:?} {text}");
        assert_eq!(answer.map(|answer| answer.to_text()), read.then(|| text.to_owned()));
    }
    let fails = |text: &str| Answer::parse(&number, text).is_some_and(|answer| answer.is_failure(&number));
    assert!(fails("-0.001") && fails("6.001") && !fails("0") && !fails("6"));
    assert!(
        Answer::Fail.is_failure(&StepField::PassFail)
            && !Answer::NotApplicable.is_failure(&StepField::PassFail)
    );
}

#[test]
fn steps_written_by_a_newer_version_still_read() {
    let text = r#"[{"key":"s0","label":"Torque","type":"pass_fail","required":true,"colour":"red"}]"#;
    let steps = Step::parse_list(text).unwrap();
    assert_eq!((steps[0].field.clone(), steps[0].required), (StepField::PassFail, true));
}
