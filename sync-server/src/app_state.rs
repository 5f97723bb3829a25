//! What every handler may use. Cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::auth::cookie::SessionCookie;
use crate::auth::password::Passwords;
use crate::clock::Clock;
use crate::http::pwa::PwaFiles;

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
    /// Shares the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
