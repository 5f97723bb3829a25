//! Words that have no business where they stand, each with what to write instead.

use super::Finding;
use super::repository::{File, Repository};

struct Ban {
    word: &'static str,
    applies: fn(&File) -> bool,
    instead: &'static str,
}

const PURE: &str = "the model is pure: take an event, return effects";

/// In Rust code, tests apart where the place says so.
const IN_CODE: &[Ban] = &[
    Ban { word: "async fn", applies: in_model, instead: PURE },
    Ban { word: "async move", applies: in_model, instead: PURE },
    Ban { word: ".await", applies: in_model, instead: PURE },
    Ban { word: "serde_json::Value", applies: in_model, instead: "give the value a type of its own" },
    Ban {
        word: "#[ignore",
        applies: everywhere,
        instead: "make the test pass, or remove it with what it tests",
    },
    Ban { word: "dbg!(", applies: everywhere, instead: "remove it, or use `tracing`" },
    Ban { word: "todo!(", applies: everywhere, instead: "write it, or leave the whole thing out" },
    Ban { word: "unimplemented!(", applies: everywhere, instead: "write it, or leave the whole thing out" },
];

/// In any text, written apart here so that this file may name them.
const IN_TEXT: &[(&str, &str)] =
    &[(concat!("FIX", "ME"), "fix it"), (concat!("TO", "DO"), "do it, or say what is so and why")];

pub fn nothing_banned(repository: &Repository) -> Vec<Finding> {
    repository.files().flat_map(|file| in_code(file).chain(in_text(file))).collect()
}

fn in_code(file: &File) -> impl Iterator<Item = Finding> {
    IN_CODE.iter().filter(|ban| file.is("rs") && (ban.applies)(file)).flat_map(|ban| {
        let lines = file.code_before_tests().filter(|(_, line)| line.contains(ban.word));
        lines.map(|(line, _)| Finding::new(&file.path, line, format!("`{}`: {}", ban.word, ban.instead)))
    })
}

fn in_text(file: &File) -> impl Iterator<Item = Finding> {
    IN_TEXT.iter().flat_map(move |&(word, instead)| {
        let lines = file.text.lines().enumerate().filter(move |(_, line)| line.contains(word));
        lines.map(move |(index, _)| Finding::new(&file.path, index + 1, format!("`{word}`: {instead}")))
    })
}

fn in_model(file: &File) -> bool {
    file.path.starts_with("shared-model/src/") && !file.is_test()
}

const fn everywhere(_: &File) -> bool {
    true
}

#[test]
fn a_banned_word_is_found_in_code_but_not_in_strings() {
    let repository = Repository::of(&[
        ("shared-model/src/a.rs", "async fn a() {}\n"),
        ("sync-server/src/b.rs", "async fn b() { dbg!(1); }\n// dbg!(2)\nconst C: &str = \"dbg!(3)\";\n"),
        ("docs/c.md", concat!("TO", "DO: everything\n")),
    ]);
    let found: Vec<_> =
        nothing_banned(&repository).into_iter().map(|finding| (finding.path, finding.line)).collect();
    let expected = [("docs/c.md", 1), ("shared-model/src/a.rs", 1), ("sync-server/src/b.rs", 1)];
    assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
}
