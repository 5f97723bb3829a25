//! What a document already holds, as far as one change builds upon it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use automerge::{AutomergeError, ChangeHash, ChangeMetadata, ObjId, Prop, ROOT, ReadDoc};

use super::author::Author;
use super::chunk::{Chunk, Parsed};
use super::operation::{Action, Key, OpId, Operation};
use super::{Numbering, Refused};
use crate::document::genesis::{self, GENESIS_ACTOR};
use crate::document::{Document, DocumentKind};

/// What an operation left behind: where it stands, and what it made.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) action: Action,
    pub(super) object: Option<OpId>,
    /// The key in a map; `None` for a character of a text.
    pub(super) name: Option<Box<str>>,
    pub(super) inserted: bool,
}

impl Trace {
    pub(super) fn of(operation: &Operation<'_>) -> Self {
        let name = match operation.key {
            Key::Name(name) => Some(name.into()),
            Key::Head | Key::Element(_) => None,
        };
        Self { action: operation.action, object: operation.object, name, inserted: operation.insert }
    }
}

impl From<OpId> for ObjId {
    fn from(id: OpId) -> Self {
        Self::Id(id.counter, id.actor.to_automerge(), 0)
    }
}

/// The operations of one held change, by their number.
struct Held {
    start_op: u64,
    traces: Vec<Trace>,
}

impl Held {
    /// `None` when the bytes are not what the gate would have let in.
    fn read(bytes: &[u8]) -> Option<Self> {
        let change = Chunk::read(bytes).and_then(Chunk::change).ok()?;
        let traces = change.operations.iter().map(|(_, operation)| Trace::of(operation)).collect();
        Some(Self { start_op: change.start_op, traces })
    }

    fn trace(&self, counter: u64) -> Option<&Trace> {
        let index = usize::try_from(counter.checked_sub(self.start_op)?).ok()?;
        self.traces.get(index)
    }
}

/// Automerge puts a change together from all over its columns: beyond some, all at once is cheaper.
const READ_ALL_AFTER: usize = 32;

/// The causal past of one change in one document. Changes are looked up when an operation names them, and
/// read once.
pub(super) struct Past<'a> {
    document: &'a Document,
    /// What the document holds beside the past of the change.
    concurrent: BTreeSet<ChangeHash>,
    held: BTreeMap<ChangeHash, Option<Held>>,
}

impl<'a> Past<'a> {
    /// The past that ends in `change.deps`, when the document holds all of them and the change continues it.
    pub(super) fn of(
        document: &'a Document,
        change: &Parsed<'_>,
        numbering: Numbering,
    ) -> Result<Self, Refused> {
        let missing = document.missing(&change.deps);
        if !missing.is_empty() {
            return Err(Refused::MissingDeps(missing));
        }
        if change.deps.is_empty() {
            return Err(Refused::NoDependencies);
        }
        let concurrent = if document.heads() == change.deps {
            BTreeSet::new()
        } else {
            let others = document.automerge().get_changes_meta(&change.deps);
            others.iter().map(|other| other.hash).collect()
        };
        let past = Self { document, concurrent, held: BTreeMap::new() };
        let automerge = document.automerge();
        let deps: Vec<_> =
            change.deps.iter().filter_map(|dep| automerge.get_change_meta_by_hash(dep)).collect();
        let newest: Vec<_> = match numbering {
            Numbering::Exact => Vec::new(),
            Numbering::Isolated => {
                document.heads().iter().filter_map(|head| automerge.get_change_meta_by_hash(head)).collect()
            }
        };
        check_start(change, &deps, &newest)?;
        past.check_seq(change, &deps)?;
        Ok(past)
    }

