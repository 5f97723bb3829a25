//! A device's disk loses something without a word: an older state of a document, a document or a record gone, bytes that
//! cannot be read, or a document back that had left. Nobody notices before the copy is compared with the server's.

use rand::Rng;
use shared_model::document::Document;
use shared_model::identity::DocumentId;

use super::world::World;
use crate::device::StoredCopy;

impl World {
    /// Something of a device rots while it is switched off. What waits in the outbox is left alone: there is nothing the
    /// server could compare it with.
    pub fn rot(&mut self, device: usize) {
        self.kill(device);
        let pending = |id: &DocumentId| {
            self.devices[device].store().outbox.iter().any(|entry| entry.documents.contains(id))
        };
        let here = &self.devices[device].store().documents;
        let fit: Vec<DocumentId> = here.keys().filter(|id| !pending(id)).copied().collect();
        let absent = self.log.documents.iter().find(|(id, _)| !here.contains_key(id));
        let ghost = absent.map(|(_, held)| held.aggregate.clone());
        if fit.is_empty() {
            return;
        }
        let id = fit[self.rng.random_range(0..fit.len())];
        let how = self.rng.random_range(0..5);
        self.note(&format!("device {device} rots: {how}"));
        self.model.rotted += 1;
        let place = self.rng.random_range(8..200_usize);
        let Some(store) = self.devices[device].kept() else { return };
        let Some(copy) = store.documents.get_mut(&id) else { return };
        match how {
            0 => copy.bytes = older(copy),
            1 => drop(copy.records.pop()),
            2 => drop(store.documents.remove(&id)),
            3 => {
                let place = place % copy.bytes.len();
                copy.bytes[place] ^= 0x10;
            }
            _ => ghost.iter().for_each(|ghost| store.put(ghost)),
        }
    }
}

/// The document without its last change.
fn older(copy: &StoredCopy) -> Vec<u8> {
    let Ok(document) = Document::load(copy.kind, &copy.bytes) else { return copy.bytes.clone() };
    let mut changes = document.changes_since(&[]);
    changes.pop();
    let mut older = Document::new(copy.kind);
    older.apply(changes).unwrap();
    older.save()
}
