//! Every operation against the field table of the document's kind.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Refused;
use super::chunk::Parsed;
use super::operation::{Action, Key, OpId, Operation, Value};
use super::past::{Past, Trace};
use crate::document::{DocumentKind, Field, FieldTable, Segment, Shape, root};
use crate::identity::RootId;

/// What a change does to one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// Replaces or clears a value.
    Put,
    /// Makes an item, or a container inside an item that is being made.
    Make,
    /// Removes a value or an item. Automerge also settles concurrent values so, on the one that is shown.
    Delete,
    /// Adds or removes characters of a text.
    Text,
}

/// One write of a change, for authorisation: what it takes is `field.permission`.
#[derive(Clone, Debug)]
pub struct Write {
    /// The keys from the root.
    pub path: Vec<String>,
    /// The row of the field table.
    pub field: &'static Field,
    /// What it does there.
    pub kind: WriteKind,
}

/// A map or a text, and where it stands.
struct Place {
    path: Vec<String>,
    /// `None` for the root.
    field: Option<&'static Field>,
    /// Was it made by the change that is being judged?
    fresh: bool,
}

impl Place {
    fn shape(&self) -> Shape {
        self.field.map_or(Shape::Map, |field| field.shape)
    }
}

/// Deeper than any field table nests.
const MAX_DEPTH: usize = 16;

