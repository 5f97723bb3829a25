//! Writing: one transaction for everything that belongs together, memory only after it is on disk, and what
//! happens when the browser refuses.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::database::{META, meta};
use client_bridge::{StorageTrouble, ToApp};
use gloo_timers::callback::Timeout;
use shared_model::features::{self, Row};
use shared_model::identity::DocumentId;
use shared_model::workspace::Aggregate;

use super::setup::rebuild_rows;
use super::{Input, Worker};
use crate::documents::{self, StoredRecords};
use crate::local_store::values::ActorState;
use crate::local_store::{Batch, Durability, StoreError};
use crate::row_pages::RowChanges;
use crate::{clock, console};

const FIRST_HEAL_MS: u32 = 250;
const LAST_HEAL_MS: u32 = 10_000;
/// Rows in one message: tabs read it on their main thread.
const ROWS_PER_MESSAGE: usize = 200;
/// A transaction of more documents than this leaves the live ones in memory as they are.
const KEEP_LIVE: usize = 16;

/// The database does not take anything at present.
pub struct Trouble {
    told: StorageTrouble,
    pause_ms: u32,
    _again: Timeout,
}

/// Documents that one transaction changes.
pub struct DocumentChanges<'a> {
    /// As they are now.
    pub put: BTreeMap<DocumentId, Aggregate>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowTiming {
    /// With their documents.
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
        let rows: BTreeMap<DocumentId, Row> =
            changes.put.iter().map(|(id, aggregate)| (*id, features::row(aggregate))).collect();
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
        let outcome = self.store.commit(batch, durability).await;
        self.noted(outcome)
    }

    /// Takes note of a failure: memory may be ahead of the disk, so it is read again; and because nobody knows
    /// whether the transaction reached the disk after all, later changes come from a fresh actor.
    pub(super) fn noted<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        match &outcome {
            Ok(_) => {}
            Err(StoreError::Superseded) => self.superseded = true,
            Err(error) => {
                console::warn(&error.to_string());
                self.documents.forget();
                self.rows_lost |= self.rows.forget();
                self.actor = ActorState { actor: clock::fresh_actor(), next_record_seq: 1 };
                self.in_trouble(error);
            }
        }
        outcome
    }

    fn in_trouble(&mut self, error: &StoreError) {
        let told = error.trouble();
        let pause_ms =
            self.trouble.take().map_or(FIRST_HEAL_MS, |trouble| (trouble.pause_ms * 2).min(LAST_HEAL_MS));
        let inputs = self.inputs.clone();
        let again = Timeout::new(pause_ms, move || drop(inputs.unbounded_send(Input::HealDue)));
        self.channel.say(&ToApp::StorageTrouble { trouble: Some(told.clone()) });
        self.trouble = Some(Trouble { told, pause_ms, _again: again });
    }

    /// Opens the database again and tries to write. The tabs hear when the trouble is over.
    pub(super) async fn heal(&mut self) {
        if self.trouble.is_none() {
            return;
        }
        let mut batch = Batch::default();
        let now = clock::now().as_millis().to_string();
        batch.put(META, meta::WRITE_TRIED.to_owned(), now.into_bytes());
        let outcome = match self.store.reconnect().await {
            Ok(()) => self.store.commit(&batch, Durability::Strict).await,
            Err(error) => Err(error),
        };
        if self.noted(outcome).is_err() {
            return;
        }
        if self.rows_lost {
            let rebuilt = rebuild_rows(&self.store).await;
            if self.noted(rebuilt).is_err() {
                return;
            }
            self.rows_lost = false;
            self.channel.say(&ToApp::RowsReset);
        }
        self.trouble = None;
        self.channel.say(&ToApp::StorageTrouble { trouble: None });
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
