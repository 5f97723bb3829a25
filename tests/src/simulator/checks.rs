//! What must be true once everything is quiet.

use std::collections::BTreeSet;

use shared_model::features::{self, Command, work_order};
use shared_model::identity::DocumentId;
use shared_model::ingest::DOCUMENT_DELETED;
use shared_model::replica::CHANGED_MEANWHILE;
use shared_model::sync_protocol::{Cursor, Link};
use shared_model::workspace::Aggregate;

use super::model::{Typed, typed};
use super::world::World;
use crate::device::SetAsideCommand;

/// What is not as it should be.
pub type Broken = String;

impl World {
    /// Why the world is not quiet yet; `None` when it is.
    pub fn unrest(&self) -> Option<Broken> {
        let head = self.log.head();
        self.devices.iter().enumerate().find_map(|(number, simulated)| {
            let Some(device) = &simulated.device else { return Some(format!("device {number} is off")) };
            let standing = &device.store.standing;
            // One that was connected when a new history began hears its name at the next Hello.
            let is_here = |at: &Cursor| (at.seq, &at.chain_hash) == (head.seq, &head.chain_hash);
            let behind = !standing.cursor.as_ref().is_some_and(is_here);
            if device.has_to_store()
                || !device.session.is_settled()
                || behind
                || device.session.status().link != Link::Live
            {
                let (status, cursor) = (device.session.status(), standing.cursor.as_ref().map(|c| c.seq));
                let owed = &device.store.owed;
                return Some(format!(
                    "device {number}: {status:?} at {cursor:?} of {}, owes {owed:?}",
                    head.seq
                ));
            }
            None
        })
    }

    pub fn check(&mut self) -> Result<(), Broken> {
        self.log_is_whole()?;
        (0..self.devices.len()).try_for_each(|device| self.copy_is_right(device))?;
        self.nothing_acknowledged_is_lost()?;
        self.nothing_typed_is_lost()
    }

    /// The documents are what the feed says, and can be loaded again from their bytes.
    fn log_is_whole(&self) -> Result<(), Broken> {
        let (rebuilt, deleted) = (self.log.rebuilt(), self.log.rebuilt_deleted());
        for (id, held) in &self.log.documents {
            let again = rebuilt.get(id).ok_or_else(|| format!("{id} is not in the feed"))?;
            if again.document.heads() != held.aggregate.document.heads()
                || again.records != held.aggregate.records
                || features::row(again) != features::row(&held.aggregate)
            {
                return Err(format!("{id} is not what the feed says"));
            }
            if held.deleted != deleted.contains(id) {
                return Err(format!("{id} is there against the feed, or is not"));
            }
        }
        Ok(())
    }

    /// The device holds exactly what its person may read, as the server has it.
    fn copy_is_right(&mut self, number: usize) -> Result<(), Broken> {
        let simulated = &self.devices[number];
        let readable = self.log.readable(self.cast.grants_of(simulated.whose.person));
        let store = simulated.store();
        let here: BTreeSet<DocumentId> = store.documents.keys().copied().collect();
        let should: BTreeSet<DocumentId> = readable.keys().copied().collect();
        if let Some(id) = here.difference(&should).next() {
            return Err(format!("device {number} holds {id}, which its person may not read"));
        }
        if let Some(id) = should.difference(&here).next() {
            return Err(format!("device {number} lacks {id}"));
        }
        if let Some(id) = store.rows.keys().find(|id| !should.contains(id)) {
            return Err(format!("device {number} lists {id}, which its person may not read"));
        }
        for (id, server) in &readable {
            let copy = store.documents[id].load(*id);
            if copy.document.heads() != server.document.heads() {
                return Err(format!("device {number} has other heads of {id}"));
            }
            if copy.records != server.records {
                let differ = |one: &Aggregate, other: &Aggregate| {
                    let records =
                        one.records.values().filter(|record| other.records.get(&record.id) != Some(record));
                    records.map(|record| format!("{} {}", record.kind, record.id)).collect::<Vec<_>>()
                };
                let (more, less) = (differ(&copy, server), differ(server, &copy));
                return Err(format!(
                    "device {number} has other records of {id}: more {more:?}, less {less:?}"
                ));
            }
            let listed = store.rows.get(id);
            if features::row(&copy) != features::row(server) || listed != Some(&features::row(server)) {
                return Err(format!("device {number} shows another row of {id}"));
            }
        }
        Ok(())
    }

