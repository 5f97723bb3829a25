//! Reads pages of rows from the database, and nothing else: only the engine writes.

use client_bridge::codec::{self, Key};
use client_bridge::database::{ROWS, STORES, VERSION, prefix_range};
use client_bridge::rows::RowPage;
use js_sys::Uint8Array;
use rexie::{KeyRange, ObjectStore, Rexie, TransactionMode};
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::identity::DocumentId;

use super::RowStore;

/// Opens the database of an organisation and person.
pub async fn open(name: &str) -> Result<Rexie, rexie::Error> {
    let builder = Rexie::builder(name).version(VERSION);
    STORES
        .iter()
        .fold(builder, |builder, store| builder.add_object_store(ObjectStore::new(store)))
        .build()
        .await
}

/// Reads every page into the store, work first.
pub async fn read_all(database: &Rexie, store: &RowStore) -> Result<(), rexie::Error> {
    store.begin_reading();
    let mut outcome = Ok(());
    for kind in DocumentKind::ALL {
        match read(database, *kind).await {
            Ok(rows) => store.replace(*kind, rows),
            Err(error) => outcome = Err(error),
        }
    }
    store.end_reading();
    outcome
}

async fn read(database: &Rexie, kind: DocumentKind) -> Result<Vec<(DocumentId, Row)>, rexie::Error> {
    let transaction = database.transaction(&[ROWS], TransactionMode::ReadOnly)?;
    let (low, high) = prefix_range(&format!("{}/", kind.code()));
    let range = KeyRange::bound(&low.into(), &high.into(), None, None)?;
    let values = transaction.store(ROWS)?.get_all(Some(range), None).await?;
    let mut rows = Vec::new();
    for value in values {
        let bytes = codec::open(Key::Identity, &Uint8Array::new(&value).to_vec()).unwrap_or_default();
        rows.extend(RowPage::read(&bytes).into_rows());
    }
    Ok(rows)
}
