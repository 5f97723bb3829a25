//! Projections: tables that say what the feed says, for lists, boards, search and reports. A feature turns
//! documents and records into rows; this module writes them, rebuilds them and compares a rebuild with what is
//! there.
//!
//! A row is a pure function of its document, or of its record, so it does not matter whether it is written
//! change by change or once at the end of a rebuild.

mod rebuild;
mod table;
mod verify;

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use shared_model::document::DocumentKind;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::instant::Timestamp;
use shared_model::permission::Scope;
use shared_model::record::{Record, RecordKind};
use shared_model::workspace::Aggregate;

pub use self::rebuild::{Progress, rebuild};
pub(crate) use self::table::projection_rows;
pub use self::table::{Table, replace, upsert};
pub use self::verify::{Difference, verify};
use crate::clock::to_utc;

/// What a commit, or one step of a rebuild, brought.
pub struct Batch<'a> {
    /// The tenant.
    pub organisation: OrganisationId,
    /// Documents that changed, as they are now, and where they belong.
    pub documents: Vec<(&'a Aggregate, &'a [Scope])>,
    /// Those among them that are new.
    pub created: BTreeSet<DocumentId>,
    /// Records that are new.
    pub records: Vec<NewRecord<'a>>,
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

impl<'a> Batch<'a> {
    /// The documents of one kind with their scopes.
    pub fn documents_of(&self, kind: DocumentKind) -> impl Iterator<Item = (&'a Aggregate, &'a [Scope])> {
        self.documents.iter().copied().filter(move |(aggregate, _)| aggregate.document.kind() == kind)
    }

    /// The new records of one kind.
    pub fn records_of(&self, kind: RecordKind) -> impl Iterator<Item = NewRecord<'a>> {
        self.records.iter().copied().filter(move |new| new.kind == kind)
    }
}

/// A device's time as a column holds it; a clock that is absurdly wrong is brought into the years PostgreSQL
/// and people can write.
pub fn column_time(at: Timestamp) -> DateTime<Utc> {
    let time = to_utc(at);
    let bound = |year, month, day| {
        NaiveDate::from_ymd_opt(year, month, day)
            .unwrap_or_default()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc()
    };
    match time.year() {
        ..1 => bound(1, 1, 1),
        1..=9999 => time,
        _ => bound(9999, 12, 31),
    }
}

/// A hash or an actor as JSON carries it to a `bytea` column.
pub fn column_bytes(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("\\x"), |text, byte| format!("{text}{byte:02x}"))
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
        assert_eq!(column_time(Timestamp::from_millis(0)).year(), 1970);
        assert_eq!(
            column_time(Timestamp::from_millis(i64::MAX / 2)).year(),
            1970,
            "beyond what chrono knows"
        );
        assert_eq!(column_time(Timestamp::from_millis(8_000_000_000_000_000)).year(), 9999);
        assert_eq!(column_time(Timestamp::from_millis(-100_000_000_000_000)).year(), 1);
        assert_eq!(column_bytes(&[0, 255]), "\\x00ff");
        assert_eq!(search_words("WO-000001 Öl, P-101"), "wo 000001 öl p 101");
    }
}
