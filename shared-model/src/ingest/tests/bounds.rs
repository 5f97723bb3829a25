//! How much one command may bring: the longest that people make passes, what is longer does not.

use super::*;
use crate::document::TextEdit;
use crate::features::checklist::{self, MAX_STEPS, NewTemplate, NewVersion, Step, StepField};
use crate::gate::{self, LIMITS};
use crate::input::MAX_TEXT_CHARS;

/// Both long texts of a work order, which the screens write one by one.
fn texts(text: &str) -> [Command; 2] {
    let text = || TextEdit::from(text);
    [FieldEdit::Description(text()), FieldEdit::Resolution(text())].map(|written| edit(5, vec![written]))
}

/// As many short lines as there is room for; every other one is another one each time.
fn lines(time: usize) -> String {
    let mut text = String::new();
    for n in 0.. {
        let line = if n % 2 == 0 { format!("{n}\n") } else { format!("{n}/{time}\n") };
        if text.len() + line.len() > MAX_TEXT_CHARS {
            break;
        }
        text += &line;
    }
    text
}

#[test]
fn the_longest_commands_that_people_make_pass() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, Vec::new()));
    server.push(&device, &created);
    let mut longest = gate::Burden::default();
    let mut passes = |device: &mut Device, command: &Command| {
        let made = device.execute(command);
        let burden = gate::burden(&made);
        longest.changes = longest.changes.max(burden.changes);
        longest.weight = longest.weight.max(burden.weight);
        assert_eq!(server.push(device, &made).touched.len(), 1);
    };
    // Texts that have nothing in common, of one byte a letter and of four; then texts with thousands of differences.
    let letters = |of: &str| of.repeat(MAX_TEXT_CHARS / of.chars().count());
    for text in [letters("ab"), letters("cd"), letters("🔧"), letters("é🔩"), lines(0), lines(1)] {
        texts(&text).iter().for_each(|command| passes(&mut device, command));
    }
    let (title, template) = ("Yearly service".to_owned(), DocumentId::from_bytes(id(6)));
    let steps: Vec<Step> = (0..MAX_STEPS).map(|n| step(&format!("s{n}"))).collect();
    let version = Some(NewVersion { key: "v1".to_owned(), steps: steps.clone() });
    let new = NewTemplate { id: template, title: title.clone(), fields: Vec::new(), version, publish: true };
    passes(&mut device, &Command::Checklist(checklist::Command::Create(Box::new(new))));
    let key = "c1".to_owned();
    let checklist = work_order::AttachedChecklist { key, template: Some(template), version: 1, title, steps };
    let id = DocumentId::from_bytes(id(5));
    passes(&mut device, &Command::WorkOrder(work_order::Command::AttachChecklist { id, checklist }));
    assert!(longest.weight >= 3 * MAX_TEXT_CHARS, "{longest:?}");
    assert!(longest.changes <= LIMITS.command_changes / 4, "{longest:?}");
}

fn step(key: &str) -> Step {
    let label = "Look at the seal of the pump".to_owned();
    let (key, field) = (key.to_owned(), StepField::Check);
    Step { key, label, field, required: false, condition: None, follow_up: false, risk: None }
}

/// The server executes what it decides itself, whose size nobody outside chooses.
#[test]
fn what_is_longer_is_refused_unless_the_server_made_it() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, Vec::new()));
    server.push(&device, &created);
    let mut many = device.execute(&edit(5, vec![FieldEdit::Priority(Priority::Low)]));
    for n in 0..LIMITS.command_changes {
        let priority = if n % 2 == 0 { Priority::High } else { Priority::Low };
        many.items.extend(device.execute(&edit(5, vec![FieldEdit::Priority(priority)])).items);
    }
    assert_eq!(code(&server.judge(&device.grants, &many, ActorStanding::Own)), "too_many_changes");
    let submitter = Submitter {
        grants: None,
        device: None,
        server_actor: SERVER,
        numbering: gate::Numbering::Exact,
        given_back: false,
        unowned: false,
    };
    let standing = BTreeMap::from([(device.actor, ActorStanding::Own)]);
    let judged = judge(&many, &submitter, &standing, &server.0);
    assert_eq!(code(&judged), "accepted");
}

/// What nobody can send is said before it is saved.
#[test]
fn two_long_texts_written_anew_at_once_are_too_much() {
    let mut device = Device::new(supervisor(), 1);
    device.execute(&new_order(5, Vec::new()));
    let both = |letter: &str| {
        let text = || TextEdit::from(letter.repeat(MAX_TEXT_CHARS).as_str());
        edit(5, vec![FieldEdit::Description(text()), FieldEdit::Resolution(text())])
    };
    assert_eq!(gate::check_command(&device.execute(&both("a"))), Ok(()));
    let refused = gate::check_command(&device.execute(&both("b"))).unwrap_err();
    assert_eq!(refused.code(), "too_many_operations");
}

/// Two people who do not know of each other write as much as goes; together that is more than one command takes away.
#[test]
fn a_text_that_two_people_made_too_long_is_taken_away_in_two_steps() {
    let (mut ann, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = ann.execute(&new_order(5, Vec::new()));
    server.push(&ann, &created);
    let mut bob = Device::new(supervisor(), 2);
    bob.copy = ann.copy.clone();
    for (device, letter) in [(&mut ann, "a"), (&mut bob, "b")] {
        let written = device.execute(&texts(&letter.repeat(MAX_TEXT_CHARS))[1]);
        server.push(device, &written);
    }
    ann.copy = server.0.clone();
    let order = DocumentId::from_bytes(id(5));
    let length = |server: &Server| work_order::read(&server.0[&order]).resolution.chars().count();
    assert!(length(&server) >= 2 * MAX_TEXT_CHARS);
    let at_once = ann.execute(&resolve(""));
    assert_eq!(gate::check_command(&at_once).unwrap_err().code(), "too_many_operations");
    assert_eq!(code(&server.judge(&ann.grants, &at_once, ActorStanding::Own)), "too_many_operations");

    ann.copy = server.0.clone();
    for text in ["a".repeat(MAX_TEXT_CHARS), String::new()] {
        let step = ann.execute(&resolve(&text));
        assert_eq!(gate::check_command(&step), Ok(()));
        server.push(&ann, &step);
        assert_eq!(length(&server).min(MAX_TEXT_CHARS), text.chars().count());
    }
}
