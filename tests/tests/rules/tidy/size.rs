//! Files and functions stay small enough to be read in one go.

use super::Finding;
use super::lexer::is_word;
use super::repository::{File, Repository};

const FILE_LINES: usize = 500;
const FUNCTION_LINES: usize = 70;
const WRITTEN_BY_HAND: [&str; 9] = ["rs", "ts", "mjs", "js", "css", "sql", "html", "sh", "md"];

pub fn files_are_short(repository: &Repository) -> Vec<Finding> {
    let written = repository.files().filter(|file| WRITTEN_BY_HAND.iter().any(|kind| file.is(kind)));
    let lengths = written.map(|file| (file, file.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > FILE_LINES);
    let advice = |lines| format!("{lines} lines; split the file, {FILE_LINES} are the most");
    long.map(|(file, lines)| Finding::new(&file.path, lines, advice(lines))).collect()
}

pub fn functions_are_short(repository: &Repository) -> Vec<Finding> {
    repository.rust().flat_map(long_functions).collect()
}

fn long_functions(file: &File) -> Vec<Finding> {
    let code = &file.rust.code;
    let starts = code.match_indices("fn ").map(|(at, _)| at);
    let functions = starts.filter_map(|start| {
        if code[..start].chars().next_back().is_some_and(is_word) {
            return None;
        }
        let end = start + body_end(&code[start..])?;
        let lines = code[start..end].matches('\n').count() + 1;
        let name: String = code[start + 3..].chars().take_while(|char| is_word(*char)).collect();
        let line = code[..start].matches('\n').count() + 1;
        let advice = format!("{name} has {lines} lines; split it, {FUNCTION_LINES} are the most");
        (lines > FUNCTION_LINES && !name.is_empty()).then(|| Finding::new(&file.path, line, advice))
    });
    functions.collect()
}

/// Where the body of a function ends; none for a signature alone.
fn body_end(function: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0_usize, 0_usize);
    for (at, char) in function.char_indices() {
        match char {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(at + 1),
            '}' => braces = braces.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[test]
fn a_long_file_is_found() {
    let repository =
        Repository::of(&[("a.rs", &"\n".repeat(501)), ("b.rs", "\n"), ("c.lock", &"\n".repeat(900))]);
    assert_eq!(files_are_short(&repository).len(), 1);
}

#[test]
fn a_long_function_is_found_at_its_first_line() {
    let body = "    step();\n".repeat(69);
    let text = format!("trait T {{ fn a(x: [u8; 4]); }}\nfn short() {{}}\nfn long(f: fn(u8)) {{\n{body}}}\n");
    let findings = functions_are_short(&Repository::of(&[("a.rs", &text)]));
    assert_eq!(findings.len(), 1);
    assert_eq!((findings[0].line, findings[0].advice.starts_with("long has 71")), (3, true));
}
