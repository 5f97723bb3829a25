//! Opens the database, and reads rows and names from it for the first frame. Rows are the engine's to write.

use client_bridge::codec::{self, Keys};
use client_bridge::database::{DIRECTORY, ROWS, STORES, VERSION, directory, prefix_range};
use client_bridge::rows::RowPage;
use js_sys::Uint8Array;
use rexie::{KeyRange, ObjectStore, Rexie, TransactionMode};
use serde::de::DeserializeOwned;
use shared_model::directory::Directory;
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::identity::DocumentId;

use wasm_bindgen::JsValue;

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

/// Empties every store of a database, unless one of these holds something, or there is no value of this store and key; then
/// nothing is changed, and the answer is no.
pub async fn empty_unless(
    name: &str,
    kept: &[&str],
    (store, key): (&str, &str),
) -> Result<bool, rexie::Error> {
    let database = open(name).await?;
    let emptied = async {
        let transaction = database.transaction(&STORES, TransactionMode::ReadWrite)?;
        if !transaction.store(store)?.key_exists(key.into()).await? {
            transaction.abort().await?;
            return Ok(false);
        }
        for store in kept {
            if transaction.store(store)?.count(None).await? > 0 {
                transaction.abort().await?;
                return Ok(false);
            }
        }
        for store in STORES {
            transaction.store(store)?.clear().await?;
        }
        transaction.done().await?;
        Ok(true)
    };
    let emptied = emptied.await;
    database.close();
    emptied
}

/// Reads every page into the store, work first.
pub async fn read_all(database: &Rexie, keys: &Keys, store: &RowStore) -> Result<(), rexie::Error> {
    store.begin_reading();
    let mut outcome = Ok(());
    for kind in DocumentKind::ALL {
        match read(database, keys, *kind).await {
            Ok(rows) => store.replace(*kind, rows),
            Err(error) => outcome = Err(error),
        }
    }
    store.end_reading();
    outcome
}

/// The names that rows show, and how the organisation looks. Devices and actors are many, and stand only on pages the engine
/// fills.
pub async fn read_names(database: &Rexie, keys: &Keys) -> Result<Directory, rexie::Error> {
    let people = parsed(&values(database, keys, DIRECTORY, directory::PERSON).await?);
    let teams = parsed(&values(database, keys, DIRECTORY, directory::TEAM).await?);
    let organisation = parsed(&values(database, keys, DIRECTORY, directory::ORGANISATION).await?).pop();
    Ok(Directory { people, teams, organisation, ..Directory::default() })
}

async fn read(
    database: &Rexie,
    keys: &Keys,
    kind: DocumentKind,
) -> Result<Vec<(DocumentId, Row)>, rexie::Error> {
    let pages = values(database, keys, ROWS, &format!("{}/", kind.code())).await?;
    Ok(pages.iter().flat_map(|page| RowPage::read(page).into_rows()).collect())
}

/// The values of one store whose keys begin with `prefix`.
async fn values(
    database: &Rexie,
    keys: &Keys,
    store: &str,
    prefix: &str,
) -> Result<Vec<Vec<u8>>, rexie::Error> {
    let transaction = database.transaction(&[store], TransactionMode::ReadOnly)?;
    let (low, high) = prefix_range(prefix);
    let range = || KeyRange::bound(&low.as_str().into(), &high.as_str().into(), None, None);
    let source = transaction.store(store)?;
    // What is not sealed opens without the name it is bound to.
    let names = if keys.are_bare() { Vec::new() } else { source.get_all_keys(Some(range()?), None).await? };
    let values = source.get_all(Some(range()?), None).await?;
    let open = |(at, value): (usize, &JsValue)| {
        let name = names.get(at).and_then(JsValue::as_string).unwrap_or_default();
        codec::open(keys, &codec::about(store, &name), &Uint8Array::new(value).to_vec()).unwrap_or_default()
    };
    Ok(values.iter().enumerate().map(open).collect())
}

/// What cannot be read is left out; the engine tells it again.
fn parsed<T: DeserializeOwned>(values: &[Vec<u8>]) -> Vec<T> {
    values.iter().filter_map(|bytes| serde_json::from_slice(bytes).ok()).collect()
}
