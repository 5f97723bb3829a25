//! Legal holds: what stands in the way of erasing.

use chrono::{DateTime, Utc};
use shared_model::audit::{LegalHold, NewLegalHold};
use shared_model::identity::{DocumentId, LegalHoldId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::clock::{from_utc, to_utc};

#[derive(sqlx::FromRow)]
struct HoldRow {
    legal_hold_id: Uuid,
    reason: String,
    person_id: Option<Uuid>,
    doc_id: Option<Uuid>,
    placed_by: Uuid,
    placed_at: DateTime<Utc>,
    released_at: Option<DateTime<Utc>>,
}

impl HoldRow {
    fn hold(self) -> LegalHold {
        LegalHold {
            id: LegalHoldId::from_uuid(self.legal_hold_id),
            reason: self.reason,
            person: self.person_id.map(PersonId::from_uuid),
            document: self.doc_id.map(DocumentId::from_uuid),
            placed_by: PersonId::from_uuid(self.placed_by),
            placed_at: from_utc(self.placed_at),
            released_at: self.released_at.map(from_utc),
        }
    }
}

/// All holds, those that stand first, the newest before the others.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Vec<LegalHold>> {
    let rows: Vec<HoldRow> = sqlx::query_as(
        "select legal_hold_id, reason, person_id, doc_id, placed_by, placed_at, released_at from legal_hold
         where organization_id = $1 order by released_at desc nulls first, placed_at desc, legal_hold_id",
    )
    .bind(organisation.as_uuid())
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(HoldRow::hold).collect())
}

/// Places one.
pub(super) async fn place(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    new: NewLegalHold,
    (id, by): (LegalHoldId, PersonId),
    now: Timestamp,
) -> sqlx::Result<LegalHold> {
    sqlx::query(
        "insert into legal_hold (organization_id, legal_hold_id, reason, person_id, doc_id, placed_by, placed_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(organisation.as_uuid())
    .bind(id.as_uuid())
    .bind(&new.reason)
    .bind(new.person.map(PersonId::as_uuid))
    .bind(new.document.map(DocumentId::as_uuid))
    .bind(by.as_uuid())
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    let NewLegalHold { reason, person, document } = new;
    Ok(LegalHold { id, reason, person, document, placed_by: by, placed_at: now, released_at: None })
}

/// Releases one that stands; `None`: none of these does.
pub(super) async fn release(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    (id, by): (LegalHoldId, PersonId),
    now: Timestamp,
) -> sqlx::Result<Option<LegalHold>> {
    let row: Option<HoldRow> = sqlx::query_as(
        "update legal_hold set released_by = $3, released_at = $4
         where organization_id = $1 and legal_hold_id = $2 and released_at is null
         returning legal_hold_id, reason, person_id, doc_id, placed_by, placed_at, released_at",
    )
    .bind(organisation.as_uuid())
    .bind(id.as_uuid())
    .bind(by.as_uuid())
    .bind(to_utc(now))
    .fetch_optional(connection)
    .await?;
    Ok(row.map(HoldRow::hold))
}

/// What somebody would erase.
#[derive(Clone, Copy, Debug)]
pub enum Erasable {
    /// What is known of a person.
    Person(PersonId),
    /// The past of a document.
    Document(DocumentId),
    /// Everything.
    Organisation,
}

/// The reason of a hold that stands in the way.
pub async fn in_the_way(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    of: Erasable,
) -> sqlx::Result<Option<String>> {
    let (person, document) = match of {
        Erasable::Person(person) => (Some(person.as_uuid()), None),
        Erasable::Document(document) => (None, Some(document.as_uuid())),
        Erasable::Organisation => (None, None),
    };
    sqlx::query_scalar(
        "select reason from legal_hold
         where organization_id = $1 and released_at is null
           and ($4 or (person_id is null and doc_id is null) or person_id = $2 or doc_id = $3)
         order by placed_at limit 1",
    )
    .bind(organisation.as_uuid())
    .bind(person)
    .bind(document)
    .bind(matches!(of, Erasable::Organisation))
    .fetch_optional(connection)
    .await
}
