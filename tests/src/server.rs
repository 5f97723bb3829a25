//! A real server on a free port of this machine, on a test's database.

use std::net::SocketAddr;
use std::sync::Arc;

use sync_server::app_state::{AppState, Settings};
use sync_server::{http, router};
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::database::TestDatabase;

/// A running server. Several may run on one database, as nodes do.
pub struct TestServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its insides.
    pub state: AppState,
    /// Its database.
    pub database: Arc<TestDatabase>,
    serving: JoinHandle<anyhow::Result<()>>,
}

impl TestServer {
    /// A server on a database of its own.
    pub async fn start() -> Self {
        Self::start_on(&TestDatabase::create().await).await
    }

    /// A server on this database.
    pub async fn start_on(database: &Arc<TestDatabase>) -> Self {
        Self::start_with(database, Settings::default()).await
    }

    /// A server on this database that differs from the usual one.
    pub async fn start_with(database: &Arc<TestDatabase>, settings: Settings) -> Self {
        Self::listen(database, settings, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// A server on this database at the address of one that has stopped.
    pub async fn start_at(database: &Arc<TestDatabase>, address: SocketAddr) -> Self {
        Self::listen(database, Settings::default(), address).await
    }

    /// The same at the address of one that has stopped.
    pub async fn start_with_at(
        database: &Arc<TestDatabase>,
        settings: Settings,
        address: SocketAddr,
    ) -> Self {
        Self::listen(database, settings, address).await
    }

    async fn listen(database: &Arc<TestDatabase>, settings: Settings, address: SocketAddr) -> Self {
        let state = AppState::new(database.connect().await, settings).unwrap();
        let port = http::serve::open_port(address).unwrap();
        let address = port.local_addr().unwrap();
        let serving = {
            let (state, router) = (state.clone(), router::router(state.clone()));
            tokio::spawn(async move { http::serve::serve(port, None, router, &state).await })
        };
        Self { address, state, database: Arc::clone(database), serving }
    }

    /// A client nobody has signed in.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client signed in with the password everybody has, on a new device.
    pub async fn sign_in(&self, organisation: &str, email: &str) -> Client {
        let mut client = self.client();
        client.sign_in(organisation, email).await;
        client
    }

    /// Stops as on SIGTERM and waits for the end.
    pub async fn stop(mut self) {
        self.state.shutdown.cancel();
        (&mut self.serving).await.unwrap().unwrap();
        self.state.pool.close().await;
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
        self.serving.abort();
    }
}
