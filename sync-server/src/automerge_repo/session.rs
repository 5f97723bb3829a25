//! One client: what it says is answered, in order, one message after the other, so that nothing piles up here.

use std::collections::{BTreeSet, HashMap};

use automerge::sync::Message;
use axum::extract::ws::close_code;
use shared_model::document::Document;
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;

use super::conversation::Conversation;
use super::document_id;
use super::relay::{Relay, Whisper};
use super::sync_message::{Malformed, Received};
use super::wire::{FromClient, FromServer, PEER, VERSION};
use crate::app_state::AppState;
use crate::auth::{Caller, Standing};
use crate::random;

/// Most documents a client may ask for on one socket.
const MAX_DOCUMENTS: usize = 4_096;
/// Most memory all its conversations may take.
const MAX_WEIGHT: usize = 16 * 1024 * 1024;
/// Messages of the moment that are passed on in a second; what is beyond is lost, as such messages may be.
const WHISPERS_A_SECOND: u32 = 100;
/// How often the feed is asked for rows that a hint promised.
const READS: u32 = 3;
/// Longest name of a document that is said back: a real one has 28 letters.
const MAX_NAME_BYTES: usize = 64;

/// Why a socket closes, for both sides of it.
#[derive(Debug)]
pub struct Goodbye {
    /// The close code of the WebSocket.
    pub code: u16,
    /// What the client is told.
    pub message: String,
}

impl Goodbye {
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<anyhow::Error> for Goodbye {
    fn from(error: anyhow::Error) -> Self {
        tracing::warn!(cause = format!("{error:#}"), "an automerge-repo client could not be served");
        Self::new(close_code::AGAIN, "the server cannot answer now; try again")
    }
}

impl From<sqlx::Error> for Goodbye {
    fn from(error: sqlx::Error) -> Self {
        anyhow::Error::from(error).into()
    }
}

impl From<Malformed> for Goodbye {
    fn from(malformed: Malformed) -> Self {
        let code = match malformed {
            Malformed::TooMuch(_) => close_code::SIZE,
            Malformed::Unreadable(_) | Malformed::Chunk(_) => close_code::PROTOCOL,
        };
        Self::new(code, malformed.to_string())
    }
}

/// A document the client has asked about.
enum Held {
    /// It may not be seen, or does not exist.
    Unavailable,
    /// It is being synchronised.
    Open(Box<Conversation>),
}

/// What goes out after a message came in; the driver sends each before the next is made.
pub type Outgoing = Vec<FromServer>;

/// A client's session.
pub struct Session {
    pub state: AppState,
    pub caller: Caller,
    relay: Relay,
    /// The number of this connection among those that hear of each other.
    connection: u64,
    /// What the client calls itself; `None` until it joined.
    pub peer: Option<String>,
    documents: HashMap<DocumentId, Held>,
    weight: usize,
    /// Documents to look at anew, because the feed or the person's rights changed.
    due: BTreeSet<DocumentId>,
    rights_changed: bool,
    /// The last row of the feed that was looked at.
    seen: u64,
    /// Since when messages of the moment are counted, and how many there were.
    whispers: (Timestamp, u32),
    /// Names the notices of this connection.
    session: String,
    notices: u64,
}

impl Session {
    pub fn new(state: AppState, caller: Caller, relay: Relay, seen: u64) -> Self {
        let connection = u64::from_be_bytes(random::bytes());
        let session = format!("{PEER}-{connection:016x}");
        Self {
            state,
            caller,
            relay,
            connection,
            peer: None,
            documents: HashMap::new(),
            weight: 0,
            due: BTreeSet::new(),
            rights_changed: false,
            seen,
            whispers: (Timestamp::default(), 0),
            session,
            notices: 0,
        }
    }

    /// Answers a message of the client.
    pub async fn hear(&mut self, bytes: &[u8]) -> Result<Outgoing, Goodbye> {
        let message = FromClient::decode(bytes)
            .map_err(|error| Goodbye::new(close_code::PROTOCOL, format!("no message: {error}")))?;
        match message {
            FromClient::Join { peer, versions } => self.join(peer, &versions),
            _ if self.peer.is_none() => {
                Err(Goodbye::new(close_code::PROTOCOL, "the first message is a join"))
            }
            FromClient::Leave => Err(Goodbye::new(close_code::NORMAL, "goodbye")),
            FromClient::Sync { document, data } => self.sync(document, data).await,
            FromClient::Ephemeral { document, session, count, data } => {
                self.whisper(&document, session, count, data)
            }
            FromClient::Other => Ok(Vec::new()),
        }
    }

