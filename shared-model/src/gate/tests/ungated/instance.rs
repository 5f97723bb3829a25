//! In WebAssembly: an attack that may end an instance, or fill it, is written down, and whoever runs the tests tries each in an instance
//! of its own, with [`one_attack`].

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use automerge::Automerge;

use super::{Harm, feed, without_gate};
use crate::document::Document;
use crate::hex;

/// Where attacks are written down.
const FOLDER: &str = "/attacks";
/// Names the attack to try.
const ATTACK: &str = "ATTACK";

/// The bytes do this much harm, or are written down to be tried.
#[track_caller]
pub(in super::super) fn expect(document: &Document, bytes: &[u8], harm: Harm) {
    match harm {
        Harm::Refuses | Harm::Ignores => assert_eq!(without_gate(document, bytes), harm),
        Harm::Applies | Harm::Rewrites | Harm::Unloadable | Harm::Panics => {
            write_down(document, bytes, harm);
        }
    }
}

fn write_down(document: &Document, bytes: &[u8], harm: Harm) {
    let text = format!("{harm:?}\n{}\n{}\n", hex::encode(&document.save()), hex::encode(bytes));
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    std::fs::write(format!("{FOLDER}/{:016x}", hasher.finish()), text).unwrap();
}

/// One attack, alone; says what came of it, and that it was applied before that is saved and loaded.
#[test]
fn one_attack() {
    let Ok(file) = std::env::var(ATTACK) else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let [_, document, bytes] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    let [document, bytes] = [document, bytes].map(|text| hex::decode(text).unwrap());
    let harm = feed(Automerge::load(&document).unwrap(), &bytes, |held| {
        println!("applied");
        Automerge::load(&held.save_nocompress()).ok()
    });
    println!("came to {harm:?}");
}
