//! Reading entries: newest first, with filters.

use chrono::{DateTime, Utc};
use shared_model::audit::{Entry, Hash, ListedEntry};
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::leaves;

/// Which entries.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Before this one.
    pub before: Option<i64>,
    /// By this person, or about them.
    pub person: Option<Uuid>,
    /// With one of these codes; all when there is none.
    pub actions: Vec<String>,
    /// Not earlier.
    pub since: Option<DateTime<Utc>>,
    /// Earlier.
    pub until: Option<DateTime<Utc>>,
    /// So many at most.
    pub limit: i64,
}

/// Reads them, newest first.
pub async fn entries(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    wanted: &Wanted,
) -> anyhow::Result<Vec<ListedEntry>> {
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "select seq, content from audit_entry
         where organization_id = $1 and ($2::bigint is null or seq < $2) and content <> ''
           and ($3::uuid is null or person_id = $3 or subject_id = $3)
           and ($4::text[] = '{}' or action = any ($4))
           and ($5::timestamptz is null or received_at >= $5)
           and ($6::timestamptz is null or received_at < $6)
         order by seq desc limit $7",
    )
    .bind(organisation.as_uuid())
    .bind(wanted.before)
    .bind(wanted.person)
    .bind(&wanted.actions)
    .bind(wanted.since)
    .bind(wanted.until)
    .bind(wanted.limit)
    .fetch_all(connection)
    .await?;
    let listed = |(seq, content): (i64, String)| {
        let entry = Entry::read(&content).ok_or_else(|| anyhow::anyhow!("audit_entry {seq}"))?;
        Ok(ListedEntry { seq: seq.unsigned_abs(), entry })
    };
    rows.into_iter().map(listed).collect()
}

/// The text of an entry, and the hash of what it was.
pub(super) struct Text {
    pub(super) content: String,
    pub(super) leaf_hash: Hash,
}

/// The texts of entries from one to another, in their order.
pub(super) async fn texts(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    (from, to): (u64, u64),
) -> anyhow::Result<Vec<(u64, Text)>> {
    let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
        "select seq, content, leaf_hash from audit_entry
         where organization_id = $1 and seq between $2 and $3 order by seq",
    )
    .bind(organisation.as_uuid())
    .bind(i64::try_from(from)?)
    .bind(i64::try_from(to)?)
    .fetch_all(connection)
    .await?;
    let text = |(seq, content, leaf_hash): (i64, String, Vec<u8>)| {
        Ok((seq.unsigned_abs(), Text { content, leaf_hash: leaves::hash(&leaf_hash)? }))
    };
    rows.into_iter().map(text).collect()
}
