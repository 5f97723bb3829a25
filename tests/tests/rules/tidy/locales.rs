//! Every language has every message, and every message the screens ask for exists.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::lexer::is_word;
use super::repository::{File, Repository};

const LOCALES: &str = "client-pwa/app/locales/";
const SCREENS: &str = "client-pwa/app/src/";

pub fn locales_have_the_same_messages(repository: &Repository) -> Vec<Finding> {
    let mut languages: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for file in repository.under(LOCALES) {
        let Some((language, name)) = file.path[LOCALES.len()..].split_once('/') else { continue };
        languages.entry(language).or_default().insert(name, keys(file));
    }
    let mut findings = Vec::new();
    for files in languages.values() {
        for (name, keys) in files {
            for (other, others) in &languages {
                let known = others.get(name).cloned().unwrap_or_default();
                let path = format!("{LOCALES}{other}/{name}");
                findings.extend(
                    keys.difference(&known).map(|key| Finding::new(&path, 1, format!("translate {key}"))),
                );
            }
        }
    }
    findings
}

pub fn messages_exist(repository: &Repository) -> Vec<Finding> {
    let known: BTreeSet<&str> = repository.under(LOCALES).flat_map(keys).collect();
    let mut findings = Vec::new();
    for file in repository.under(SCREENS).filter(|file| file.is("rs")) {
        for (index, line) in file.text.lines().enumerate() {
            let asked = asked_for(line).filter(|key| !known.contains(key));
            findings
                .extend(asked.map(|key| Finding::new(&file.path, index + 1, format!("no message {key}"))));
        }
    }
    findings
}

fn keys(file: &File) -> BTreeSet<&str> {
    let messages = file.text.lines().filter(|line| line.starts_with(|char: char| char.is_ascii_lowercase()));
    messages.filter_map(|line| line.split_once('=')).map(|(key, _)| key.trim()).collect()
}

/// The literal keys of `t!("…")` in a line.
fn asked_for(line: &str) -> impl Iterator<Item = &str> {
    let calls = line.match_indices("t!(\"").filter(|(at, _)| !line[..*at].ends_with(is_word));
    calls.filter_map(|(at, call)| line[at + call.len()..].split_once('"')).map(|(key, _)| key)
}

#[test]
fn a_missing_translation_is_found() {
    let repository = Repository::of(&[
        ("client-pwa/app/locales/en/part.ftl", "# Parts\nparts = Parts\n    .title = x\nprice = Price\n"),
        ("client-pwa/app/locales/de/part.ftl", "parts = Teile\n"),
    ]);
    let findings = locales_have_the_same_messages(&repository);
    assert_eq!(findings, [Finding::new("client-pwa/app/locales/de/part.ftl", 1, "translate price")]);
}

#[test]
fn a_message_nobody_wrote_is_found() {
    let repository = Repository::of(&[
        ("client-pwa/app/locales/en/part.ftl", "parts = Parts\n"),
        ("client-pwa/app/src/a.rs", "t!(\"parts\");\nformat!(\"x\"); t!(\"costs\", n = 1);\n"),
    ]);
    assert_eq!(messages_exist(&repository), [Finding::new("client-pwa/app/src/a.rs", 2, "no message costs")]);
}
