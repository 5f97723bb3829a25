//! The page that lists every case and its answer is written from the tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::CHAPTERS;

/// Fewer cases than this and somebody has taken some away.
const AT_LEAST: usize = 150;
/// What follows this line in the page is generated.
const BEGIN: &str =
    "<!-- The rest is written by `WRITE_PAGES=1 cargo test -p maintainpro-tests hostile::page`. -->\n";

#[test]
fn the_page_lists_every_case_with_its_answer() {
    let mut list = String::new();
    let (mut rules, mut cases) = (BTreeSet::new(), 0);
    for chapter in CHAPTERS {
        writeln!(list, "\n## {}\n\n| what the peer does | answer |\n| --- | --- |", chapter.title).unwrap();
        for case in chapter.cases {
            writeln!(list, "| {} | `{}` |", case.rule, case.answer).unwrap();
            assert!(rules.insert(case.rule), "“{}” is there twice", case.rule);
            cases += 1;
        }
    }
    println!("{cases} cases\n{list}");
    assert!(cases >= AT_LEAST, "{cases} cases");

    let list = format!("{BEGIN}\n{cases} cases.\n{list}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/security/hostile-peer.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (by_hand, generated) = page.split_at(page.find(BEGIN).expect("the page says where the list begins"));
    if std::env::var_os("WRITE_PAGES").is_some() {
        std::fs::write(path, format!("{by_hand}{list}")).unwrap();
    } else {
        assert_eq!(generated, list, "write the page again, as it says");
    }
}
