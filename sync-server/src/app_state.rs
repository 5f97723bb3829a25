//! What every handler may use. Cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::audit::denials::Recent;
use crate::audit::key::AuditKey;
use crate::auth::Checks;
use crate::auth::cookie::SessionCookie;
use crate::auth::factor_key::FactorKey;
use crate::auth::factors::RelyingParty;
use crate::auth::password::Passwords;
use crate::clock::Clock;
use crate::document_store::DEFAULT_CACHE_BYTES;
use crate::email::{Mailer, SmtpRelay};
use crate::http::pwa::PwaFiles;
use crate::sync::admission::{Admission, DEFAULT_SOCKETS_A_SECOND};
use crate::sync::ingest::Judge;
use crate::sync::receipt::ReceiptKey;
use crate::sync::{NodeSettings, SyncNode};
use crate::{random, telemetry};

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
    /// The mail server that emails leave by, when there is one.
    pub smtp: Option<SmtpRelay>,
    /// The key of receipts, which all nodes of an installation share.
    pub receipt_key: ReceiptKey,
    /// What the key of the audit trail is made of, which all nodes of an installation share.
    pub audit_seed: [u8; 32],
    /// The key of second factors, which all nodes of an installation share.
    pub factor_key: FactorKey,
    /// How pushed commands are judged.
    pub judge: Judge,
    /// About how much memory live documents may take.
    pub cache_bytes: usize,
    /// How many sockets may open in a second.
    pub sockets_a_second: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Clock::System,
            cookie: SessionCookie { secure: false },
            public_origin: None,
            pwa: None,
            metrics_token: None,
            smtp: None,
            receipt_key: ReceiptKey::generate(),
            audit_seed: random::bytes(),
            factor_key: FactorKey::from_bytes(random::bytes()),
            judge: shared_model::ingest::judge,
            cache_bytes: DEFAULT_CACHE_BYTES,
            sockets_a_second: DEFAULT_SOCKETS_A_SECOND,
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
    /// Emails to people.
    pub mailer: Mailer,
    /// The key that heads of the audit trail are signed with.
    pub audit_key: AuditKey,
    /// The key of second factors.
    pub factor_key: FactorKey,
    /// This server as passkeys know it, where there can be any.
    pub relying_party: Option<RelyingParty>,
    /// Refusals that were written into the audit trail just now.
    pub denials: Recent,
    /// How open sockets learn whether their sessions are still good.
    pub checks: Checks,
    /// Who may open a socket now, and who has to come back.
    pub admission: Admission,
    /// This node of the sync engine.
    pub sync: SyncNode,
    /// Cancelled when the server shall stop; sockets and loops listen to it.
    pub shutdown: CancellationToken,
    /// Long-lived tasks; the server waits for them before it ends.
    pub tasks: TaskTracker,
}

impl AppState {
    /// The state of a server on this database. Starts the node's tasks on the present runtime.
    pub fn new(pool: PgPool, settings: Settings) -> anyhow::Result<Self> {
        let Settings {
            clock,
            cookie,
            public_origin,
            pwa,
            metrics_token,
            smtp,
            receipt_key,
            audit_seed,
            factor_key,
            judge,
            cache_bytes,
            sockets_a_second,
        } = settings;
        let shutdown = CancellationToken::new();
        let (node_pool, node_clock) = (pool.clone(), clock.clone());
        let node = NodeSettings {
            pool: node_pool,
            clock: node_clock,
            receipt_key,
            shutdown: shutdown.clone(),
            judge,
            cache_bytes,
        };
        Ok(Self(Arc::new(Parts {
            admission: Admission::new(sockets_a_second, clock.now()),
            checks: Checks::default(),
            pool,
            clock,
            passwords: Passwords::new()?,
            cookie,
            relying_party: RelyingParty::of_origin(public_origin.as_deref()),
            public_origin,
            pwa,
            metrics: telemetry::metrics(),
            metrics_token,
            mailer: Mailer::new(smtp),
            audit_key: AuditKey::from_seed(&audit_seed)?,
            factor_key,
            denials: Recent::default(),
            sync: SyncNode::start(node),
            shutdown,
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