pub(super) struct Judge<'a> {
    fields: &'static FieldTable,
    change: &'a Parsed<'a>,
    past: Past<'a>,
    places: BTreeMap<Option<OpId>, Rc<Place>>,
    /// What this change put at each key of a map, and has not overwritten or removed since.
    standing: BTreeMap<(Option<OpId>, &'a str), OpId>,
    writes: Vec<Write>,
    /// The server alone names the root of a document.
    by_server: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(kind: DocumentKind, change: &'a Parsed<'a>, past: Past<'a>, by_server: bool) -> Self {
        let root = Place { path: Vec::new(), field: None, fresh: false };
        let places = BTreeMap::from([(None, Rc::new(root))]);
        let standing = BTreeMap::new();
        Self { fields: kind.fields(), change, past, places, standing, writes: Vec::new(), by_server }
    }

    /// What the change writes, when all of it may stand in a document of this kind.
    pub(super) fn writes(mut self) -> Result<Vec<Write>, Refused> {
        let change = self.change;
        for (row, operation) in change.operations.iter() {
            let place = self.place(operation.object, row, 0)?;
            match place.shape() {
                Shape::Text { .. } => self.judge_text(row, operation, &place)?,
                _ => self.judge_map(row, operation, &place)?,
            }
        }
        Ok(self.writes)
    }

    fn judge_map(&mut self, row: usize, operation: &'a Operation<'a>, place: &Place) -> Result<(), Refused> {
        let Key::Name(name) = operation.key else {
            return Err(Refused::Operation { row, problem: "a position in a map" });
        };
        if self.names_root(operation, name) {
            return self.stand(row, operation, name, WriteKind::Put);
        }
        let mut path = place.path.clone();
        path.push(name.to_owned());
        let Some(field) = self.fields.field(&path) else {
            return Err(Refused::UnknownField(path.join("/")));
        };
        let overwritten = self.change.operations.predecessors(operation);
        let is_item = matches!(field.path.last(), Some(Segment::Item));
        let kind = match (operation.action, field.shape) {
            (Action::Put | Action::Delete, shape) if shape.is_container() && !is_item => {
                return Err(Refused::FixedContainer(path.join("/")));
            }
            (Action::Delete, _) => WriteKind::Delete,
            (Action::Put, shape)
                if operation.value.to_scalar().is_some_and(|value| shape.accepts(&value)) =>
            {
                WriteKind::Put
            }
            (Action::MakeMap, Shape::Map) | (Action::MakeText, Shape::Text { .. }) => {
                // An item brings its containers along; nobody adds or replaces one afterwards.
                let comes_along = place.fresh && overwritten.is_empty();
                if !is_item && !comes_along {
                    return Err(Refused::FixedContainer(path.join("/")));
                }
                WriteKind::Make
            }
            _ => return Err(Refused::WrongType(path.join("/"))),
        };
        for predecessor in overwritten {
            if self.past.stands_at(operation.object, name, *predecessor) {
                continue;
            }
            let trace = self.trace(*predecessor, row).ok_or(Refused::UnknownPredecessor { row })?;
            let same = trace.object == operation.object && trace.name.as_deref() == Some(name);
            if !same || trace.action == Action::Delete {
                return Err(Refused::WrongPredecessor { row });
            }
        }
        self.stand(row, operation, name, kind)?;
        if kind == WriteKind::Make {
            let made = Place { path: path.clone(), field: Some(field), fresh: true };
            self.places.insert(Some(self.change.id_of(row)), Rc::new(made));
        }
        self.writes.push(Write { path, field, kind });
        Ok(())
    }

    /// Does it say which root the document has?
    fn names_root(&self, operation: &Operation<'_>, name: &str) -> bool {
        let is_id = matches!(operation.value, Value::Str(text) if text.parse::<RootId>().is_ok());
        let at_root = operation.object.is_none() && name == root::KEY;
        let is_first = self.change.operations.predecessors(operation).is_empty();
        self.by_server && at_root && operation.action == Action::Put && is_id && is_first
    }

    /// A change does not disagree with itself: a value goes in the place of what the same change put there before. Each
    /// value beside another would cost a hundred times the bytes that say it, whenever the document is read.
    fn stand(
        &mut self,
        row: usize,
        operation: &'a Operation<'a>,
        name: &'a str,
        kind: WriteKind,
    ) -> Result<(), Refused> {
        let key = (operation.object, name);
        let overwritten = self.change.operations.predecessors(operation);
        let before = self.standing.get(&key).copied();
        let is_overwritten = before.is_none_or(|before| overwritten.contains(&before));
        match (kind, is_overwritten) {
            (WriteKind::Delete, true) => _ = self.standing.remove(&key),
            (WriteKind::Delete | WriteKind::Text, _) => {}
            (WriteKind::Put | WriteKind::Make, true) => {
                self.standing.insert(key, self.change.id_of(row));
            }
            (WriteKind::Put | WriteKind::Make, false) => {
                return Err(Refused::Operation { row, problem: "a value beside another of the same change" });
            }
        }
        Ok(())
    }

    fn judge_text(&mut self, row: usize, operation: &Operation<'_>, place: &Place) -> Result<(), Refused> {
        match operation.key {
            Key::Head => {}
            Key::Element(element) => {
                let in_text = self
                    .trace(element, row)
                    .is_some_and(|trace| trace.inserted && trace.object == operation.object);
                if !in_text {
                    return Err(Refused::UnknownElement { row });
                }
                let overwritten = self.change.operations.predecessors(operation);
                if operation.action == Action::Delete && overwritten != [element] {
                    return Err(Refused::WrongPredecessor { row });
                }
            }
            Key::Name(_) => return Err(Refused::Operation { row, problem: "a key in a text" }),
        }
        // A text is written character by character; authorisation needs to hear of it once.
        let again =
            self.writes.last().is_some_and(|last| last.kind == WriteKind::Text && last.path == place.path);
        if let Some(field) = place.field
            && !again
        {
            self.writes.push(Write { path: place.path.clone(), field, kind: WriteKind::Text });
        }
        Ok(())
    }

    /// The operation with this id, when it stands before `row` of this change or in its past.
    fn trace(&mut self, id: OpId, row: usize) -> Option<Trace> {
        match self.change.row_of(id) {
            Some(own) if own < row => self.change.operations.get(own).map(Trace::of),
            Some(_) => None,
            None => self.past.trace(id).cloned(),
        }
    }

    /// Where the object that this operation made stands.
    fn place(&mut self, object: Option<OpId>, row: usize, depth: usize) -> Result<Rc<Place>, Refused> {
        if let Some(place) = self.places.get(&object) {
            return Ok(Rc::clone(place));
        }
        let Some(id) = object.filter(|id| depth < MAX_DEPTH && self.change.row_of(*id).is_none()) else {
            // Objects of this very change are in the list once they are made.
            return Err(Refused::UnknownObject { row });
        };
        let path = match self.past.path_of(id) {
            Some(path) => path,
            None => self.traced_path(id, row, depth)?,
        };
        let field = self.fields.field(&path).ok_or_else(|| Refused::UnknownField(path.join("/")))?;
        let place = Rc::new(Place { path, field: Some(field), fresh: false });
        self.places.insert(object, Rc::clone(&place));
        Ok(place)
    }

    /// The keys that lead to the object this operation made, found operation by operation.
    fn traced_path(&mut self, id: OpId, row: usize, depth: usize) -> Result<Vec<String>, Refused> {
        let unknown = Refused::UnknownObject { row };
        let trace = self.past.trace(id).cloned().ok_or_else(|| unknown.clone())?;
        let (Action::MakeMap | Action::MakeText, Some(name)) = (trace.action, trace.name) else {
            return Err(unknown);
        };
        let mut path = self.place(trace.object, row, depth + 1)?.path.clone();
        path.push(name.into());
        Ok(path)
    }
}
