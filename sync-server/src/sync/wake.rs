//! Wake-ups: whoever serves a feed hears that it has grown, and sockets that their session ended. Within a node at
//! once; between nodes by a coalesced `NOTIFY` from a connection of its own, never inside a write transaction; and
//! behind both a poll, because a hint may be lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use shared_model::identity::{OrganisationId, SessionId};
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, broadcast, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const CHANNEL: &str = "maintainpro_feed";
/// Hints to other nodes are gathered for so long.
const COALESCE: Duration = Duration::from_millis(25);
const POLL: Duration = Duration::from_secs(1);
const RECONNECT: Duration = Duration::from_secs(1);
/// Ended sessions a slow socket may be behind with before it looks after its own.
const ENDED_SESSIONS: usize = 256;
/// Ended sessions that wait to be told to other nodes.
const MAX_ENDED: usize = 4_096;
/// What the hint of an ended session begins with; versions that do not know it skip it.
const ENDED: &str = "ended";

/// How far an organisation is, as far as this node has heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last sequence number of the feed.
    pub feed: u64,
    /// The version of the directory.
    pub directory: u64,
    /// The version of the directory at which somebody's rights may have changed last.
    pub rights: u64,
}

impl Head {
    /// The feed reaches to here; of the directory nothing is said.
    pub const fn of_feed(seq: u64) -> Self {
        Self { feed: seq, directory: 0, rights: 0 }
    }

    fn joined(self, other: Self) -> Self {
        Self {
            feed: self.feed.max(other.feed),
            directory: self.directory.max(other.directory),
            rights: self.rights.max(other.rights),
        }
    }
}

/// What nodes tell each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hint {
    Moved(OrganisationId, Head),
    Ended(SessionId),
}

impl Hint {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let first = words.next()?;
        if first == ENDED {
            return Some(Self::Ended(words.next()?.parse().ok()?));
        }
        let (feed, directory) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        // A version before said nothing about rights.
        let rights = words.next().map_or(Some(directory), |word| word.parse().ok())?;
        Some(Self::Moved(first.parse().ok()?, Head { feed, directory, rights }))
    }
}

impl std::fmt::Display for Hint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Moved(organisation, Head { feed, directory, rights }) => {
                write!(out, "{organisation} {feed} {directory} {rights}")
            }
            Self::Ended(session) => write!(out, "{ENDED} {session}"),
        }
    }
}

type Watched = Arc<Mutex<HashMap<OrganisationId, watch::Sender<Head>>>>;

/// What this node has heard of the organisations it serves. Cheap to clone.
#[derive(Clone)]
pub struct Wake {
    heads: Heads,
    ended: broadcast::Sender<SessionId>,
    outgoing: Arc<Outgoing>,
}

/// Hints for other nodes that wait to be told: one an organisation, however often it moved.
#[derive(Default)]
struct Outgoing {
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Default)]
struct Waiting {
    heads: HashMap<OrganisationId, Head>,
    ended: Vec<SessionId>,
}

impl Outgoing {
    fn add(&self, hint: Hint) {
        let mut waiting = self.waiting.lock();
        match hint {
            Hint::Moved(organisation, head) => {
                let known = waiting.heads.entry(organisation).or_default();
                *known = known.joined(head);
            }
            // Beyond that, sockets of other nodes find out when they look after their sessions.
            Hint::Ended(session) if waiting.ended.len() < MAX_ENDED => waiting.ended.push(session),
            Hint::Ended(_) => {}
        }
        drop(waiting);
        self.news.notify_one();
    }

    fn take(&self) -> Vec<Hint> {
        let Waiting { heads, ended } = std::mem::take(&mut *self.waiting.lock());
        let heads = heads.into_iter().map(|(organisation, head)| Hint::Moved(organisation, head));
        ended.into_iter().map(Hint::Ended).chain(heads).collect()
    }
}

impl Wake {
    pub(super) fn start(pool: PgPool, shutdown: CancellationToken) -> Self {
        let outgoing = Arc::new(Outgoing::default());
        let heads = Heads::default();
        let (ended, _) = broadcast::channel(ENDED_SESSIONS);
        let wake = Self { heads: heads.clone(), ended, outgoing: Arc::clone(&outgoing) };
        tokio::spawn(until(shutdown.clone(), notify(pool.clone(), outgoing)));
        tokio::spawn(until(shutdown.clone(), listen(pool.clone(), wake.clone())));
        tokio::spawn(until(shutdown, poll(pool, heads)));
        wake
    }

