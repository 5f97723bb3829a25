//! The server's end of one socket: Hello, Welcome, then a load or the feed, with pushes at any time. It keeps no
//! queue of what others do: a socket that lags catches up from its own cursor.

mod answers;
mod check;
mod directory_out;
mod feed_out;
mod pushes;
#[cfg(test)]
mod tests;

use minicbor::bytes::ByteVec;
use sha2::{Digest, Sha256};

use self::check::CheckOut;
use self::directory_out::DirectoryOut;
use self::feed_out::FeedOut;
use self::pushes::Pushes;
use crate::identity::{DeviceId, DocumentId, PersonId};
use crate::instant::Timestamp;
use crate::permission::Grants;
use crate::sync_protocol::{
    Cursor, CursorStanding, DeviceFrame, GivenBack, MAX_GIVEN_DOCUMENTS, NodeEffect, NodeEvent, Plan,
    ServerFrame,
};

/// A device that says nothing for so long is gone; an honest one pings every 15 s.
const SILENCE_MS: i64 = 60_000;
/// How long a device may take to say Hello.
const HELLO_MS: i64 = 10_000;
/// About how many bytes of documents make a page.
const PAGE_BYTES: usize = 256 * 1024;
/// Most documents of one fetch.
const MAX_FETCH: usize = 500;

/// Who is at the other end, as the one-time ticket says.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The person.
    pub person: PersonId,
    /// The device.
    pub device: DeviceId,
    /// The person's rights.
    pub grants: Grants,
}

/// The server's end of one socket.
#[derive(Debug)]
pub struct NodeSession {
    peer: Peer,
    rights: Vec<u8>,
    phase: Phase,
    opened_at: Timestamp,
    heard_at: Timestamp,
    hello_rights: Vec<u8>,
    hello_epoch: Option<ByteVec>,
    loads_packs: bool,
    taking_back: bool,
    feed: Option<FeedOut>,
    pushes: Pushes,
    page_under_way: bool,
    fetch_under_way: Option<(u64, Vec<DocumentId>)>,
    enters_under_way: Option<u64>,
    check: Option<CheckOut>,
    next_request: u64,
    directory: DirectoryOut,
    farewell: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    AwaitingHello,
    /// Hello arrived; the head is being read.
    Joining {
        cursor: Option<Cursor>,
        loading: bool,
    },
    /// Welcome is said; the device loads, or follows the feed.
    Open,
    /// The load is complete; its cursor is being looked up.
    Following(Cursor),
    Closed,
}

impl NodeSession {
    /// The session of a socket that was just opened.
    pub fn new(now: Timestamp, peer: Peer) -> Self {
        Self {
            rights: fingerprint(&peer.grants),
            peer,
            phase: Phase::AwaitingHello,
            opened_at: now,
            heard_at: now,
            hello_rights: Vec::new(),
            hello_epoch: None,
            loads_packs: false,
            taking_back: false,
            feed: None,
            pushes: Pushes::default(),
            page_under_way: false,
            fetch_under_way: None,
            enters_under_way: None,
            check: None,
            next_request: 0,
            directory: DirectoryOut::default(),
            farewell: "",
        }
    }

