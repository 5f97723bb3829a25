//! The register of OWASP ASVS has one line for every requirement of levels 1 and 2. A line says what became of its requirement and
//! what shows that, and the top of the page tells what is below. That what is cited is there, `code_map` holds.

use std::collections::BTreeSet;

use super::Finding;
use super::code_map::code_spans;
use super::repository::{File, Repository};

const REGISTER: &str = "docs/security/asvs.md";

/// How many requirements of levels 1 and 2 there are in version 5.0.0: a line a chapter, a number a section, 0 where a section is
/// of level 3 altogether or only has text. In each section they come first, so their numbers begin with 1.
const SECTIONS: [&[usize]; 17] = [
    &[2, 9, 11, 3, 2],
    &[3, 3, 4, 1],
    &[0, 2, 4, 6, 5, 0, 2],
    &[3, 1, 2, 4],
    &[1, 3, 2, 3],
    &[3, 12, 4, 4, 5, 3, 0, 4],
    &[3, 4, 2, 5, 2, 2],
    &[2, 3, 1, 1],
    &[3, 4],
    &[2, 2, 4, 11, 5, 2, 3],
    &[2, 3, 3, 4, 1, 1],
    &[3, 2, 4],
    &[1, 5, 2, 5],
    &[2, 4, 3],
    &[3, 3, 7],
    &[1, 5, 4, 3, 3],
    &[1, 4, 2],
];

const SHOWN: &str = "shown";
const GAP: &str = "gap";
const OUTCOMES: [&str; 4] = [SHOWN, "not applicable", "deviation", GAP];

/// A line of the register.
struct Row<'a> {
    line: usize,
    /// `1.2.3`
    number: &'a str,
    outcome: &'a str,
    evidence: &'a str,
}

pub fn every_requirement_has_its_line(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(REGISTER) else {
        return vec![Finding::new(REGISTER, 1, "keep the register of OWASP ASVS here")];
    };
    let mut missing = requirements();
    let mut findings = Vec::new();
    for row in rows(page) {
        if !missing.remove(row.number) {
            let advice = format!("V{} has a line above, or is not of level 1 or 2", row.number);
            findings.push(Finding::new(REGISTER, row.line, advice));
        }
    }
    let missing = missing.into_iter();
    findings.extend(missing.map(|number| Finding::new(REGISTER, 1, format!("V{number} has no line"))));
    findings
}

pub fn every_line_says_what_became_of_it(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(REGISTER) else { return Vec::new() };
    let bare = rows(page).filter_map(|row| Some((row.line, row.number, lack(repository, &row)?)));
    bare.map(|(line, number, lack)| Finding::new(REGISTER, line, format!("V{number}: {lack}"))).collect()
}

/// The counts, and the list of gaps.
pub fn the_top_tells_what_is_below(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(REGISTER) else { return Vec::new() };
    let mut findings = Vec::new();
    for outcome in OUTCOMES {
        let count = rows(page).filter(|row| row.outcome == outcome).count();
        let told = format!("| {outcome} | {count} |");
        if !page.text.lines().any(|line| line.starts_with(&told)) {
            findings.push(Finding::new(REGISTER, 1, format!("there are other counts: {told}")));
        }
    }
    let told = told_apart(page);
    let untold = rows(page).filter(|row| row.outcome == GAP && !told.contains(row.number));
    findings.extend(
        untold.map(|row| {
            Finding::new(REGISTER, row.line, format!("V{} is not in the list of gaps", row.number))
        }),
    );
    findings
}

/// What a line leaves out.
fn lack(repository: &Repository, row: &Row) -> Option<&'static str> {
    if !OUTCOMES.contains(&row.outcome) {
        return Some("it is shown, not applicable, a deviation or a gap");
    }
    if row.evidence.is_empty() {
        return Some("say why");
    }
    let shows = row.outcome != SHOWN || code_spans(row.evidence).any(|span| repository.has(span));
    (!shows).then_some("name the test, the code or the page that shows it")
}

fn requirements() -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for (chapter, sections) in SECTIONS.iter().enumerate() {
        for (section, count) in sections.iter().enumerate() {
            let number = |place| format!("{}.{}.{place}", chapter + 1, section + 1);
            numbers.extend((1..=*count).map(number));
        }
    }
    numbers
}

/// `| V1.2.3 † | subject | outcome | what shows it, or why |`
fn rows(page: &File) -> impl Iterator<Item = Row<'_>> {
    page.text.lines().enumerate().filter_map(|(index, text)| {
        let mut cells = text.strip_prefix("| V")?.split('|').map(str::trim);
        let number = cells.next()?.split(' ').next()?;
        let (_, outcome, evidence) = (cells.next()?, cells.next()?, cells.next()?);
        Some(Row { line: index + 1, number, outcome, evidence })
    })
}

/// The requirements that are named elsewhere than in their lines.
fn told_apart(page: &File) -> BTreeSet<&str> {
    let lines = page.text.lines().filter(|line| !line.starts_with("| V"));
    let words = lines.flat_map(|line| line.split(|char: char| !char.is_ascii_alphanumeric() && char != '.'));
    words.filter_map(|word| word.trim_end_matches('.').strip_prefix('V')).collect()
}

#[test]
fn levels_1_and_2_have_253_requirements() {
    let numbers = requirements();
    assert_eq!(numbers.len(), 253);
    assert!(numbers.contains("3.7.2") && !numbers.contains("3.1.1") && !numbers.contains("3.7.3"));
}

#[test]
fn a_requirement_without_a_line_and_one_with_two_are_found() {
    let text = "| V1.1.1 | a | gap | b |\n| V1.1.1 † | a | gap | b |\n| V1.1.3 | a | gap | b |\n";
    let findings = every_requirement_has_its_line(&Repository::of(&[(REGISTER, text)]));
    assert_eq!(findings.len(), 2 + 252);
    assert_eq!([findings[0].line, findings[1].line], [2, 3]);
    assert!(findings.contains(&Finding::new(REGISTER, 1, "V1.1.2 has no line")));
}

#[test]
fn a_line_that_says_nothing_is_found() {
    let text = "| V1.1.1 † | a | shown | it is in `a.rs` |\n\
                | V1.1.2 | a | shown | it was in `gone.rs` |\n\
                | V1.2.1 | a | fine | `a.rs` |\n\
                | V1.2.2 | a | gap | |\n";
    let findings = every_line_says_what_became_of_it(&Repository::of(&[(REGISTER, text), ("a.rs", "")]));
    assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn a_wrong_count_and_a_gap_that_is_not_listed_are_found() {
    let top = "| shown | 0 |\n| not applicable | 0 |\n| deviation | 1 |\n| gap | 2 |\n\nV1.1.2 is missing.\n";
    let text = format!("{top}| V1.1.1 | a | gap | b |\n| V1.1.2 | a | gap | b |\n");
    let findings = the_top_tells_what_is_below(&Repository::of(&[(REGISTER, &text)]));
    let advice: Vec<&str> = findings.iter().map(|finding| finding.advice.as_str()).collect();
    assert_eq!(advice, ["there are other counts: | deviation | 0 |", "V1.1.1 is not in the list of gaps"]);
}
