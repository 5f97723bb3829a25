//! Brings a database to the schema this binary was built with. Several nodes may start at once: an advisory
//! lock lets one migrate while the others wait.

use anyhow::Context;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool};
use sqlx::{Connection, PgConnection};

use super::roles;

/// The migrations of this binary.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// Creates the roles and applies every missing migration as the owner role, never as a superuser.
pub async fn prepare(migration: &PgConnectOptions, application_user: &str) -> anyhow::Result<()> {
    let mut connection = connect(migration).await?;
    roles::ensure(&mut connection, Some(application_user)).await?;
    become_owner(&mut connection).await?;
    MIGRATOR.run(&mut connection).await.context("migrating the database")?;
    connection.close().await?;
    Ok(())
}

/// Connects as the owner role.
pub(super) async fn connect_as_owner(migration: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    let mut connection = connect(migration).await?;
    become_owner(&mut connection).await?;
    Ok(connection)
}

async fn connect(migration: &PgConnectOptions) -> anyhow::Result<PgConnection> {
    PgConnection::connect_with(migration)
        .await
        .context("connecting to the database as the user that migrates it")
}

async fn become_owner(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("set role maintainpro_owner").execute(connection).await?;
    Ok(())
}

/// Does the database hold exactly the migrations of this binary, or newer ones?
pub async fn are_applied(pool: &PgPool) -> sqlx::Result<bool> {
    let newest: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(pool).await?;
    let wanted = MIGRATOR.iter().map(|migration| migration.version).max();
    Ok(newest >= wanted)
}
