//! SQL stands where people look for it, and a feature's tables are its own.

use super::Finding;
use super::lexer::is_word;
use super::repository::{File, Repository};

const SERVER: &str = "sync-server/src/";

/// The mechanisms that keep tables of their own.
const FOLDERS: [&str; 10] = [
    "audit/",
    "auth/",
    "database/",
    "directory/",
    "document_store/",
    "email/",
    "organisation/",
    "people/",
    "projection/",
    "sync/",
];

/// The files of a feature that hold SQL: reads, rows, and the counters that it locks for all documents.
const FEATURE_FILES: [&str; 4] = ["queries.rs", "projection.rs", "number.rs", "balance.rs"];

/// Words after which SQL names a table.
const BEFORE_A_TABLE: [&str; 5] = ["from", "join", "into", "update", "table"];

pub fn sql_has_its_places(repository: &Repository) -> Vec<Finding> {
    let outside = repository.under(SERVER).filter(|file| file.is("rs") && !may_hold_sql(file));
    outside.flat_map(statements).collect()
}

fn may_hold_sql(file: &File) -> bool {
    let path = file.path.trim_start_matches(SERVER);
    let in_feature = path.starts_with("features/") && FEATURE_FILES.contains(&file.name());
    in_feature || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

fn statements(file: &File) -> Vec<Finding> {
    let calls = ["sqlx::query", "sqlx::raw_sql", "QueryBuilder"];
    let lines = file.code_before_tests().filter(|(_, line)| calls.iter().any(|call| line.contains(call)));
    let advice = "SQL belongs into the feature's queries.rs or projection.rs, or into the mechanism that owns the table";
    lines.map(|(line, _)| Finding::new(&file.path, line, advice)).collect()
}

pub fn tables_belong_to_their_feature(repository: &Repository) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (table, noun) in feature_tables(repository) {
        let home = format!("{SERVER}features/{noun}/");
        let strangers = repository.under(SERVER).filter(|file| !file.path.starts_with(&home));
        for file in strangers {
            let lines = lines_naming(&file.rust.strings, &table);
            let advice = format!("the table {table} belongs to features/{noun}; ask its mod.rs");
            findings.extend(lines.into_iter().map(|line| Finding::new(&file.path, line, advice.clone())));
        }
    }
    findings
}

/// The tables that migrations named after a feature create.
fn feature_tables(repository: &Repository) -> Vec<(String, String)> {
    let nouns = repository.nouns();
    let mut tables = Vec::new();
    for file in repository.under("migrations/") {
        let about = file.name().split_once('_').map_or("", |(_, about)| about);
        let named = nouns.iter().filter(|noun| about.starts_with(&format!("{noun}_")));
        let Some(noun) = named.max_by_key(|noun| noun.len()) else { continue };
        let created = words(&file.text).collect::<Vec<_>>();
        for pair in created.windows(3) {
            if let [(_, "create"), (_, "table"), (_, name)] = pair {
                tables.push(((*name).to_owned(), noun.clone()));
            }
        }
    }
    tables
}

fn lines_naming(strings: &str, table: &str) -> Vec<usize> {
    let words: Vec<(usize, &str)> = words(strings).collect();
    let named = words.windows(2).filter(|pair| {
        BEFORE_A_TABLE.iter().any(|word| pair[0].1.eq_ignore_ascii_case(word)) && pair[1].1 == table
    });
    named.map(|pair| pair[1].0).collect()
}

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    lines.flat_map(|(index, line)| {
        line.split(|char| !is_word(char)).filter(|word| !word.is_empty()).map(move |word| (index + 1, word))
    })
}

#[test]
fn sql_in_a_route_is_found() {
    let query = "fn f() { sqlx::query(\"select 1\"); }\n";
    let repository = Repository::of(&[
        ("sync-server/src/features/asset/routes.rs", query),
        ("sync-server/src/features/asset/queries.rs", query),
        ("sync-server/src/sync/feed.rs", query),
    ]);
    let findings = sql_has_its_places(&repository);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].path, "sync-server/src/features/asset/routes.rs");
}

#[test]
fn a_foreign_table_is_found() {
    let repository = Repository::of(&[
        ("shared-model/src/features/part/mod.rs", ""),
        ("migrations/20260101000000_part_create.sql", "-- Why.\ncreate table part_price ("),
        ("sync-server/src/features/part/queries.rs", "const A: &str = \"select x from part_price\";"),
        ("sync-server/src/features/cost/queries.rs", "const A: &str = \"select x\n from part_price p\";"),
        (
            "sync-server/src/features/cost/projection.rs",
            "// from part_price\nconst A: &str = \"part_price\";",
        ),
    ]);
    let findings = tables_belong_to_their_feature(&repository);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].path.as_str(), findings[0].line),
        ("sync-server/src/features/cost/queries.rs", 2)
    );
}
