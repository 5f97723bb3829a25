//! Just enough of Rust's grammar to tell code, strings and comments apart.

/// A source text twice, each with everything else blanked and every line in its place.
#[derive(Debug, Default)]
pub struct Lexed {
    /// Without comments and the contents of strings.
    pub code: String,
    /// Only the contents of strings.
    pub strings: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Literal,
    Comment,
}

pub fn lex(text: &str) -> Lexed {
    let mut lexed = Lexed::default();
    let (mut rest, mut before) = (text, ' ');
    while let Some(first) = rest.chars().next() {
        let (kind, length) = token(rest, before).unwrap_or((Kind::Code, first.len_utf8()));
        let (token, tail) = rest.split_at(length);
        for char in token.chars() {
            let blank = if char == '\n' { '\n' } else { ' ' };
            lexed.code.push(if kind == Kind::Code { char } else { blank });
            lexed.strings.push(if kind == Kind::Literal { char } else { blank });
        }
        before = token.chars().next_back().unwrap_or(' ');
        rest = tail;
    }
    lexed
}

/// The comment, string or character that begins here, and its length.
fn token(rest: &str, before: char) -> Option<(Kind, usize)> {
    if rest.starts_with("//") {
        return Some((Kind::Comment, rest.find('\n').unwrap_or(rest.len())));
    }
    if rest.starts_with("/*") {
        return Some((Kind::Comment, block_comment(rest)));
    }
    if let Some(content) = rest.strip_prefix('"') {
        return Some((Kind::Literal, 1 + quoted(content)));
    }
    if rest.starts_with('\'') {
        return character(rest).map(|length| (Kind::Literal, length));
    }
    if is_word(before) {
        return None;
    }
    let raw = rest.trim_start_matches(['b', 'c']).strip_prefix('r')?;
    let content = raw.trim_start_matches('#').strip_prefix('"')?;
    let hashes = raw.len() - content.len() - 1;
    let end = format!("\"{}", "#".repeat(hashes));
    let close = content.find(&end).map_or(content.len(), |at| at + end.len());
    Some((Kind::Literal, rest.len() - content.len() + close))
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        let here = &rest[at..];
        let step = if here.starts_with("/*") {
            depth += 1;
            2
        } else if here.starts_with("*/") {
            depth -= 1;
            2
        } else {
            here.chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of a string after its opening quote, the closing one included.
fn quoted(content: &str) -> usize {
    let mut escaped = false;
    for (at, char) in content.char_indices() {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    content.len()
}

/// A character, as opposed to a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next()?;
        return chars.find(|(_, char)| *char == '\'').map(|(at, _)| at + 1);
    }
    chars.next().filter(|(_, char)| *char == '\'').map(|(at, _)| at + 1)
}

pub fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// The places where `needle` stands as a whole word.
pub fn finds_word(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[test]
fn strings_and_comments_are_no_code() {
    let text =
        "let a = \"x { \\\" y\"; // }\nlet b = r#\"raw \" z\"#; /* { /* } */ */ let c: &'a str = b'{';\n";
    let lexed = lex(text);
    assert_eq!(lexed.code.matches(['{', '}']).count(), 0, "{}", lexed.code);
    assert!(lexed.code.contains("let c: &'a str"));
    assert_eq!(lexed.code.lines().count(), 2);
    assert!(lexed.strings.contains("x {") && lexed.strings.contains("raw \" z"));
    assert!(!lexed.strings.contains("let"));
}

#[test]
fn a_word_is_not_a_part_of_one() {
    assert!(finds_word("use features::asset;", "asset"));
    assert!(!finds_word("assets_of(x)", "asset"));
}