    fn join(&mut self, peer: String, versions: &[String]) -> Result<Outgoing, Goodbye> {
        if !versions.iter().any(|version| version == VERSION) {
            let message = format!("this server speaks version {VERSION} of the protocol");
            return Err(Goodbye::new(close_code::PROTOCOL, message));
        }
        if peer.is_empty() || peer == PEER || self.peer.as_ref().is_some_and(|known| *known != peer) {
            return Err(Goodbye::new(close_code::POLICY, "choose another peer id"));
        }
        self.peer = Some(peer);
        Ok(vec![FromServer::Peer { storage: self.caller.organisation_id.to_string() }])
    }

    async fn sync(&mut self, name: String, data: Vec<u8>) -> Result<Outgoing, Goodbye> {
        let Some(id) = document_id::decode(&name) else {
            let document = name.chars().take(MAX_NAME_BYTES).collect();
            return Ok(vec![FromServer::Unavailable { document }]);
        };
        let Received { summary, changes } = self.aside(move || Received::decode(&data)).await??;
        if self.documents.len() >= MAX_DOCUMENTS && !self.documents.contains_key(&id) {
            let message = format!("at most {MAX_DOCUMENTS} documents on one socket");
            return Err(Goodbye::new(close_code::POLICY, message));
        }
        let Some(document) = self.load(id).await? else { return Ok(self.lose(id)) };
        let mut conversation = self.take(id);
        let mut out = Vec::new();
        let document =
            self.judge(id, document, &mut conversation, (&summary.heads, changes), &mut out).await?;
        match document {
            Some(document) => out.extend(self.go_on(id, document, conversation, Some(summary)).await?),
            None => out.extend(self.lose(id)),
        }
        Ok(out)
    }

    /// Says what there is to say about a document now.
    async fn go_on(
        &mut self,
        id: DocumentId,
        document: Document,
        mut conversation: Box<Conversation>,
        heard: Option<Message>,
    ) -> Result<Option<FromServer>, Goodbye> {
        let (conversation, message) = self
            .aside(move || {
                let message = conversation.next_message(&document, heard);
                (conversation, message)
            })
            .await?;
        self.put(id, conversation)?;
        Ok(message.map(|data| FromServer::Sync { document: document_id::encode(id), data }))
    }

    /// Something the server says to the client's program about a document.
    pub fn notice(&mut self, document: DocumentId, data: Vec<u8>) -> FromServer {
        self.notices += 1;
        FromServer::Ephemeral {
            document: document_id::encode(document),
            sender: PEER.to_owned(),
            session: self.session.clone(),
            count: self.notices,
            data,
        }
    }

    /// Finds out which documents are to be looked at anew after the feed grew up to `head`.
    pub async fn moved(&mut self, head: u64) -> Result<(), Goodbye> {
        let mut tries = 0;
        while self.seen < head && tries < READS {
            let (pool, organisation) = (&self.state.pool, self.caller.organisation_id);
            let rows = self.state.sync.rows_after(pool, organisation, self.seen).await?;
            match rows.last() {
                Some(last) => self.seen = last.seq,
                // An answer shared with somebody who asked just before there was more.
                None => tries += 1,
            }
            self.due.extend(rows.iter().map(|row| row.document).filter(|id| self.documents.contains_key(id)));
        }
        Ok(())
    }

    /// Looks whether the person is still signed in; when their rights changed, every document is to be looked at anew.
    pub async fn recheck(&mut self) -> Result<(), Goodbye> {
        self.check_rights().await?;
        if std::mem::take(&mut self.rights_changed) {
            self.due.extend(self.documents.keys());
        }
        Ok(())
    }

    /// Reads the person's rights anew; a session that has ended is the end of the socket.
    pub async fn check_rights(&mut self) -> Result<(), Goodbye> {
        let caller = self.state.checks.standing(&self.state, &self.caller).await?;
        let caller = match caller {
            Standing::Open(caller) => caller,
            Standing::Ended => {
                return Err(Goodbye::new(close_code::POLICY, "the session has ended; sign in"));
            }
            Standing::Suspended => {
                return Err(Goodbye::new(close_code::POLICY, "the organisation is suspended"));
            }
        };
        self.rights_changed |= caller.grants != self.caller.grants;
        self.caller = caller;
        Ok(())
    }

