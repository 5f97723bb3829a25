//! A long text as somebody typed it, with what they had before their eyes: what they changed is written, and what
//! others wrote meanwhile stays.

use std::collections::BTreeMap;
use std::fmt::Formatter;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::difference::{differences, shown, stored};

/// A new wording of a long text. A plain string is read as a text without a base, which is how version 1 gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextEdit {
    /// The whole text after the edit, as whoever typed it saw it.
    pub text: String,
    /// The text it was typed over. Without it `text` replaces whatever stands there when the edit is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
}

impl TextEdit {
    /// `text`, typed over `base`.
    pub const fn over(base: String, text: String) -> Self {
        Self { text, base: Some(base) }
    }

    /// What the text becomes where `current` stands now.
    pub fn upon(&self, current: &str) -> String {
        self.base.as_deref().map_or_else(|| self.text.clone(), |base| rebased(base, &self.text, current))
    }
}

/// A text that replaces whatever stands there.
impl From<&str> for TextEdit {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), base: None }
    }
}

impl<'de> Deserialize<'de> for TextEdit {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextOrEdit)
    }
}

struct TextOrEdit;

impl<'de> Visitor<'de> for TextOrEdit {
    type Value = TextEdit;

    fn expecting(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        out.write_str("a text, or a text and its base")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TextEdit, E> {
        Ok(text.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextEdit, A::Error> {
        #[derive(Deserialize)]
        struct Edit {
            text: String,
            #[serde(default)]
            base: Option<String>,
        }
        let Edit { text, base } = Edit::deserialize(MapAccessDeserializer::new(map))?;
        Ok(TextEdit { text, base })
    }
}

/// Two new wordings of `base` in one text, as if they had been written at the same time without knowing of each
/// other: a sentence that either took out is gone, one that either wrote stands, `theirs` before `mine`. What both
/// changed in the same way is changed once.
pub fn rebased(base: &str, mine: &str, theirs: &str) -> String {
    if mine == base || mine == theirs {
        return theirs.to_owned();
    }
    if theirs == base {
        return mine.to_owned();
    }
    let [base, mine, theirs] = [base, mine, theirs].map(stored);
    let by_them = differences(&base, &theirs);
    let by_me = differences(&base, &mine);
    let letters: Vec<char> = base.chars().collect();
    let mut gone = vec![false; letters.len()];
    let mut written: BTreeMap<usize, String> = BTreeMap::new();
    for change in by_them.iter().chain(by_me.iter().filter(|change| !by_them.contains(change))) {
        gone[change.at..change.at + change.removed].fill(true);
        *written.entry(change.at).or_default() += &change.inserted;
    }
    let mut merged = String::with_capacity(mine.len() + theirs.len());
    for (at, (letter, gone)) in letters.iter().zip(gone).enumerate() {
        merged.extend(written.remove(&at));
        merged.extend((!gone).then_some(letter));
    }
    merged.extend(written.remove(&letters.len()));
    shown(&merged).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_meanwhile_stays() {
        let edit = TextEdit::over("It leaks.".to_owned(), "It leaks.\nIsolated.".to_owned());
        assert_eq!(edit.upon("It leaks."), "It leaks.\nIsolated.");
        assert_eq!(edit.upon("It leaks.\nAsk Ana."), "It leaks.\nAsk Ana.\nIsolated.");
        assert_eq!(edit.upon(""), "Isolated.");
        assert_eq!(edit.upon("It leaks.\nIsolated."), "It leaks.\nIsolated.");
    }

    #[test]
    fn without_a_base_the_text_replaces_what_stands_there() {
        assert_eq!(TextEdit::from("New.").upon("Old.\nOlder."), "New.");
    }

    #[test]
    fn a_plain_text_is_read_and_an_edit_survives_the_way() {
        assert_eq!(serde_json::from_str::<TextEdit>("\"New.\"").unwrap(), TextEdit::from("New."));
        for edit in [TextEdit::from("New."), TextEdit::over("Old.".to_owned(), "New.".to_owned())] {
            let json = serde_json::to_string(&edit).unwrap();
            assert_eq!(serde_json::from_str::<TextEdit>(&json).unwrap(), edit, "{json}");
        }
        assert!(serde_json::from_str::<TextEdit>("7").is_err());
    }

    #[test]
    fn two_wordings_of_one_sentence_both_stand() {
        assert_eq!(rebased("Pump runs", "Pump runs hot", "Pump runs loud"), "Pump runs loud\nPump runs hot");
        assert_eq!(rebased("", "Mine", "Theirs"), "Theirs\nMine");
    }

    #[test]
    fn what_both_took_out_is_gone_and_what_one_did_is_not_undone() {
        assert_eq!(rebased("One. Two. Three.", "One. Three.", "One. Three. Four."), "One. Three. Four.");
        assert_eq!(rebased("One. Two. Three.", "Two. Three.", "One. Two."), "Two.");
        assert_eq!(rebased("One.\nTwo.", "", "One.\nTwo.\nThree."), "Three.");
    }
}
