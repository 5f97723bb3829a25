//! The page that lists every case and its answer is written from the tables.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use super::{CHAPTERS, Chapter};

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
        println!("\n{}", chapter.title);
        for case in chapter.cases {
            println!("  {} → {}", case.rule, case.answer);
            assert!(rules.insert(case.rule), "“{}” is there twice", case.rule);
            cases += 1;
        }
        list += &section(chapter);
    }
    println!("\n{cases} cases");
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

/// A chapter as a table: each answer, in the order in which they first appear, with all that gets it.
fn section(chapter: &Chapter) -> String {
    let mut answers: Vec<(&str, Vec<&str>)> = Vec::new();
    for case in chapter.cases {
        match answers.iter_mut().find(|(answer, _)| *answer == case.answer) {
            Some((_, rules)) => rules.push(case.rule),
            None => answers.push((case.answer, vec![case.rule])),
        }
    }
    let mut section = format!("\n## {}\n\n| answer | what the peer does |\n| --- | --- |\n", chapter.title);
    for (answer, rules) in answers {
        writeln!(section, "| `{answer}` | {} |", rules.join("; ")).unwrap();
    }
    section
}
