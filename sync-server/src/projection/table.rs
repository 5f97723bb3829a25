//! Writing rows in bulk. A feature declares a row as a struct whose fields are the table's columns; rows travel
//! as one JSON array, which PostgreSQL unfolds by column type, so arrays of any length fit beside scalars.

use serde::Serialize;
use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// A projection table. Names are our own, never anybody's input.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that, after the organisation, make its key.
    pub key: &'static [&'static str],
    /// The column that says of which document, or of which document's record, a row is.
    pub document: &'static str,
    /// Every column but the organisation and generated ones.
    pub columns: &'static [&'static str],
}

/// A table that triggers of the database fill from columns of a projection table.
#[derive(Clone, Copy, Debug)]
pub struct Derived {
    /// Its name.
    pub name: &'static str,
    /// Every column but the organisation.
    pub columns: &'static [&'static str],
    /// The projection table.
    pub table: &'static str,
    /// The columns there that its rows follow.
    pub follows: &'static [&'static str],
    /// The same columns as expressions over the projection table.
    pub expressions: &'static [&'static str],
}

/// Declares row structs with their tables:
/// `projection_rows! { /// doc struct Row in "table" key [id] of id { id: Uuid, … } }`.
macro_rules! projection_rows {
    ($(
        $(#[$doc:meta])*
        struct $name:ident in $table:literal key [$($key:ident),+] of $document:ident {
            $($column:ident: $type:ty,)+
        }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, serde::Serialize)]
        pub(super) struct $name { $(pub(super) $column: $type,)+ }

        impl $name {
            /// The table of these rows.
            pub(super) const TABLE: $crate::projection::Table = $crate::projection::Table {
                name: $table,
                key: &[$(stringify!($key)),+],
                document: stringify!($document),
                columns: &[$(stringify!($column)),+],
            };
        }
    )+};
}
pub(crate) use projection_rows;

impl Table {
    fn list(columns: &[&str], prefix: &str) -> String {
        let names: Vec<String> = columns.iter().map(|column| format!("{prefix}\"{column}\"")).collect();
        names.join(", ")
    }

    /// Writes the rows of a relation called `fresh`. A row that is there already is written only when it differs:
    /// most of a document's rows stay as they are with every edit. Those that are there are updated rather than
    /// proposed for insertion, which would fire triggers and fill columns in vain.
    fn write_fresh(&self) -> String {
        let Self { name, key, columns, .. } = self;
        let values: Vec<&str> = columns.iter().filter(|column| !key.contains(column)).copied().collect();
        let same = Self::same_key(name, key);
        let (all, new) = (Self::list(columns, ""), Self::list(&values, "fresh."));
        let old = Self::list(&values, &format!("{name}."));
        let (changed, on_conflict) = if values.is_empty() {
            (String::new(), "do nothing".to_owned())
        } else {
            let set = Self::list(&values, "");
            (
                format!(
                    ", changed as (
                         update {name} set ({set}) = row({new}) from fresh
                         where {name}.organization_id = $1 and {same} and ({old}) is distinct from ({new}))"
                ),
                format!("do update set ({set}) = row({})", Self::list(&values, "excluded.")),
            )
        };
        format!(
            "{changed}
             insert into {name} (organization_id, {all}) select $1, {all} from fresh
             where not exists (select from {name} where {name}.organization_id = $1 and {same})
             on conflict (organization_id, {key}) {on_conflict}",
            key = Self::list(key, ""),
        )
    }

    fn same_key(name: &str, key: &[&str]) -> String {
        let pairs: Vec<String> =
            key.iter().map(|column| format!("fresh.\"{column}\" = {name}.\"{column}\"")).collect();
        pairs.join(" and ")
    }

    /// Locks every row of an organisation in order of the key.
    pub(super) fn lock_rows(&self) -> String {
        let key = Self::list(self.key, "");
        format!("select from {} where organization_id = $1 order by {key} for update", self.name)
    }

    fn fresh(&self) -> String {
        let Self { name, columns, .. } = self;
        let all = Self::list(columns, "");
        format!("fresh as (select {all} from json_populate_recordset(null::{name}, $2::json))")
    }
}

/// Writes rows; one with a key that is there takes its place.
pub async fn upsert<T: Serialize>(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    table: Table,
    rows: &[T],
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = format!("with {} {}", table.fresh(), table.write_fresh());
    sqlx::query(AssertSqlSafe(statement))
        .bind(organisation.as_uuid())
        .bind(json(rows)?)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes away all rows of a document.
pub(super) async fn remove(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    table: &Table,
    document: DocumentId,
) -> sqlx::Result<()> {
    let Table { name, document: column, .. } = table;
    let statement = format!("delete from {name} where organization_id = $1 and \"{column}\" = $2");
    sqlx::query(AssertSqlSafe(statement))
        .bind(organisation.as_uuid())
        .bind(document.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// Makes `rows` all the rows of these documents.
pub async fn replace<T: Serialize>(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    table: Table,
    documents: &[DocumentId],
    rows: &[T],
) -> sqlx::Result<()> {
    if documents.is_empty() {
        return Ok(());
    }
    let Table { name, key, document, .. } = table;
    let statement = format!(
        "with {fresh}, gone as (
             delete from {name}
             where organization_id = $1 and \"{document}\" = any ($3)
               and not exists (select from fresh where {same}))
         {write}",
        fresh = table.fresh(),
        same = Table::same_key(name, key),
        write = table.write_fresh(),
    );
    let documents: Vec<Uuid> = documents.iter().map(|id| id.as_uuid()).collect();
    sqlx::query(AssertSqlSafe(statement))
        .bind(organisation.as_uuid())
        .bind(json(rows)?)
        .bind(documents)
        .execute(connection)
        .await?;
    Ok(())
}

/// Rows as JSON text. PostgreSQL has no place for the character NUL, so it is shown as what it is: unprintable.
fn json<T: Serialize>(rows: &[T]) -> sqlx::Result<String> {
    let text = serde_json::to_string(rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
    Ok(if text.contains("\\u0000") { without_nul(&text) } else { text })
}

fn without_nul(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at..];
        let taken = if escape.starts_with("\\u0000") { 6 } else { 2 };
        out.push_str(if taken == 6 { "\\ufffd" } else { &escape[..2] });
        rest = &escape[taken..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_escape_of_nul_is_replaced() {
        let text = serde_json::to_string(&["a\0b", "\\u0000", "\\\0", "\n\"é"]).unwrap();
        let cleaned: Vec<String> = serde_json::from_str(&without_nul(&text)).unwrap();
        assert_eq!(cleaned, ["a\u{fffd}b", "\\u0000", "\\\u{fffd}", "\n\"é"]);
    }
}