    /// Hears of every growth of a feed or a directory.
    pub fn subscribe(&self, organisation: OrganisationId) -> watch::Receiver<Head> {
        self.heads.0.lock().entry(organisation).or_default().subscribe()
    }

    /// A commit of this node moved the feed, or the directory.
    pub(super) fn moved(&self, organisation: OrganisationId, head: Head) {
        self.heads.raise(organisation, head);
        self.outgoing.add(Hint::Moved(organisation, head));
    }

    /// Hears of every session that ends, of any organisation.
    pub fn ended_sessions(&self) -> broadcast::Receiver<SessionId> {
        self.ended.subscribe()
    }

    /// A session ended: its sockets close at once, also those of other nodes.
    pub fn session_ended(&self, session: SessionId) {
        self.heard(Hint::Ended(session));
        self.outgoing.add(Hint::Ended(session));
    }

    fn heard(&self, hint: Hint) {
        match hint {
            Hint::Moved(organisation, head) => self.heads.raise(organisation, head),
            // Nobody listens: no socket is open here.
            Hint::Ended(session) => drop(self.ended.send(session)),
        }
    }
}

#[derive(Clone, Default)]
struct Heads(Watched);

impl Heads {
    fn raise(&self, organisation: OrganisationId, head: Head) {
        if let Some(sender) = self.0.lock().get(&organisation) {
            sender.send_if_modified(|known| {
                let now = known.joined(head);
                std::mem::replace(known, now) != now
            });
        }
    }

    /// The feeds somebody waits for. Forgets those nobody does.
    fn awaited(&self) -> Vec<Uuid> {
        let mut heads = self.0.lock();
        heads.retain(|_, sender| sender.receiver_count() > 0);
        heads.keys().map(|organisation| organisation.as_uuid()).collect()
    }
}

async fn until(shutdown: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = work => {}
    }
}

async fn notify(pool: PgPool, outgoing: Arc<Outgoing>) {
    loop {
        outgoing.news.notified().await;
        sleep(COALESCE).await;
        for hint in outgoing.take() {
            let sent = sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(hint.to_string())
                .execute(&pool)
                .await;
            if let Err(error) = sent {
                tracing::warn!(cause = %error, "other nodes were not told; they will poll");
            }
        }
    }
}

async fn listen(pool: PgPool, wake: Wake) {
    while !pool.is_closed() {
        if let Err(error) = listen_once(&pool, &wake).await
            && !pool.is_closed()
        {
            tracing::warn!(cause = %error, "not listening to other nodes; polling meanwhile");
            sleep(RECONNECT).await;
        }
    }
}

async fn listen_once(pool: &PgPool, wake: &Wake) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if let Some(hint) = Hint::parse(notification.payload()) {
            wake.heard(hint);
        }
    }
}

async fn poll(pool: PgPool, heads: Heads) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !pool.is_closed() {
        ticks.tick().await;
        let awaited = heads.awaited();
        if awaited.is_empty() {
            continue;
        }
        let found: sqlx::Result<Vec<(Uuid, i64, i64, i64)>> = sqlx::query_as(
            "select organization_id, head, directory_version, rights_version from tenant_heads($1)",
        )
        .bind(awaited)
        .fetch_all(&pool)
        .await;
        match found {
            Ok(rows) => {
                for (organisation, feed, directory, rights) in rows {
                    let [feed, directory, rights] = [feed, directory, rights].map(i64::unsigned_abs);
                    let head = Head { feed, directory, rights };
                    heads.raise(OrganisationId::from_uuid(organisation), head);
                }
            }
            Err(error) => tracing::warn!(cause = %error, "polling for growth failed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_understood_as_they_were_said_and_strange_ones_skipped() {
        let head = Head { feed: 7, directory: 9, rights: 8 };
        for hint in [
            Hint::Moved(OrganisationId::from_bytes([1; 16]), head),
            Hint::Ended(SessionId::from_bytes([2; 16])),
        ] {
            assert_eq!(Hint::parse(&hint.to_string()), Some(hint));
        }
        let organisation = OrganisationId::from_bytes([1; 16]);
        let before = Hint::parse(&format!("{organisation} 7 9"));
        assert_eq!(before, Some(Hint::Moved(organisation, Head { rights: 9, ..head })));
        for strange in ["", "ended", "ended x", "paused 1 2", "1 2 3"] {
            assert_eq!(Hint::parse(strange), None);
        }
    }
}
