//! What a person changed in a text, so that what others change in it at the same time merges into something that
//! people can read.
//!
//! The smallest difference in characters would not: two new wordings of one sentence share letters here and there,
//! and merged they come out as a salad of both, or as a time of day that nobody wrote. So lines and sentences are
//! compared as wholes, and words that were replaced are replaced as wholes. Typing inside a word stays as small as it
//! was.

/// More lines and sentences than this between the first and the last change are replaced as one.
const MAX_COMPARED: usize = 200;

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

/// The replacements that turn `old` into `new`, first to last; they neither overlap nor touch.
pub(super) fn differences(old: &str, new: &str) -> Vec<Difference> {
    let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let (old_parts, new_parts) = (sentences(&old), sentences(&new));
    let mut found = Vec::new();
    let (mut old_at, mut new_at) = (0, 0);
    let mut changed = (0, 0);
    let mut close = |changed: &mut (usize, usize), old_at: usize, new_at: usize| {
        let (was, is) = (&old[old_at - changed.0..old_at], &new[new_at - changed.1..new_at]);
        found.extend(replaced(was, is).map(|each| Difference { at: each.at + old_at - was.len(), ..each }));
        *changed = (0, 0);
    };
    for step in steps(&old_parts, &new_parts) {
        match step {
            Step::Kept(length) => {
                close(&mut changed, old_at, new_at);
                old_at += length;
                new_at += length;
            }
            Step::Removed(length) => {
                old_at += length;
                changed.0 += length;
            }
            Step::Inserted(length) => {
                new_at += length;
                changed.1 += length;
            }
        }
    }
    close(&mut changed, old_at, new_at);
    found
}

/// Lines, and in them sentences, each with the space behind it.
fn sentences(text: &[char]) -> Vec<&[char]> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (index, letter) in text.iter().enumerate() {
        let ended = index > start && matches!(text[index - 1], '.' | '!' | '?') && letter.is_whitespace();
        if *letter == '\n' || ended {
            parts.push(&text[start..=index]);
            start = index + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

enum Step {
    Kept(usize),
    Removed(usize),
    Inserted(usize),
}

/// The longest common sequence of parts, as steps in code points.
fn steps(old: &[&[char]], new: &[&[char]]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let kept = |parts: &[&[char]]| parts.iter().map(|part| Step::Kept(part.len())).collect::<Vec<_>>();
    let mut steps = kept(&old[..head]);
    steps.extend(middle(&old[head..old.len() - tail], &new[head..new.len() - tail]));
    steps.extend(kept(&old[old.len() - tail..]));
    steps
}

fn middle(old: &[&[char]], new: &[&[char]]) -> Vec<Step> {
    let compared = if old.len().max(new.len()) > MAX_COMPARED { Vec::new() } else { common(old, new) };
    let mut steps = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (a, b) in compared.into_iter().chain([(old.len(), new.len())]) {
        steps.extend(old[from..a].iter().map(|part| Step::Removed(part.len())));
        steps.extend(new[to..b].iter().map(|part| Step::Inserted(part.len())));
        steps.extend(old.get(a).map(|part| Step::Kept(part.len())));
        (from, to) = (a + 1, b + 1);
    }
    steps
}

/// Pairs of indexes of a longest common sequence.
fn common(old: &[&[char]], new: &[&[char]]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    let mut longest = vec![0_u16; (old.len() + 1) * width];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            longest[a * width + b] = if old[a] == new[b] {
                longest[(a + 1) * width + b + 1] + 1
            } else {
                longest[(a + 1) * width + b].max(longest[a * width + b + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut a, mut b) = (0, 0);
    while a < old.len() && b < new.len() {
        if old[a] == new[b] {
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

/// What lies between the common beginning and end; widened to whole words where something was replaced.
fn replaced(old: &[char], new: &[char]) -> Option<Difference> {
    let mut at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let mut tail = old[at..].iter().rev().zip(new[at..].iter().rev()).take_while(|(a, b)| a == b).count();
    if old.len() > at + tail && new.len() > at + tail {
        at -= old[..at].iter().rev().take_while(|letter| !letter.is_whitespace()).count();
        tail -= old[old.len() - tail..].iter().take_while(|letter| !letter.is_whitespace()).count();
    }
    let removed = old.len() - at - tail;
    let inserted: String = new[at..new.len() - tail].iter().collect();
    (removed > 0 || !inserted.is_empty()).then_some(Difference { at, removed, inserted })
}

#[cfg(test)]
mod tests {
    use automerge::Change;
    use proptest::prelude::*;

    use super::*;
    use crate::document::{Document, DocumentKind, EditError};
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
        let found = differences(old, new);
        assert_eq!(applied(old, &found), new);
        found.into_iter().map(|each| (each.at, each.removed, each.inserted)).collect()
    }

    #[test]
    fn typing_inside_a_word_is_as_small_as_it_was() {
        assert_eq!(change("Pump leks.", "Pump leaks."), [(7, 0, "a".to_owned())]);
        assert_eq!(change("Pump leaaks.", "Pump leaks."), [(8, 1, String::new())]);
        assert_eq!(change("", "Pump"), [(0, 0, "Pump".to_owned())]);
        assert_eq!(change("Pump", "Pump"), []);
    }

    #[test]
    fn a_replaced_word_is_replaced_whole() {
        assert_eq!(change("seen 14:00 by Ana", "seen 14:30 by Ana"), [(5, 5, "14:30".to_owned())]);
    }

    #[test]
    fn sentences_and_lines_between_changes_are_kept() {
        let found =
            change("It leaks. Oil on the floor.\nAsk Ana.\n", "It drips. Oil on the floor.\nAsk Ben.\n");
        assert_eq!(found, [(3, 6, "drips.".to_owned()), (32, 4, "Ben.".to_owned())]);
        let found = change("one\ntwo\nthree\n", "zero\none\nthree\nfour\n");
        assert_eq!(found, [(0, 0, "zero\n".to_owned()), (4, 4, String::new()), (14, 0, "four\n".to_owned())]);
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
    fn two_wordings_of_one_sentence_stand_side_by_side() {
        let (one, other) = (
            "Replaced the drive-end bearing, ran for ten minutes.",
            "Bearing was fine, only greased it and tightened the belt.",
        );
        let text = merged("Looked at it.", one, other);
        assert!(text.contains(one) && text.contains(other), "{text}");
        let text = merged(
            "Reported at 14:00. Pump leaks.",
            "Reported at 14:30. Pump leaks badly.",
            "Reported at 14:45. Pump drips.",
        );
        assert!(text.contains("14:30. Pump leaks badly.") && text.contains("14:45. Pump drips."), "{text}");
    }

    #[test]
    fn what_people_write_in_different_lines_and_sentences_merges_as_if_one_had_written_it() {
        let base = "Pump leaks. Oil on the floor.\nAsk Ana.\n";
        let text = merged(
            base,
            "Pump drips. Oil on the floor.\nAsk Ana.\nIsolated.\n",
            "Pump leaks. Oil on the walkway.\nAsk Ben.\n",
        );
        assert_eq!(text, "Pump drips. Oil on the walkway.\nAsk Ben.\nIsolated.\n");
    }

    proptest! {
        #[test]
        fn any_text_becomes_any_other(old in "[ab .\n]{0,24}", new in "[ab .\n]{0,24}") {
            prop_assert_eq!(applied(&old, &differences(&old, &new)), new);
        }
    }
}
