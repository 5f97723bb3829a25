//! A new root: the present value of a document upon genesis and its schema steps, in the place of its past. It is one change,
//! or a few where one would be more than the gate takes.
//!
//! The document goes on under its id and shares nothing else with what it was. The two are never merged: everything would
//! stand there twice. The id of the root, which stands in the document where no person can write, tells them apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{
    Automerge, AutomergeError, Change, ChangeHash, ObjId, ObjType, ROOT, ReadDoc, ScalarValue, Value, legacy,
};

use super::{Document, FieldTable, MAX_CHANGE_OPS, Segment, genesis, step};
use crate::gate::{self, Binding, Refused};
use crate::identity::{ActorId, RootId};

/// Where the id of the root stands: no field table has this key.
pub(crate) const KEY: &str = "root";
/// What the operations of a change weigh at most.
const CHANGE: usize = MAX_CHANGE_OPS / 2;
/// Characters of a text that are written at once.
const PIECE: usize = CHANGE / 2;
/// A string weighs as much as an operation for so many bytes: changes stay well below what the gate takes.
const BYTES_PER_OPERATION: usize = 16;

/// A document that cannot be given a new root.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// Fields with more than one value: a new root would keep one of them.
    #[error("people wrote different values at the same time, and nobody has settled it: {}", .0.join(", "))]
    Conflicts(Vec<String>),
    /// Something no command writes.
    #[error("there is something in it that no command writes: {0}")]
    Foreign(String),
    /// A change of it that the gate would not take from anybody.
    #[error("it is too large or too odd to begin anew: {0}")]
    Gate(#[from] Refused),
    /// Automerge refused it.
    #[error(transparent)]
    Automerge(#[from] AutomergeError),
}

impl Document {
    /// The root that took the place of this document's past; `None`: its past is whole.
    pub fn root(&self) -> Option<RootId> {
        self.peek(KEY)
    }

    /// May this change, which the document has not, become part of it? Whatever is written upon a root builds upon it, and a
    /// root builds upon nothing that anybody wrote: else two pasts that were never one would meet.
    pub fn belongs_upon_its_root(&self, change: &Change) -> bool {
        let begins =
            |hash: &ChangeHash| *hash == genesis::hash(self.kind()) || step::has_hash(self.kind(), hash);
        if !change.deps().iter().all(begins) {
            return true;
        }
        let is_new = self.heads().iter().all(begins);
        is_new || (self.root().is_none() && !names_root(change))
    }

    /// The same document upon a new root, and the raw bytes of the changes that make it, the root first, all by `actor`. The
    /// time of the last edit stays. Refused while there are conflicts: only people know which value is right.
    pub fn upon_new_root(&self, root: RootId, actor: ActorId) -> Result<(Self, Vec<Vec<u8>>), RootError> {
        let conflicts = self.conflicts();
        if !conflicts.is_empty() {
            return Err(RootError::Conflicts(conflicts.into_iter().map(|conflict| conflict.field).collect()));
        }
        let mut document = Self::new(self.kind());
        let steps = step::all(self.kind()).iter().filter(|step| self.has_change(&step.hash()));
        document.apply(steps.map(|step| step.change().clone()).collect())?;
        let before = document.heads();
        let name = Act { path: vec![KEY.to_owned()], what: What::Put(root.to_string().into()) };
        let value = acts(self.kind().fields(), entries(self.automerge(), &ROOT, &[])?);
        let time = self.last_edit().as_seconds();
        let mut automerge = Arc::unwrap_or_clone(document.automerge);
        automerge.set_actor(actor.to_automerge());
        for acts in changes(std::iter::once(vec![name]).chain(value).collect()) {
            let mut transaction = automerge.transaction();
            acts.iter().try_for_each(|act| act.carry_out(&mut transaction))?;
            transaction.commit_with(CommitOptions::default().with_time(time));
        }
        document = Self::of(self.kind(), automerge);
        let made = document.changes_since(&before);
        document.check(&made)?;
        match document.holds_the_value_of(self) {
            true => Ok((document, made.iter().map(|change| change.raw_bytes().to_vec()).collect())),
            false => Err(RootError::Foreign("a value that does not come out as it went in".to_owned())),
        }
    }

    /// Whatever is written here later is judged upon these changes: they must be such as the gate can read.
    fn check(&self, made: &[Change]) -> Result<(), RootError> {
        let mut document = Self::new(self.kind());
        document.apply(step::all(self.kind()).iter().map(|step| step.change().clone()).collect())?;
        for change in made {
            gate::check_change(&document, change.raw_bytes(), |_| Binding::Server)?;
            document.apply(vec![change.clone()])?;
        }
        Ok(())
    }

    /// Do both have the same value, whatever their past?
    fn holds_the_value_of(&self, other: &Self) -> bool {
        let value = |document: &Self| match document.automerge().hydrate(None) {
            automerge::hydrate::Value::Map(mut map) => {
                map.remove(KEY);
                Some(map)
            }
            _ => None,
        };
        value(self) == value(other)
    }
}

/// Does a change say that it is a root?
fn names_root(change: &Change) -> bool {
    let decoded = change.decode();
    decoded.operations.iter().any(|operation| {
        operation.obj == legacy::ObjectId::Root && operation.key == legacy::Key::Map(KEY.into())
    })
}

/// One thing to do on the way to the value.
struct Act {
    path: Vec<String>,
    what: What,
}

enum What {
    Make(ObjType),
    Put(ScalarValue),
    /// Characters of a text, and where.
    Splice(usize, String),
}

impl Act {
    /// About how many operations and bytes it takes.
    fn weight(&self) -> usize {
        match &self.what {
            What::Make(_) => 1,
            What::Put(ScalarValue::Str(text)) => 1 + text.len() / BYTES_PER_OPERATION,
            What::Put(_) => 1,
            What::Splice(_, text) => text.chars().count(),
        }
    }

    fn carry_out(&self, to: &mut impl Transactable) -> Result<(), RootError> {
        let Some((key, parents)) = self.path.split_last() else { return Ok(()) };
        let mut parent = ROOT;
        for name in parents {
            parent = object(to, &parent, name)?;
        }
        match &self.what {
            What::Make(kind) => {
                let is_there = matches!(to.get(&parent, key.as_str())?, Some((Value::Object(there), _)) if there == *kind);
                if !is_there {
                    to.put_object(&parent, key.as_str(), *kind)?;
                }
            }
            What::Put(scalar) => {
                let present = to.get(&parent, key.as_str())?;
                if !matches!(&present, Some((Value::Scalar(there), _)) if **there == *scalar) {
                    to.put(&parent, key.as_str(), scalar.clone())?;
                }
            }
            What::Splice(at, text) => {
                let object = object(to, &parent, key)?;
                to.splice_text(&object, *at, 0, text)?;
            }
        }
        Ok(())
    }
}

fn object(to: &impl ReadDoc, parent: &ObjId, name: &str) -> Result<ObjId, RootError> {
    match to.get(parent, name)? {
        Some((Value::Object(_), object)) => Ok(object),
        _ => Err(RootError::Foreign(name.to_owned())),
    }
}

/// What stands in a document, each container before what it holds.
fn entries(from: &Automerge, source: &ObjId, path: &[String]) -> Result<Vec<(Vec<String>, What)>, RootError> {
    let mut found = Vec::new();
    for key in from.keys(source) {
        let Some((value, child)) = from.get(source, key.as_str())? else { continue };
        let here = [path, &[key]].concat();
        match value {
            Value::Scalar(_) if here == [KEY] => {}
            Value::Scalar(scalar) => found.push((here, What::Put(scalar.into_owned()))),
            Value::Object(ObjType::Map) => {
                let inside = entries(from, &child, &here)?;
                found.push((here, What::Make(ObjType::Map)));
                found.extend(inside);
            }
            Value::Object(ObjType::Text) => {
                found.push((here.clone(), What::Make(ObjType::Text)));
                let text: Vec<char> = from.text(&child)?.chars().collect();
                let pieces = text.chunks(PIECE).enumerate();
                found.extend(
                    pieces.map(|(n, piece)| (here.clone(), What::Splice(n * PIECE, piece.iter().collect()))),
                );
            }
            Value::Object(_) => return Err(RootError::Foreign(here.join("/"))),
        }
    }
    Ok(found)
}

/// Everything to do, in order: first the containers, those of an item with it, then what they hold.
fn acts(fields: &FieldTable, entries: Vec<(Vec<String>, What)>) -> Vec<Vec<Act>> {
    let is_item = |path: &[String]| {
        fields.field(path).is_some_and(|field| matches!(field.path.last(), Some(Segment::Item)))
    };
    let item_of = |path: &[String]| {
        (1..=path.len()).rev().find(|end| is_item(&path[..*end])).map(|end| path[..end].to_vec())
    };
    let (containers, rest): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(_, what)| matches!(what, What::Make(_)));
    // An item stands before the items in it, as its path does.
    let mut items: BTreeMap<Option<Vec<String>>, Vec<Act>> = BTreeMap::new();
    for (path, what) in containers {
        items.entry(item_of(&path)).or_default().push(Act { path, what });
    }
    let rest = rest.into_iter().map(|(path, what)| vec![Act { path, what }]);
    items.into_values().chain(rest).collect()
}

