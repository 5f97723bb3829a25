//! Where a benchmark plays: a durable cluster in a folder of its own, a real server with threads of its own, so that
//! what it costs can be told from what the load costs.

use std::net::SocketAddr;

use shared_model::account::OrganisationName;
use shared_model::identity::{DeviceId, OrganisationId, PersonId};
use shared_model::permission::{GrantLimit, Grants, Role, RoleGrant};
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use sqlx::{Connection, PgConnection};
use sync_server::app_state::{AppState, Settings};
use sync_server::auth::password::Passwords;
use sync_server::clock::Clock;
use sync_server::config::data::DataConfig;
use sync_server::config::database::DatabaseConfig;
use sync_server::database::people::{self, NewPerson};
use sync_server::database::{Database, organisations, tenant_transaction};
use sync_server::embedded_postgres::{ClusterSettings, EmbeddedCluster};
use sync_server::sync::Sender;
use sync_server::{http, random, router};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::cpu::Cpu;
use super::line::Line;
use crate::client::Client;
use crate::people::PASSWORD;
use crate::process::DataFolder;

const SERVER_THREADS: &str = "bench-server";
const CONNECTIONS: u32 = 16;
/// Commands of one submission, as of one socket's batch.
const BATCH: usize = 16;

/// A running server and a runtime for whoever loads it.
pub struct Stage {
    /// The load's side.
    pub load: Runtime,
    /// The server's insides.
    pub state: AppState,
    /// Where it listens.
    pub address: SocketAddr,
    server: Runtime,
    databases: Vec<Database>,
    neighbours: Vec<AppState>,
    data: DataFolder,
}

/// An organisation with one person who may do everything, signed in on one device.
#[derive(Clone)]
pub struct Tenant {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The person and the device, as the server knows them.
    pub sender: Sender,
    client: Client,
    address: SocketAddr,
}

impl Stage {
    /// Starts a cluster that waits for the disk, and a server on it.
    pub fn set() -> anyhow::Result<Self> {
        let runtime = |name: &str| Builder::new_multi_thread().enable_all().thread_name(name).build();
        let (server, load) = (runtime(SERVER_THREADS)?, runtime("bench-load")?);
        let data = DataFolder::create();
        let (database, state, address) = server.block_on(serve(&data))?;
        Ok(Self { load, state, address, server, databases: vec![database], neighbours: Vec::new(), data })
    }

    /// Starts one more node on the same database and tells where it listens. It shares nothing but PostgreSQL with the
    /// first one, and the threads.
    pub fn neighbour(&mut self) -> anyhow::Result<SocketAddr> {
        let (database, state, address) = self.server.block_on(serve(&self.data))?;
        self.databases.push(database);
        self.neighbours.push(state);
        Ok(address)
    }

    /// A new organisation.
    pub fn tenant(&self, slug: &str) -> anyhow::Result<Tenant> {
        let organisation = OrganisationId::from_uuid(random::uuid(Clock::System.now()));
        let email = format!("manager@{slug}.example");
        self.server.block_on(populate(&self.state, organisation, slug, &email))?;
        let mut client = Client::new(self.address);
        let signed_in = self.load.block_on(client.sign_in(slug, &email));
        let grants = Grants { person: signed_in.person.id, grants: signed_in.grants };
        let sender = Sender { grants: Some(grants), device: Some(signed_in.device.id), ..Sender::default() };
        Ok(Tenant { organisation, sender, client, address: self.address })
    }

