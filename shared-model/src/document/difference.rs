//! What a person changed in a text, so that what others change in it at the same time merges into something that
//! people can read: sentences that somebody wrote, each whole, none run into another
//! (`docs/decisions/0025-sentences-stay-whole.md`).
//!
//! The smallest difference in characters would not: two new wordings of one sentence share letters here and there,
//! and merged they come out as a salad of both, or as a time of day that nobody wrote. So a text is a row of
//! sentences, each with the space behind it that sets it apart; one that changed at all is written anew.

/// More sentences than this between the first and the last change are replaced as one.
const MAX_COMPARED: usize = 200;

/// What a document holds of a text. Every sentence has its end, the last one too: two people who write on behind it
/// would else write into one line.
pub(super) fn stored(typed: &str) -> String {
    if typed.is_empty() {
        return String::new();
    }
    let mut text = typed.replace("\r\n", "\n").replace('\r', "\n");
    text.push('\n');
    text
}

/// What people are shown of it. Other clients and older versions write no last end.
pub(super) fn shown(stored: &str) -> &str {
    stored.strip_suffix('\n').unwrap_or(stored)
}

/// One contiguous replacement. Positions and lengths count code points of the old text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) at: usize,
    pub(super) removed: usize,
    pub(super) inserted: String,
}

impl Difference {
    /// How many operations it costs.
    pub(super) fn operations(&self) -> usize {
        self.removed + self.inserted.chars().count()
    }
}

/// The replacements that turn `old` into `new`, both as stored, first to last; they neither overlap nor touch.
pub(super) fn differences(old: &str, new: &str) -> Vec<Difference> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let (old_parts, new_parts) = (sentences(&old), sentences(&new));
    let pairs = kept(&old_parts, &new_parts).into_iter().map(|(a, b)| (&old_parts[a], &new_parts[b]));
    let ends = (&Sentence::none(old.len()), &Sentence::none(new.len()));
    let mut found = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    for (was, is) in pairs.chain([ends]) {
        let (was_from, is_from, same) = was.shared(is);
        let (removed, inserted) = (was_from - old_at, &new[new_at..is_from]);
        if removed > 0 || !inserted.is_empty() {
            found.push(Difference { at: old_at, removed, inserted: inserted.iter().collect() });
        }
        (old_at, new_at) = (was_from + same, is_from + same);
    }
    found
}

/// A sentence, or a line that has no full stop: its words, the indent before and the space or line end behind them.
#[derive(Debug)]
struct Sentence<'t> {
    at: usize,
    indent: &'t [char],
    words: &'t [char],
    space: &'t [char],
}

impl Sentence<'_> {
    const fn none(at: usize) -> Self {
        Self { at, indent: &[], words: &[], space: &[] }
    }

    /// Blank lines have no words to know them by.
    fn is_like(&self, other: &Self) -> bool {
        self.words == other.words && (!self.words.is_empty() || self.space == other.space)
    }

    /// Where in either text what two alike sentences share begins, and how long it is. Where another space or line
    /// end follows, the words stay and all behind them is written anew: so they always have an end.
    fn shared(&self, other: &Self) -> (usize, usize, usize) {
        let (indents, indent) = if self.indent == other.indent {
            ((0, 0), self.indent.len())
        } else {
            ((self.indent.len(), other.indent.len()), 0)
        };
        let space = if self.space == other.space { self.space.len() } else { 0 };
        (self.at + indents.0, other.at + indents.1, indent + self.words.len() + space)
    }
}

fn sentences(text: &[char]) -> Vec<Sentence<'_>> {
    let mut parts = Vec::new();
    let mut at = 0;
    for (index, letter) in text.iter().enumerate() {
        let ended = index > at && matches!(text[index - 1], '.' | '!' | '?') && letter.is_whitespace();
        if *letter == '\n' || ended || index + 1 == text.len() {
            let part = &text[at..=index];
            let spaces = part.iter().rev().take_while(|letter| letter.is_whitespace()).count();
            let (rest, space) = part.split_at(part.len() - spaces);
            let indents = rest.iter().take_while(|letter| letter.is_whitespace()).count();
            let (indent, words) = rest.split_at(indents);
            parts.push(Sentence { at, indent, words, space });
            at = index + 1;
        }
    }
    parts
}

