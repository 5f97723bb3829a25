//! The one place of the server that reads the wall clock. Everything else takes its time from a [`Clock`],
//! so that a test can stop and move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
use shared_model::instant::Timestamp;

/// A source of the present time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// Milliseconds since the Unix epoch that stay until a test moves them.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn manual(now: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.as_millis())))
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => system_now(),
            Self::Manual(millis) => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// The present time as the database takes it.
    pub fn now_utc(&self) -> DateTime<Utc> {
        to_utc(self.now())
    }

    /// Moves a manual clock forward; the machine's clock does not listen.
    pub fn advance(&self, millis: i64) {
        if let Self::Manual(now) = self {
            now.fetch_add(millis, Ordering::SeqCst);
        }
    }
}

/// A model timestamp as the database takes it.
pub fn to_utc(timestamp: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(timestamp.as_millis()).unwrap_or_default()
}

/// A database timestamp as the model takes it.
pub fn from_utc(instant: DateTime<Utc>) -> Timestamp {
    Timestamp::from_millis(instant.timestamp_millis())
}

#[expect(clippy::disallowed_methods, reason = "this is the clock everybody else is given")]
fn system_now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
