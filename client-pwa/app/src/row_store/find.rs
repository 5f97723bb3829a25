//! Finding rows by words of their text, with every letter somebody types.

use std::rc::Rc;

use yew::prelude::*;

use super::Entry;

/// Rows in an order, shared between frames.
pub type Entries = Rc<Vec<Rc<Entry>>>;

/// What somebody searches for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Search {
    words: Vec<String>,
}

impl Search {
    /// Words in any case and order.
    pub fn new(text: &str) -> Self {
        Self { words: text.to_lowercase().split_whitespace().map(str::to_owned).collect() }
    }

    /// Nothing is searched for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }
}

impl Entry {
    /// Does every word of the search occur?
    pub fn matches(&self, search: &Search) -> bool {
        // A single letter needs no search for a pattern.
        search.words.iter().all(|word| match word.as_bytes() {
            [letter] => self.text.as_bytes().contains(letter),
            _ => self.text.contains(word),
        })
    }
}

/// What the search finds among these, in their order. A search that goes on looks only at what it found so far.
#[hook]
pub fn use_found(sorted: Entries, search: &str) -> Entries {
    let last = use_mut_ref(|| None::<(Entries, String, Entries)>);
    let mut last = last.borrow_mut();
    let among = match last.as_ref() {
        Some((of, text, found)) if Rc::ptr_eq(of, &sorted) && search == text => return found.clone(),
        Some((of, text, found)) if Rc::ptr_eq(of, &sorted) && search.starts_with(text.as_str()) => {
            found.clone()
        }
        _ => sorted.clone(),
    };
    let query = Search::new(search);
    let found = if query.is_empty() {
        among
    } else {
        Rc::new(among.iter().filter(|entry| entry.matches(&query)).cloned().collect())
    };
    *last = Some((sorted, search.to_owned(), found.clone()));
    found
}
