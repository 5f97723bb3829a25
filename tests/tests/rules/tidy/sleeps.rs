//! No test waits for a while and hopes. Whoever waits for something to become true calls `until`; whoever needs time
//! itself, such as a network that is late, stands below with its reason.

use super::Finding;
use super::lexer::finds_word;
use super::repository::{File, Repository};

const WORDS: &[&str] =
    &["sleep", "sleep_until", "park_timeout", "setTimeout", "setInterval", "waitForTimeout"];
const ADVICE: &str = "a test waits for a condition and never for a while: use `until`";

/// A file that may let time pass, on how many lines, and why.
struct Allowed {
    path: &'static str,
    lines: usize,
    why: &'static str,
}

const fn allowed(path: &'static str, lines: usize, why: &'static str) -> Allowed {
    Allowed { path, lines, why }
}

const ALLOWED: &[Allowed] = &[
    allowed("tests/src/until.rs", 1, "the pause between two looks of everybody who waits"),
    allowed("tests/browser/lib/until.mjs", 1, "the same in the stories of the browser"),
    allowed("tests/browser/lib/story.mjs", 1, "the limit of a story, which fails at it"),
    allowed("tests/browser/lib/board_page.mjs", 1, "the limit of a wait for a change of the page"),
    allowed(
        "tests/browser/lib/work_order_page.mjs",
        2,
        "the same; what a field holds is looked at again and again",
    ),
    allowed("tests/src/headless/mod.rs", 1, "a device's own clock: its session says when to wake it"),
    allowed("tests/src/process.rs", 2, "looks whether a process is gone"),
    allowed("tests/src/bench/storm.rs", 1, "a device's pause before it dials again is what is measured"),
    allowed("tests/src/chaos/checks.rs", 1, "looks whether the database answers again"),
    allowed("tests/src/chaos/crew.rs", 1, "people take a breath between two edits"),
    allowed("tests/src/chaos/disk.rs", 1, "looks whether the full disk was noticed"),
    allowed(
        "tests/src/chaos/postgres.rs",
        2,
        "a fault strikes again and again; looks whether strace holds it",
    ),
    allowed("tests/src/chaos/proxy.rs", 2, "a network that is late or drips is the fault"),
    allowed("tests/src/chaos/rolling.rs", 1, "a reader's pace"),
    allowed("tests/src/chaos/site.rs", 1, "looks whether the postmaster is gone"),
    allowed("tests/src/chaos/stage.rs", 1, "a fault strikes after a drawn while"),
    allowed("tests/peers/automerge-repo/pushes.mjs", 1, "the limit of a measurement"),
    allowed("tests/peers/automerge-repo/reconnect.mjs", 2, "that server says nothing when it is done"),
    allowed("tests/peers/lib/measure.mjs", 1, "the limit of a measurement"),
];

pub fn nothing_sleeps_for_luck(repository: &Repository) -> Vec<Finding> {
    let found = repository.files().flat_map(|file| judge(file, pauses(file)));
    let gone = ALLOWED.iter().filter(|allowed| repository.has("tests/src") && !repository.has(allowed.path));
    let gone =
        gone.map(|allowed| Finding::new(allowed.path, 1, "is gone; take it from the list in `sleeps.rs`"));
    found.chain(gone).collect()
}

fn judge(file: &File, lines: Vec<usize>) -> Vec<Finding> {
    let allowed = ALLOWED.iter().find(|allowed| allowed.path == file.path);
    match allowed {
        Some(Allowed { lines: count, .. }) if lines.len() == *count => Vec::new(),
        Some(Allowed { lines: count, why, .. }) => {
            let advice = format!("pauses on {} lines, {count} are allowed ({why}): {ADVICE}", lines.len());
            vec![Finding::new(&file.path, lines.first().copied().unwrap_or(1), advice)]
        }
        None => lines.into_iter().map(|line| Finding::new(&file.path, line, ADVICE)).collect(),
    }
}

/// The lines of test code on which time passes.
fn pauses(file: &File) -> Vec<usize> {
    let before_tests = if file.is_test() { 0 } else { file.code_before_tests().count() };
    let code = if file.is("rs") {
        file.rust.code.as_str()
    } else if file.is_test() && file.is("mjs") {
        file.text.as_str()
    } else {
        return Vec::new();
    };
    let lines = code.lines().enumerate().skip(before_tests);
    let pausing = lines.filter(|(_, line)| {
        let comment = ["//", "*", "/*"].iter().any(|mark| line.trim_start().starts_with(mark));
        !comment && WORDS.iter().any(|word| finds_word(line, word))
    });
    pausing.map(|(index, _)| index + 1).collect()
}

#[test]
fn a_pause_in_a_test_is_found_and_one_outside_is_not() {
    let inside =
        "fn a() { sleep(1); }\n#[cfg(test)]\nmod tests {\n    fn b() {\n        sleep(2);\n    }\n}\n";
    let repository = Repository::of(&[
        ("sync-server/src/a.rs", inside),
        ("sync-server/src/b.rs", "fn a() { sleep(1); }\n"),
        ("tests/tests/c.rs", "// sleep\nuse tokio::time::sleep;\nconst A: &str = \"sleep\";\n"),
        ("tests/browser/stories/d.test.mjs", "// setTimeout\nawait page.waitForTimeout(100);\n"),
        ("tests/src/until.rs", "sleep(1);\nsleep(2);\n"),
        ("tests/src/process.rs", "sleep(1);\n"),
    ]);
    let mut found: Vec<_> = nothing_sleeps_for_luck(&repository)
        .into_iter()
        .filter(|finding| !finding.advice.starts_with("is gone"))
        .map(|finding| (finding.path, finding.line))
        .collect();
    found.sort();
    let expected = [
        ("sync-server/src/a.rs", 5),
        ("tests/browser/stories/d.test.mjs", 2),
        ("tests/src/process.rs", 1),
        ("tests/src/until.rs", 1),
        ("tests/tests/c.rs", 2),
    ];
    assert_eq!(found, expected.map(|(path, line)| (path.to_owned(), line)));
}
