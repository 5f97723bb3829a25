//! What must survive, in plain maps: for every field the writes and what each one replaced, for every text the
//! sentences and lines typed and removed, and every fact. Who saw what when is the only thing it takes from the devices.

mod catalogue;
mod checklist;
mod facts;
mod text;
mod work_order;

use std::collections::{BTreeMap, BTreeSet};

use shared_model::document::FieldValue;
use shared_model::features::{Command, View};
use shared_model::identity::{DocumentId, PersonId, RecordId};
use shared_model::instant::Timestamp;

pub use checklist::{meaning, progress};
pub use facts::{Fact, balances};
pub use text::{Text, sentences};

/// The circumstances of one command.
pub struct Scene {
    /// Number of the command.
    pub event: usize,
    /// Who does it.
    pub person: PersonId,
    /// When.
    pub now: Timestamp,
    /// Which earlier events the device knew, per document.
    pub known: BTreeSet<(usize, DocumentId)>,
    /// What the person was shown.
    pub before: BTreeMap<DocumentId, View>,
}

struct Write {
    event: usize,
    /// `None` takes the value away.
    value: Option<FieldValue>,
    replaced: Vec<usize>,
}

#[derive(Default)]
pub struct Model {
    writes: Vec<Write>,
    fields: BTreeMap<(DocumentId, String), Vec<usize>>,
    texts: BTreeMap<(DocumentId, &'static str), Text>,
    pub facts: BTreeMap<(DocumentId, RecordId), Fact>,
}

impl Model {
    /// Notes what a command that was not refused does; says which documents it changes.
    pub fn apply(&mut self, scene: &Scene, command: &Command) -> BTreeSet<DocumentId> {
        let mut scribe = Scribe { model: self, scene, changed: BTreeSet::new() };
        match command {
            Command::WorkOrder(command) => work_order::apply(&mut scribe, command),
            Command::Asset(command) => catalogue::asset(&mut scribe, command),
            Command::Location(command) => catalogue::location(&mut scribe, command),
            Command::Part(command) => catalogue::part(&mut scribe, command),
            Command::Storeroom(command) => catalogue::storeroom(&mut scribe, command),
            Command::Checklist(command) => catalogue::checklist(&mut scribe, command),
            Command::Conflict(command) => facts::conflict(&mut scribe, command),
            Command::LabourEntry(command) => facts::labour(&mut scribe, command),
            Command::Comment(command) => facts::comment(&mut scribe, command),
            Command::StockMovement(command) => facts::stock(&mut scribe, command),
            Command::MeterReading(command) => facts::meter(&mut scribe, command),
            Command::Cost(command) => facts::cost(&mut scribe, command),
        }
        scribe.changed
    }

    /// Every field ever written with the values that stand there when everything is known.
    pub fn fields(&self) -> impl Iterator<Item = (DocumentId, &str, Vec<FieldValue>)> {
        self.fields.iter().map(|((document, path), writes)| {
            let present = self.present(writes, |_| true);
            (*document, path.as_str(), present.iter().filter_map(|w| self.writes[*w].value.clone()).collect())
        })
    }

    /// The values of one field.
    pub fn values(&self, document: DocumentId, path: &str) -> Vec<FieldValue> {
        let writes = self.fields.get(&(document, path.to_owned())).map_or(&[][..], Vec::as_slice);
        self.present(writes, |_| true).iter().filter_map(|w| self.writes[*w].value.clone()).collect()
    }

    /// What must stand in one of a document's texts, if anybody ever wrote there.
    pub fn text(&self, document: DocumentId, field: &'static str) -> Option<&Text> {
        self.texts.get(&(document, field))
    }

    fn present(&self, writes: &[usize], knows: impl Fn(usize) -> bool) -> Vec<usize> {
        let known: Vec<usize> = writes.iter().copied().filter(|w| knows(self.writes[*w].event)).collect();
        let replaced: BTreeSet<usize> =
            known.iter().flat_map(|w| self.writes[*w].replaced.iter().copied()).collect();
        known.into_iter().filter(|w| self.writes[*w].value.is_some() && !replaced.contains(w)).collect()
    }
}

/// Writes one command down.
struct Scribe<'m> {
    model: &'m mut Model,
    scene: &'m Scene,
    changed: BTreeSet<DocumentId>,
}

impl Scribe<'_> {
    fn standing(&self, document: DocumentId, path: &str) -> Vec<usize> {
        let Some(writes) = self.model.fields.get(&(document, path.to_owned())) else { return Vec::new() };
        let scene = self.scene;
        let knows = |event| event == scene.event || scene.known.contains(&(event, document));
        self.model.present(writes, knows)
    }

    /// The values that the author's device held.
    fn seen(&self, document: DocumentId, path: &str) -> Vec<FieldValue> {
        self.standing(document, path).iter().filter_map(|w| self.model.writes[*w].value.clone()).collect()
    }

    fn write(&mut self, document: DocumentId, path: &str, value: Option<FieldValue>) {
        let replaced = self.standing(document, path);
        let number = self.model.writes.len();
        self.model.writes.push(Write { event: self.scene.event, value, replaced });
        self.model.fields.entry((document, path.to_owned())).or_default().push(number);
        self.changed.insert(document);
    }

    /// Saving what already stands there alone writes nothing.
    fn put(&mut self, document: DocumentId, path: &str, value: FieldValue) {
        let seen = self.seen(document, path);
        let unchanged = if seen.is_empty() { value == FieldValue::Null } else { seen == [value.clone()] };
        if !unchanged {
            self.write(document, path, Some(value));
        }
    }

    fn put_str(&mut self, document: DocumentId, path: &str, value: Option<&str>) {
        self.put(document, path, value.map_or(FieldValue::Null, |text| FieldValue::Str(text.to_owned())));
    }

    fn put_id(&mut self, document: DocumentId, path: &str, id: Option<impl ToString>) {
        self.put_str(document, path, id.map(|id| id.to_string()).as_deref());
    }

    fn put_int(&mut self, document: DocumentId, path: &str, value: Option<i64>) {
        self.put(document, path, value.map_or(FieldValue::Null, FieldValue::Int));
    }

    fn put_time(&mut self, document: DocumentId, path: &str, at: Option<Timestamp>) {
        self.put(document, path, at.map_or(FieldValue::Null, FieldValue::Timestamp));
    }

    fn add(&mut self, document: DocumentId, set: &str, member: &impl ToString) {
        self.put(document, &format!("{set}/{}", member.to_string()), FieldValue::Bool(true));
    }

    fn insert(&mut self, document: DocumentId, path: &str) {
        self.write(document, path, Some(FieldValue::Object));
    }

    fn remove(&mut self, document: DocumentId, path: &str) {
        if !self.standing(document, path).is_empty() {
            self.write(document, path, None);
        }
    }

    fn text(&mut self, document: DocumentId, field: &'static str, before: &str, after: &str) {
        if self.model.texts.entry((document, field)).or_default().retype(before, after) {
            self.changed.insert(document);
        }
    }

    fn fact(&mut self, document: DocumentId, id: RecordId, fact: Fact) {
        self.model.facts.insert((document, id), fact);
    }
}
