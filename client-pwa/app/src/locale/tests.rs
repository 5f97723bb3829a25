//! Every language says the same things, and everything the code asks for is said.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fluent_bundle::FluentResource;
use shared_model::audit::Action;
use shared_model::document::DocumentKind;
use shared_model::features::stock_movement::MovementKind;
use shared_model::features::work_order::{Priority, Status, WorkType};
use shared_model::people::{self, PasswordWeakness, Standing};
use shared_model::permission::{FieldName, Landing, Permission, Role};
use shared_model::personal_settings::NotificationKind;

use super::Language;

/// What the board says people did, apart from status.
const DEEDS: [&str; 13] = [
    "arrive", "assign", "unassign", "note", "labour", "part", "steps", "timer", "priority", "due", "change",
    "conflict", "settle",
];

fn keys(language: Language) -> BTreeSet<String> {
    let lines = language.resources().iter().flat_map(|text| text.lines());
    let heads = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    heads.filter_map(|line| line.split_once(" =")).map(|(key, _)| key.to_owned()).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("locale/tests.rs")
        {
            found.push(path);
        }
    }
}

#[test]
fn every_message_parses() {
    for language in Language::ALL {
        for text in language.resources() {
            if let Err((_, errors)) = FluentResource::try_new((*text).to_owned()) {
                panic!("{}: {errors:?}\n{text}", language.tag());
            }
        }
    }
}

#[test]
fn every_language_has_every_message() {
    let english = keys(Language::English);
    assert!(english.len() > 100, "the files were not read");
    for language in Language::ALL {
        let own = keys(language);
        let differing: Vec<_> = english.symmetric_difference(&own).collect();
        assert!(differing.is_empty(), "{}: {differing:?}", language.tag());
    }
}

#[test]
fn every_message_the_code_names_exists() {
    let english = keys(Language::English);
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut named = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for (at, _) in source.match_indices("t!(\"") {
            let before = source[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let key = source[at + 4..].split('"').next().unwrap();
            named += 1;
            assert!(english.contains(key), "{}: {key}", file.display());
        }
    }
    assert!(named > 100, "only {named} messages were found in the code");
}

#[test]
fn every_code_has_a_name() {
    let english = keys(Language::English);
    let codes = |family: &str, codes: &[&str]| -> Vec<String> {
        codes.iter().map(|code| format!("{family}-{code}")).collect()
    };
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    let words = |code: &str| code.replace([':', '_'], "-");
    let given = Permission::ALL.iter().filter(|permission| **permission != Permission::ServerWrite);
    let permissions: Vec<String> = given.map(|permission| words(permission.code())).collect();
    let nouns: Vec<String> =
        permissions.iter().map(|code| code.rsplit_once('-').unwrap().0.to_owned()).collect();
    let landings: Vec<String> = Landing::CODES.iter().map(|code| words(code)).collect();
    let fields: Vec<String> = FieldName::all().map(|field| words(field.key())).collect();
    let kinds: Vec<String> = DocumentKind::ALL.iter().map(|kind| words(kind.code())).collect();
    let named = [
        codes("status", Status::CODES),
        codes("priority", Priority::CODES),
        codes("work-type", WorkType::CODES),
        codes("role", &roles),
        codes("did-status", Status::CODES),
        codes("did", &DEEDS),
        codes("movement", MovementKind::CODES),
        codes("weak", PasswordWeakness::CODES),
        codes("audit", Action::CODES),
        codes("may", &permissions.iter().map(String::as_str).collect::<Vec<_>>()),
        codes("rule", &fields.iter().map(String::as_str).collect::<Vec<_>>()),
        codes("noun", &nouns.iter().map(String::as_str).collect::<Vec<_>>()),
        codes("landing", &landings.iter().map(String::as_str).collect::<Vec<_>>()),
        codes("rules-of", &kinds.iter().map(String::as_str).collect::<Vec<_>>()),
        codes("audit-standing", Standing::CODES),
        codes("notification", NotificationKind::CODES),
    ];
    for key in named.concat() {
        assert!(english.contains(&key), "{key}");
    }
}

/// Whoever invites chooses among the languages of the app.
#[test]
fn emails_are_written_in_every_language_of_the_app() {
    let spoken: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).collect();
    assert_eq!(spoken, people::Language::CODES);
}
