//! Listens, plain or with TLS, until told to stop; then lets requests in progress finish.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio_util::sync::CancellationToken;

use crate::app_state::AppState;
use crate::config::tls::CertificateFiles;

/// Requests and sockets still open after this are cut.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// A client that takes longer to send its headers is holding a connection for nothing.
/// What all headers of a request may take over HTTP/2.
const MAX_HEADER_LIST_BYTES: u32 = 64 * 1024;
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// Opens the port, so that a port in use is reported before anything else happens.
pub fn open_port(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| format!("listening on {address}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves until `state.shutdown` is cancelled.
pub async fn serve(
    listener: TcpListener,
    certificate: Option<CertificateFiles>,
    router: Router,
    state: &AppState,
) -> anyhow::Result<()> {
    let handle = Handle::new();
    tokio::spawn(drain_when_told(handle.clone(), state.shutdown.clone()));
    let service = router.into_make_service();
    match certificate {
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(handle);
            limit_headers(server.http_builder());
            server.serve(service).await?;
        }
        Some(files) => {
            let tls = load_certificate(&files)?;
            let mut server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle);
            limit_headers(server.http_builder());
            server.serve(service).await?;
        }
    }
    state.tasks.close();
    if tokio::time::timeout(DRAIN_TIMEOUT, state.tasks.wait()).await.is_err() {
        tracing::warn!(tasks = state.tasks.len(), "tasks were still running and are cut off");
    }
    Ok(())
}

async fn drain_when_told(handle: Handle<SocketAddr>, shutdown: CancellationToken) {
    shutdown.cancelled().await;
    tracing::info!(connections = handle.connection_count(), "draining");
    handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
}

fn limit_headers(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder.http1().timer(hyper_util::rt::TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    // Each person on a shared tablet has a cookie of their own.
    builder.http2().max_header_list_size(MAX_HEADER_LIST_BYTES);
}

fn load_certificate(files: &CertificateFiles) -> anyhow::Result<RustlsConfig> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};

    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("reading the certificate {}", files.certificate.display()))?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .with_context(|| format!("reading the key {}", files.key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and the key do not fit together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