/// Pairs of indexes of the sentences that both texts have, in order.
fn kept(old: &[Sentence<'_>], new: &[Sentence<'_>]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a.is_like(b)).count();
    let tail =
        old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a.is_like(b)).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let is_bounded = old_middle.len().max(new_middle.len()) <= MAX_COMPARED;
    let middle = if is_bounded { common(old_middle, new_middle) } else { Vec::new() };
    let middle = middle.into_iter().map(|(a, b)| (head + a, head + b));
    let tail = (1..=tail).rev().map(|back| (old.len() - back, new.len() - back));
    (0..head).map(|index| (index, index)).chain(middle).chain(tail).collect()
}

/// Pairs of indexes of a longest common sequence.
fn common(old: &[Sentence<'_>], new: &[Sentence<'_>]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            longest[a * width + b] = if old[a].is_like(&new[b]) {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() && b < new.len() {
        if old[a].is_like(&new[b]) {
            pairs.push((a, b));
            (a, b) = (a + 1, b + 1);
        } else if longest[(a + 1) * width + b] >= longest[a * width + b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use automerge::Change;
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Document, DocumentKind, EditError, rebased};
    use crate::identity::ActorId;
    use crate::instant::Timestamp;

    fn applied(old: &str, found: &[Difference]) -> String {
        let mut text: Vec<char> = old.chars().collect();
        for each in found.iter().rev() {
            text.splice(each.at..each.at + each.removed, each.inserted.chars());
        }
        text.into_iter().collect()
    }

    fn change(old: &str, new: &str) -> Vec<(usize, usize, String)> {
        let (old, new) = (stored(old), stored(new));
        let found = differences(&old, &new);
        assert_eq!(applied(&old, &found), new);
        found.into_iter().map(|each| (each.at, each.removed, each.inserted)).collect()
    }

    #[test]
    fn a_sentence_that_changed_is_written_anew_and_no_other() {
        assert_eq!(change("", "Pump"), [(0, 0, "Pump\n".to_owned())]);
        assert_eq!(change("Pump", "Pump"), []);
        assert_eq!(change("Pump leks.", "Pump leaks."), [(0, 11, "Pump leaks.\n".to_owned())]);
        let found = change("It leaks. Oil on the floor.\nAsk Ana.", "It drips. Oil on the floor.\nAsk Ben.");
        assert_eq!(found, [(0, 10, "It drips. ".to_owned()), (28, 9, "Ask Ben.\n".to_owned())]);
        let found = change("one\ntwo\nthree", "zero\none\nthree\nfour");
        assert_eq!(found, [(0, 0, "zero\n".to_owned()), (4, 4, String::new()), (14, 0, "four\n".to_owned())]);
    }

    #[test]
    fn a_sentence_more_leaves_the_words_before_it_alone() {
        assert_eq!(change("It leaks.\nAsk.", "It leaks. Oil!\nAsk."), [(9, 1, " Oil!\n".to_owned())]);
        assert_eq!(change("It leaks. Oil!\nAsk.", "It leaks.\nAsk."), [(9, 6, "\n".to_owned())]);
        assert_eq!(change("It leaks. Oil!", "It leaks.\nOil!"), [(9, 1, "\n".to_owned())]);
        assert_eq!(change("Ask.\n  It leaks", "Ask.\nIt leaks"), [(5, 2, String::new())]);
    }

    #[test]
    fn a_text_without_a_last_end_gets_one_with_the_next_change() {
        assert_eq!(differences("Pump", &stored("Pump\nMotor")).len(), 1);
        assert_eq!((shown("Pump"), shown("Pump\n"), shown("")), ("Pump", "Pump", ""));
        assert_eq!(shown(&stored("one\r\ntwo\rthree\n")), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_long_text_is_compared_in_bounded_time() {
        let old: String = (0..3_000).map(|line| format!("{line}\n")).collect();
        let new: String = (0..3_000).map(|line| format!("{}\n", line * 2)).collect();
        assert_eq!(differences(&old, &new).len(), 1);
    }

    fn actor(last: u8) -> ActorId {
        ActorId::from_bytes([last; 16])
    }

    fn write(document: &mut Document, actor: ActorId, text: &str) -> Vec<Change> {
        let written = document.edit::<_, EditError>(actor, Timestamp::from_millis(0), |door| {
            door.set_text(&["description"], text)
        });
        written.unwrap().1.into_iter().map(|bytes| Change::from_bytes(bytes).unwrap()).collect()
    }

    /// What two people make of the same text while they cannot hear of each other, merged on both sides.
    fn merged(base: &str, one: &str, other: &str) -> String {
        let mut here = Document::new(DocumentKind::WorkOrder);
        write(&mut here, actor(1), base);
        let mut there = here.clone();
        let mine = write(&mut here, actor(2), one);
        let theirs = write(&mut there, actor(3), other);
        here.apply(theirs).unwrap();
        there.apply(mine).unwrap();
        let read = |document: &Document| document.hydrate().root().text("description");
        assert_eq!(read(&here), read(&there));
        read(&here)
    }

    #[test]
    fn two_wordings_of_one_sentence_stand_one_below_the_other() {
        let (one, other) = ("Replaced the drive-end bearing.", "Bearing was fine, only greased it");
        let text = merged("Looked at it.", one, other);
        assert!(text == format!("{one}\n{other}") || text == format!("{other}\n{one}"), "{text}");
        let text = merged("", one, other);
        assert!(text == format!("{one}\n{other}") || text == format!("{other}\n{one}"), "{text}");
        let text = merged("At 14:00. It leaks.", "At 14:30. It leaks.", "At 14:45. It leaks.");
        assert!(text == "At 14:30. At 14:45. It leaks." || text == "At 14:45. At 14:30. It leaks.", "{text}");
    }

    #[test]
    fn what_people_write_in_different_lines_and_sentences_merges_as_if_one_had_written_it() {
        let text = merged(
            "Pump leaks. Oil on the floor.\nAsk Ana.",
            "Pump drips. Oil on the floor.\nAsk Ana.\nIsolated.",
            "Pump leaks. Oil on the walkway.\nAsk Ben.",
        );
        assert_eq!(text, "Pump drips. Oil on the walkway.\nAsk Ben.\nIsolated.");
    }

    #[test]
    fn who_goes_on_in_a_line_and_who_writes_below_it_do_not_meet() {
        let (on, below) = ("Pump leaks badly\nAsk Ana", "Pump leaks\nIsolated\nAsk Ana");
        assert_eq!(merged("Pump leaks\nAsk Ana", on, below), "Pump leaks badly\nIsolated\nAsk Ana");
        assert_eq!(
            merged("Pump leaks", "Pump leaks badly", "Pump leaks\nIsolated"),
            "Pump leaks badly\nIsolated"
        );
        assert_eq!(merged("One\nTwo", "One", "One\nTwo, or three"), "One\nTwo, or three");
    }

    /// Either's edit of a text of sentences and lines: each sentence taken out, written anew, with one more before or
    /// after it, or kept; and each space or line end left or made the other.
    fn edited(base: &[bool], deeds: &[(u8, bool)], made: &str) -> String {
        let end = |is_line: bool| if is_line { "\n" } else { " " };
        let sentences = base.iter().zip(deeds).enumerate().map(|(index, (is_line, (deed, turned)))| {
            let (own, base_words) = (format!("{made}{index:02}."), format!("b{index:02}."));
            let end = end(*is_line != (*turned && !made.is_empty()));
            match deed {
                0 => String::new(),
                1 => own + end,
                2 => format!("{own} {base_words}{end}"),
                3 => format!("{base_words} {own}{end}"),
                _ => base_words + end,
            }
        });
        let text: String = sentences.collect();
        text.trim_end().to_owned()
    }

    proptest! {
        #[test]
        fn any_text_becomes_any_other(old in "[ab .\n]{0,24}", new in "[ab .\n]{0,24}") {
            prop_assert_eq!(applied(&old, &differences(&old, &new)), new.clone());
            let kept = stored(&new);
            prop_assert_eq!(shown(&kept), new);
        }

        #[test]
        fn every_sentence_that_either_typed_stands_whole_and_apart(
            base in proptest::collection::vec(any::<bool>(), 8),
            one in proptest::collection::vec((0_u8..6, proptest::bool::weighted(0.2)), 8),
            other in proptest::collection::vec((0_u8..6, proptest::bool::weighted(0.2)), 8),
        ) {
            let text = edited(&base, &[(5, false); 8], "");
            let merged = merged(&text, &edited(&base, &one, "x"), &edited(&base, &other, "y"));
            let mut found: Vec<&str> = merged.split_whitespace().collect();
            let mut expected: Vec<String> = Vec::new();
            for index in 0..8 {
                let (mine, theirs) = (one[index].0, other[index].0);
                expected.extend((mine > 1 && theirs > 1).then(|| format!("b{index:02}.")));
                expected.extend((1..=3).contains(&mine).then(|| format!("x{index:02}.")));
                expected.extend((1..=3).contains(&theirs).then(|| format!("y{index:02}.")));
            }
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, &*expected, "{}", merged);
            let rebased = rebased(&text, &edited(&base, &one, "x"), &edited(&base, &other, "y"));
            let mut found: Vec<&str> = rebased.split_whitespace().collect();
            found.sort_unstable();
            prop_assert_eq!(found, expected, "{}", rebased);
        }
    }
}