    /// Is there a document to be looked at anew?
    pub fn has_due(&self) -> bool {
        !self.due.is_empty()
    }

    /// Looks at the next document anew and says what there is to say about it.
    pub async fn look_again(&mut self) -> Result<Outgoing, Goodbye> {
        let Some(id) = self.due.pop_first() else { return Ok(Vec::new()) };
        match self.load(id).await? {
            Some(document) => {
                let conversation = self.take(id);
                Ok(self.go_on(id, document, conversation, None).await?.into_iter().collect())
            }
            None if matches!(self.documents.get(&id), Some(Held::Unavailable)) => Ok(Vec::new()),
            None => Ok(self.lose(id)),
        }
    }

    /// The document as it stands, when this person may see it. One with a new root cannot be had here: a client that has
    /// its past would merge the two, and everything would stand there twice.
    pub async fn load(&self, id: DocumentId) -> Result<Option<Document>, Goodbye> {
        let Caller { organisation_id, grants, .. } = &self.caller;
        let (sync, pool) = (&self.state.sync, &self.state.pool);
        let Some(stored) = sync.readable_document(pool, *organisation_id, grants, id).await? else {
            return Ok(None);
        };
        let loaded = self.aside(move || Document::load(stored.kind, &stored.bytes)).await?;
        let loaded = loaded.map_err(anyhow::Error::from)?;
        Ok(Some(loaded).filter(|document| document.root().is_none()))
    }

    fn take(&mut self, id: DocumentId) -> Box<Conversation> {
        match self.documents.remove(&id) {
            Some(Held::Open(conversation)) => {
                self.weight -= conversation.weight();
                conversation
            }
            Some(Held::Unavailable) | None => Box::default(),
        }
    }

    fn put(&mut self, id: DocumentId, conversation: Box<Conversation>) -> Result<(), Goodbye> {
        self.weight += conversation.weight();
        self.documents.insert(id, Held::Open(conversation));
        if self.weight <= MAX_WEIGHT {
            return Ok(());
        }
        Err(Goodbye::new(close_code::SIZE, "too much is under way on this socket"))
    }

    /// The same for what may not be seen as for what does not exist.
    fn lose(&mut self, id: DocumentId) -> Outgoing {
        drop(self.take(id));
        self.documents.insert(id, Held::Unavailable);
        vec![FromServer::Unavailable { document: document_id::encode(id) }]
    }

    fn is_open(&self, id: DocumentId) -> bool {
        matches!(self.documents.get(&id), Some(Held::Open(_)))
    }

    /// Passes a message of the moment on to whoever looks at the same document on this node.
    fn whisper(
        &mut self,
        document: &str,
        session: String,
        count: u64,
        data: Vec<u8>,
    ) -> Result<Outgoing, Goodbye> {
        let document = document_id::decode(document).filter(|id| self.is_open(*id));
        let (Some(document), Some(peer)) = (document, self.peer.clone()) else { return Ok(Vec::new()) };
        let now = self.state.clock.now();
        if now.millis_since(self.whispers.0) >= 1_000 {
            self.whispers = (now, 0);
        }
        self.whispers.1 += 1;
        if self.whispers.1 > WHISPERS_A_SECOND {
            return Ok(Vec::new());
        }
        let organisation = self.caller.organisation_id;
        let whisper =
            Whisper { organisation, document, connection: self.connection, peer, session, count, data };
        match self.relay.pass_on(whisper) {
            Ok(()) => Ok(Vec::new()),
            Err(message) => Err(Goodbye::new(close_code::SIZE, message)),
        }
    }

    /// Does what keeps a processor busy beside the threads that serve sockets, one after the other and the others of the
    /// organisation. A panic ends this session only.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Goodbye> {
        let turn = self.state.sync.guest_turn(self.caller.organisation_id).await;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| {
            tracing::error!(cause = %error, "a sync message could not be dealt with");
            Goodbye::new(close_code::ERROR, "this message cannot be dealt with")
        })
    }

    /// What another client of this node says, if it is for this one.
    pub fn overhear(&self, whisper: &Whisper) -> Option<FromServer> {
        let for_me = whisper.connection != self.connection
            && whisper.organisation == self.caller.organisation_id
            && self.is_open(whisper.document);
        for_me.then(|| FromServer::Ephemeral {
            document: document_id::encode(whisper.document),
            sender: whisper.peer.clone(),
            session: whisper.session.clone(),
            count: whisper.count,
            data: whisper.data.clone(),
        })
    }
}
