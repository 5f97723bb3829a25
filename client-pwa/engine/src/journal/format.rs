//! What a journal looks like: notes one after the other, each with its length and a checksum, sealed like every
//! stored value. A file counts from the moment its beginning is whole: it names how many entries there were, and
//! they follow. What is cut off at the end was never said to be saved.

use client_bridge::codec::{self, Keys};
use minicbor::{Decode, Encode};
use shared_model::identity::CommandId;

use crate::clock;
use crate::local_store::values::{StoredEntry, decode, encode};

/// The length and the checksum before each note.
const HEADER: usize = 8;

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Note {
    /// A journal begins; so many entries of the one before it follow.
    #[n(0)]
    Begin(#[n(0)] u64),
    /// A command was saved.
    #[n(1)]
    Saved(#[n(0)] StoredEntry),
    /// The command is settled: accepted, done again as another one, or let go by a person.
    #[n(2)]
    Settled(#[n(0)] CommandId),
}

/// What a file says.
#[derive(Debug, PartialEq, Eq)]
pub struct Journal {
    /// Commands that are not settled, in the order they were saved. `None`: the file was never begun to the end.
    pub entries: Option<Vec<StoredEntry>>,
    /// Every note could be read; a file with others is kept for a version that can.
    pub understood: bool,
}

/// The bytes of notes that stand at this place of the journal of an engine: a sealed one is bound to it.
pub fn write(keys: Keys, epoch: u64, at: usize, notes: &[Note]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for note in notes {
        let about = about(epoch, at + bytes.len());
        let sealed = codec::seal(&keys, &about, clock::nonce(), &encode(note));
        bytes.extend(u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(checksum(&sealed).to_be_bytes());
        bytes.extend(sealed);
    }
    bytes
}

/// The bytes of a journal that begins with these entries.
pub fn begin(keys: Keys, epoch: u64, entries: impl IntoIterator<Item = StoredEntry>) -> Vec<u8> {
    let mut notes: Vec<Note> = entries.into_iter().map(Note::Saved).collect();
    notes.insert(0, Note::Begin(notes.len() as u64));
    write(keys, epoch, 0, &notes)
}

/// Reads a file.
pub fn read(keys: Keys, epoch: u64, bytes: &[u8]) -> Journal {
    let mut notes = Vec::new();
    let mut understood = true;
    let mut rest = bytes;
    while let Some((sealed, after)) = next(rest) {
        let about = about(epoch, bytes.len() - rest.len());
        rest = after;
        let note: Option<Note> = codec::open(&keys, &about, sealed).ok().and_then(|bytes| decode(&bytes));
        understood &= note.is_some();
        notes.push(note);
    }
    let begun = match notes.first() {
        Some(Some(Note::Begin(count))) => u64::try_from(notes.len() - 1).is_ok_and(|here| here >= *count),
        _ => false,
    };
    Journal { entries: begun.then(|| unsettled(notes.into_iter().flatten())), understood }
}

fn about(epoch: u64, at: usize) -> String {
    codec::about("journal", &format!("{epoch}/{at}"))
}

fn unsettled(notes: impl Iterator<Item = Note>) -> Vec<StoredEntry> {
    let mut entries: Vec<StoredEntry> = Vec::new();
    for note in notes {
        match note {
            Note::Begin(_) => {}
            Note::Saved(stored) => entries.push(stored),
            Note::Settled(command) => entries.retain(|stored| stored.entry.id() != command),
        }
    }
    entries
}

/// The next note, and what comes after it; `None` at the end or where a write was cut off.
fn next(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = bytes.split_at_checked(HEADER)?;
    let (length, sum) = header.split_at(HEADER / 2);
    let length = u32::from_be_bytes(length.try_into().ok()?);
    let (sealed, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    (checksum(sealed).to_be_bytes() == sum).then_some((sealed, after))
}

/// FNV-1a: it finds a write that was cut off, which is all there is to find.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use client_bridge::codec::DataKey;
    use shared_model::identity::DocumentId;
    use shared_model::instant::Timestamp;
    use shared_model::sync_protocol::{OutboxEntry, PushedCommand};

    use super::*;

    const KEYS: Keys = Keys::BARE;
    const EPOCH: u64 = 7;

    fn write(at: &[u8], notes: &[Note]) -> Vec<u8> {
        super::write(KEYS, EPOCH, at.len(), notes)
    }

    fn begin(entries: impl IntoIterator<Item = StoredEntry>) -> Vec<u8> {
        super::begin(KEYS, EPOCH, entries)
    }

    fn read(bytes: &[u8]) -> Journal {
        super::read(KEYS, EPOCH, bytes)
    }

    fn id(n: u8) -> CommandId {
        CommandId::from_bytes([n; 16])
    }

    fn stored(n: u8) -> StoredEntry {
        let command = PushedCommand { id: id(n), intent: b"{}".to_vec().into(), items: Vec::new() };
        let entry = OutboxEntry::new(command, vec![DocumentId::from_bytes([n; 16])]);
        StoredEntry { entry, at: Timestamp::from_millis(i64::from(n)) }
    }

    fn entries(bytes: &[u8]) -> Option<Vec<CommandId>> {
        let ids = |entries: Vec<StoredEntry>| entries.iter().map(|stored| stored.entry.id()).collect();
        read(bytes).entries.map(ids)
    }

    #[test]
    fn what_is_not_settled_is_read_in_order() {
        let mut bytes = begin([stored(1), stored(2)]);
        let more = write(&bytes, &[Note::Saved(stored(3)), Note::Settled(id(1))]);
        bytes.extend(more);
        assert_eq!(read(&bytes), Journal { entries: Some(vec![stored(2), stored(3)]), understood: true });
    }

    #[test]
    fn a_file_cut_off_anywhere_holds_what_came_before() {
        let begun = begin([stored(1), stored(2)]);
        let saved = write(&begun, &[Note::Saved(stored(3))]);
        let bytes = [begun.clone(), saved].concat();
        for end in 0..bytes.len() {
            let expected = (end >= begun.len()).then(|| vec![id(1), id(2)]);
            assert_eq!(entries(&bytes[..end]), expected, "cut off at {end}");
        }
        assert_eq!(entries(&bytes), Some(vec![id(1), id(2), id(3)]));
        let mut torn = bytes.clone();
        *torn.last_mut().unwrap() ^= 1;
        assert_eq!(entries(&torn), Some(vec![id(1), id(2)]));
    }

    #[test]
    fn a_note_of_a_newer_version_is_passed_over_and_keeps_the_file() {
        let strange = [9, 0, 7];
        let mut bytes = begin([stored(1)]);
        bytes.extend([0, 0, 0, 3]);
        bytes.extend(checksum(&strange).to_be_bytes());
        bytes.extend(strange);
        let more = write(&bytes, &[Note::Saved(stored(2))]);
        bytes.extend(more);
        assert_eq!(read(&bytes), Journal { entries: Some(vec![stored(1), stored(2)]), understood: false });
    }

    #[test]
    fn sealed_notes_stay_where_they_were_written() {
        let keys = Keys::sealed(DataKey::new(1, [7; 32]));
        let bytes = super::begin(keys, EPOCH, [stored(1), stored(2)]);
        assert_eq!(super::read(keys, EPOCH, &bytes).entries, Some(vec![stored(1), stored(2)]));
        assert!(!super::read(keys, EPOCH + 1, &bytes).understood, "the journal of another engine");
        let begins: Vec<usize> = (0..bytes.len()).filter(|at| next(&bytes[*at..]).is_some()).collect();
        let [first, one, two] = begins[..] else { panic!("three notes: {begins:?}") };
        let swapped = [&bytes[first..one], &bytes[two..], &bytes[one..two]].concat();
        assert!(!super::read(keys, EPOCH, &swapped).understood);
    }

    #[test]
    fn the_layout_is_fixed_for_ever() {
        let bytes = write(b"", &[Note::Begin(0)]);
        assert_eq!(bytes, [0, 0, 0, 6, 0x60, 0xd9, 0x45, 0x2f, 1, 0, 0x82, 0, 0x81, 0]);
        assert_eq!(entries(&bytes), Some(Vec::new()));
        assert_eq!(entries(b""), None);
    }
}
