//! Lies about where a device stands.

use shared_model::sync_protocol::{Cursor, DeviceFrame};
use tokio_tungstenite::tungstenite::Message;

use super::peer::{binary, hello};
use super::scene::Scene;
use super::{Attack, Case, Chapter, play};

pub(super) const CURSORS: Chapter = Chapter::of_technician(
    "Cursors",
    &[
        stands("the true cursor, without the rights it was made under", "welcome snapshots", |_| {}),
        stands("another chain hash", "welcome diverged", |cursor| cursor.chain_hash = vec![9; 32].into()),
        stands("no chain hash", "welcome diverged", |cursor| cursor.chain_hash = Vec::new().into()),
        stands("a chain hash of 100,000 bytes", "welcome diverged", |cursor| {
            cursor.chain_hash = vec![9; 100_000].into();
        }),
        stands("a place beyond the end of the feed", "welcome diverged", |cursor| cursor.seq += 1_000),
        stands("the last place a number can name", "welcome diverged", |cursor| cursor.seq = u64::MAX),
        stands("the first place no database can name", "welcome diverged", |cursor| cursor.seq = 1 << 63),
        stands("the beginning, with the hash of the end", "welcome diverged", |cursor| cursor.seq = 0),
        stands("an earlier place, with the hash of the end", "welcome diverged", |cursor| cursor.seq = 1),
        stands("another history", "welcome diverged", |cursor| cursor.epoch = vec![9; 16].into()),
        stands("a history without a name", "welcome diverged", |cursor| cursor.epoch = Vec::new().into()),
        stands("a history with a name of 100,000 bytes", "welcome diverged", |cursor| {
            cursor.epoch = vec![9; 100_000].into();
        }),
        follows("the feed from a forged place", "goodbye cursor_unknown", |cursor| {
            cursor.chain_hash = vec![9; 32].into();
        }),
        follows("the feed from beyond its end", "goodbye cursor_unknown", |cursor| cursor.seq = u64::MAX),
        follows("the feed of another history", "goodbye cursor_unknown", |cursor| {
            cursor.epoch = vec![9; 16].into();
        }),
    ],
);

/// Alters a true cursor. In a static table there are only functions without a memory.
type Alter = fn(&mut Cursor);

const fn stands(rule: &'static str, answer: &'static str, alter: Alter) -> Case {
    Case::new(rule, answer, Attack::Cursor { alter, follows: false })
}

const fn follows(rule: &'static str, answer: &'static str, alter: Alter) -> Case {
    Case::new(rule, answer, Attack::Cursor { alter, follows: true })
}

/// A Hello with this cursor, or a request for the feed from there.
pub(super) fn frame(scene: &Scene, alter: Alter, follows: bool) -> Message {
    let mut cursor = scene.cursor.clone();
    alter(&mut cursor);
    binary(&if follows { DeviceFrame::Follow { cursor } } else { hello(scene.device(), Some(cursor)) })
}

#[tokio::test]
async fn lies_about_the_cursor() {
    play(&CURSORS).await;
}
