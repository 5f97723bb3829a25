//! The rows of everything on this device, in memory: what lists, boards and search read. At start they come
//! straight from the database, so the first frame needs no engine; then the engine's messages keep them current.

mod database;
mod find;

pub use database::{empty_unless, open, read_all, read_names};
pub use find::{Entries, Search, use_found};

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use shared_model::document::DocumentKind;
use shared_model::features::{self, Row};
use shared_model::identity::DocumentId;
use yew::prelude::*;

use crate::browser;
use crate::engine_client::use_engine;
use crate::hooks::{Watched, use_watched};
use crate::sorting::sort_by_key;

/// Screens are told at most this often while rows pour in; a single change is told at once.
const TELL_EVERY_MS: f64 = 60.0;

/// A row with its text for search.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub id: DocumentId,
    pub row: Row,
    /// In lower case.
    text: String,
}

impl Entry {
    fn new(id: DocumentId, row: Row) -> Self {
        let text = features::search_text(&row);
        Self { id, row, text }
    }
}

/// The rows of one kind.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Sorted by id.
    entries: Vec<Rc<Entry>>,
    /// The database has been read.
    pub loaded: bool,
    /// Another number whenever the rows are others: what computations over them are remembered by.
    pub revision: u64,
}

impl Table {
    /// Every row, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.entries.iter()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The row of a document.
    pub fn get(&self, id: DocumentId) -> Option<&Rc<Entry>> {
        self.position(id).ok().map(|at| &self.entries[at])
    }

    fn position(&self, id: DocumentId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&id, |entry| entry.id)
    }

    fn upsert(&mut self, id: DocumentId, row: Row) {
        let entry = Rc::new(Entry::new(id, row));
        match self.position(id) {
            Ok(at) => self.entries[at] = entry,
            Err(at) => self.entries.insert(at, entry),
        }
    }

    fn remove(&mut self, id: DocumentId) -> bool {
        let found = self.position(id);
        found.map(|at| self.entries.remove(at)).is_ok()
    }

    fn remove_all(&mut self, ids: &[DocumentId]) {
        for id in ids {
            self.remove(*id);
        }
    }
}

/// All rows on this device.
pub struct RowStore {
    tables: BTreeMap<DocumentKind, Rc<Watched<Table>>>,
    /// What the engine said while the database was being read, so that an older page never hides it.
    early: RefCell<Option<BTreeMap<DocumentId, Option<Row>>>>,
    told_at: Cell<f64>,
    telling: RefCell<Option<Timeout>>,
    untold: RefCell<Vec<DocumentKind>>,
    revisions: Cell<u64>,
}

impl RowStore {
    pub fn new() -> Rc<Self> {
        let tables = DocumentKind::ALL.iter().map(|kind| (*kind, Rc::default())).collect();
        Rc::new(Self {
            tables,
            early: RefCell::default(),
            told_at: Cell::default(),
            telling: RefCell::default(),
            untold: RefCell::default(),
            revisions: Cell::default(),
        })
    }

    /// The rows of one kind.
    pub fn table(&self, kind: DocumentKind) -> &Rc<Watched<Table>> {
        &self.tables[&kind]
    }

    /// The row of a document of any kind.
    pub fn find(&self, id: DocumentId) -> Option<Rc<Entry>> {
        self.tables.values().find_map(|table| table.get().get(id).cloned())
    }

    /// The database is being read: note what changes meanwhile.
    pub fn begin_reading(&self) {
        self.early.borrow_mut().get_or_insert_default();
    }

    /// Everything the database holds of one kind.
    pub fn replace(&self, kind: DocumentKind, rows: Vec<(DocumentId, Row)>) {
        let mut entries: Vec<_> = rows.into_iter().map(|(id, row)| Rc::new(Entry::new(id, row))).collect();
        sort_by_key(&mut entries, |entry| entry.id);
        let mut table = Table { entries, loaded: true, revision: self.next_revision() };
        for (id, row) in self.early.borrow().iter().flatten() {
            match row {
                Some(row) if row.kind() == kind => table.upsert(*id, row.clone()),
                Some(_) => {}
                None => {
                    table.remove(*id);
                }
            }
        }
        self.tables[&kind].set(table);
    }

    /// The database has been read.
    pub fn end_reading(&self) {
        self.early.borrow_mut().take();
    }

    /// What the engine says changed.
    pub fn apply(self: &Rc<Self>, changed: BTreeMap<DocumentId, Row>, removed: &[DocumentId]) {
        if let Some(early) = self.early.borrow_mut().as_mut() {
            early.extend(changed.iter().map(|(id, row)| (*id, Some(row.clone()))));
            early.extend(removed.iter().map(|id| (*id, None)));
        }
        let mut by_kind: BTreeMap<DocumentKind, Vec<(DocumentId, Row)>> = BTreeMap::new();
        for (id, row) in changed {
            by_kind.entry(row.kind()).or_default().push((id, row));
        }
        for (kind, rows) in by_kind {
            self.change(kind, |table| rows.into_iter().for_each(|(id, row)| table.upsert(id, row)));
        }
        for (kind, table) in &self.tables {
            if removed.iter().any(|id| table.get().get(*id).is_some()) {
                self.change(*kind, |table| table.remove_all(removed));
            }
        }
        self.tell_soon();
    }

    fn next_revision(&self) -> u64 {
        self.revisions.set(self.revisions.get() + 1);
        self.revisions.get()
    }

    fn change(&self, kind: DocumentKind, change: impl FnOnce(&mut Table)) {
        let revision = self.next_revision();
        self.tables[&kind].change(|table| {
            change(table);
            table.revision = revision;
        });
        self.untold.borrow_mut().push(kind);
    }

    fn tell_soon(self: &Rc<Self>) {
        let now = browser::monotonic_ms();
        let wait = self.told_at.get() + TELL_EVERY_MS - now;
        if wait <= 0.0 {
            self.tell();
        } else if self.telling.borrow().is_none() {
            let store = Rc::clone(self);
            *self.telling.borrow_mut() = Some(Timeout::new(wait as u32 + 1, move || store.tell()));
        }
    }

    fn tell(&self) {
        self.told_at.set(browser::monotonic_ms());
        if let Some(timer) = self.telling.borrow_mut().take() {
            timer.forget();
        }
        let mut kinds = std::mem::take(&mut *self.untold.borrow_mut());
        kinds.sort_unstable();
        kinds.dedup();
        for kind in kinds {
            self.tables[&kind].tell();
        }
    }
}

/// The rows of one kind, and a new frame whenever they change.
#[hook]
pub fn use_rows(kind: DocumentKind) -> Rc<Table> {
    let engine = use_engine();
    use_watched(engine.rows().table(kind))
}