/// The acts of each change. What belongs together stays together.
fn changes(groups: Vec<Vec<Act>>) -> Vec<Vec<Act>> {
    let mut changes: Vec<(usize, Vec<Act>)> = vec![(0, Vec::new())];
    for group in groups {
        let added: usize = group.iter().map(Act::weight).sum();
        match changes.last_mut() {
            Some((weight, acts)) if *weight + added <= CHANGE => {
                *weight += added;
                acts.extend(group);
            }
            _ => changes.push((added, group)),
        }
    }
    changes.into_iter().map(|(_, acts)| acts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{DocumentKind, EditError};
    use crate::input::MAX_TEXT_CHARS;
    use crate::instant::Timestamp;

    const ANN: ActorId = ActorId::from_bytes([1; 16]);
    const BOB: ActorId = ActorId::from_bytes([2; 16]);
    const SERVER: ActorId = ActorId::from_bytes([3; 16]);
    const ROOT_ID: RootId = RootId::from_bytes([7; 16]);
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn name(document: &mut Document, actor: ActorId, at: i64, name: &str) {
        let at = NOW.plus_millis(at);
        document.edit::<_, EditError>(actor, at, |edit| edit.put_str(&["name"], Some(name))).unwrap();
    }

    #[test]
    fn the_value_stays_and_the_past_goes() {
        let mut document = Document::new(DocumentKind::Part);
        for n in 0..50 {
            name(&mut document, ANN, n * 1_000, &format!("Bearing {n}"));
        }
        document
            .edit::<_, EditError>(BOB, NOW.plus_millis(60_000), |edit| {
                edit.set_text(&["description"], "Größe 6204")
            })
            .unwrap();
        let (rooted, root) = document.upon_new_root(ROOT_ID, SERVER).unwrap();
        assert_eq!((document.root(), rooted.root()), (None, Some(ROOT_ID)));
        assert_eq!(rooted.peek::<String>("name").as_deref(), Some("Bearing 49"));
        assert_eq!(rooted.hydrate().root().text("description"), "Größe 6204");
        assert_eq!(rooted.last_edit(), document.last_edit());
        let past = rooted.changes_since(&[]);
        assert_eq!(root.len(), 1);
        assert!(past.len() <= 2 + step::all(DocumentKind::Part).len(), "genesis, steps and the root");
        assert!(!rooted.save().windows(10).any(|bytes| bytes == b"Bearing 48"), "the past is in it");
        let mut built = Document::new(DocumentKind::Part);
        let steps = past.iter().filter(|change| step::find(DocumentKind::Part, change.raw_bytes()).is_some());
        built.apply(steps.cloned().collect()).unwrap();
        built.apply(vec![Change::from_bytes(root[0].clone()).unwrap()]).unwrap();
        assert_eq!(built.heads(), rooted.heads(), "the root is all it takes");
    }

    #[test]
    fn nobody_but_the_server_brings_a_root() {
        let mut document = Document::new(DocumentKind::Part);
        name(&mut document, ANN, 0, "Bearing");
        let (_, root) = document.upon_new_root(ROOT_ID, SERVER).unwrap();
        let empty = Document::new(DocumentKind::Part);
        let refused = gate::check_change(&empty, &root[0], |_| Binding::Device).unwrap_err();
        assert!(matches!(&refused, Refused::UnknownField(field) if field == KEY), "{refused}");
        gate::check_change(&empty, &root[0], |_| Binding::Server).unwrap();
        for kind in DocumentKind::ALL {
            assert_eq!(kind.fields().field(&[KEY]).map(|field| field.path), None, "{}", kind.code());
        }
    }

    #[test]
    fn two_pasts_never_meet() {
        let mut document = Document::new(DocumentKind::Part);
        name(&mut document, ANN, 0, "Bearing");
        let first = document.changes_since(&[]).pop().unwrap();
        let (rooted, root) = document.upon_new_root(ROOT_ID, SERVER).unwrap();
        let root = Change::from_bytes(root[0].clone()).unwrap();
        assert!(!rooted.belongs_upon_its_root(&first), "what stood below genesis, upon a root");
        assert!(!document.belongs_upon_its_root(&root), "a root upon what people wrote");
        let mut later = rooted.clone();
        name(&mut later, BOB, 1, "Seal");
        assert!(rooted.belongs_upon_its_root(&later.changes_since(&rooted.heads())[0]));
        let mut other = Document::new(DocumentKind::Part);
        name(&mut other, BOB, 0, "Seal");
        assert!(document.belongs_upon_its_root(&other.changes_since(&[]).pop().unwrap()), "two who begin");
        for begun in [&root, &first] {
            assert!(Document::new(DocumentKind::Part).belongs_upon_its_root(begun));
        }
    }

    /// Every later edit is judged upon what it stands on.
    #[test]
    fn long_texts_can_be_edited_upon_a_new_root() {
        let mut document = Document::new(DocumentKind::WorkOrder);
        let long: String =
            ('a'..='z').chain("äöü\u{1f527} \n".chars()).cycle().take(MAX_TEXT_CHARS - 100).collect();
        for field in ["description", "resolution"] {
            document.edit::<_, EditError>(ANN, NOW, |edit| edit.set_text(&[field], &long)).unwrap();
        }
        let (mut rooted, root) = document.upon_new_root(ROOT_ID, SERVER).unwrap();
        assert!(root.len() > MAX_TEXT_CHARS / CHANGE, "{}", root.len());
        let (from, to) = long.split_at(long.char_indices().nth(MAX_TEXT_CHARS / 2).unwrap().0);
        let before = rooted.clone();
        let typed = format!("{from} in the midst {to}");
        let (_, made) =
            rooted.edit::<_, EditError>(BOB, NOW, |edit| edit.set_text(&["description"], &typed)).unwrap();
        let [made] = &made[..] else { panic!("{} changes", made.len()) };
        gate::check_change(&before, made, |_| Binding::Device).unwrap();
    }

    #[test]
    fn a_second_root_takes_the_place_of_the_first() {
        let mut document = Document::new(DocumentKind::Part);
        name(&mut document, ANN, 0, "Bearing");
        let (mut first, _) = document.upon_new_root(ROOT_ID, SERVER).unwrap();
        name(&mut first, ANN, 0, "Seal");
        let other = RootId::from_bytes([8; 16]);
        let (second, _) = first.upon_new_root(other, SERVER).unwrap();
        assert_eq!((second.root(), second.peek::<String>("name")), (Some(other), Some("Seal".to_owned())));
    }

    #[test]
    fn what_people_have_to_settle_is_not_settled_by_a_root() {
        let mut document = Document::new(DocumentKind::Part);
        name(&mut document, ANN, 0, "Bearing");
        let mut other = document.clone();
        name(&mut document, ANN, 1, "Seal");
        name(&mut other, BOB, 1, "Gasket");
        document.apply(other.changes_since(&[])).unwrap();
        let refused = document.upon_new_root(ROOT_ID, SERVER).unwrap_err();
        assert!(matches!(&refused, RootError::Conflicts(fields) if fields == &["name"]), "{refused}");
        name(&mut document, ANN, 2, "Seal");
        document.upon_new_root(ROOT_ID, SERVER).unwrap();
    }
}
