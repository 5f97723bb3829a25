//! The pages that describe the tree describe the tree there is.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::lexer::is_word;
use super::repository::{File, Repository};

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
/// Pages whose paths are checked.
const PAGES: [&str; 5] =
    [ARCHITECTURE, "docs/OPERATIONS.md", "docs/STYLE.md", "docs/security/asvs.md", "README.md"];
/// Folders whose modules the code map lists, all of them.
const MAPPED: [&str; 7] = [
    "shared-model/src",
    "sync-server/src",
    "client-pwa/bridge/src",
    "client-pwa/engine/src",
    "client-pwa/app/src",
    "tests/src",
    "xtask/src",
];
const ENTRY_POINTS: [&str; 3] = ["lib", "main", "bin"];
/// What commands make.
const BUILT: [&str; 2] = ["client-pwa/dist", "data/"];
const EXTENSIONS: [&str; 10] =
    [".rs", ".md", ".sql", ".toml", ".ts", ".mjs", ".js", ".css", ".html", ".example"];

pub fn paths_exist(repository: &Repository) -> Vec<Finding> {
    let pages = PAGES.iter().filter_map(|page| repository.file(page));
    pages.flat_map(|page| lost_paths(repository, page)).collect()
}

fn lost_paths(repository: &Repository, page: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let lost = code_spans(line).filter(|span| is_path(repository, span) && !repository.has(span));
        findings.extend(lost.map(|span| Finding::new(&page.path, index + 1, format!("there is no {span}"))));
    }
    findings
}

/// Is this meant as a path from the top of the checkout? What commands make is not.
fn is_path(repository: &Repository, span: &str) -> bool {
    let plain = !span.contains([' ', '<', '*', '{', '$', '…', ':', '~'])
        && !span.starts_with(['/', '.'])
        && !BUILT.contains(&span);
    let top = span.split('/').next().unwrap_or_default();
    let looks_like_one =
        repository.has(top) || span.ends_with('/') || EXTENSIONS.iter().any(|end| span.ends_with(end));
    plain && span.contains('/') && looks_like_one
}

pub fn modules_are_on_the_map(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(ARCHITECTURE) else {
        return vec![Finding::new(ARCHITECTURE, 1, "describe the house here")];
    };
    let map = code_map(page);
    let mut findings = Vec::new();
    for folder in MAPPED {
        let listed = map.get(folder).cloned().unwrap_or_default();
        let modules: BTreeSet<String> = repository.modules_in(folder).into_iter().collect();
        let missing =
            modules.iter().filter(|name| !ENTRY_POINTS.contains(&name.as_str()) && !listed.contains(*name));
        findings.extend(
            missing.map(|name| Finding::new(ARCHITECTURE, 1, format!("add {folder}/{name} to the code map"))),
        );
        let gone = listed.difference(&modules);
        findings.extend(gone.map(|name| {
            Finding::new(ARCHITECTURE, 1, format!("{folder}/{name} is gone; take it off the map"))
        }));
    }
    findings
}

/// Walkthroughs name functions as `Type::function`; the last part must be a word of some code.
pub fn names_exist(repository: &Repository) -> Vec<Finding> {
    let Some(page) = repository.file(ARCHITECTURE) else { return Vec::new() };
    let words: BTreeSet<&str> =
        repository.rust().flat_map(|file| file.rust.code.split(|char| !is_word(char))).collect();
    let mut findings = Vec::new();
    for (index, line) in page.text.lines().enumerate() {
        let names = code_spans(line).filter(|span| span.contains("::"));
        let lost = names.filter(|span| span.split("::").any(|part| !words.contains(part)));
        findings.extend(lost.map(|span| Finding::new(&page.path, index + 1, format!("no code says {span}"))));
    }
    findings
}

/// The names in the first column of the table under each heading that names a folder.
fn code_map(page: &File) -> BTreeMap<&str, BTreeSet<String>> {
    let mut map: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut folder = None;
    for line in page.text.lines() {
        if line.starts_with('#') {
            folder = code_spans(line).next();
        } else if let (Some(folder), Some(row)) = (folder, line.strip_prefix('|')) {
            let first = row.split('|').next().unwrap_or_default();
            map.entry(folder).or_default().extend(code_spans(first).map(str::to_owned));
        }
    }
    map
}

pub fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

#[test]
fn a_lost_path_is_found() {
    let text =
        "See `docs/gone.md`, `docs/ARCHITECTURE.md`, `gone/`, `/healthz` and `features/<noun>/mod.rs`.\n";
    let repository = Repository::of(&[(ARCHITECTURE, text)]);
    let lost = ["there is no docs/gone.md", "there is no gone/"];
    assert_eq!(paths_exist(&repository), lost.map(|advice| Finding::new(ARCHITECTURE, 1, advice)));
}

#[test]
fn a_module_beside_the_map_is_found() {
    let text = "### `xtask/src`\n\n| module | |\n| --- | --- |\n| `bench` | measures `sim` |\n| `gone` | nothing |\n";
    let repository = Repository::of(&[
        (ARCHITECTURE, text),
        ("xtask/src/main.rs", ""),
        ("xtask/src/bench.rs", ""),
        ("xtask/src/sim.rs", ""),
    ]);
    let advice: Vec<_> =
        modules_are_on_the_map(&repository).into_iter().map(|finding| finding.advice).collect();
    assert_eq!(advice, ["add xtask/src/sim to the code map", "xtask/src/gone is gone; take it off the map"]);
}

#[test]
fn a_lost_name_is_found() {
    let repository = Repository::of(&[
        (ARCHITECTURE, "First `Engine::execute`, then `Engine::explode`.\n"),
        ("a.rs", "impl Engine { fn execute() {} }\n// explode\n"),
    ]);
    assert_eq!(names_exist(&repository), [Finding::new(ARCHITECTURE, 1, "no code says Engine::explode")]);
}
