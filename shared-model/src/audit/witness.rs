//! Devices as witnesses: each keeps the last head it saw, and holds the next one against it.

use serde::{Deserialize, Serialize};

use super::merkle::is_continued;
use super::tree_head::{HeadWithProof, Log, TreeHead};
use crate::codes::codes;

codes! {
    /// How what the server says contradicts what it said before.
    Contradiction {
        /// It is another organisation's trail.
        AnotherTrail = "another_trail",
        /// Another key signed it.
        AnotherKey = "another_key",
        /// Something is missing that was there.
        Shorter = "shorter",
        /// Something is otherwise than it was.
        Rewritten = "rewritten",
    }
}

/// What a head turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The first one, or one that continues the last.
    Continues,
    /// The first one of another history: a backup was restored, or somebody says so.
    Begins,
}

/// What a device keeps of the trail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The last head that continued the one before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<TreeHead>,
    /// The last heads of histories that ended, because a backup was restored: at most [`Self::MOST_ENDED`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<TreeHead>,
    /// The first head that contradicted the last one. It stays until somebody has looked into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradicted_by: Option<TreeHead>,
}

impl Witness {
    /// Most ended histories that are kept.
    pub const MOST_ENDED: usize = 16;

    /// How far each log is known, to ask for proof from there.
    pub fn seen(&self, log: Log) -> u64 {
        self.head.as_ref().map_or(0, |head| head.log(log).size)
    }

    /// Takes a head in. A contradiction is kept beside the head it contradicts: both are signed, and together they show that
    /// somebody rewrote what was.
    pub fn hear(&mut self, said: HeadWithProof) -> Result<Heard, Contradiction> {
        let Some(known) = &self.head else {
            self.head = Some(said.head);
            return Ok(Heard::Continues);
        };
        if known.organisation == said.head.organisation && known.epoch != said.head.epoch {
            // The first ones say most: they were there before whoever begins histories to be rid of them.
            let ended = self.head.replace(said.head).into_iter().chain(self.contradicted_by.take());
            self.ended.extend(ended);
            self.ended.truncate(Self::MOST_ENDED);
            return Ok(Heard::Begins);
        }
        match contradiction(known, &said) {
            None => self.head = Some(said.head),
            Some(how) => {
                self.contradicted_by.get_or_insert(said.head);
                return Err(how);
            }
        }
        Ok(Heard::Continues)
    }

    /// Somebody has looked into a contradiction and kept it: the trail is followed from there on.
    pub fn go_on(&mut self) {
        if let Some(contradiction) = self.contradicted_by.take() {
            self.ended.extend(self.head.replace(contradiction));
            self.ended.truncate(Self::MOST_ENDED);
        }
    }
}

