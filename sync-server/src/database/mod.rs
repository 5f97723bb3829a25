//! PostgreSQL: the connection pool, the roles, the migrations, and the transaction every tenant's data is
//! reached through.
//!
//! The pool works under `maintainpro_app`, a role that owns nothing and cannot pass row-level security.
//! Begin with [`tenant_transaction`] and hand `&mut *transaction` to queries; without it a query sees no row.

pub mod absence;
pub mod held_roles;
mod keeper;
pub mod migrations;
pub mod organisations;
pub mod people;
pub mod roles;
mod tenant;

use std::time::Duration;

use anyhow::Context;
use keeper::Keeper;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection};

pub use self::tenant::{
    TenantTransaction, set_tenant, tenant_keys, tenant_lists, tenant_pages, tenant_snapshot,
    tenant_transaction,
};
use crate::config::data::DataConfig;
use crate::config::database::DatabaseConfig;
use crate::embedded_postgres::{ClusterSettings, EmbeddedCluster};

/// The database of the embedded cluster.
const EMBEDDED_DATABASE: &str = "maintainpro";
/// A request that waits longer for a connection is told to come back.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A migrated database, and the cluster that holds it when it is our own.
pub struct Database {
    /// Connections under the application role.
    pub pool: PgPool,
    migration: PgConnectOptions,
    keeper: Option<Keeper>,
}

impl Database {
    /// Starts or joins the embedded cluster unless an address is given, migrates, and connects.
    pub async fn open(data: &DataConfig, config: &DatabaseConfig) -> anyhow::Result<Self> {
        let (cluster, migration, application) = match config.validate()? {
            Some(addresses) => (None, addresses.migration, addresses.application),
            None => {
                let cluster = start_cluster(data, config).await?;
                create_embedded_database(&cluster).await?;
                let superuser = cluster.superuser_options(EMBEDDED_DATABASE);
                (Some(cluster), superuser.clone(), superuser.username(roles::APPLICATION))
            }
        };
        migrations::prepare(&migration, application.get_username()).await?;
        let pool = connect(application, config.max_connections).await?;
        Ok(Self { pool, migration, keeper: cluster.map(Keeper::watch) })
    }

    /// A connection as the owner of all tables, for what the server itself may not do. Row-level security holds for it too.
    pub async fn connect_as_owner(&self) -> anyhow::Result<PgConnection> {
        migrations::connect_as_owner(&self.migration).await
    }

    /// Closes the connections; stops the embedded cluster when nobody else uses it.
    pub async fn close(self) -> anyhow::Result<()> {
        self.pool.close().await;
        if let Some(keeper) = self.keeper {
            let stopped = tokio::task::spawn_blocking(move || keeper.leave()).await??;
            tracing::info!(stopped, "left the embedded PostgreSQL cluster");
        }
        Ok(())
    }
}

/// Connects under the application role and makes sure that it really is a powerless one.
pub async fn connect(application: PgConnectOptions, max_connections: u32) -> anyhow::Result<PgPool> {
    let take_role = application.get_username() != roles::APPLICATION;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                // Nothing asked here is worth compiling, which takes 20 ms each time: limits inside a statement make
                // the planner think so all the same.
                sqlx::query("set jit = off").execute(&mut *connection).await?;
                if take_role {
                    sqlx::query("set role maintainpro_app").execute(connection).await?;
                }
                Ok(())
            })
        })
        .connect_with(application.application_name("maintainpro"))
        .await
        .context("connecting to the database")?;
    roles::refuse_powerful_role(&pool).await?;
    Ok(pool)
}

async fn start_cluster(data: &DataConfig, config: &DatabaseConfig) -> anyhow::Result<EmbeddedCluster> {
    let settings =
        ClusterSettings { data: data.folder.clone(), bin_dir: config.bin_dir.clone(), durable: true };
    Ok(tokio::task::spawn_blocking(move || EmbeddedCluster::start(&settings)).await??)
}

async fn create_embedded_database(cluster: &EmbeddedCluster) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect_with(&cluster.superuser_options("postgres")).await?;
    roles::ensure(&mut connection, None).await?;
    create_database(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Creates the database, owned by the owner role, unless it exists.
async fn create_database(connection: &mut PgConnection) -> anyhow::Result<()> {
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(EMBEDDED_DATABASE)
        .fetch_one(&mut *connection)
        .await?;
    if exists {
        return Ok(());
    }
    let created =
        sqlx::query("create database maintainpro owner maintainpro_owner").execute(connection).await;
    match created {
        // Two processes on a fresh data folder: the other one was faster.
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P04") => Ok(()),
        Err(error) => Err(error).context("creating the database"),
        Ok(_) => Ok(()),
    }
}
