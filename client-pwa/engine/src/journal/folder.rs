//! The folder of a person's journals in the origin's private file system.

use client_bridge::codec::Keys;
use client_bridge::database::{journal_epoch, journal_file};
use js_sys::{ArrayBuffer, IteratorNext, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemRemoveOptions, FileSystemSyncAccessHandle, StorageManager,
    WorkerGlobalScope,
};

use super::{Journal, format};
use crate::console;
use crate::local_store::values::StoredEntry;

/// The folder, and the journals that were in it when it was opened.
pub struct Folder {
    folder: FileSystemDirectoryHandle,
    keys: Keys,
    /// The epochs of the journals, in any order.
    epochs: Vec<u64>,
}

impl Folder {
    /// Opens the folder; `None` where the browser has no such file system.
    pub async fn open(name: &str, keys: Keys) -> Option<Self> {
        said(Self::look_into(name, keys).await, "there is no place for a journal")
    }

    async fn look_into(name: &str, keys: Keys) -> Result<Self, JsValue> {
        let root: FileSystemDirectoryHandle =
            JsFuture::from(storage()?.get_directory()).await?.unchecked_into();
        let create = FileSystemGetDirectoryOptions::new();
        create.set_create(true);
        let folder = root.get_directory_handle_with_options(name, &create);
        let folder: FileSystemDirectoryHandle = JsFuture::from(folder).await?.unchecked_into();
        let names = folder.keys();
        let mut epochs = Vec::new();
        loop {
            let next: IteratorNext = JsFuture::from(names.next()?).await?.unchecked_into();
            if next.done() {
                break;
            }
            epochs.extend(next.value().as_string().and_then(|name| journal_epoch(&name)));
        }
        Ok(Self { folder, keys, epochs })
    }

    /// An epoch above this one is newer than every journal.
    pub fn newest_epoch(&self) -> u64 {
        self.epochs.iter().copied().max().unwrap_or_default()
    }

    /// What the newest journal that was begun to the end has not settled.
    pub async fn unsettled(&self) -> Vec<StoredEntry> {
        let mut newer = None;
        while let Some(epoch) = self.newest_before(newer) {
            let bytes = said(self.read(epoch).await, "a journal cannot be read").unwrap_or_default();
            if let Some(entries) = format::read(self.keys, epoch, &bytes).entries {
                return entries;
            }
            newer = Some(epoch);
        }
        Vec::new()
    }

    fn newest_before(&self, newer: Option<u64>) -> Option<u64> {
        self.epochs.iter().copied().filter(|epoch| newer.is_none_or(|newer| *epoch < newer)).max()
    }

    /// Begins the journal of an engine with these entries. Then the older ones go.
    pub async fn begin(self, epoch: u64, entries: Vec<StoredEntry>) -> Journal {
        let Some(file) = said(self.create(epoch).await, "no journal can be kept") else {
            return Journal::none(self.keys);
        };
        let mut journal = Journal::new(file, self.keys, epoch);
        journal.begin(entries);
        if journal.file.is_some() {
            for old in &self.epochs {
                self.remove(*old).await;
            }
        }
        journal
    }

    async fn create(&self, epoch: u64) -> Result<FileSystemSyncAccessHandle, JsValue> {
        let create = FileSystemGetFileOptions::new();
        create.set_create(true);
        let file = self.folder.get_file_handle_with_options(&journal_file(epoch), &create);
        let file: FileSystemFileHandle = JsFuture::from(file).await?.unchecked_into();
        has(&file, "createSyncAccessHandle")?;
        Ok(JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into())
    }

    async fn read(&self, epoch: u64) -> Result<Vec<u8>, JsValue> {
        let file = self.folder.get_file_handle(&journal_file(epoch));
        let file: FileSystemFileHandle = JsFuture::from(file).await?.unchecked_into();
        let file: File = JsFuture::from(file.get_file()).await?.unchecked_into();
        let bytes: ArrayBuffer = JsFuture::from(bytes_of(&file)).await?.unchecked_into();
        Ok(Uint8Array::new(&bytes).to_vec())
    }

    /// Removes a journal that is wholly understood and that nobody writes.
    async fn remove(&self, epoch: u64) {
        let understood =
            self.read(epoch).await.is_ok_and(|bytes| format::read(self.keys, epoch, &bytes).understood);
        if understood {
            // One that is locked by a frozen engine goes at a later start.
            let _ = JsFuture::from(self.folder.remove_entry(&journal_file(epoch))).await;
        }
    }
}

/// Erases the journals of a person.
pub async fn remove_folder(name: &str) {
    let removed = async {
        let root: FileSystemDirectoryHandle =
            JsFuture::from(storage()?.get_directory()).await?.unchecked_into();
        let all = FileSystemRemoveOptions::new();
        all.set_recursive(true);
        JsFuture::from(root.remove_entry_with_options(name, &all)).await
    };
    said(removed.await, "the journals were not erased");
}

fn bytes_of(file: &File) -> Promise {
    file.array_buffer()
}

/// The storage of this worker, when it has a private file system.
fn storage() -> Result<StorageManager, JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into()?;
    let storage = Reflect::get(&scope.navigator(), &"storage".into())?;
    has(&storage, "getDirectory")?;
    Ok(storage.unchecked_into())
}

/// A function that is not there would end the engine when it is called.
fn has(object: &JsValue, function: &str) -> Result<(), JsValue> {
    if object.is_object() && Reflect::has(object, &function.into())? {
        return Ok(());
    }
    Err(format!("this browser has no {function}").into())
}

fn said<T>(outcome: Result<T, JsValue>, what: &str) -> Option<T> {
    outcome.inspect_err(|error| console::warn(&format!("{what}: {error:?}"))).ok()
}
