//! Text in the making: it is shown at once, saved after a pause or when the field is left, and kept through
//! what others write meanwhile.

use gloo_timers::callback::Timeout;
use shared_model::document::{TextEdit, rebased};
use yew::prelude::*;

const PAUSE_MS: u32 = 1_000;

/// A text field's state.
#[derive(Clone)]
pub struct Draft {
    /// What the field shows.
    pub value: AttrValue,
    /// It differs from what is saved.
    pub unsent: bool,
    /// It was handed on and refused, and has not changed since.
    pub refused: bool,
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
    refused: bool,
}

impl Text {
    /// The base and the draft, when there is something to save.
    fn hand_on(&mut self) -> Option<(String, String)> {
        let draft = self.draft.clone();
        (draft != self.base).then(|| (std::mem::replace(&mut self.base, draft.clone()), draft))
    }

    /// A draft that was handed on was refused.
    fn take_back(&mut self, base: &str, refused: &str) {
        if self.base == refused {
            base.clone_into(&mut self.base);
        }
        self.refused = self.draft == refused;
    }
}

/// What a person changed, to be saved.
#[derive(Clone)]
pub struct Commit {
    /// The change.
    pub edit: TextEdit,
    /// To be told when it was refused: it is part of what is handed on next, then.
    pub refused: Callback<()>,
}

/// What becomes of a draft typed over the first text when the last one comes in.
type Rebase = fn(&str, &str, &str) -> String;

/// A draft of a value that somebody states as a whole; `oncommit` gets each one worth saving once.
#[hook]
pub fn use_draft(saved: &AttrValue, oncommit: Callback<String>) -> Draft {
    use_rebased(saved, oncommit.reform(|commit: Commit| commit.edit.text), keep)
}

/// A draft of a text in which many write; `oncommit` gets what this person changed.
#[hook]
pub fn use_text_draft(saved: &AttrValue, oncommit: Callback<Commit>) -> Draft {
    use_rebased(saved, oncommit, rebased)
}

#[hook]
fn use_rebased(saved: &AttrValue, oncommit: Callback<Commit>, rebase: Rebase) -> Draft {
    let text = use_mut_ref(|| Text { base: saved.to_string(), draft: saved.to_string(), refused: false });
    let timer = use_mut_ref(|| None::<Timeout>);
    let redraw = use_force_update();
    {
        let (text, redraw) = (text.clone(), redraw.clone());
        use_effect_with(saved.clone(), move |saved| {
            let mut text = text.borrow_mut();
            let merged = rebase(&text.base, &text.draft, saved);
            let refused = text.refused && merged == text.draft;
            *text = Text { base: saved.to_string(), draft: merged, refused };
            redraw.force_update();
        });
    }
    let commit = {
        let (text, timer, redraw) = (text.clone(), timer.clone(), redraw.clone());
        Callback::from(move |()| {
            timer.borrow_mut().take();
            let handed_on = text.borrow_mut().hand_on();
            let Some((base, draft)) = handed_on else { return };
            let (text, redraw) = (text.clone(), redraw.clone());
            let edit = TextEdit::over(base.clone(), draft.clone());
            let refused = Callback::from(move |()| {
                text.borrow_mut().take_back(&base, &draft);
                redraw.force_update();
            });
            oncommit.emit(Commit { edit, refused });
        })
    };
    use_commit_at_the_end(&commit);
    let oninput = {
        let (text, commit) = (text.clone(), commit.clone());
        Callback::from(move |typed: String| {
            let mut draft = text.borrow_mut();
            (draft.draft, draft.refused) = (typed, false);
            drop(draft);
            let commit = commit.clone();
            *timer.borrow_mut() = Some(Timeout::new(PAUSE_MS, move || commit.emit(())));
            redraw.force_update();
        })
    };
    let text = text.borrow();
    let value = AttrValue::from(text.draft.clone());
    Draft { unsent: value != *saved, refused: text.refused, value, oninput, commit }
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

/// What a person is typing stays as it is; what came in meanwhile is listed beside it once they have said theirs.
fn keep(base: &str, draft: &str, incoming: &str) -> String {
    if draft == base { incoming.to_owned() } else { draft.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Text, keep};

    #[test]
    fn what_was_refused_is_handed_on_again_with_the_next_change() {
        let (base, draft) = ("It leaks.".to_owned(), "It leaks. Much too long.".to_owned());
        let mut text = Text { base, draft, refused: false };
        let (base, refused) = text.hand_on().unwrap();
        assert!(text.hand_on().is_none(), "once");
        text.take_back(&base, &refused);
        assert!(text.refused);
        text.draft = "It leaks. Short.".to_owned();
        assert_eq!(text.hand_on().unwrap(), ("It leaks.".to_owned(), "It leaks. Short.".to_owned()));
    }

    #[test]
    fn a_value_that_comes_in_is_shown_unless_another_is_being_typed() {
        assert_eq!(keep("30", "30", "60"), "60");
        assert_eq!(keep("30", "45", "60"), "45");
        assert_eq!(keep("30", "45", "45"), "45");
    }
}
