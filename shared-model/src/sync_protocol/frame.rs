//! Frames as bytes, and rows of the feed with the frames that were made of them: a node that follows a commit with a
//! thousand sockets encodes it once for all that see the same of it. Two devices share a frame only if their [`Sight`] is
//! the same, which holds everything beside the rows that a frame is made of.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use minicbor::bytes::ByteVec;

use crate::sync_protocol::{FeedRow, Visible};

/// Different sights of the same rows whose frames are kept. Beyond that each socket encodes its own.
const MOST_SIGHTS: usize = 64;

/// An encoded frame. Copies share the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Arc<Vec<u8>>);

impl From<Vec<u8>> for Frame {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }
}

impl Deref for Frame {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Everything that makes one device's frame of the same rows another than the next one's: the history and the place
/// where the device is that hears of them, and what each row is for the person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sight {
    pub(super) epoch: ByteVec,
    pub(super) from: u64,
    pub(super) rows: Vec<Visible>,
}

/// Rows of the feed in order, without a gap, shared by the sockets of a node that read them at the same time.
#[derive(Debug, Default)]
pub struct FeedRows {
    rows: Vec<FeedRow>,
    frames: Mutex<HashMap<Sight, Frame>>,
}

impl From<Vec<FeedRow>> for FeedRows {
    fn from(rows: Vec<FeedRow>) -> Self {
        Self { rows, frames: Mutex::default() }
    }
}

impl Deref for FeedRows {
    type Target = [FeedRow];

    fn deref(&self) -> &[FeedRow] {
        &self.rows
    }
}

impl PartialEq for FeedRows {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows
    }
}

impl Eq for FeedRows {}

impl Clone for FeedRows {
    fn clone(&self) -> Self {
        self.rows.clone().into()
    }
}

impl FeedRows {
    /// The frame for this sight of all the rows, encoded by whoever is first; the others wait for that.
    pub(super) fn frame(&self, sight: Sight, encode: impl FnOnce(&Sight) -> Frame) -> Frame {
        let mut frames = self.frames.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = frames.get(&sight) {
            return frame.clone();
        }
        let frame = encode(&sight);
        if frames.len() < MOST_SIGHTS {
            frames.insert(sight, frame.clone());
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn sight(from: u64, rows: &[Visible]) -> Sight {
        Sight { epoch: vec![7; 16].into(), from, rows: rows.to_vec() }
    }

    #[test]
    fn a_sight_is_encoded_once_and_another_one_anew() {
        let (rows, encoded) = (FeedRows::default(), Cell::new(0));
        let frame = |sight: Sight| {
            rows.frame(sight, |sight| {
                encoded.set(encoded.get() + 1);
                format!("{sight:?}").into_bytes().into()
            })
        };
        let other_history = Sight { epoch: vec![8; 16].into(), ..sight(3, &[Visible::Change]) };
        let sights = [
            sight(3, &[Visible::Change]),
            sight(2, &[Visible::Change]),
            sight(3, &[Visible::Hidden]),
            sight(3, &[Visible::Change, Visible::Hidden]),
            other_history,
        ];
        for _ in 0..1_000 {
            for sight in &sights {
                assert_eq!(&frame(sight.clone())[..], format!("{sight:?}").as_bytes());
            }
        }
        assert_eq!(encoded.get(), sights.len());
    }

    #[test]
    fn more_sights_than_are_kept_are_served_all_the_same() {
        let rows = FeedRows::default();
        for _ in 0..2 {
            for from in 0..2 * MOST_SIGHTS as u64 {
                let frame = rows.frame(sight(from, &[]), |sight| sight.from.to_le_bytes().to_vec().into());
                assert_eq!(&frame[..], from.to_le_bytes());
            }
        }
        assert_eq!(rows.frames.lock().unwrap().len(), MOST_SIGHTS);
    }
}
