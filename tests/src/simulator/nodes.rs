//! Server nodes: sockets with their sessions, reads that take a while, and commits that race.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use rand::Rng;
use shared_model::document::step;
use shared_model::identity::{ActorId, CommandId};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{
    CommandResult, Cursor, CursorStanding, NodeEffect, NodeEvent, NodeSession, Peer,
};

use super::happening::{Batch, Happening};
use super::log::{Judged, Sender, Stale};
use super::network::Direction;
use super::world::World;

pub struct Node {
    pub up: bool,
    /// The newest schema step that its version knows.
    pub schema: u8,
    pub actor: ActorId,
    pub start: u64,
    pub sockets: BTreeMap<u64, Socket>,
}

pub struct Socket {
    pub session: NodeSession,
    wake: Option<i64>,
}

impl Node {
    pub const fn new(actor: ActorId) -> Self {
        Self { up: true, schema: step::SCHEMA, actor, start: 0, sockets: BTreeMap::new() }
    }
}

impl World {
    pub fn open_socket(&mut self, wire: u64, node: usize, peer: Peer) {
        let session = NodeSession::new(self.time(), peer);
        self.nodes[node].sockets.insert(wire, Socket { session, wake: None });
        self.node_handles(wire, NodeEvent::Tick);
    }

    pub fn reaches_node(&mut self, wire: u64, frame: Vec<u8>) {
        self.node_handles(wire, NodeEvent::Received { frame });
    }

    pub fn node_wakes(&mut self, wire: u64) {
        if let Some(socket) = self.socket(wire) {
            socket.wake = None;
            self.node_handles(wire, NodeEvent::Tick);
        }
    }

    pub fn node_hears(&mut self, wire: u64, seq: u64) {
        self.node_handles(wire, NodeEvent::HeadMoved { seq });
    }

    pub fn node_hears_rights(&mut self, wire: u64, grants: Grants) {
        self.node_handles(wire, NodeEvent::GrantsChanged { grants });
    }

    pub fn node_polls(&mut self, node: usize) {
        let seq = self.log.head().seq;
        let version = self.directory_version();
        for wire in self.nodes[node].sockets.keys().copied().collect::<Vec<_>>() {
            self.node_handles(wire, NodeEvent::HeadMoved { seq });
            self.node_handles(wire, NodeEvent::DirectoryMoved { version });
        }
        self.later(1_500..=2_500, Happening::Polls { node });
    }

    /// People and rights, and who is behind actors.
    fn directory_version(&self) -> u64 {
        self.cast.directory_version + self.log.bindings
    }

    pub fn node_back(&mut self, node: usize) {
        self.nodes[node].up = true;
    }

    /// Everything the node had in memory is gone; what it committed stays.
    pub fn crash(&mut self, node: usize) {
        for wire in self.nodes[node].sockets.keys().copied().collect::<Vec<_>>() {
            self.cut(wire);
        }
        self.nodes[node].up = false;
        self.nodes[node].start += 1;
        // A process writes under an actor of its own: whatever it wrote may be lost with a backup.
        self.nodes[node].actor = ActorId::from_bytes(self.rng.random());
        self.roll(node);
        self.later(500..=8_000, Happening::NodeBack { node });
    }

    fn socket(&mut self, wire: u64) -> Option<&mut Socket> {
        let node = self.wires.get(&wire)?.node;
        self.nodes[node].sockets.get_mut(&wire)
    }

    fn node_handles(&mut self, wire: u64, event: NodeEvent) {
        let now = self.time();
        let Some(socket) = self.socket(wire) else { return };
        let effects = socket.session.handle(now, event);
        let wake = self.now + socket_delay(&self.nodes, &self.wires, wire, now);
        let Some(socket) = self.socket(wire) else { return };
        if socket.wake.is_none_or(|set| wake < set) {
            socket.wake = Some(wake);
            self.at(wake, Happening::NodeWakes { wire });
        }
        for effect in effects {
            self.node_effect(wire, effect);
        }
    }