fn contradiction(known: &TreeHead, said: &HeadWithProof) -> Option<Contradiction> {
    if known.organisation != said.head.organisation {
        return Some(Contradiction::AnotherTrail);
    }
    if known.key != said.head.key {
        return Some(Contradiction::AnotherKey);
    }
    Log::ALL.iter().find_map(|log| {
        let (old, new) = (known.log(*log), said.head.log(*log));
        if new.size < old.size {
            return Some(Contradiction::Shorter);
        }
        let continues = is_continued((old.size, &old.root.0), (new.size, &new.root.0), said.proof(*log));
        (!continues).then_some(Contradiction::Rewritten)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::audit::merkle::{Digest, Frontier, Node, consistency, leaf};
    use crate::audit::{Hash, LogSize};
    use crate::identity::OrganisationId;
    use crate::instant::Timestamp;

    fn tree(leaves: &[&str]) -> (Frontier, BTreeMap<Node, Hash>) {
        let (mut tree, mut nodes) = (Frontier::default(), BTreeMap::new());
        for (position, text) in (0..).zip(leaves) {
            let hash = leaf(text.as_bytes());
            nodes.insert(Node { level: 0, position }, hash);
            tree.push(hash, |node, hash| {
                nodes.insert(node, hash);
            });
        }
        (tree, nodes)
    }

    /// What a server with these entries says to whoever has seen so many.
    fn said(leaves: &[&str], seen: u64) -> HeadWithProof {
        let (tree, nodes) = tree(leaves);
        let empty = LogSize { size: 0, root: Digest(Frontier::default().root()) };
        let entries = LogSize { size: tree.size(), root: Digest(tree.root()) };
        let proof =
            consistency(seen, tree.size()).and_then(|recipe| recipe.proof(&nodes)).unwrap_or_default();
        let head = TreeHead {
            organisation: OrganisationId::from_bytes([1; 16]),
            epoch: uuid::Uuid::from_u128(7),
            entries,
            feed: empty,
            signed_at: Timestamp::default(),
            key: "k".to_owned(),
            signature: "s".to_owned(),
        };
        HeadWithProof { head, entries: proof, feed: Vec::new() }
    }

    #[test]
    fn a_trail_that_grows_is_believed_and_one_that_was_rewritten_is_not() {
        let mut witness = Witness::default();
        witness.hear(said(&["a", "b", "c"], 0)).unwrap();
        assert_eq!((witness.seen(Log::Entries), witness.seen(Log::Feed)), (3, 0));
        witness.hear(said(&["a", "b", "c", "d", "e"], 3)).unwrap();
        witness.hear(said(&["a", "b", "c", "d", "e"], 5)).unwrap();
        let known = witness.clone();
        for (leaves, how) in [
            (&["a", "b", "c", "d"][..], Contradiction::Shorter),
            (&["a", "b", "x", "d", "e", "f"], Contradiction::Rewritten),
            (&["a", "c", "b", "d", "e", "f"], Contradiction::Rewritten),
            (&["a", "b", "c", "d", "x"], Contradiction::Rewritten),
            (&["b", "c", "d", "e", "f", "g"], Contradiction::Rewritten),
        ] {
            let mut witness = known.clone();
            assert_eq!(witness.hear(said(leaves, 5)), Err(how), "{leaves:?}");
            assert_eq!(witness.head, known.head, "what was believed stays");
            assert!(witness.contradicted_by.is_some());
        }
    }

    #[test]
    fn another_key_or_trail_is_not_believed_and_a_history_that_ended_is_kept() {
        let mut witness = Witness::default();
        witness.hear(said(&["a"], 0)).unwrap();
        let mut other = said(&["a", "b"], 1);
        other.head.key = "x".to_owned();
        assert_eq!(witness.clone().hear(other), Err(Contradiction::AnotherKey));
        let mut other = said(&["a", "b"], 1);
        other.head.organisation = OrganisationId::from_bytes([2; 16]);
        assert_eq!(witness.clone().hear(other), Err(Contradiction::AnotherTrail));

        for epoch in 0..20 {
            let mut restored = said(&["z"], 0);
            restored.head.epoch = uuid::Uuid::from_u128(100 + epoch);
            assert_eq!(witness.hear(restored), Ok(Heard::Begins));
        }
        assert_eq!(witness.ended.len(), Witness::MOST_ENDED);
        assert_eq!(witness.ended[0].entries.size, 1, "the first of all is not pushed out");
        assert_eq!(witness.contradicted_by, None);
    }

    #[test]
    fn a_contradiction_stays_until_somebody_has_looked_into_it() {
        let mut witness = Witness::default();
        witness.hear(said(&["a", "b"], 0)).unwrap();
        let before = witness.head.clone();
        witness.hear(said(&["x", "b", "c"], 2)).unwrap_err();
        witness.hear(said(&["y", "b", "c"], 2)).unwrap_err();
        assert_eq!(witness.contradicted_by.as_ref(), Some(&said(&["x", "b", "c"], 0).head), "the first one");
        witness.go_on();
        assert_eq!((witness.contradicted_by.as_ref(), witness.ended.as_slice()), (None, before.as_slice()));
        assert_eq!(witness.hear(said(&["x", "b", "c", "d"], 3)), Ok(Heard::Continues));
    }
}
