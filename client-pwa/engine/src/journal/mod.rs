//! The second copy of the outbox: a file in the origin's private file system to which every saved command is added
//! before it is said to be saved. When the database loses its outbox, the next start finds the commands here.
//!
//! Each engine writes a file of its own, named by its epoch, and begins it with everything that is not settled; so
//! the newest file that was begun to the end says it all, and older ones go. A frozen engine keeps its file locked;
//! that one goes later. Where there is no such file system, the database is the only copy.

mod folder;
mod format;

use client_bridge::codec::Keys;
use wasm_bindgen::JsValue;
use web_sys::{FileSystemReadWriteOptions, FileSystemSyncAccessHandle};

pub use folder::{Folder, remove_folder};
pub use format::Note;

use crate::console;
use crate::local_store::values::StoredEntry;
use crate::outbox::Outbox;

/// A journal that grew this much, and to twice what it began with, is begun anew with what is not settled.
const BEGIN_ANEW_BYTES: usize = 4_000_000;

/// The journal of this engine; nothing is written any more once a write has failed.
pub struct Journal {
    file: Option<FileSystemSyncAccessHandle>,
    keys: Keys,
    epoch: u64,
    size: usize,
    /// The size it began with: what was not settled then.
    began_with: usize,
}

impl Journal {
    /// Where none can be kept.
    pub const fn none(keys: Keys) -> Self {
        Self { file: None, keys, epoch: 0, size: 0, began_with: 0 }
    }

    fn new(file: FileSystemSyncAccessHandle, keys: Keys, epoch: u64) -> Self {
        Self { file: Some(file), keys, epoch, size: 0, began_with: 0 }
    }

    /// Seals under these keys from now on, and what is not settled anew.
    pub fn set_keys(&mut self, keys: Keys, outbox: &Outbox) {
        self.keys = keys;
        if self.file.is_some() {
            self.begin(outbox.unsettled());
        }
    }

    /// Adds notes; they are on disk when this returns.
    pub fn add(&mut self, notes: &[Note]) {
        self.add_soon(notes);
        self.flush();
    }

    /// Adds notes that the next [`Self::add`] takes to the disk. A note that a command is settled may be lost: the
    /// command is sent once more, which changes nothing.
    pub fn add_soon(&mut self, notes: &[Note]) {
        if !notes.is_empty() && self.file.is_some() {
            let bytes = format::write(self.keys, self.epoch, self.size, notes);
            self.write(&bytes);
        }
    }

    /// Keeps the file short: begins anew with what the outbox holds once nothing waits in it.
    pub fn compact(&mut self, outbox: &Outbox) {
        let grew = self.size.saturating_sub(self.began_with);
        let is_long = grew > BEGIN_ANEW_BYTES && grew > self.began_with;
        if self.file.is_some() && (outbox.is_empty() || is_long) {
            self.begin(outbox.unsettled());
        }
    }

    /// Forgets the file's content for these entries. A crash in between leaves the outbox as the only copy.
    fn begin(&mut self, entries: impl IntoIterator<Item = StoredEntry>) {
        let bytes = format::begin(self.keys, self.epoch, entries);
        let emptied = self.file.as_ref().map_or(Ok(()), |file| file.truncate_with_u32(0));
        self.size = 0;
        if self.noted(emptied).is_some() {
            self.write(&bytes);
            self.flush();
            self.began_with = self.size;
        }
    }

    fn flush(&mut self) {
        let flushed = self.file.as_ref().map_or(Ok(()), FileSystemSyncAccessHandle::flush);
        self.noted(flushed);
    }

    fn write(&mut self, bytes: &[u8]) {
        let outcome = self.file.as_ref().map_or(Ok(()), |file| append(file, bytes, self.size));
        if self.noted(outcome).is_some() {
            self.size += bytes.len();
        }
    }

    /// After a failure nobody knows what the file holds at its end: it stays as it is.
    fn noted<T>(&mut self, outcome: Result<T, JsValue>) -> Option<T> {
        outcome
            .inspect_err(|error| {
                console::warn(&format!("the journal cannot be written: {error:?}"));
                self.close();
            })
            .ok()
    }

    /// Lets go of the file.
    pub fn close(&mut self) {
        if let Some(file) = self.file.take() {
            file.close();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn append(file: &FileSystemSyncAccessHandle, bytes: &[u8], at: usize) -> Result<(), JsValue> {
    let options = FileSystemReadWriteOptions::new();
    options.set_at_f64(at as f64);
    let written = file.write_with_u8_array_and_options(bytes, &options)?;
    if written < bytes.len() as f64 {
        return Err("there is no space left".into());
    }
    Ok(())
}