    /// Who is at the other end.
    pub const fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Why the session ended, as a stable code; empty while it goes on.
    pub const fn farewell(&self) -> &'static str {
        self.farewell
    }

    /// Is the session over? Further events do nothing.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// When to pass a [`NodeEvent::Tick`] at the latest.
    pub fn wake_at(&self) -> Timestamp {
        let silence = match self.phase {
            Phase::AwaitingHello => self.opened_at.plus_millis(HELLO_MS),
            Phase::Joining { .. } | Phase::Open | Phase::Following(_) | Phase::Closed => {
                self.heard_at.plus_millis(SILENCE_MS)
            }
        };
        self.feed.as_ref().and_then(FeedOut::announce_at).map_or(silence, |at| at.min(silence))
    }

    /// What to do about `event`.
    pub fn handle(&mut self, now: Timestamp, event: NodeEvent) -> Vec<NodeEffect> {
        if self.is_closed() {
            return Vec::new();
        }
        let mut out = Vec::new();
        match event {
            NodeEvent::Tick => self.tick(now, &mut out),
            NodeEvent::Received { frame } => self.received(now, &frame, &mut out),
            NodeEvent::HeadRead { head, horizon, standing, documents } => {
                self.head_read(now, &head, (horizon, standing, documents), &mut out);
            }
            NodeEvent::FeedRead { after, rows } => self.feed_read(now, after, rows, &mut out),
            NodeEvent::SnapshotsRead { at, documents, through } => {
                self.snapshots_read(at, documents, through, &mut out);
            }
            NodeEvent::DocumentsRead { request, at, documents } => {
                self.documents_read(now, request, &at, documents, &mut out);
            }
            NodeEvent::MarksRead { at, documents, through } => {
                self.marks_read(at, &documents, through, &mut out);
            }
            NodeEvent::DirectoryRead { version, changes } => self.directory_read(version, changes, &mut out),
            NodeEvent::Ingested { batch, results } => {
                out.push(send(&ServerFrame::PushResults { results }));
                self.pushes.answered(batch, &mut out);
            }
            NodeEvent::TakenBack { results, at } => {
                if std::mem::take(&mut self.taking_back) {
                    out.push(send(&ServerFrame::TakenBack { results, at: Some(at) }));
                }
            }
            NodeEvent::HeadMoved { seq } => {
                if let Some(feed) = &mut self.feed {
                    feed.heard(seq);
                }
            }
            NodeEvent::DirectoryMoved { version } => {
                self.directory.heard(version);
                // Before Welcome an honest device would take any other frame for a broken server.
                if matches!(self.phase, Phase::Open | Phase::Following(_)) {
                    self.directory.read_on(&mut out);
                }
            }
            NodeEvent::GrantsChanged { grants } => self.grants_changed(grants, &mut out),
            NodeEvent::Failed => self.goodbye("unavailable", "", Some(1_000), &mut out),
            NodeEvent::ShuttingDown => self.goodbye("shutting_down", "", Some(500), &mut out),
            NodeEvent::SignedOut => self.goodbye("signed_out", "", None, &mut out),
        }
        if let Some(feed) = self.feed.as_mut().filter(|_| self.phase != Phase::Closed) {
            feed.read_on(&mut out);
        }
        out
    }

    fn tick(&mut self, now: Timestamp, out: &mut Vec<NodeEffect>) {
        let silent = now.millis_since(self.heard_at) >= SILENCE_MS;
        let mute = self.phase == Phase::AwaitingHello && now.millis_since(self.opened_at) >= HELLO_MS;
        if silent || mute {
            self.phase = Phase::Closed;
            self.farewell = "silent";
            out.push(NodeEffect::Close);
        } else if let Some(feed) = &mut self.feed {
            feed.announce(now, out);
        }
    }

    fn received(&mut self, now: Timestamp, frame: &[u8], out: &mut Vec<NodeEffect>) {
        self.heard_at = now;
        let frame = match DeviceFrame::decode(frame) {
            Ok(frame) => frame,
            Err(error) => return self.goodbye("malformed_frame", &error.to_string(), Some(30_000), out),
        };
        match (frame, &self.phase) {
            (DeviceFrame::Ping { nonce, stored }, _) => self.ping(nonce, stored, out),
            (
                DeviceFrame::Hello {
                    protocol,
                    device,
                    cursor,
                    directory_version,
                    loading,
                    rights,
                    packs,
                    seen,
                    ..
                },
                phase,
            ) => {
                if *phase != Phase::AwaitingHello {
                    return self.goodbye("unexpected_frame", "Hello twice", Some(1_000), out);
                }
                if protocol == 0 {
                    return self.goodbye("protocol_unsupported", "", Some(60_000), out);
                }
                if device != self.peer.device {
                    return self.goodbye("foreign_device", "the ticket names another device", None, out);
                }
                self.hello_rights = rights.to_vec();
                self.hello_epoch = cursor.as_ref().map(|cursor| cursor.epoch.clone());
                self.loads_packs = packs;
                self.directory = DirectoryOut::new(directory_version);
                let resumes = !loading && self.hello_rights == self.rights;
                out.push(NodeEffect::ReadHead { cursor: cursor.clone(), seen, resumes });
                self.phase = Phase::Joining { cursor, loading };
            }
            (_, Phase::AwaitingHello | Phase::Joining { .. }) => {
                self.goodbye("unexpected_frame", "Hello comes first", Some(1_000), out);
            }
            (DeviceFrame::Push { commands }, _) => self.pushes.pushed(commands, out),
            (DeviceFrame::NextSnapshots { after }, _) => {
                if std::mem::replace(&mut self.page_under_way, true) {
                    return self.goodbye("unexpected_frame", "one page at a time", Some(1_000), out);
                }
                out.push(NodeEffect::ReadSnapshots { after, budget: PAGE_BYTES });
            }
            (DeviceFrame::FetchDocuments { documents }, _) => self.fetch(documents, out),
            (DeviceFrame::GiveBack { documents }, _) => self.take_back(documents, out),
            (DeviceFrame::Check { ranges }, _) => self.check(ranges, out),
            (DeviceFrame::Follow { cursor }, Phase::Open) if self.feed.is_none() => {
                out.push(NodeEffect::ReadHead { cursor: Some(cursor.clone()), seen: None, resumes: true });
                self.phase = Phase::Following(cursor);
            }
            (DeviceFrame::Follow { .. }, _) => {
                self.goodbye("unexpected_frame", "the feed is on its way", Some(1_000), out);
            }
            (DeviceFrame::Stored { seq }, _) => {
                if let Some(feed) = &mut self.feed {
                    feed.stored(seq);
                }
            }
        }
    }

    fn ping(&mut self, nonce: u64, stored: u64, out: &mut Vec<NodeEffect>) {
        if let Some(feed) = &mut self.feed {
            feed.stored(stored);
        }
        let sent = match (&self.feed, &self.phase) {
            (Some(feed), _) => Some(feed.announced()),
            (None, Phase::Following(cursor)) => Some(cursor.seq),
            (None, Phase::AwaitingHello | Phase::Joining { .. } | Phase::Open | Phase::Closed) => None,
        };
        out.push(send(&ServerFrame::Pong { nonce, sent, directory: self.directory.sent() }));
    }

    fn fetch(&mut self, documents: Vec<DocumentId>, out: &mut Vec<NodeEffect>) {
        if documents.len() > MAX_FETCH || self.fetch_under_way.is_some() {
            return self.goodbye(
                "unexpected_frame",
                "one fetch at a time, and a bounded one",
                Some(1_000),
                out,
            );
        }
        let request = self.request();
        self.fetch_under_way = Some((request, documents.clone()));
        out.push(NodeEffect::ReadDocuments { request, documents });
    }

    fn take_back(&mut self, documents: Vec<GivenBack>, out: &mut Vec<NodeEffect>) {
        let is_too_much = documents.len() > MAX_GIVEN_DOCUMENTS;
        if is_too_much || std::mem::replace(&mut self.taking_back, true) {
            return self.goodbye("unexpected_frame", "give back a little at a time", Some(1_000), out);
        }
        out.push(NodeEffect::TakeBack { epoch: self.hello_epoch.clone(), documents });
    }

    fn head_read(
        &mut self,
        now: Timestamp,
        head: &Cursor,
        (horizon, standing, documents): (u64, Option<CursorStanding>, u64),
        out: &mut Vec<NodeEffect>,
    ) {
        match std::mem::replace(&mut self.phase, Phase::Open) {
            Phase::Joining { cursor, loading } => {
                let same_rights = self.hello_rights == self.rights;
                let load = if self.loads_packs { Plan::Packs } else { Plan::Snapshots };
                let plan = match (&cursor, standing) {
                    (None, _) => load,
                    (Some(_), Some(CursorStanding::Foreign) | None) => Plan::Diverged,
                    (Some(cursor), Some(CursorStanding::Known)) => {
                        let follows = !loading && same_rights && cursor.seq >= horizon;
                        if follows { Plan::Delta } else { load }
                    }
                };
                out.push(send(&ServerFrame::Welcome {
                    protocol: crate::sync_protocol::PROTOCOL_VERSION,
                    head: head.clone(),
                    horizon,
                    server_time: now,
                    plan,
                    rights: self.rights.clone().into(),
                    documents: if plan == Plan::Delta { 0 } else { documents },
                    schema: crate::document::step::SCHEMA,
                    checks: true,
                }));
                if let (Plan::Delta, Some(cursor)) = (plan, cursor) {
                    self.feed = Some(FeedOut::new(&cursor, head.seq));
                }
                if plan == Plan::Diverged {
                    self.directory = DirectoryOut::new(0);
                }
                self.directory.begin(!same_rights, out);
            }
            Phase::Following(cursor) if standing == Some(CursorStanding::Known) => {
                self.feed = Some(FeedOut::new(&cursor, head.seq));
            }
            Phase::Following(_) => self.goodbye("cursor_unknown", "", Some(0), out),
            phase @ (Phase::AwaitingHello | Phase::Open | Phase::Closed) => self.phase = phase,
        }
    }

    fn grants_changed(&mut self, grants: Grants, out: &mut Vec<NodeEffect>) {
        let rights = fingerprint(&grants);
        self.peer.grants = grants;
        if rights != self.rights {
            self.rights = rights;
            self.goodbye("rights_changed", "the copy is made again under the new rights", Some(0), out);
        }
    }

    fn request(&mut self) -> u64 {
        self.next_request += 1;
        self.next_request
    }

    fn goodbye(
        &mut self,
        code: &'static str,
        detail: &str,
        retry_after_ms: Option<u64>,
        out: &mut Vec<NodeEffect>,
    ) {
        self.farewell = code;
        let (code, detail) = (code.to_owned(), detail.to_owned());
        out.push(send(&ServerFrame::Goodbye { code, detail, retry_after_ms }));
        out.push(NodeEffect::Close);
        self.phase = Phase::Closed;
    }
}

fn send(frame: &ServerFrame) -> NodeEffect {
    NodeEffect::Send(frame.encode().into())
}

/// Names a set of rights: equal for equal rights, in whatever order they were read.
pub fn fingerprint(grants: &Grants) -> Vec<u8> {
    let mut texts: Vec<String> =
        grants.grants.iter().filter_map(|grant| serde_json::to_string(grant).ok()).collect();
    texts.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(grants.person.as_bytes());
    for text in texts {
        hash.update(text.as_bytes());
        hash.update([0]);
    }
    hash.finalize()[..16].to_vec()
}
