//! What the server sends: feed, pages of a load, documents asked for, the directory. Each is stored in one
//! transaction with the standing it leads to. They are relaxed: the server has it all, and a crash takes whole
//! transactions from the end, cursor included.

use std::collections::{BTreeMap, BTreeSet};

use client_bridge::ToApp;
use client_bridge::database::{DOCUMENTS, META, document_key, meta};
use shared_model::directory::Directory;
use shared_model::identity::DocumentId;
use shared_model::permission::Grants;
use shared_model::replica::{self, Absorbed, OutOfOrder, Pending, Present};
use shared_model::sync_protocol::{Cursor, FeedItem, LoadProgress, Pack, Snapshot, Standing, StoreReport};
use shared_model::workspace::Aggregate;

use super::Worker;
use super::setup::put_actor;
use super::storage::{DocumentChanges, RowTiming};
use crate::clock;
use crate::console;
use crate::documents::{StoredRecords, records_of};
use crate::local_store::values::{ActorState, encode};
use crate::local_store::{Batch, Durability};
use crate::people::People;

type Documents = BTreeMap<DocumentId, Aggregate>;

impl Worker {
    /// Stores a range of the feed. `None`: nothing was stored.
    pub(super) async fn store_feed(
        &mut self,
        from: u64,
        to: &Cursor,
        items: &[FeedItem],
    ) -> Option<StoreReport> {
        let named = replica::documents_in(items);
        let held = self.held(&named).await?;
        let before = records_of(&held);
        let pending = self.pending(&named);
        let absorbed =
            replica::absorb_feed(&self.standing, (from, to), items, held, &pending, self.actor.actor);
        self.store_absorbed(absorbed, before, BTreeMap::new()).await
    }

    /// Stores a page of a load.
    pub(super) async fn store_page(
        &mut self,
        load: &LoadProgress,
        through: Option<DocumentId>,
        items: &[Snapshot],
    ) -> Option<StoreReport> {
        let read = self.rows.load_all(&self.store).await;
        self.noted(read).ok()?;
        let within = |id| Some(id) > load.after && through.is_none_or(|through| id <= through);
        let rows = self.rows.listed(within);
        let present = Present { documents: self.present(load.after, through).await?, rows };
        let named: BTreeSet<DocumentId> = items.iter().map(|snapshot| snapshot.document).collect();
        let held = self.held(&named.intersection(&present.documents).copied().collect()).await?;
        let before = records_of(&held);
        let saved = saved_bytes(items, &held);
        let pending = self.pending(named.union(&present.documents));
        let absorbed = replica::absorb_page(&self.standing, (load, through), items, held, &present, &pending);
        self.store_absorbed(absorbed, before, saved).await
    }

    /// Stores a pack of a load. `None`: nothing was stored.
    pub(super) async fn store_pack(&mut self, load: &LoadProgress, pack: Pack) -> Option<StoreReport> {
        let named: BTreeSet<DocumentId> =
            pack.documents.iter().map(|packed| packed.snapshot.document).collect();
        let read = self.rows.load_all(&self.store).await;
        self.noted(read).ok()?;
        let here = self.store.keys_among(DOCUMENTS, named.iter().map(|id| document_key(*id)).collect()).await;
        let here = self.noted(here).ok()?;
        let mut present = Present { rows: self.rows.listed(|id| named.contains(&id)), ..Present::default() };
        present.documents.extend(here.iter().filter_map(|key| key.parse::<DocumentId>().ok()));
        let held = self.held(&present.documents).await?;
        if let Some(listed) = &pack.listed {
            let (after, through) = (listed.after, listed.through);
            present.documents.extend(self.present(after, through).await?);
            let within = |id| Some(id) > after && through.is_none_or(|through| id <= through);
            present.rows.extend(self.rows.listed(within));
        }
        let before = records_of(&held);
        let pending = self.pending(named.union(&present.documents));
        let absorbed = replica::absorb_pack(&self.standing, load, pack, held, &present, &pending);
        self.store_absorbed(absorbed, before, BTreeMap::new()).await
    }

    /// Of these documents, those that are listed and not here yet.
    pub(super) async fn on_their_way(&mut self, ids: &BTreeSet<DocumentId>) -> BTreeSet<DocumentId> {
        let read = self.rows.load_all(&self.store).await;
        if self.noted(read).is_err() {
            return BTreeSet::new();
        }
        self.rows.listed(|id| ids.contains(&id))
    }

    /// Stores documents that were asked for.
    pub(super) async fn store_fetched(
        &mut self,
        asked: &[DocumentId],
        items: &[Snapshot],
    ) -> Option<StoreReport> {
        let held = self.held(&asked.iter().copied().collect()).await?;
        let before = records_of(&held);
        let saved = saved_bytes(items, &held);
        let absorbed = replica::absorb_fetched(asked, items, held, &self.pending(asked));
        self.store_absorbed(Ok(absorbed), before, saved).await
    }

    /// Stores people and rights. What a newer server says in words this version does not know is left out: a
    /// device that cannot read a name must not stop synchronising for it.
    pub(super) async fn store_directory(
        &mut self,
        version: u64,
        changes: &[u8],
        grants: &[u8],
    ) -> Option<StoreReport> {
        let change: Directory = json(changes).unwrap_or_default();
        let rights: Option<Grants> = json(grants).or_else(|| self.grants.clone());
        let standing = Standing { directory_version: version, ..self.standing.clone() };
        let mut batch = Batch::default();
        People::write(&mut batch, &change);
        if let Some(rights) = &rights {
            batch.put(META, meta::GRANTS.to_owned(), serde_json::to_vec(rights).unwrap_or_default());
        }
        batch.put(META, meta::STANDING.to_owned(), encode(&standing));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        self.standing = standing;
        self.people.apply(change.clone());
        self.grants = rights;
        self.channel.say(&ToApp::Directory { directory: change, grants: self.grants.clone() });
        Some(StoreReport::default())
    }

