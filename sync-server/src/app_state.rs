//! What every handler may use. Cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::cookie::SessionCookie;
use crate::auth::password::{PasswordError, Passwords};
use crate::clock::Clock;
use crate::http::pwa::PwaFiles;
use crate::telemetry;

/// How one server differs from another.
pub struct Settings {
    /// The time.
    pub clock: Clock,
    /// How the session cookie looks at this address.
    pub cookie: SessionCookie,
    /// The origin people use, when a proxy stands in front.
    pub public_origin: Option<String>,
    /// Files of the web app, when there is one.
    pub pwa: Option<PwaFiles>,
    /// The secret /metrics asks for.
    pub metrics_token: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Clock::System,
            cookie: SessionCookie { secure: false },
            public_origin: None,
            pwa: None,
            metrics_token: None,
        }
    }
}

/// The state of one server.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts of the state.
pub struct Parts {
    /// Connections under the application role; begin with `database::tenant_transaction`.
    pub pool: PgPool,
    /// The time.
    pub clock: Clock,
    /// Password hashing, a few at a time.
    pub passwords: Passwords,
    /// How the session cookie looks at this address.
    pub cookie: SessionCookie,
    /// The origin people use, when a proxy stands in front.
    pub public_origin: Option<String>,
    /// Files of the web app, when there is one.
    pub pwa: Option<PwaFiles>,
    /// What has been measured.
    pub metrics: PrometheusHandle,
    /// The secret /metrics asks for.
    pub metrics_token: Option<String>,
    /// Cancelled when the server shall stop; sockets and loops listen to it.
    pub shutdown: CancellationToken,
    /// Long-lived tasks; the server waits for them before it ends.
    pub tasks: TaskTracker,
}

impl AppState {
    /// The state of a server on this database.
    pub fn new(pool: PgPool, settings: Settings) -> Result<Self, PasswordError> {
        let Settings { clock, cookie, public_origin, pwa, metrics_token } = settings;
        Ok(Self(Arc::new(Parts {
            pool,
            clock,
            passwords: Passwords::new()?,
            cookie,
            public_origin,
            pwa,
            metrics: telemetry::metrics(),
            metrics_token,
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
