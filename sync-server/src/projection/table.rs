//! Writing rows in bulk. A feature declares a row as a struct whose fields are the table's columns.

use super::Batch;
use super::column::{Row, unfold};
use super::written::Unwritten;
use shared_model::identity::{DocumentId, OrganisationId};
use sqlx::postgres::PgArguments;
use sqlx::{Arguments, AssertSqlSafe, PgConnection};

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
    /// How each column travels: [`Column::ELEMENT`](super::Column::ELEMENT) and [`Column::CAST`](super::Column::CAST).
    pub types: &'static [(&'static str, &'static str)],
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
        #[derive(Clone, Debug, Hash)]
        pub(super) struct $name { $(pub(super) $column: $type,)+ }

        impl $name {
            /// The table of these rows.
            pub(super) const TABLE: $crate::projection::Table = $crate::projection::Table {
                name: $table,
                key: &[$(stringify!($key)),+],
                document: stringify!($document),
                columns: &[$(stringify!($column)),+],
                types: &[$((
                    <$type as $crate::projection::Column>::ELEMENT,
                    <$type as $crate::projection::Column>::CAST,
                )),+],
            };
        }

        impl $crate::projection::Row for $name {
            fn hash_key<H: std::hash::Hasher>(&self, state: &mut H) {
                $(std::hash::Hash::hash(&self.$key, state);)+
            }

            fn bind(
                rows: &[&Self],
                arguments: &mut sqlx::postgres::PgArguments,
            ) -> Result<(), sqlx::error::BoxDynError> {
                $($crate::projection::Column::bind(rows.iter().map(|row| &row.$column), arguments)?;)+
                Ok(())
            }
        }
    )+};
}
pub(crate) use projection_rows;

impl Table {
    fn list(columns: &[&str], prefix: &str) -> String {
        let names: Vec<String> = columns.iter().map(|column| format!("{prefix}\"{column}\"")).collect();
        names.join(", ")
    }

    /// Writes the rows of a relation called `fresh`. A row that is there already is written only when it differs. It is
    /// looked up by its key, one by one: there is no plan to choose that would be a bad one once the table has grown.
    fn write_fresh(&self) -> String {
        let Self { name, key, columns, .. } = self;
        let values: Vec<&str> = columns.iter().filter(|column| !key.contains(column)).copied().collect();
        let on_conflict = if values.is_empty() {
            "do nothing".to_owned()
        } else {
            let (set, new) = (Self::list(&values, ""), Self::list(&values, "excluded."));
            let old = Self::list(&values, &format!("{name}."));
            format!("do update set ({set}) = row({new}) where ({old}) is distinct from ({new})")
        };
        format!(
            "insert into {name} (organization_id, {all}) select $1, {all} from fresh
             on conflict (organization_id, {key}) {on_conflict}",
            all = Self::list(columns, ""),
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

    fn fresh(&self, first: usize) -> String {
        format!("fresh as ({})", unfold(self.columns, self.types, first))
    }
}

/// Writes rows; one with a key that is there takes its place.
pub async fn upsert<T: Row>(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    table: Table,
    rows: &[T],
) -> sqlx::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let statement = format!("with {} {}", table.fresh(2), table.write_fresh());
    let mut arguments = PgArguments::default();
    arguments.add(organisation.as_uuid()).map_err(sqlx::Error::Encode)?;
    T::bind(&rows.iter().collect::<Vec<_>>(), &mut arguments).map_err(sqlx::Error::Encode)?;
    sqlx::query_with(AssertSqlSafe(statement), arguments).execute(connection).await?;
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

/// Makes these rows all that their documents have in a table. Nothing is done about rows that are known to be there.
pub async fn replace<T: Row>(
    connection: &mut PgConnection,
    batch: &Batch<'_>,
    table: Table,
    rows: &[(DocumentId, Vec<T>)],
) -> sqlx::Result<()> {
    let Unwritten { documents, rows } = batch.written.unwritten(&table, rows);
    if documents.is_empty() && rows.is_empty() {
        return Ok(());
    }
    let Table { name, key, document, .. } = table;
    let statement = format!(
        "with {fresh}, gone as (
             delete from {name}
             where organization_id = $1 and \"{document}\" = any ($2)
               and not exists (select from fresh where {same}))
         {write}",
        fresh = table.fresh(3),
        same = Table::same_key(name, key),
        write = table.write_fresh(),
    );
    let mut arguments = PgArguments::default();
    arguments.add(batch.organisation.as_uuid()).map_err(sqlx::Error::Encode)?;
    arguments.add(documents).map_err(sqlx::Error::Encode)?;
    T::bind(&rows, &mut arguments).map_err(sqlx::Error::Encode)?;
    sqlx::query_with(AssertSqlSafe(statement), arguments).execute(connection).await?;
    Ok(())
}
