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
    let length = |parts: &[&[char]]| parts.iter().map(|part| part.len()).sum::<usize>();
    let end = (old_parts.len(), new_parts.len());
    let mut found = Vec::new();
    let (mut old_next, mut new_next, mut old_at, mut new_at) = (0, 0, 0, 0);
    for (a, b) in kept(&old_parts, &new_parts).into_iter().chain([end]) {
        let was = &old[old_at..][..length(&old_parts[old_next..a])];
        let is = &new[new_at..][..length(&new_parts[new_next..b])];
        found.extend(replaced(was, is).map(|each| Difference { at: old_at + each.at, ..each }));
        let same = old_parts.get(a).map_or(0, |part| part.len());
        (old_next, new_next) = (a + 1, b + 1);
        old_at += was.len() + same;
        new_at += is.len() + same;
    }
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

/// Pairs of indexes of the parts that both texts have, in order.
fn kept(old: &[&[char]], new: &[&[char]]) -> Vec<(usize, usize)> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let is_bounded = old_middle.len().max(new_middle.len()) <= MAX_COMPARED;
    let middle = if is_bounded { common(old_middle, new_middle) } else { Vec::new() };
    let middle = middle.into_iter().map(|(a, b)| (head + a, head + b));
    let tail = (1..=tail).rev().map(|back| (old.len() - back, new.len() - back));
    (0..head).map(|index| (index, index)).chain(middle).chain(tail).collect()
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

/// What lies between the common beginning and end: whole words where something was replaced, and from the beginning
/// of a word where words came or went.
fn replaced(old: &[char], new: &[char]) -> Option<Difference> {
    let mut at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let mut tail = old[at..].iter().rev().zip(new[at..].iter().rev()).take_while(|(a, b)| a == b).count();
    if old.len() > at + tail && new.len() > at + tail {
        at -= old[..at].iter().rev().take_while(|letter| !letter.is_whitespace()).count();
        tail -= old[old.len() - tail..].iter().take_while(|letter| !letter.is_whitespace()).count();
    } else {
        let longer = if old.len() > new.len() { old } else { new };
        let back = way_to_word(longer, at, longer.len() - tail);
        at -= back;
        tail += back;
    }
    let removed = old.len() - at - tail;
    let inserted: String = new[at..new.len() - tail].iter().collect();
    (removed > 0 || !inserted.is_empty()).then_some(Difference { at, removed, inserted })
}

/// How far the run `at..end` may move back, saying the same, to begin where a word does; 0 when it cannot.
fn way_to_word(text: &[char], at: usize, end: usize) -> usize {
    let letters = text[..at].iter().rev().take_while(|letter| !letter.is_whitespace()).count();
    let alike = text[..at].iter().rev().zip(text[..end].iter().rev()).take_while(|(a, b)| a == b).count();
    if letters <= alike { letters } else { 0 }
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
    fn words_that_come_or_go_do_so_whole() {
        let found = change("Oil the bearing", "Oil the belt, the bearing");
        assert_eq!(found, [(8, 0, "belt, the ".to_owned())]);
        let found = change("Oil the belt, the bearing", "Oil the bearing");
        assert_eq!(found, [(8, 10, String::new())]);
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

        #[test]
        fn every_word_that_either_typed_survives_whole(
            ends in proptest::collection::vec("( |\\. |\n)", 12),
            one in proptest::collection::vec(0_u8..4, 12),
            other in proptest::collection::vec(0_u8..4, 12),
        ) {
            // 0: taken out, 1: replaced, 2: one more before it, else: kept.
            let word = |made: &str, index: usize| format!("{made}{index:02}{}", ends[index]);
            let text = |deeds: &[u8], made: &str| (0..12).map(|index| match deeds[index] {
                0 => String::new(),
                1 => word(made, index),
                2 => word(made, index) + &word("b", index),
                _ => word("b", index),
            }).collect::<String>();
            let merged = merged(&text(&[3; 12], ""), &text(&one, "x"), &text(&other, "y"));
            for (deeds, made) in [(&one, "x"), (&other, "y")] {
                for index in (0..12).filter(|index| matches!(deeds[*index], 1 | 2)) {
                    prop_assert!(merged.contains(&format!("{made}{index:02}")), "{made}{index}: {merged}");
                }
            }
        }
    }
}
