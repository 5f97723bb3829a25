//! `maintainpro serve`: the server, until a signal stops it.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Installation;
use crate::app_state::{AppState, Parts};
use crate::auth::cookie::SessionCookie;
use crate::auth::password::Passwords;
use crate::clock::Clock;
use crate::config::listen::ListenConfig;
use crate::config::pwa::PwaConfig;
use crate::config::tls::TlsConfig;
use crate::database::Database;
use crate::http::pwa::PwaFiles;
use crate::{http, router, telemetry};

/// Flags of the server.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    listen: ListenConfig,
    #[command(flatten)]
    tls: TlsConfig,
    #[command(flatten)]
    pwa: PwaConfig,
}

pub(super) async fn run(installation: &Installation, arguments: Arguments) -> anyhow::Result<()> {
    let certificate = arguments.tls.validate()?;
    let public_origin = arguments.listen.validate()?;
    arguments.pwa.validate()?;
    let port = http::serve::open_port(arguments.listen.address)?;
    let shutdown = CancellationToken::new();
    stop_on_signal(shutdown.clone())?;

    let database = installation.open_database().await?;
    let is_public_https = public_origin.as_deref().is_some_and(|origin| origin.starts_with("https://"));
    let secure = certificate.is_some() || is_public_https;
    let state = AppState::new(Parts {
        pool: database.pool.clone(),
        clock: Clock::System,
        passwords: Passwords::new()?,
        cookie: SessionCookie { secure },
        public_origin,
        pwa: arguments.pwa.folder.as_deref().map(PwaFiles::new),
        metrics: telemetry::metrics(),
        metrics_token: arguments.listen.metrics_token,
        shutdown,
        tasks: TaskTracker::new(),
    });
    let scheme = if certificate.is_some() { "https" } else { "http" };
    tracing::info!("serving {scheme}://{}", port.local_addr()?);
    let served = http::serve::serve(port, certificate, router::router(state.clone()), &state).await;
    close(database).await;
    served
}

async fn close(database: Database) {
    if let Err(error) = database.close().await {
        tracing::warn!(cause = format!("{error:#}"), "the database could not be closed");
    }
}

/// SIGTERM and SIGINT ask the server to finish what it is doing and end; a second one is not waited for.
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
