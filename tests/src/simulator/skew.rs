//! Nodes of two versions side by side, as while a server is replaced node by node: the older one does not know the
//! newest schema step, says so, and refuses what was written for it. Devices may have heard of the newer one.

use automerge::Change;
use rand::Rng;
use shared_model::document::step;
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::identity::{ActorId, CommandId};
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem, ServerFrame};

use super::world::World;

/// What a version before this one knows.
const OLDER: u8 = step::SCHEMA - 1;
// What people write in these stories is what step 1 brought.
const _: () = assert!(step::SCHEMA == 1, "let people write what the newest step brought");

/// Does a command write what [`OLDER`] does not know?
pub fn is_newer(command: &Command) -> bool {
    match command {
        Command::WorkOrder(work_order::Command::Edit { edits, .. }) => {
            edits.iter().any(|edit| matches!(edit, FieldEdit::Resolution(_)))
        }
        _ => false,
    }
}

impl World {
    /// A node comes back as the one version or the other.
    pub fn roll(&mut self, node: usize) {
        if self.model.skew {
            let is_older = !self.calm && self.rng.random_bool(0.4);
            self.nodes[node].schema = if is_older { OLDER } else { step::SCHEMA };
            self.note(&format!("node {node} knows schema {}", self.nodes[node].schema));
        }
    }

    /// A frame as a node of its version says it.
    pub fn spoken(&self, node: usize, frame: Vec<u8>) -> Vec<u8> {
        let known = self.nodes[node].schema;
        if known == step::SCHEMA {
            return frame;
        }
        let Ok(mut said) = ServerFrame::decode(&frame) else { return frame };
        let ServerFrame::Welcome { schema, .. } = &mut said else { return frame };
        *schema = known;
        said.encode()
    }

    /// What a node says to a command that it cannot understand, unless it is in the feed already.
    pub fn not_understood(&self, node: usize, command: &PushedCommand) -> Option<CommandResult> {
        let known = self.nodes[node].schema;
        if known == step::SCHEMA || self.log.commands.contains_key(&command.id) {
            return None;
        }
        let is_later =
            |actor: &ActorId| (known + 1..=step::SCHEMA).any(|number| step::actor(number) == *actor);
        let code = command.items.iter().find_map(|item| {
            let PushedItem::Change { document, bytes, .. } = item else { return None };
            let change = Change::from_bytes(bytes.to_vec()).ok()?;
            if self.log.has_item(*document, &change.hash().0) {
                return None;
            }
            let mut others = change.other_actor_ids().iter().filter_map(ActorId::from_automerge);
            if ActorId::from_automerge(change.actor_id()).is_some_and(|actor| is_later(&actor)) {
                return Some("reserved_actor");
            }
            others.any(|actor| is_later(&actor)).then_some("unknown_field")
        })?;
        Some(CommandResult::Rejected { code: code.to_owned(), detail: String::new() })
    }

    /// Everybody tries once more what an older node refused, now that there is none.
    pub fn try_again(&mut self) {
        for device in 0..self.devices.len() {
            let waiting = self.devices[device].store().attention.clone();
            for aside in waiting {
                let command: Command = serde_json::from_slice(&aside.entry.command.intent).unwrap();
                if is_newer(&command) {
                    self.retries(device, &command, aside.entry.command.id);
                }
            }
        }
    }

    fn retries(&mut self, device: usize, command: &Command, waiting: CommandId) {
        let now = self.device_time(device);
        let rng = &mut self.rng;
        let Some(running) = &mut self.devices[device].device else { return };
        match running.execute(now, &mut || rng.random(), command) {
            Ok(Some((id, saved))) => {
                self.model.remember(id, running.store.outbox.last().unwrap());
                running.store.attention.retain(|aside| aside.entry.command.id != waiting);
                self.note(&format!("{waiting} is tried again as {id}"));
                self.device_handles(device, saved);
            }
            Ok(None) => {}
            Err(refusal) => {
                let reason = refusal.to_string();
                let here =
                    running.store.attention.iter_mut().filter(|aside| aside.entry.command.id == waiting);
                here.for_each(|aside| aside.reason.clone_from(&reason));
                self.note(&reason);
            }
        }
    }
}
