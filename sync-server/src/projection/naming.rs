//! Who names a document: the columns of projection tables that refer to others. Asked before a document is deleted.

use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::{AssertSqlSafe, PgConnection};

use super::Table;
use crate::features;

/// A column whose values are ids of documents.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    table: Table,
    column: &'static str,
    is_list: bool,
}

impl Table {
    /// This column names a document.
    pub const fn naming(self, column: &'static str) -> Naming {
        Naming { table: self, column, is_list: false }
    }

    /// This column lists documents.
    pub const fn listing(self, column: &'static str) -> Naming {
        Naming { table: self, column, is_list: true }
    }
}

impl Naming {
    /// The rows that name the document `$2`, and are not its own.
    fn rows(&self) -> String {
        let Self { table: Table { name, key, .. }, column, is_list } = self;
        let id = key[0];
        let is_named = if *is_list { format!("$2 = any ({column})") } else { format!("{column} = $2") };
        format!("select {id} as id from {name} where organization_id = $1 and {is_named} and {id} <> $2")
    }
}

/// How many of a feature's rows name a document.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Namers {
    /// The feature.
    pub what: &'static str,
    /// How many.
    pub count: i64,
}

/// Whoever names a document.
pub async fn namers(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
) -> sqlx::Result<Vec<Namers>> {
    let mut found = Vec::new();
    for feature in features::ALL.iter().filter(|feature| !feature.names.is_empty()) {
        let rows: Vec<String> = feature.names.iter().map(Naming::rows).collect();
        let statement = format!("select count(distinct id) from ({}) as named", rows.join(" union all "));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(statement))
            .bind(organisation.as_uuid())
            .bind(document.as_uuid())
            .fetch_one(&mut *connection)
            .await?;
        if count > 0 {
            found.push(Namers { what: feature.name, count });
        }
    }
    Ok(found)
}
