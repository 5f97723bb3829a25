//! Keeps the embedded cluster running while this process uses it: a postmaster that was killed is started
//! again, and the pool finds it on its next connection.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use crate::embedded_postgres::{ClusterError, EmbeddedCluster};

const LOOK_EVERY: Duration = Duration::from_secs(1);

type Slot = Mutex<Option<EmbeddedCluster>>;

/// A cluster under watch.
pub(super) struct Keeper(Arc<Slot>);

impl Keeper {
    pub(super) fn watch(cluster: EmbeddedCluster) -> Self {
        let slot = Arc::new(Mutex::new(Some(cluster)));
        let watched = Arc::downgrade(&slot);
        thread::spawn(move || {
            while look_after(&watched) {
                thread::sleep(LOOK_EVERY);
            }
        });
        Self(slot)
    }

    /// Leaves the cluster; returns whether that stopped it.
    pub(super) fn leave(self) -> Result<bool, ClusterError> {
        self.0.lock().take().map_or(Ok(false), EmbeddedCluster::leave)
    }
}

/// False when nobody uses the cluster any more.
fn look_after(watched: &Weak<Slot>) -> bool {
    let Some(slot) = watched.upgrade() else { return false };
    let mut cluster = slot.lock();
    let Some(cluster) = cluster.as_mut() else { return false };
    match cluster.revive() {
        Ok(true) => tracing::warn!("PostgreSQL had stopped and was started again"),
        Ok(false) => {}
        Err(error) => tracing::error!(cause = %error, "PostgreSQL has stopped and cannot be started"),
    }
    true
}
