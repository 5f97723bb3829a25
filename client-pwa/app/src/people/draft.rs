//! What a form holds until it is saved.

use yew::prelude::*;

/// A callback that changes one thing of it.
pub(crate) fn change<D: Clone + 'static, T: 'static>(
    draft: &UseStateHandle<D>,
    change: impl Fn(&mut D, T) + 'static,
) -> Callback<T> {
    let draft = draft.clone();
    Callback::from(move |value| {
        let mut next = (*draft).clone();
        change(&mut next, value);
        draft.set(next);
    })
}