    fn node_effect(&mut self, wire: u64, effect: NodeEffect) {
        match effect {
            NodeEffect::Send(frame) => {
                let Some(node) = self.wires.get(&wire).map(|wire| wire.node) else { return };
                let frame = self.spoken(node, frame.to_vec());
                self.transmit(wire, Direction::Down, frame);
            }
            NodeEffect::Close => self.close_from_node(wire),
            NodeEffect::Ingest { batch, commands } => {
                let Some(node) = self.wires.get(&wire).map(|wire| wire.node) else { return };
                let batch = Batch {
                    wire,
                    node,
                    start: self.nodes[node].start,
                    number: batch,
                    commands: VecDeque::from(commands),
                    results: Vec::new(),
                };
                self.later(0..=10, Happening::Judges { batch });
            }
            read => self.later(1..=30, Happening::Reads { wire, effect: read }),
        }
    }

    pub fn node_reads(&mut self, wire: u64, effect: NodeEffect) {
        let Some(socket) = self.socket(wire) else { return };
        let grants = socket.session.peer().grants.clone();
        let answer = match effect {
            _ if self.unlucky(200) => NodeEvent::Failed,
            NodeEffect::ReadHead { cursor, seen, resumes: _ } => NodeEvent::HeadRead {
                head: self.log.head(),
                horizon: self.log.horizon,
                standing: cursor.map(|cursor| {
                    let foreign = |place: &&Cursor| self.log.standing(place) == CursorStanding::Foreign;
                    let is_foreign =
                        [Some(&cursor), seen.as_ref()].into_iter().flatten().any(|place| foreign(&place));
                    if is_foreign { CursorStanding::Foreign } else { CursorStanding::Known }
                }),
                documents: u64::try_from(self.log.readable(&grants).len()).unwrap(),
            },
            NodeEffect::ReadFeed { after, limit } => {
                // Small batches, so that documents move between two of them.
                let limit = limit.min(self.rng.random_range(1..=40));
                NodeEvent::FeedRead { after, rows: Arc::new(self.log.rows(after, limit).into()) }
            }
            NodeEffect::ReadSnapshots { after, .. } => {
                let most = self.rng.random_range(1..=6);
                let at = self.log.head();
                let (documents, through) = self.log.page(after, most);
                NodeEvent::SnapshotsRead { at, documents, through }
            }
            NodeEffect::ReadDocuments { request, documents } => {
                let at = self.log.head();
                let documents = documents.into_iter().filter_map(|id| self.log.stored(id)).collect();
                NodeEvent::DocumentsRead { request, at, documents }
            }
            NodeEffect::ReadMarks { after, limit } => {
                let at = self.log.head();
                let (documents, through) = self.log.marks(after, limit.min(self.rng.random_range(1..=9)));
                NodeEvent::MarksRead { at, documents, through }
            }
            NodeEffect::ReadDirectory { .. } => {
                let changes = serde_json::to_vec(&self.log.directory()).unwrap();
                NodeEvent::DirectoryRead { version: self.directory_version(), changes }
            }
            NodeEffect::TakeBack { epoch, documents } => {
                let now = self.time();
                let (whose, node) = (self.devices[self.wires[&wire].device].whose, self.wires[&wire].node);
                let (grants, device) = (Some(grants), Some(whose.device));
                let giver = Sender {
                    grants,
                    device,
                    node: self.nodes[node].actor,
                    given_back: false,
                    unowned: false,
                };
                let seen = epoch.as_ref().map(|epoch| &epoch[..]);
                let results = documents.iter().map(|given| self.log.take_back(now, &giver, seen, given));
                let results = results.collect();
                NodeEvent::TakenBack { results, at: self.log.head() }
            }
            NodeEffect::Send(_) | NodeEffect::Close | NodeEffect::Ingest { .. } => return,
        };
        self.node_handles(wire, answer);
    }

