//! Real servers on one data folder with a durable PostgreSQL in it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use shared_model::identity::OrganisationId;
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sqlx::{Connection, PgConnection, PgPool};
use sync_server::database::{self, roles};
use tokio::task::spawn_blocking;

use crate::people::{employ, found};
use crate::process::{DataFolder, ServerProcess, signal};

const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Connections for looking at the truth.
const CONNECTIONS: u32 = 4;

/// Nodes, and the database they share.
pub struct Site {
    program: PathBuf,
    data: Arc<DataFolder>,
    nodes: Vec<Option<ServerProcess>>,
    /// Connections under the application role.
    pub pool: PgPool,
}

impl Site {
    /// Starts nodes on a new data folder.
    pub async fn open(program: &Path, data: DataFolder, nodes: usize) -> anyhow::Result<Self> {
        let (program, data) = (program.to_owned(), Arc::new(data));
        let first = launch(program.clone(), Arc::clone(&data), None).await?;
        let superuser = data.superuser().context("a cluster in the data folder")?;
        let pool = database::connect(superuser.username(roles::APPLICATION), CONNECTIONS).await?;
        let mut site = Self { program, data, nodes: vec![Some(first)], pool };
        for number in 1..nodes {
            site.nodes.push(None);
            site.start(number, None).await?;
        }
        Ok(site)
    }

    /// Where the nodes listen.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().flatten().map(|node| node.address).collect()
    }

    /// kill -9.
    pub fn kill(&mut self, number: usize) {
        if let Some(node) = self.nodes[number].take() {
            node.kill();
        }
    }

    /// SIGTERM, and a good end.
    pub async fn end(&mut self, number: usize) -> anyhow::Result<()> {
        let Some(node) = self.nodes[number].take() else { return Ok(()) };
        anyhow::ensure!(spawn_blocking(move || node.terminate()).await?, "node {number} did not end well");
        Ok(())
    }

    /// Starts a node that was killed, or died. Returns where it listens now.
    pub async fn start(&mut self, number: usize, crash_at: Option<String>) -> anyhow::Result<SocketAddr> {
        let node = launch(self.program.clone(), Arc::clone(&self.data), crash_at).await?;
        let address = node.address;
        self.nodes[number] = Some(node);
        Ok(address)
    }

    /// Waits until a node has died by itself.
    pub async fn died(&mut self, number: usize) {
        if let Some(node) = &mut self.nodes[number] {
            node.died().await;
        }
    }

    /// What `pg_ctl stop -m immediate` does: no session ends, nothing is written down, nobody is asked.
    pub async fn stop_postgres(&self) -> anyhow::Result<()> {
        let postmaster = self.data.postmaster().context("a postmaster to stop")?;
        signal("QUIT", postmaster);
        while self.data.postmaster() == Some(postmaster) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    /// Processes of the cluster.
    pub async fn postgres_processes(&self) -> anyhow::Result<Vec<u32>> {
        let postmaster = self.data.postmaster().context("a postmaster")?;
        let mut connection = self.superuser().await?;
        let pids: Vec<i32> =
            sqlx::query_scalar("select pid from pg_stat_activity where pid <> pg_backend_pid()")
                .fetch_all(&mut connection)
                .await?;
        connection.close().await?;
        Ok(pids.into_iter().map(i32::unsigned_abs).chain([postmaster]).collect())
    }

    /// A connection that may do everything.
    pub async fn superuser(&self) -> anyhow::Result<PgConnection> {
        let options = self.data.superuser().context("a cluster in the data folder")?;
        Ok(PgConnection::connect_with(&options).await?)
    }

    /// A new organisation with so many people of the same rights.
    pub async fn found(&self, slug: &str, people: usize) -> (OrganisationId, Vec<String>) {
        let organisation = found(&self.pool, slug).await;
        let mut emails = Vec::new();
        for number in 0..people {
            let email = format!("m{number}@{slug}.example");
            let grant = RoleGrant { role: Role::Manager.into(), limit: GrantLimit::Organisation };
            employ(&self.pool, organisation, &email, grant).await;
            emails.push(email);
        }
        (organisation, emails)
    }

    /// Ends everything.
    pub async fn close(mut self) {
        self.pool.close().await;
        for number in 0..self.nodes.len() {
            self.kill(number);
        }
    }
}

/// Starting takes a while, and people go on working meanwhile.
async fn launch(
    program: PathBuf,
    data: Arc<DataFolder>,
    crash_at: Option<String>,
) -> anyhow::Result<ServerProcess> {
    let starting = spawn_blocking(move || {
        let crash_at = crash_at.iter().map(|at| ("MAINTAINPRO_CRASH_AT", at.as_str()));
        let environment: Vec<(&str, &str)> = crash_at.collect();
        ServerProcess::start_with(&program.to_string_lossy(), &data, &environment)
    });
    starting.await.context("a server that does not start")
}
