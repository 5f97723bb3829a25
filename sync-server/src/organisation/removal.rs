//! Deleting an organisation: every row of every table, in one transaction. The application's role may not delete its audit trail, so
//! this is done as the owner of the tables.

use std::collections::BTreeSet;

use anyhow::{bail, ensure};
use shared_model::identity::OrganisationId;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::suspension;
use crate::audit::holds::{self, Erasable};
use crate::database::set_tenant;
use crate::directory;

/// What was deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Rows.
    pub rows: u64,
    /// Tables that had any.
    pub tables: u64,
}

/// Deletes it. Refuses while it is not suspended: whoever is at work would write beside it.
pub async fn remove(owner: &mut PgConnection, organisation: OrganisationId) -> anyhow::Result<Removed> {
    let mut transaction = owner.begin().await?;
    set_tenant(&mut transaction, organisation).await?;
    directory::changed(&mut transaction, organisation).await?;
    ensure!(suspension::is_suspended(&mut transaction, organisation).await?, "suspend it first");
    if let Some(reason) = holds::in_the_way(&mut transaction, organisation, Erasable::Organisation).await? {
        bail!("something has to be kept: {reason}");
    }
    let mut removed = Removed::default();
    for table in in_order(&mut transaction).await? {
        // The name is the database's own word for its table, quoted where it has to be.
        let delete = format!("delete from {table} where organization_id = $1");
        let done = sqlx::query(AssertSqlSafe(delete)).bind(organisation.as_uuid());
        let rows = done.execute(&mut *transaction).await?.rows_affected();
        removed.rows += rows;
        removed.tables += u64::from(rows > 0);
    }
    transaction.commit().await?;
    Ok(removed)
}

/// The tables of organisations, each before those that it refers to.
async fn in_order(connection: &mut PgConnection) -> anyhow::Result<Vec<String>> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select pg_class.oid::regclass::text from pg_class
         join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1",
    )
    .fetch_all(&mut *connection)
    .await?;
    let references: Vec<(String, String)> = sqlx::query_as(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint
         where contype = 'f' and connamespace = 'public'::regnamespace and conrelid <> confrelid",
    )
    .fetch_all(connection)
    .await?;
    let mut left: BTreeSet<String> = tables.into_iter().collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let is_referred_to = |table: &String| {
            references.iter().any(|(from, to)| to == table && from != table && left.contains(from))
        };
        let free: Vec<String> = left.iter().filter(|table| !is_referred_to(table)).cloned().collect();
        if free.is_empty() {
            bail!("tables refer to each other in a circle: {left:?}");
        }
        left.retain(|table| !free.contains(table));
        ordered.extend(free);
    }
    Ok(ordered)
}
