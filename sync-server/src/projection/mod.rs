//! Projections: tables that say what the feed says, for lists, boards, search and reports. A feature turns
//! documents and records into rows; this module writes them, rebuilds them and compares a rebuild with what is
//! there.
//!
//! A row is a pure function of its document, or of its record, so it does not matter whether it is written
//! change by change or once at the end of a rebuild.

mod column;
mod document_row;
mod naming;
mod rebuild;
mod table;
mod verify;
mod written;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use shared_model::document::DocumentKind;
use shared_model::features::View;
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::Scope;
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;

pub use self::column::{Bytes, Column, Row};
pub use self::document_row::{fill as fill_rows, row_version};
pub use self::naming::{Namers, Naming, namers};
pub use self::rebuild::{Progress, derived, rebuild, restore, tables};
pub(crate) use self::table::projection_rows;
pub use self::table::{Derived, Table, replace, upsert};
pub use self::verify::{Difference, verify};
pub use self::written::{Written, WrittenRows};
use crate::clock::to_utc;
use crate::features;

/// 0001-01-01T00:00:00Z.
const FIRST_TIME: Timestamp = Timestamp::from_millis(-62_135_596_800_000);
/// 9999-12-31T23:59:59.999Z.
const LAST_TIME: Timestamp = Timestamp::from_millis(253_402_300_799_999);

/// What commands brought, before the server has said its part.
pub struct Intake<'a> {
    /// The tenant.
    pub organisation: OrganisationId,
    /// When the server received them.
    pub now: Timestamp,
    /// Documents that are new, in order of id.
    pub created: Vec<(DocumentId, DocumentKind)>,
    /// Records that are new, in order.
    pub records: Vec<NewRecord<'a>>,
    /// Documents that changed, with all that came.
    pub documents: BTreeMap<DocumentId, &'a Aggregate>,
    /// Where each command found its documents and where it left them, in order.
    pub moves: Vec<Move<'a>>,
}

/// Where a document belonged before and after a command.
#[derive(Clone, Copy)]
pub struct Move<'a> {
    /// The document.
    pub document: DocumentId,
    /// Whose command it was; `None`: the server's own.
    pub author: Option<PersonId>,
    /// Where it belonged before.
    pub before: &'a [Scope],
    /// Where it belongs now.
    pub after: &'a [Scope],
}

/// What a commit, or one step of a rebuild, brought in all.
pub struct Batch<'a> {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Documents that changed.
    pub documents: Vec<Projected<'a>>,
    /// Records that are new, in order.
    pub records: Vec<NewRecord<'a>>,
    /// What is known of the rows that are there.
    pub written: WrittenRows,
}

/// A document that changed, as it is now.
#[derive(Clone, Copy)]
pub struct Projected<'a> {
    /// The document with its records.
    pub aggregate: &'a Aggregate,
    /// The same, read once for all features.
    pub view: &'a View,
    /// Where it belongs.
    pub scopes: &'a [Scope],
}

/// A record that was accepted.
#[derive(Clone, Copy)]
pub struct NewRecord<'a> {
    /// The record.
    pub record: &'a Record,
    /// Its kind.
    pub kind: RecordKind,
    /// The kind of the document that owns it.
    pub document_kind: DocumentKind,
    /// When the server received it.
    pub received_at: Timestamp,
}

impl<'a> NewRecord<'a> {
    /// A record this version knows; one of an unknown kind projects to nothing.
    pub fn new(record: &'a Record, document_kind: DocumentKind, received_at: Timestamp) -> Option<Self> {
        Some(Self { record, kind: record.kind()?, document_kind, received_at })
    }
}

/// Writes the rows of a batch.
pub async fn project(connection: &mut PgConnection, batch: &Batch<'_>) -> sqlx::Result<()> {
    for project in features::ALL.iter().filter_map(|feature| feature.project) {
        project(&mut *connection, batch).await?;
    }
    document_row::project(connection, batch).await
}

/// Takes away every row of a document and of its records.
pub async fn remove(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    document: DocumentId,
) -> sqlx::Result<()> {
    for table in tables() {
        table::remove(&mut *connection, organisation, table, document).await?;
    }
    Ok(())
}

/// The records of one kind.
pub fn records_of<'a>(records: &[NewRecord<'a>], kind: RecordKind) -> impl Iterator<Item = NewRecord<'a>> {
    records.iter().copied().filter(move |new| new.kind == kind)
}

/// A device's time as a column holds it; a clock that is absurdly wrong is brought into the years PostgreSQL
/// and people can write.
pub fn column_time(at: Timestamp) -> DateTime<Utc> {
    to_utc(at.clamp(FIRST_TIME, LAST_TIME))
}

/// A hash or an actor as a `bytea` column holds it.
pub fn column_bytes(bytes: &[u8]) -> Bytes {
    Bytes(bytes.to_vec())
}

/// Text as it is searched: words only. PostgreSQL's own parser takes the dash of `P-101` for a minus sign.
pub fn search_words(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Scopes as a `text[]` column holds them.
pub fn column_scopes(scopes: &[Scope]) -> Vec<String> {
    scopes.iter().map(Scope::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_clocks_are_brought_into_range() {
        let column = |millis| column_time(Timestamp::from_millis(millis)).to_rfc3339();
        assert_eq!(column(0), "1970-01-01T00:00:00+00:00");
        for late in [253_402_300_799_999, 253_402_300_800_000, 8_000_000_000_000_000, i64::MAX] {
            assert_eq!(column(late), "9999-12-31T23:59:59.999+00:00");
        }
        for early in [-62_135_596_800_000, -62_135_596_800_001, -100_000_000_000_000, i64::MIN] {
            assert_eq!(column(early), "0001-01-01T00:00:00+00:00");
        }
        assert_eq!(search_words("WO-000001 Öl, P-101"), "wo 000001 öl p 101");
    }
}