    /// Stores which schema steps the server knows.
    pub(super) async fn store_schema(&mut self, schema: u8) -> Option<StoreReport> {
        let standing = self.standing.after_welcome(schema);
        let mut batch = Batch::default();
        batch.put(META, meta::STANDING.to_owned(), encode(&standing));
        self.commit(&batch, Durability::Relaxed).await.ok()?;
        self.standing = standing;
        Some(StoreReport::default())
    }

    async fn store_absorbed(
        &mut self,
        absorbed: Result<Absorbed, OutOfOrder>,
        before: StoredRecords,
        saved: BTreeMap<DocumentId, &[u8]>,
    ) -> Option<StoreReport> {
        let mut absorbed = absorbed.inspect_err(|error| console::warn(&error.to_string())).ok()?;
        absorbed.receipts.retain(|receipt| !absorbed.removed.contains(&receipt.document()));
        let mut wanted: BTreeSet<DocumentId> = self.wanted.difference(&absorbed.settled).copied().collect();
        wanted.extend(&absorbed.wanted);
        let mut batch = Batch::default();
        if let Some(standing) = &absorbed.standing {
            batch.put(META, meta::STANDING.to_owned(), encode(standing));
        }
        if wanted != self.wanted {
            batch.put(META, meta::WANTED.to_owned(), encode(&Vec::from_iter(wanted.iter().copied())));
        }
        let owed: BTreeSet<DocumentId> = self.owed.union(&absorbed.owed).copied().collect();
        if owed != self.owed {
            batch.put(META, meta::OWED.to_owned(), encode(&Vec::from_iter(owed.iter().copied())));
        }
        self.forget_receipts(&mut batch, &absorbed.removed).await?;
        if !absorbed.receipts.is_empty() {
            let key = meta::receipts(clock::now(), clock::random_number());
            batch.put(META, key, encode(&absorbed.receipts));
        }
        let renewed = absorbed.renews_actor.then(ActorState::fresh);
        renewed.iter().for_each(|actor| put_actor(&mut batch, actor));
        self.put_last_contact(&mut batch);
        // A load by snapshots touches all rows with every page; one by packs writes them first.
        let load = absorbed.standing.as_ref().map(|standing| standing.load.as_ref());
        let loaded = load.map(|load| load.is_some_and(|load| load.packs.is_none()));
        let rows = match (self.standing.load.is_some(), loaded) {
            (_, Some(true)) => RowTiming::Later,
            (true, Some(false)) => RowTiming::Last,
            (_, None | Some(false)) => RowTiming::Now,
        };
        let (raw, listed) = (absorbed.raw, absorbed.listed);
        let came = raw.iter().filter(|(_, raw)| raw.row.is_none()).map(|(id, _)| *id).collect();
        let (put, removed) = (absorbed.put, absorbed.removed);
        let changes = DocumentChanges { put, raw, listed, removed, before, saved, rows };
        let rows = self.commit_documents(batch, changes, Durability::Relaxed).await.ok()?;
        self.wanted = wanted;
        self.owed = owed;
        self.actor = renewed.unwrap_or(self.actor);
        if let Some(standing) = absorbed.standing {
            self.standing = standing;
        }
        self.show(rows).await;
        // Their rows stand in the lists already, and a screen may wait for them.
        self.refresh_views(&came).await;
        let (wanted, owed) = (absorbed.wanted.into_iter().collect(), absorbed.owed.into_iter().collect());
        Some(StoreReport { wanted, owed, ..StoreReport::default() })
    }

    pub(super) async fn held(&mut self, ids: &BTreeSet<DocumentId>) -> Option<Documents> {
        let loaded = self.documents.load(&self.store, ids).await;
        self.noted(loaded).ok()
    }

    /// What waits about these documents.
    fn pending<'a>(&'a self, documents: impl IntoIterator<Item = &'a DocumentId> + Clone) -> Pending {
        let owed = documents.clone().into_iter().filter(|id| self.owed.contains(id));
        Pending::of(self.outbox.touching(documents).map(|stored| &stored.entry)).and_owed(owed)
    }

    /// The documents on this device after `after` up to `through`.
    pub(super) async fn present(
        &mut self,
        after: Option<DocumentId>,
        through: Option<DocumentId>,
    ) -> Option<BTreeSet<DocumentId>> {
        let from = after.map_or_else(String::new, document_key);
        let to = through.map_or_else(|| "\u{ffff}".to_owned(), document_key);
        let keys = self.store.keys(DOCUMENTS, &(from, to)).await;
        let keys = self.noted(keys).ok()?;
        Some(keys.iter().filter_map(|key| key.parse().ok()).filter(|id| Some(*id) != after).collect())
    }
}

fn json<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let read = serde_json::from_slice(bytes);
    read.inspect_err(|error| console::warn(&format!("the directory: {error}"))).ok()
}

/// The bytes of documents that come whole; they need not be saved again.
fn saved_bytes<'a>(items: &'a [Snapshot], held: &Documents) -> BTreeMap<DocumentId, &'a [u8]> {
    let fresh = items.iter().filter(|snapshot| !held.contains_key(&snapshot.document));
    fresh.map(|snapshot| (snapshot.document, &snapshot.bytes[..])).collect()
}