    /// Runs something among the server's own tasks.
    pub fn on_server<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        self.load.block_on(self.server.spawn(work)).unwrap()
    }

    /// Processor time of the server and its database so far.
    pub fn cpu(&self) -> Cpu {
        Cpu::now(SERVER_THREADS, self.data.postmaster())
    }

    /// A connection that may create tables.
    pub async fn superuser(&self) -> anyhow::Result<PgConnection> {
        let settings = ClusterSettings { data: self.data.path().to_owned(), bin_dir: None, durable: true };
        let cluster = tokio::task::spawn_blocking(move || EmbeddedCluster::start(&settings)).await??;
        Ok(PgConnection::connect_with(&cluster.superuser_options("maintainpro")).await?)
    }

    /// Pushes the commands of many devices past the network into the ingest, each device's in order and a batch at a
    /// time, as its socket would. All must be accepted.
    pub fn submit(&self, tenant: &Tenant, devices: Vec<Vec<PushedCommand>>) {
        let (sync, tenant) = (self.state.sync.clone(), tenant.clone());
        self.on_server(async move {
            let mut pushing = JoinSet::new();
            for commands in devices {
                let (sync, tenant) = (sync.clone(), tenant.clone());
                pushing.spawn(async move {
                    for batch in commands.chunks(BATCH) {
                        let results = sync.submit(tenant.organisation, &tenant.sender, batch.to_vec()).await;
                        results.iter().for_each(assert_accepted);
                    }
                });
            }
            pushing.join_all().await;
        });
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for state in self.neighbours.iter().chain([&self.state]) {
            state.shutdown.cancel();
        }
        for database in self.databases.drain(..) {
            if let Err(error) = self.server.block_on(database.close()) {
                eprintln!("the cluster was left running: {error:#}");
            }
        }
    }
}

impl Tenant {
    /// A socket that has been opened with a fresh ticket; nothing is said on it yet.
    pub async fn line(&self) -> anyhow::Result<Line> {
        let mut client = self.client.clone();
        let ticket = client.socket_ticket().await;
        Line::open(self.address, &ticket.ticket).await
    }

    /// The same at the node that listens here.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { client: self.client.at(address), address, ..self.clone() }
    }

    /// A client with the person's session.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The device.
    pub fn device(&self) -> DeviceId {
        self.sender.device.unwrap()
    }

    /// The rights of the person.
    pub fn grants(&self) -> Grants {
        self.sender.grants.clone().unwrap()
    }
}

async fn serve(data: &DataFolder) -> anyhow::Result<(Database, AppState, SocketAddr)> {
    let folder =
        DataConfig { folder: data.path().to_owned(), receipt_key: None, audit_key: None, factor_key: None };
    let config = DatabaseConfig { url: None, migrate_url: None, bin_dir: None, max_connections: CONNECTIONS };
    let database = Database::open(&folder, &config).await?;
    // A thousand subscribers come at once to be measured, not to be put off.
    let settings = Settings { sockets_a_second: 100_000, ..Settings::default() };
    let state = AppState::new(database.pool.clone(), settings)?;
    let port = http::serve::open_port(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = port.local_addr()?;
    let (serving, router) = (state.clone(), router::router(state.clone()));
    tokio::spawn(async move { http::serve::serve(port, None, router, &serving).await });
    Ok((database, state, address))
}

async fn populate(
    state: &AppState,
    organisation: OrganisationId,
    slug: &str,
    email: &str,
) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let name = OrganisationName { id: organisation, slug: slug.to_owned(), name: slug.to_owned() };
    let mut transaction = state.pool.begin().await?;
    organisations::create(&mut transaction, &name, now).await?;
    transaction.commit().await?;
    let id = PersonId::from_uuid(random::uuid(now));
    let person = NewPerson { id, email: email.to_owned(), display_name: "Manager".to_owned() };
    let hash = Passwords::new()?.hash(PASSWORD).await?;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    people::create(&mut transaction, organisation, &person, now).await?;
    let grants = [RoleGrant { role: Role::Manager.into(), limit: GrantLimit::Organisation }];
    people::set_grants(&mut transaction, organisation, id, &grants, now).await?;
    people::set_password(&mut transaction, organisation, id, &hash, now).await?;
    transaction.commit().await?;
    Ok(())
}

/// A benchmark of refusals would be none.
pub fn assert_accepted(result: &CommandResult) {
    assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
}
