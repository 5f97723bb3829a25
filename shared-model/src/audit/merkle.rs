//! The Merkle tree of RFC 9162, section 2.1: its root, proofs that a leaf is in it and that it continues a smaller one,
//! and which nodes a store has to keep so that both are made of few of them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::hex;

/// SHA-256.
pub type Hash = [u8; 32];

/// A hash, in JSON as 64 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub Hash);

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("a hash has 64 digits"))
    }
}

/// The hash of a leaf.
pub fn leaf(content: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(content).finalize().into()
}

/// The hash of a node above two others.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A complete subtree: of 2^level leaves, the first of which is `position · 2^level`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u32,
    /// Counted among those of its level.
    pub position: u64,
}

/// A growing tree: of all its nodes only the roots of its complete subtrees, from the largest to the smallest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The tree of this size whose [`peaks`] are these; `None`: so many are not its own.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; `complete` is told of every subtree above leaves that it completes.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(Node, Hash)) {
        let (mut hash, mut level, mut position) = (leaf, 0, self.size);
        while position & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node(&left, &hash);
            (level, position) = (level + 1, position / 2);
            complete(Node { level, position }, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        fold(&self.peaks).unwrap_or_else(empty_root)
    }
}

/// The hash over complete subtrees, from the largest to the smallest.
fn fold(peaks: &[Hash]) -> Option<Hash> {
    let (last, rest) = peaks.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node(left, &right)))
}

/// Leaves from `start` on, `count` of them. Where it occurs the start is a multiple of the next power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    start: u64,
    count: u64,
}

impl Range {
    fn nodes(self) -> Vec<Node> {
        let (mut start, mut rest, mut nodes) = (self.start, self.count, Vec::new());
        while rest > 0 {
            let level = rest.ilog2();
            nodes.push(Node { level, position: start >> level });
            (start, rest) = (start + (1 << level), rest - (1 << level));
        }
        nodes
    }
}

/// The roots of the complete subtrees of a tree of this size, from the largest to the smallest.
pub fn peaks(size: u64) -> Vec<Node> {
    Range { start: 0, count: size }.nodes()
}

/// What a proof is made of: for each of its hashes, the complete subtrees that it is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe(Vec<Vec<Node>>);

impl Recipe {
    /// The nodes to be looked up.
    pub fn nodes(&self) -> impl Iterator<Item = Node> {
        self.0.iter().flatten().copied()
    }

    /// The proof; `None`: a node is missing.
    pub fn proof(&self, nodes: &BTreeMap<Node, Hash>) -> Option<Vec<Digest>> {
        let hash = |over: &Vec<Node>| {
            let peaks: Option<Vec<Hash>> = over.iter().map(|node| nodes.get(node).copied()).collect();
            fold(&peaks?).map(Digest)
        };
        self.0.iter().map(hash).collect()
    }
}

/// The largest power of two below a size of at least two.
const fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// What shows that the leaf at `index` (from 0) is in the tree of this size; `None`: it is not.
pub fn inclusion(index: u64, size: u64) -> Option<Recipe> {
    if index >= size {
        return None;
    }
    let (mut path, mut start, mut count) = (Vec::new(), 0, size);
    while count > 1 {
        let left = split(count);
        if index - start < left {
            path.push(Range { start: start + left, count: count - left });
            count = left;
        } else {
            path.push(Range { start, count: left });
            (start, count) = (start + left, count - left);
        }
    }
    Some(Recipe(path.into_iter().rev().map(Range::nodes).collect()))
}

/// What shows that the tree of size `new` continues that of size `old`; `None`: it cannot.
pub fn consistency(old: u64, new: u64) -> Option<Recipe> {
    if old == 0 || old > new {
        return None;
    }
    let (mut path, mut start, mut count, mut is_whole) = (Vec::new(), 0, new, true);
    while old - start != count {
        let left = split(count);
        if old - start <= left {
            path.push(Range { start: start + left, count: count - left });
            count = left;
        } else {
            path.push(Range { start, count: left });
            (start, count, is_whole) = (start + left, count - left, false);
        }
    }
    if !is_whole {
        path.push(Range { start, count });
    }
    Some(Recipe(path.into_iter().rev().map(Range::nodes).collect()))
}

/// Is this leaf at `index` of the tree of this size and root? (RFC 9162, section 2.1.3.2)
pub fn is_included(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Digest]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for Digest(other) in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(other, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Does the tree of size and root `new` continue the tree `old`? (RFC 9162, section 2.1.4.2)
pub fn is_continued(old: (u64, &Hash), new: (u64, &Hash), proof: &[Digest]) -> bool {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 {
        return proof.is_empty() && *old_root == empty_root();
    }
    if old_size >= new_size {
        return old_size == new_size && proof.is_empty() && old_root == new_root;
    }
    let mut rest = proof.iter().map(|Digest(hash)| *hash);
    let first = if old_size.is_power_of_two() { Some(*old_root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old_size - 1, new_size - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut was, mut is) = (first, first);
    for other in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (was, is) = (node(&other, &was), node(&other, &is));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            is = node(&is, &other);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && was == *old_root && is == *new_root
}

#[cfg(test)]
mod tests;
