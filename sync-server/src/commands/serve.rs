//! `maintainpro serve`: the server, until a signal stops it.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::Installation;
use crate::app_state::{AppState, Settings};
use crate::audit::signing;
use crate::auth::cookie::SessionCookie;
use crate::clock::Clock;
use crate::config::feed::FeedConfig;
use crate::config::listen::ListenConfig;
use crate::config::mail::MailConfig;
use crate::config::memory::MemoryConfig;
use crate::config::pwa::PwaConfig;
use crate::config::tls::TlsConfig;
use crate::database::Database;
use crate::http::pwa::PwaFiles;
use crate::sync::horizon;
use crate::{demo, email, http, router, telemetry};

/// Flags of the server.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    listen: ListenConfig,
    #[command(flatten)]
    tls: TlsConfig,
    #[command(flatten)]
    pwa: PwaConfig,
    #[command(flatten)]
    memory: MemoryConfig,
    #[command(flatten)]
    mail: MailConfig,
    #[command(flatten)]
    feed: FeedConfig,
    /// Fill an installation that has no organisation yet with the demonstration
    #[arg(long, env = "MAINTAINPRO_SEED_DEMO")]
    seed_demo: bool,
}

pub(super) async fn run(installation: &Installation, arguments: Arguments) -> anyhow::Result<()> {
    let certificate = arguments.tls.validate()?;
    let settings = settings(installation, &arguments, certificate.is_some())?;
    let port = http::serve::open_port(arguments.listen.address)?;
    let scheme = if certificate.is_some() { "https" } else { "http" };

    let database = installation.open_database().await?;
    let state = AppState::new(database.pool.clone(), settings)?;
    if arguments.seed_demo && demo::seed_when_empty(&state.pool, &state.sync, state.clock.now()).await? {
        tracing::info!(organisation = demo::ORGANISATION, "seeded the demonstration");
    }
    stop_on_signal(state.shutdown.clone())?;
    state.tasks.spawn(telemetry::keep_up(state.metrics.clone(), state.shutdown.clone()));
    state.tasks.spawn(email::keep_sending(state.clone()));
    state.tasks.spawn(signing::keep_signing(state.clone()));
    state.tasks.spawn(horizon::keep(state.clone(), arguments.feed.horizon_days));
    let address = port.local_addr()?;
    tracing::info!("serving {scheme}://{address}");
    if !state.cookie.secure && !address.ip().is_loopback() {
        tracing::warn!(
            "passwords and work travel unencrypted: give --tls-cert and --tls-key, or --public-url https://… \
             when a proxy in front of this server encrypts"
        );
    }
    let served = http::serve::serve(port, certificate, router::router(state.clone()), &state).await;
    close(database).await;
    served
}

fn settings(
    installation: &Installation,
    arguments: &Arguments,
    has_certificate: bool,
) -> anyhow::Result<Settings> {
    let public_origin = arguments.listen.validate()?;
    arguments.pwa.validate()?;
    let smtp = arguments.mail.validate(public_origin.as_deref())?;
    let is_public_https = public_origin.as_deref().is_some_and(|origin| origin.starts_with("https://"));
    Ok(Settings {
        clock: Clock::System,
        cookie: SessionCookie { secure: has_certificate || is_public_https },
        public_origin,
        pwa: arguments.pwa.folder.as_deref().map(PwaFiles::new),
        metrics_token: arguments.listen.metrics_token.clone(),
        smtp,
        receipt_key: installation.receipt_key()?,
        audit_seed: installation.data.audit_seed()?,
        factor_key: installation.data.factor_key()?,
        cache_bytes: arguments.memory.document_cache_bytes(),
        sockets_a_second: arguments.listen.sockets_a_second,
        ..Settings::default()
    })
}

async fn close(database: Database) {
    if let Err(error) = database.close().await {
        tracing::warn!(cause = format!("{error:#}"), "the database could not be closed");
    }
}

/// SIGTERM and SIGINT ask the server to finish what it is doing and end; the drain has a time limit of its own.
fn stop_on_signal(shutdown: CancellationToken) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
            _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
        }
        shutdown.cancel();
    });
    Ok(())
}
