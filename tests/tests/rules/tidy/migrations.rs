//! Migrations run in the order of their names, and each says why it exists.

use std::collections::BTreeMap;

use super::Finding;
use super::repository::Repository;

pub fn migrations_are_in_order(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut times: BTreeMap<&str, &str> = BTreeMap::new();
    for file in repository.under("migrations/") {
        let mut complain = |advice: &str| findings.push(Finding::new(&file.path, 1, advice));
        let Some((time, _)) = file.name().strip_suffix(".sql").and_then(well_named) else {
            complain("name it YYYYMMDDHHMMSS_noun_change.sql");
            continue;
        };
        if let Some(other) = times.insert(time, file.name()) {
            complain(&format!("{other} has the same time"));
        }
        if !file.text.starts_with("-- ") {
            complain("begin with a comment that says why");
        }
    }
    findings
}

fn well_named(name: &str) -> Option<(&str, &str)> {
    let (time, about) = name.split_once('_')?;
    let is_time = time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit());
    let is_about = about.contains('_') && about.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_time && is_about).then_some((time, about))
}

#[test]
fn bad_names_and_missing_reasons_are_found() {
    let repository = Repository::of(&[
        ("migrations/20260101000000_part_create.sql", "-- Why.\n"),
        ("migrations/20260101000000_price_create.sql", "-- The same time.\n"),
        ("migrations/20260101000001_part_index.sql", "create index"),
        ("migrations/2026_part.sql", "-- Why.\n"),
    ]);
    assert_eq!(migrations_are_in_order(&repository).len(), 3);
}
