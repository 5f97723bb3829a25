//! Writing: one transaction for everything that belongs together, memory only after it is on disk, and what
//! happens when the browser refuses.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::{StorageTrouble, ToApp};
use gloo_timers::callback::Timeout;
use shared_model::features::{self, Row};
use shared_model::identity::DocumentId;
use shared_model::replica::RawDocument;
use shared_model::workspace::Aggregate;

use super::{Input, Worker};
use crate::console;
use crate::documents::{self, StoredRecords};
use crate::local_store::{Batch, Durability, StoreError};
use crate::row_pages::RowChanges;

const FIRST_HEAL_MS: u32 = 250;
const LAST_HEAL_MS: u32 = 10_000;
/// Rows in one message: tabs read it on their main thread.
const ROWS_PER_MESSAGE: usize = 200;
/// A transaction of more documents than this leaves the live ones in memory as they are.
const KEEP_LIVE: usize = 16;

/// The database does not take anything at present.
pub struct Trouble {
    error: StoreError,
    told: StorageTrouble,
    pause_ms: u32,
    _again: Timeout,
}

/// Documents that one transaction changes.
#[derive(Default)]
pub struct DocumentChanges<'a> {
    /// As they are now.
    pub put: BTreeMap<DocumentId, Aggregate>,
    /// As they came; nobody has opened them.
    pub raw: BTreeMap<DocumentId, RawDocument>,
    /// Rows of documents that are not here yet.
    pub listed: BTreeMap<DocumentId, Row>,
    /// To be forgotten.
    pub removed: BTreeSet<DocumentId>,
    /// The records as they are on disk.
    pub before: StoredRecords,
    /// Saved bytes that are at hand.
    pub saved: BTreeMap<DocumentId, &'a [u8]>,
    /// Their rows.
    pub rows: RowTiming,
}

/// When rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RowTiming {
    /// With their documents.
    #[default]
    Now,
    /// With those of later pages of the same load.
    Later,
    /// With their documents, and all that waited: the load is complete.
    Last,
}

impl Worker {
    /// Writes documents, records and rows into `batch`, and `batch` to disk. Then memory, lists and screens
    /// follow.
    pub(super) async fn commit_documents(
        &mut self,
        mut batch: Batch,
        changes: DocumentChanges<'_>,
        durability: Durability,
    ) -> Result<RowChanges, StoreError> {
        for (id, aggregate) in &changes.put {
            documents::put(&mut batch, aggregate, changes.saved.get(id).copied(), &changes.before);
        }
        for id in &changes.removed {
            documents::delete(&mut batch, *id);
        }
        let mut rows = changes.listed;
        for (id, raw) in changes.raw {
            documents::put_raw(&mut batch, id, &raw);
            rows.extend(raw.row.map(|row| (id, row)));
        }
        rows.extend(changes.put.iter().map(|(id, aggregate)| (*id, features::row(aggregate))));
        let rows = RowChanges { changed: rows, removed: changes.removed };
        let loaded = self.rows.load(&self.store, &rows).await;
        self.noted(loaded)?;
        match changes.rows {
            RowTiming::Now => self.rows.write(&mut batch, &rows),
            RowTiming::Later => self.rows.write_later(&mut batch, &rows),
            RowTiming::Last => {
                self.rows.write(&mut batch, &rows);
                self.rows.write_waiting(&mut batch);
            }
        }
        self.commit(&batch, durability).await?;
        for id in &rows.removed {
            self.documents.drop_one(*id);
        }
        if changes.put.len() <= KEEP_LIVE {
            self.documents.keep(changes.put.into_values());
        } else {
            changes.put.keys().for_each(|id| self.documents.drop_one(*id));
        }
        Ok(rows)
    }

    /// Writes all of `batch` or nothing.
    pub(super) async fn commit(&mut self, batch: &Batch, durability: Durability) -> Result<(), StoreError> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.error.clone());
        }
        let outcome = self.store.commit(batch, durability).await;
        self.noted(outcome)
    }

    /// Takes note of a failure. Nobody knows whether the transaction reached the disk after all, so nothing is
    /// written any more until the database has been opened anew ([`Self::heal`]).
    pub(super) fn noted<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        match &outcome {
            Ok(_) => {}
            Err(StoreError::Superseded) => self.superseded = true,
            Err(error) if self.trouble.is_none() => self.in_trouble(error, FIRST_HEAL_MS),
            Err(_) => {}
        }
        outcome
    }

    fn in_trouble(&mut self, error: &StoreError, pause_ms: u32) {
        console::warn(&error.to_string());
        let told = error.trouble();
        let inputs = self.inputs.clone();
        let again = Timeout::new(pause_ms, move || drop(inputs.unbounded_send(Input::HealDue)));
        self.channel.say(&ToApp::StorageTrouble { trouble: Some(told.clone()) });
        self.trouble = Some(Trouble { error: error.clone(), told, pause_ms, _again: again });
    }

    /// Lets go of the database; whoever wants to delete it waits for that.
    pub(super) fn storage_lost(&mut self) {
        self.store.close();
        let error = StoreError::Unavailable("the browser closed the database".to_owned());
        if self.trouble.is_none() {
            self.in_trouble(&error, FIRST_HEAL_MS);
        }
    }

    /// Begins anew with the database as it is: with a new epoch, so that tabs send again what was not saved.
    pub(super) async fn heal(&mut self) {
        let Some(pause_ms) = self.trouble.as_ref().map(|trouble| trouble.pause_ms) else { return };
        self.reopen(pause_ms, false).await;
    }

    /// The same for a database that works.
    pub(super) async fn open_anew(&mut self) {
        self.channel.say(&ToApp::Starting);
        self.store.close();
        self.reopen(FIRST_HEAL_MS, true).await;
    }

    async fn reopen(&mut self, pause_ms: u32, is_closed: bool) {
        self.journal.close();
        match Self::open(&self.start, self.channel.clone(), self.inputs.clone(), is_closed).await {
            Ok(mut fresh) => {
                fresh.wiping = self.wiping.take();
                fresh.outbox.remember_accepted(&self.outbox);
                fresh.unsaved = std::mem::take(&mut self.unsaved);
                *self = fresh;
                self.channel.say(&ToApp::StorageTrouble { trouble: None });
                self.begin();
                self.execute_unsaved().await;
            }
            Err(StoreError::Superseded) => self.superseded = true,
            Err(error) => self.in_trouble(&error, (pause_ms * 2).min(LAST_HEAL_MS)),
        }
    }

    /// For a tab that has just opened.
    pub(super) fn tell_trouble(&self) {
        if let Some(trouble) = &self.trouble {
            self.channel.say(&ToApp::StorageTrouble { trouble: Some(trouble.told.clone()) });
        }
    }

    /// Tells the tabs which rows changed, and refreshes the documents on their screens.
    pub(super) async fn show(&mut self, rows: RowChanges) {
        let touched: BTreeSet<DocumentId> = rows.changed.keys().chain(&rows.removed).copied().collect();
        let mut removed: Vec<DocumentId> = rows.removed.into_iter().collect();
        let changed: Vec<(DocumentId, Row)> = rows.changed.into_iter().collect();
        for chunk in changed.chunks(ROWS_PER_MESSAGE) {
            let changed = chunk.iter().cloned().collect();
            self.channel.say(&ToApp::Rows { changed, removed: std::mem::take(&mut removed) });
        }
        if !removed.is_empty() {
            self.channel.say(&ToApp::Rows { changed: BTreeMap::new(), removed });
        }
        self.refresh_views(&touched).await;
    }
}