    /// The changes of one actor are one chain without gaps: two with the same number wedge a document for
    /// ever, and one that does not build upon its predecessor makes every clock wrong.
    fn check_seq(&self, change: &Parsed<'_>, deps: &[ChangeMetadata<'_>]) -> Result<(), Refused> {
        let last = self.last_of(change.author, deps);
        let last_seq = last.map_or(0, |(seq, _)| seq);
        if change.seq >= 1 && change.seq <= last_seq {
            return Err(Refused::SeqTaken(change.seq));
        }
        let builds_upon_last = last.is_none_or(|(_, hash)| !self.concurrent.contains(&hash));
        if change.seq == last_seq + 1 && builds_upon_last {
            Ok(())
        } else {
            Err(Refused::SeqGap { expected: last_seq + 1, found: change.seq })
        }
    }

    /// The author's newest change in the whole document.
    fn last_of(&self, author: Author, deps: &[ChangeMetadata<'_>]) -> Option<(u64, ChangeHash)> {
        let (automerge, author) = (self.document.automerge(), author.to_automerge());
        // The two usual cases are cheap: an actor new to this document has no objects in it, not even wrong
        // ones, and whoever goes on from a change of their own can only have written later beside its past.
        let any = ObjId::Id(1, author.clone(), 0);
        if matches!(automerge.parents(&any), Err(AutomergeError::InvalidObjId(_))) {
            return None;
        }
        let own = deps.iter().find(|dep| *dep.actor == author).map(|dep| (dep.seq, dep.hash));
        let beside = automerge.get_changes_meta(own.map(|(_, hash)| hash).as_slice());
        let later = beside.iter().filter(|held| *held.actor == author).map(|held| (held.seq, held.hash));
        later.chain(own).max()
    }

    /// Does this operation stand at this key, not overwritten yet, and in the past of the change? When it does,
    /// [`Self::trace`] says so too; asking the document costs much less than putting the change of the operation
    /// together again.
    pub(super) fn stands_at(&self, object: Option<OpId>, name: &str, id: OpId) -> bool {
        let automerge = self.document.automerge();
        let object = object.map_or(ROOT, ObjId::from);
        let values = automerge.get_all(&object, name).unwrap_or_default();
        let id = ObjId::from(id);
        values.iter().any(|(_, found)| *found == id) && self.is_past(&id)
    }

    /// The keys that lead to an object in the past of the change. `None` is no answer: [`Self::trace`] knows.
    pub(super) fn path_of(&self, object: OpId) -> Option<Vec<String>> {
        // A genesis is known by heart.
        if object.actor == GENESIS_ACTOR {
            return None;
        }
        let object = ObjId::from(object);
        if !self.is_past(&object) {
            return None;
        }
        let parents = self.document.automerge().parents(&object).ok()?;
        let mut path: Vec<String> = Vec::new();
        for parent in parents {
            match parent.prop {
                Prop::Map(name) => path.push(name),
                Prop::Seq(_) => return None,
            }
        }
        path.reverse();
        Some(path)
    }

    fn is_past(&self, id: &ObjId) -> bool {
        let held = |hash| !self.concurrent.contains(&hash);
        self.concurrent.is_empty() || self.document.automerge().hash_for_opid(id).is_some_and(held)
    }

    /// The operation with this id, when it is in the past of the change.
    pub(super) fn trace(&mut self, id: OpId) -> Option<&Trace> {
        if id.actor == GENESIS_ACTOR {
            return genesis_of(self.document.kind()).as_ref()?.trace(id.counter);
        }
        let automerge = self.document.automerge();
        let hash = automerge.hash_for_opid(&ObjId::from(id))?;
        if self.concurrent.contains(&hash) {
            return None;
        }
        if self.held.len() == READ_ALL_AFTER {
            let all = automerge.get_changes(&[]);
            self.held = all.iter().map(|change| (change.hash(), Held::read(change.raw_bytes()))).collect();
        }
        let held = self.held.entry(hash).or_insert_with(|| {
            let change = automerge.get_change_by_hash(&hash)?;
            Held::read(change.raw_bytes())
        });
        held.as_ref()?.trace(id.counter)
    }
}

/// Operation numbers follow on from the greatest in the past, which the dependencies themselves carry; those of
/// an edit as of an older state from the greatest that its author had seen, which `newest` bounds.
fn check_start(
    change: &Parsed<'_>,
    deps: &[ChangeMetadata<'_>],
    newest: &[ChangeMetadata<'_>],
) -> Result<(), Refused> {
    let next = |after: &[ChangeMetadata<'_>]| after.iter().map(|it| it.max_op).max().unwrap_or(0) + 1;
    let expected = next(deps);
    if (expected..=next(newest).max(expected)).contains(&change.start_op) {
        Ok(())
    } else {
        Err(Refused::StartOp { expected, found: change.start_op })
    }
}

/// The genesis of a kind, read once: nearly every change writes into its containers.
fn genesis_of(kind: DocumentKind) -> &'static Option<Held> {
    static CACHE: [OnceLock<Option<Held>>; DocumentKind::ALL.len()] =
        [const { OnceLock::new() }; DocumentKind::ALL.len()];
    CACHE[kind as usize].get_or_init(|| Held::read(genesis::bytes(kind)))
}
