//! Wake-ups: whoever serves a feed hears that it has grown. Within a node at once; between nodes by a coalesced
//! `NOTIFY` from a connection of its own, never inside a write transaction; and behind both a poll, because a
//! hint may be lost.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use shared_model::identity::OrganisationId;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const CHANNEL: &str = "maintainpro_feed";
/// Hints to other nodes are gathered for so long.
const COALESCE: Duration = Duration::from_millis(25);
const POLL: Duration = Duration::from_secs(1);
const RECONNECT: Duration = Duration::from_secs(1);

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

    fn parse(text: &str) -> Option<(OrganisationId, Self)> {
        let mut words = text.split(' ');
        let organisation = words.next()?.parse().ok()?;
        let (feed, directory) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some((organisation, Self { feed, directory }))
    }
}

type Watched = Arc<Mutex<HashMap<OrganisationId, watch::Sender<Head>>>>;

/// What this node has heard of the organisations it serves. Cheap to clone.
#[derive(Clone)]
pub struct Wake {
    heads: Heads,
    outgoing: mpsc::UnboundedSender<(OrganisationId, Head)>,
}

impl Wake {
    pub(super) fn start(pool: PgPool, shutdown: CancellationToken) -> Self {
        let (outgoing, hints) = mpsc::unbounded_channel();
        let heads = Heads::default();
        tokio::spawn(until(shutdown.clone(), notify(pool.clone(), hints)));
        tokio::spawn(until(shutdown.clone(), listen(pool.clone(), heads.clone())));
        tokio::spawn(until(shutdown, poll(pool, heads.clone())));
        Self { heads, outgoing }
    }

    /// Hears of every growth of a feed or a directory.
    pub fn subscribe(&self, organisation: OrganisationId) -> watch::Receiver<Head> {
        self.heads.0.lock().entry(organisation).or_default().subscribe()
    }

    /// A commit of this node moved the feed, or the directory; what did not move may be 0.
    pub(super) fn moved(&self, organisation: OrganisationId, head: Head) {
        self.heads.raise(organisation, head);
        // Nobody listens any more only while the node stops; the poll of the others finds the rows.
        let _ = self.outgoing.send((organisation, head));
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

async fn notify(pool: PgPool, mut hints: mpsc::UnboundedReceiver<(OrganisationId, Head)>) {
    while let Some((organisation, head)) = hints.recv().await {
        let mut heads = HashMap::from([(organisation, head)]);
        sleep(COALESCE).await;
        while let Ok((organisation, head)) = hints.try_recv() {
            let known = heads.entry(organisation).or_default();
            *known = known.joined(head);
        }
        for (organisation, head) in heads {
            let sent = sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(format!("{organisation} {} {}", head.feed, head.directory))
                .execute(&pool)
                .await;
            if let Err(error) = sent {
                tracing::warn!(cause = %error, "other nodes were not told; they will poll");
            }
        }
    }
}

async fn listen(pool: PgPool, heads: Heads) {
    while !pool.is_closed() {
        if let Err(error) = listen_once(&pool, &heads).await
            && !pool.is_closed()
        {
            tracing::warn!(cause = %error, "not listening to other nodes; polling meanwhile");
            sleep(RECONNECT).await;
        }
    }
}

async fn listen_once(pool: &PgPool, heads: &Heads) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if let Some((organisation, head)) = Head::parse(notification.payload()) {
            heads.raise(organisation, head);
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
