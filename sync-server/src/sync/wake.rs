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
use tokio::sync::{broadcast, mpsc, watch};
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
/// What the hint of an ended session begins with; versions that do not know it skip it.
const ENDED: &str = "ended";

/// How far an organisation is, as far as this node has heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last sequence number of the feed.
    pub feed: u64,
    /// The version of the directory.
    pub directory: u64,
}

impl Head {
    fn joined(self, other: Self) -> Self {
        Self { feed: self.feed.max(other.feed), directory: self.directory.max(other.directory) }
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
        Some(Self::Moved(first.parse().ok()?, Head { feed, directory }))
    }
}

impl std::fmt::Display for Hint {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Moved(organisation, head) => write!(out, "{organisation} {} {}", head.feed, head.directory),
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
    outgoing: mpsc::UnboundedSender<Hint>,
}

impl Wake {
    pub(super) fn start(pool: PgPool, shutdown: CancellationToken) -> Self {
        let (outgoing, hints) = mpsc::unbounded_channel();
        let heads = Heads::default();
        let (ended, _) = broadcast::channel(ENDED_SESSIONS);
        let wake = Self { heads: heads.clone(), ended, outgoing };
        tokio::spawn(until(shutdown.clone(), notify(pool.clone(), hints)));
        tokio::spawn(until(shutdown.clone(), listen(pool.clone(), wake.clone())));
        tokio::spawn(until(shutdown, poll(pool, heads)));
        wake
    }

    /// Hears of every growth of a feed or a directory.
    pub fn subscribe(&self, organisation: OrganisationId) -> watch::Receiver<Head> {
        self.heads.0.lock().entry(organisation).or_default().subscribe()
    }

    /// A commit of this node moved the feed, or the directory; what did not move may be 0.
    pub(super) fn moved(&self, organisation: OrganisationId, head: Head) {
        self.heads.raise(organisation, head);
        // Nobody listens any more only while the node stops; the poll of the others finds the rows.
        let _ = self.outgoing.send(Hint::Moved(organisation, head));
    }

    /// Hears of every session that ends, of any organisation.
    pub fn ended_sessions(&self) -> broadcast::Receiver<SessionId> {
        self.ended.subscribe()
    }

    /// A session ended: its sockets close at once, also those of other nodes.
    pub fn session_ended(&self, session: SessionId) {
        self.heard(Hint::Ended(session));
        // As above; a socket looks after its session from time to time.
        let _ = self.outgoing.send(Hint::Ended(session));
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

async fn notify(pool: PgPool, mut hints: mpsc::UnboundedReceiver<Hint>) {
    while let Some(first) = hints.recv().await {
        let mut heads: HashMap<OrganisationId, Head> = HashMap::new();
        let mut told = Vec::new();
        sleep(COALESCE).await;
        let mut next = Some(first);
        while let Some(hint) = next {
            match hint {
                Hint::Moved(organisation, head) => {
                    let known = heads.entry(organisation).or_default();
                    *known = known.joined(head);
                }
                Hint::Ended(_) => told.push(hint),
            }
            next = hints.try_recv().ok();
        }
        told.extend(heads.into_iter().map(|(organisation, head)| Hint::Moved(organisation, head)));
        for hint in told {
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
        let found: sqlx::Result<Vec<(Uuid, i64, i64)>> =
            sqlx::query_as("select organization_id, head, directory_version from tenant_heads($1)")
                .bind(awaited)
                .fetch_all(&pool)
                .await;
        match found {
            Ok(rows) => {
                for (organisation, feed, directory) in rows {
                    let head = Head { feed: feed.unsigned_abs(), directory: directory.unsigned_abs() };
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
        let head = Head { feed: 7, directory: 0 };
        for hint in [
            Hint::Moved(OrganisationId::from_bytes([1; 16]), head),
            Hint::Ended(SessionId::from_bytes([2; 16])),
        ] {
            assert_eq!(Hint::parse(&hint.to_string()), Some(hint));
        }
        for strange in ["", "ended", "ended x", "paused 1 2", "1 2 3"] {
            assert_eq!(Hint::parse(strange), None);
        }
    }
}
