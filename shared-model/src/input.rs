//! What people type, checked alike in every feature before a command writes it.
//!
//! How long it may be stands here as well: the field tables, the checks and the fields of the screens take their ends
//! from the same constants. Texts and notes are counted in code points, what stands on one line in bytes of UTF-8.

use crate::document::is_item_key;
use crate::instant::Timestamp;
use crate::workspace::Refusal;

/// Most code points of a long text: a description, or what was done.
pub const MAX_TEXT_CHARS: usize = 20_000;
/// Most code points of a note on a fact: hours, stock, money, or the reason of a step.
pub const MAX_NOTE_CHARS: usize = 2_000;
/// Most bytes of a name or a title.
pub const MAX_NAME_BYTES: usize = 200;
/// Most bytes of a manufacturer, a model, a printed code, or the name of a meter.
pub const MAX_LABEL_BYTES: usize = 120;
/// Most bytes of a tag, a number, a short code, or the name of a group.
pub const MAX_CODE_BYTES: usize = 64;
/// Most bytes of a unit.
pub const MAX_UNIT_BYTES: usize = 16;
/// Most bytes of an identity in another system.
pub const MAX_EXTERNAL_BYTES: usize = 80;
/// Most bytes of a custom field.
pub const MAX_CUSTOM_BYTES: usize = 2_000;

/// The last millisecond of the year 9999: what calendars and databases can show.
const LATEST: Timestamp = Timestamp::from_millis(253_402_300_799_999);

/// A moment, if there is one, that a calendar can show.
pub fn check_moment(field: &str, at: Option<Timestamp>) -> Result<(), Refusal> {
    let earliest = Timestamp::from_millis(0);
    if at.is_none_or(|at| (earliest..=LATEST).contains(&at)) {
        return Ok(());
    }
    Err(Refusal::value(field, "must lie in the years 1970 to 9999"))
}

/// The text must say something.
pub fn check_present(field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::value(field, "is empty"));
    }
    Ok(())
}

/// The text has at most `max` code points.
pub fn check_chars(field: &str, text: &str, max: usize) -> Result<(), Refusal> {
    if text.chars().count() > max {
        return Err(Refusal::value(field, format!("is longer than {max} characters")));
    }
    Ok(())
}

/// The text has at most `max` bytes.
pub fn check_bytes(field: &str, text: &str, max: usize) -> Result<(), Refusal> {
    if text.len() > max {
        return Err(Refusal::value(field, format!("is longer than {max} bytes")));
    }
    Ok(())
}

/// A note, if there is one, has an end.
pub fn check_note(note: Option<&str>) -> Result<(), Refusal> {
    note.map_or(Ok(()), |note| check_chars("note", note, MAX_NOTE_CHARS))
}

/// The key is one that devices may use inside a document.
pub fn check_key(field: &str, key: &str) -> Result<(), Refusal> {
    if is_item_key(key) {
        return Ok(());
    }
    Err(Refusal::value(field, "takes 1 to 64 of A–Z a–z 0–9 _ -"))
}

/// A key that is taken is fine for what it was taken for: doing something again changes nothing. It is not for anything
/// else.
pub fn same_key(is_same: bool, key: &str) -> Result<(), Refusal> {
    if is_same {
        Ok(())
    } else {
        Err(Refusal::rule("key_taken", format!("{key} stands for something else here")))
    }
}