    fn nothing_acknowledged_is_lost(&self) -> Result<(), Broken> {
        for (number, simulated) in self.devices.iter().enumerate() {
            for id in &simulated.store().acknowledged {
                // What a rebuild made anew was saved by nobody; the log has its items or the copy differs.
                let items = self.model.items.get(id).into_iter().flatten();
                let items = items.filter(|(document, _)| !self.may_lack(*document));
                let is_lost = |item: &&(DocumentId, Vec<u8>)| {
                    !self.log.has_item(item.0, &item.1) && !self.model.gone.contains(*item)
                };
                if let Some((document, _)) = items.into_iter().find(is_lost) {
                    return Err(format!("device {number} was told {id} is safe, but {document} lacks it"));
                }
            }
        }
        Ok(())
    }

    /// Whatever anybody typed is in the log, or waits under *needs attention* where it was typed.
    fn nothing_typed_is_lost(&self) -> Result<(), Broken> {
        for said in self.model.said.iter().filter(|said| !said.gone) {
            let lost = typed(&said.command).into_iter().find(|typed| {
                if self.may_lack(typed.document()) || self.has_no_history(typed) {
                    return false;
                }
                let held = self.log.documents.get(&typed.document());
                !held.is_some_and(|held| typed.is_in(&held.aggregate))
            });
            let Some(lost) = lost else { continue };
            let attention = &self.devices[said.device].store().attention;
            // What was done again upon a new root says the same, typed over another text.
            let is_it = |aside: &&SetAsideCommand| {
                let meant: Command = serde_json::from_slice(&aside.entry.command.intent).unwrap();
                typed(&meant) == typed(&said.command)
            };
            let Some(aside) = attention.iter().find(is_it) else {
                return Err(format!("device {}: {lost:?} is nowhere", said.device));
            };
            if !self.may_need_attention(&said.command, &aside.reason) {
                return Err(format!("device {}: {lost:?} needs attention: {}", said.device, aside.reason));
            }
        }
        Ok(())
    }

    /// What a restored backup lacks of a document that was deleted nobody gives back: devices have forgotten it, or are
    /// refused.
    fn may_lack(&self, document: DocumentId) -> bool {
        self.model.restores && self.model.deleted.contains(&document)
    }

    /// Which answers were given and replaced says the history alone, which a new root erases.
    fn has_no_history(&self, typed: &Typed) -> bool {
        matches!(typed, Typed::Answer(id, ..) if self.model.rerooted.contains(id))
    }

    /// Rights that changed may forbid anything. A sound command that was refused comes too late when its document
    /// has left meanwhile, or when it is a status step that others took; so does one for a document that was deleted.
    fn may_need_attention(&self, command: &Command, reason: &str) -> bool {
        let step = matches!(command, Command::WorkOrder(work_order::Command::ChangeStatus { .. }));
        let is_deleted = reason.contains(DOCUMENT_DELETED) && !self.model.deleted.is_empty();
        let late = reason.ends_with("is not here") || is_deleted;
        let overtaken = reason.starts_with(CHANGED_MEANWHILE);
        let is_unknown = ["unknown_field", "reserved_actor"].iter().any(|code| reason.contains(code));
        self.model.rights_change
            || (self.model.refusals && (step || late))
            // A step that came late because something before it waited; never for not being understood itself.
            || (self.model.skew && (step || late) && !is_unknown)
            || (!self.model.deleted.is_empty() && (step || late))
            || (!self.model.rerooted.is_empty() && (step || late || overtaken))
    }
}
