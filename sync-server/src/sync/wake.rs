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

/// The heads of the feeds this node knows of. Cheap to clone.
#[derive(Clone)]
pub struct Wake {
    heads: Arc<Mutex<HashMap<OrganisationId, watch::Sender<u64>>>>,
    outgoing: mpsc::UnboundedSender<(OrganisationId, u64)>,
}

impl Wake {
    pub(super) fn start(pool: PgPool, shutdown: CancellationToken) -> Self {
        let (outgoing, hints) = mpsc::unbounded_channel();
        let wake = Self { heads: Arc::default(), outgoing };
        tokio::spawn(until(shutdown.clone(), notify(pool.clone(), hints)));
        tokio::spawn(until(shutdown.clone(), listen(pool.clone(), wake.heads())));
        tokio::spawn(until(shutdown, poll(pool, wake.heads())));
        wake
    }

    /// Hears of every growth of a feed; the value is the last head heard of.
    pub fn subscribe(&self, organisation: OrganisationId) -> watch::Receiver<u64> {
        self.heads.lock().entry(organisation).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// A commit of this node moved the head.
    pub(super) fn moved(&self, organisation: OrganisationId, head: i64) {
        let head = head.unsigned_abs();
        self.heads().raise(organisation, head);
        // Nobody listens any more only while the node stops; the poll of the others finds the rows.
        let _ = self.outgoing.send((organisation, head));
    }

    fn heads(&self) -> Heads {
        Heads(Arc::clone(&self.heads))
    }
}

#[derive(Clone)]
struct Heads(Arc<Mutex<HashMap<OrganisationId, watch::Sender<u64>>>>);

impl Heads {
    fn raise(&self, organisation: OrganisationId, head: u64) {
        if let Some(sender) = self.0.lock().get(&organisation) {
            sender.send_if_modified(|known| {
                let moved = head > *known;
                *known = head.max(*known);
                moved
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

async fn notify(pool: PgPool, mut hints: mpsc::UnboundedReceiver<(OrganisationId, u64)>) {
    while let Some((organisation, head)) = hints.recv().await {
        let mut heads = HashMap::from([(organisation, head)]);
        sleep(COALESCE).await;
        while let Ok((organisation, head)) = hints.try_recv() {
            heads.insert(organisation, head);
        }
        for (organisation, head) in heads {
            let sent = sqlx::query("select pg_notify($1, $2)")
                .bind(CHANNEL)
                .bind(format!("{organisation} {head}"))
                .execute(&pool)
                .await;
            if let Err(error) = sent {
                tracing::warn!(cause = %error, "other nodes were not told; they will poll");
            }
        }
    }
}

async fn listen(pool: PgPool, heads: Heads) {
    loop {
        if let Err(error) = listen_once(&pool, &heads).await {
            tracing::warn!(cause = %error, "not listening to other nodes; polling meanwhile");
        }
        sleep(RECONNECT).await;
    }
}

async fn listen_once(pool: &PgPool, heads: &Heads) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        let parsed = notification.payload().split_once(' ').and_then(|(organisation, head)| {
            Some((organisation.parse::<OrganisationId>().ok()?, head.parse::<u64>().ok()?))
        });
        if let Some((organisation, head)) = parsed {
            heads.raise(organisation, head);
        }
    }
}

async fn poll(pool: PgPool, heads: Heads) {
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let awaited = heads.awaited();
        if awaited.is_empty() {
            continue;
        }
        let found: sqlx::Result<Vec<(Uuid, i64)>> =
            sqlx::query_as("select organization_id, head from feed_heads($1)")
                .bind(awaited)
                .fetch_all(&pool)
                .await;
        match found {
            Ok(rows) => {
                for (organisation, head) in rows {
                    heads.raise(OrganisationId::from_uuid(organisation), head.unsigned_abs());
                }
            }
            Err(error) => tracing::warn!(cause = %error, "polling for growth failed"),
        }
    }
}
