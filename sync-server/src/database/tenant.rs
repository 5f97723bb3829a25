//! The transaction that an organisation's data is reached through, and each organisation's share of the connections.

use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

use shared_model::identity::OrganisationId;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Transaction};
use tokio::time::timeout;

use super::ACQUIRE_TIMEOUT;
use crate::turns::{Turn, Turns};

/// A transaction that sees the rows of one organisation and no other. `&mut *transaction` is its connection. Rolled back
/// when it is dropped.
#[derive(Debug)]
pub struct TenantTransaction {
    // In this order: who comes next finds the connection free.
    transaction: Transaction<'static, Postgres>,
    turn: Turn,
}

impl TenantTransaction {
    /// Commits.
    pub async fn commit(self) -> sqlx::Result<()> {
        let Self { transaction, turn } = self;
        let done = transaction.commit().await;
        drop(turn);
        done
    }

    /// Rolls back.
    pub async fn rollback(self) -> sqlx::Result<()> {
        let Self { transaction, turn } = self;
        let done = transaction.rollback().await;
        drop(turn);
        done
    }
}

impl Deref for TenantTransaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for TenantTransaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// Begins a transaction.
pub async fn tenant_transaction(
    pool: &PgPool,
    organisation: OrganisationId,
) -> sqlx::Result<TenantTransaction> {
    begin(pool, organisation, "begin").await
}

/// Begins a transaction for statements that look rows up by key, however many there are in their tables: nothing but an index will do.
/// A plan is kept for as long as nobody counted the rows anew, so one made when there were few reads all of them once
/// there are many.
pub async fn tenant_keys(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<TenantTransaction> {
    begin(pool, organisation, "begin; set local enable_seqscan = off").await
}

/// Begins a transaction that sees one moment: all that it reads is of the same.
pub async fn tenant_snapshot(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<TenantTransaction> {
    begin(pool, organisation, "begin isolation level repeatable read").await
}

/// The same for statements of which each has one plan, whatever is asked: it is made once for a connection. Planning a
/// page of a list takes longer than reading it.
pub async fn tenant_lists(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<TenantTransaction> {
    begin(
        pool,
        organisation,
        "begin isolation level repeatable read; set local plan_cache_mode = force_generic_plan",
    )
    .await
}

/// A snapshot for statements that go on from a key and take what comes next, or look rows up by key: they walk along an
/// index, and never gather a table first to sort or hash it.
pub async fn tenant_pages(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<TenantTransaction> {
    begin(
        pool,
        organisation,
        "begin isolation level repeatable read; set local enable_seqscan = off;
         set local enable_hashjoin = off; set local enable_bitmapscan = off",
    )
    .await
}

/// Chooses the organisation for the rest of the transaction.
pub async fn set_tenant(connection: &mut PgConnection, organisation: OrganisationId) -> sqlx::Result<()> {
    sqlx::query("select set_config('app.organization_id', $1, true)")
        .bind(organisation.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

async fn begin(
    pool: &PgPool,
    organisation: OrganisationId,
    begin: &'static str,
) -> sqlx::Result<TenantTransaction> {
    let turn = turns(pool).take(organisation);
    let turn = timeout(ACQUIRE_TIMEOUT, turn).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
    // One round trip; an id is digits and dashes.
    let begin = format!("{begin}; set local app.organization_id = '{organisation}'");
    // A begin that is given up half way would leave its connection in a transaction that nobody ends: the driver counts one only
    // when it is there, and rolls back what it has counted. So it is not given up, whoever stops waiting for it.
    let (pool, begin) = (pool.clone(), AssertSqlSafe(begin));
    let begun = tokio::spawn(async move { (pool.begin_with(begin).await, turn) }).await;
    let (transaction, turn) = begun.map_err(|_| sqlx::Error::WorkerCrashed)?;
    Ok(TenantTransaction { transaction: transaction?, turn })
}

/// Half of the connections at most are for one organisation. Like the address they lead to, they are the process's.
fn turns(pool: &PgPool) -> &'static Turns {
    static TURNS: OnceLock<Turns> = OnceLock::new();
    TURNS.get_or_init(|| Turns::new(pool.options().get_max_connections() as usize / 2))
}