    pub fn node_judges(&mut self, mut batch: Batch) {
        if self.is_over(&batch) {
            return;
        }
        let Some(command) = batch.commands.front() else {
            return self.later(0..=10, Happening::Acknowledges { batch });
        };
        if self.rng.random_ratio(1, 80) && !self.calm {
            let id = command.id;
            batch.commands.pop_front();
            batch.results.push((id, CommandResult::Retry { after_ms: 300 }));
            return self.later(0..=1, Happening::Judges { batch });
        }
        if self.refuses_for_no_reason(command.id) {
            let (code, detail) = ("no_reason".to_owned(), String::new());
            let id = command.id;
            batch.commands.pop_front();
            batch.results.push((id, CommandResult::Rejected { code, detail }));
            return self.later(0..=1, Happening::Judges { batch });
        }
        if let Some(result) = self.not_understood(batch.node, command) {
            self.model.not_understood += 1;
            let id = command.id;
            batch.commands.pop_front();
            batch.results.push((id, result));
            return self.later(0..=1, Happening::Judges { batch });
        }
        let judged = self.log.judge(command, &self.sender(&batch));
        self.later(0..=150, Happening::Commits { batch, judged });
    }

    /// A refusal that doing the command again heals. A command that was done again is not refused: a second refusal
    /// is for good. What is in the feed already is known before anybody judges it.
    fn refuses_for_no_reason(&mut self, command: CommandId) -> bool {
        let items = self.model.items.get(&command);
        let first = items.is_some_and(|items| items.iter().any(|(id, item)| !self.log.has_item(*id, item)));
        let unlucky = first && self.model.refusals && self.unlucky(20);
        // What others have of it already they give back: done again under the same ids it would be something else.
        let refuses = unlucky && !self.log.accepted_once.contains(&command);
        self.model.refused += u64::from(refuses);
        refuses
    }

    pub fn node_commits(&mut self, mut batch: Batch, judged: Judged) {
        if self.is_over(&batch) {
            return;
        }
        let (now, sender) = (self.time(), self.sender(&batch));
        let before = self.log.head().seq;
        match self.log.commit(now, judged, &sender) {
            Err(Stale) => {
                self.model.races += 1;
                return self.later(0..=5, Happening::Judges { batch });
            }
            Ok(result) => {
                self.note(&format!("{result:?}"));
                if let Some(command) = batch.commands.pop_front() {
                    batch.results.push((command.id, result));
                }
            }
        }
        let seq = self.log.head().seq;
        if seq != before {
            self.hint(seq);
        }
        if self.unlucky(120) {
            // Committed, and nobody will ever be told.
            self.model.crashes_before_acknowledging += 1;
            return self.crash(batch.node);
        }
        self.later(0..=2, Happening::Judges { batch });
    }

    /// Sockets hear that the log has grown, most of them.
    pub fn hint(&mut self, seq: u64) {
        for wire in self.wires.keys().copied().collect::<Vec<_>>() {
            if self.wires[&wire].alive && !self.unlucky(10) {
                self.later(1..=100, Happening::Hints { wire, seq });
            }
        }
    }

    pub fn node_acknowledges(&mut self, batch: Batch) {
        if !self.is_over(&batch) {
            let event = NodeEvent::Ingested { batch: batch.number, results: batch.results };
            self.node_handles(batch.wire, event);
        }
    }

    fn is_over(&self, batch: &Batch) -> bool {
        self.nodes[batch.node].start != batch.start
    }

    fn sender(&self, batch: &Batch) -> Sender {
        let whose = self.devices[self.wires[&batch.wire].device].whose;
        let grants = Some(self.cast.grants_of(whose.person).clone());
        let device = Some(whose.device);
        Sender { grants, device, node: self.nodes[batch.node].actor, given_back: false, unowned: false }
    }
}

fn socket_delay(
    nodes: &[Node],
    wires: &BTreeMap<u64, super::network::Wire>,
    wire: u64,
    now: shared_model::instant::Timestamp,
) -> i64 {
    let wake = wires.get(&wire).and_then(|at| nodes[at.node].sockets.get(&wire));
    wake.map_or(1, |socket| socket.session.wake_at().millis_since(now).max(1))
}
