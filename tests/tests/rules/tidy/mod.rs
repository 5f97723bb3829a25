//! The habits of the house (`docs/STYLE.md`) as one test over every file git knows. A finding names the place and
//! what to do about it. To add a rule: a function from the [`Repository`] to its findings, a line in [`RULES`], and
//! a test that shows the rule can fail.

mod asvs;
mod bans;
mod code_map;
mod coverage;
mod lexer;
mod locales;
mod migrations;
mod modules;
mod repository;
mod size;
mod sleeps;
mod slices;
mod sql;

use std::fmt;

use repository::Repository;

/// A habit that something breaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    advice: String,
}

impl Finding {
    fn new(path: &str, line: usize, advice: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

type Rule = fn(&Repository) -> Vec<Finding>;

const RULES: &[Rule] = &[
    size::files_are_short,
    size::functions_are_short,
    modules::modules_say_what_they_are,
    modules::modules_are_reachable,
    modules::names_do_not_stutter,
    bans::nothing_banned,
    sleeps::nothing_sleeps_for_luck,
    slices::features_begin_in_the_model,
    slices::features_export_through_their_root,
    slices::platform_names_no_feature,
    slices::only_commands_write_documents,
    sql::sql_has_its_places,
    sql::tables_belong_to_their_feature,
    migrations::migrations_are_in_order,
    locales::locales_have_the_same_messages,
    locales::messages_exist,
    code_map::paths_exist,
    code_map::names_exist,
    code_map::modules_are_on_the_map,
    asvs::every_requirement_has_its_line,
    asvs::every_line_says_what_became_of_it,
    asvs::the_top_tells_what_is_below,
    coverage::documents_have_golden_bytes,
    coverage::documents_have_tests,
];

#[test]
fn the_house_is_tidy() {
    let repository = Repository::checked_out();
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&repository)).collect();
    findings.sort();
    let list: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(list.is_empty(), "{} findings\n{}\n", list.len(), list.join("\n"));
}
