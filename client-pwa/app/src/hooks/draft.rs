//! Text in the making: it is shown at once, saved after a pause or when the field is left, and kept through
//! what others write meanwhile.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

const PAUSE_MS: u32 = 1_000;

/// A text field's state.
#[derive(Clone)]
pub struct Draft {
    /// What the field shows.
    pub value: AttrValue,
    /// It differs from what is saved.
    pub unsent: bool,
    /// A letter more or less.
    pub oninput: Callback<String>,
    /// Save now.
    pub commit: Callback<()>,
}

#[derive(Clone, Default)]
struct Text {
    /// What the draft started from: the last text that came in or was handed on.
    base: String,
    draft: String,
}

/// A draft of `saved`; `oncommit` gets each text worth saving once.
#[hook]
pub fn use_draft(saved: &AttrValue, oncommit: Callback<String>) -> Draft {
    let text = use_mut_ref(|| Text { base: saved.to_string(), draft: saved.to_string() });
    let timer = use_mut_ref(|| None::<Timeout>);
    let redraw = use_force_update();
    {
        let (text, redraw) = (text.clone(), redraw.clone());
        use_effect_with(saved.clone(), move |saved| {
            let mut text = text.borrow_mut();
            let merged = rebase(&text.base, &text.draft, saved);
            *text = Text { base: saved.to_string(), draft: merged };
            redraw.force_update();
        });
    }
    let commit = {
        let (text, timer) = (text.clone(), timer.clone());
        Callback::from(move |()| {
            timer.borrow_mut().take();
            let mut text = text.borrow_mut();
            if text.draft != text.base {
                text.base = text.draft.clone();
                let draft = text.draft.clone();
                drop(text);
                oncommit.emit(draft);
            }
        })
    };
    use_commit_at_the_end(&commit);
    let oninput = {
        let (text, commit) = (text.clone(), commit.clone());
        Callback::from(move |typed: String| {
            text.borrow_mut().draft = typed;
            let commit = commit.clone();
            *timer.borrow_mut() = Some(Timeout::new(PAUSE_MS, move || commit.emit(())));
            redraw.force_update();
        })
    };
    let value = AttrValue::from(text.borrow().draft.clone());
    Draft { unsent: value != *saved, value, oninput, commit }
}

/// A page may go while the field still has the focus (a swipe back does that): what was typed is saved then.
#[hook]
fn use_commit_at_the_end(commit: &Callback<()>) {
    let latest = use_mut_ref(|| commit.clone());
    *latest.borrow_mut() = commit.clone();
    use_effect_with((), move |()| {
        move || {
            let commit = latest.borrow().clone();
            commit.emit(());
        }
    });
}

/// Carries the change from `base` to `draft` over to `incoming`. Where both changed the same place both texts
/// stay, what came in first.
fn rebase(base: &str, draft: &str, incoming: &str) -> String {
    if draft == base || draft == incoming {
        return incoming.to_owned();
    }
    if incoming == base {
        return draft.to_owned();
    }
    let base: Vec<char> = base.chars().collect();
    let (own, own_text) = change(&base, draft);
    let (theirs, their_text) = change(&base, incoming);
    let mut merged: String = String::with_capacity(draft.len() + incoming.len());
    let take = |range: std::ops::Range<usize>| base[range].iter().collect::<String>();
    if own.end < theirs.start {
        merged += &take(0..own.start);
        merged += &own_text;
        merged += &take(own.end..theirs.start);
        merged += &their_text;
        merged += &take(theirs.end..base.len());
    } else if theirs.end < own.start {
        merged += &take(0..theirs.start);
        merged += &their_text;
        merged += &take(theirs.end..own.start);
        merged += &own_text;
        merged += &take(own.end..base.len());
    } else {
        let (start, end) = (own.start.min(theirs.start), own.end.max(theirs.end));
        merged += &take(0..start);
        merged += &take(start..theirs.start);
        merged += &their_text;
        merged += &own_text;
        merged += &take(own.end.max(theirs.end)..end);
        merged += &take(end..base.len());
    }
    merged
}

/// The one stretch of `base` that was replaced, and by what.
fn change(base: &[char], other: &str) -> (std::ops::Range<usize>, String) {
    let other: Vec<char> = other.chars().collect();
    let head = base.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let tail = base[head..].iter().rev().zip(other[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    (head..base.len() - tail, other[head..other.len() - tail].iter().collect())
}

#[cfg(test)]
mod tests {
    use super::rebase;

    #[test]
    fn changes_at_different_places_both_stay() {
        assert_eq!(rebase("one two three", "ONE two three", "one two THREE"), "ONE two THREE");
        assert_eq!(
            rebase("one two three", "one two three four", "zero one two three"),
            "zero one two three four"
        );
    }

    #[test]
    fn changes_at_the_same_place_lose_no_word() {
        let merged = rebase("pump runs", "pump runs hot", "pump runs loud");
        assert!(merged.contains("hot") && merged.contains("loud"), "{merged}");
    }

    #[test]
    fn an_echo_of_the_draft_changes_nothing() {
        assert_eq!(rebase("", "abc", "abc"), "abc");
        assert_eq!(rebase("abc", "abcd", "abc"), "abcd");
        assert_eq!(rebase("abc", "abc", "abX"), "abX");
    }
}
