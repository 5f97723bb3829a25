//! The audit trail: entries that are written in the transaction of what they tell of, and tree heads signed over them and the
//! feed. What an entry says and how trees and heads are made is in [`shared_model::audit`].
//!
//! Whoever writes something that is no document calls [`append`] last in the same transaction: the trail's row is the last
//! lock of all. Documents and records need no entry, because the feed is the other log of the same trail.

pub mod bundle;
pub mod denials;
mod head;
mod histories;
mod hold_routes;
pub mod holds;
pub mod key;
mod leaves;
pub mod list;
pub mod retention;
mod routes;
pub mod signing;
mod timeline;
mod timeline_routes;
pub mod verify;

use chrono::{DateTime, Utc};
use shared_model::audit::{Action, Change, Doer, DoerKind, Entry, Said, Subject, SubjectKind, merkle};
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{MINUTE_MS, Timestamp};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use crate::app_state::AppState;
use crate::auth::Caller;
use crate::clock::{from_utc, to_utc};

/// What the chain of entries begins with.
const START: [u8; 32] = [0; 32];

/// The routes of the trail.
pub fn router() -> OpenApiRouter<AppState> {
    routes::router().merge(timeline_routes::router()).merge(hold_routes::router())
}

/// What is to be written down.
#[derive(Clone, Debug)]
pub struct Note {
    by: Doer,
    action: Action,
    subject: Option<Subject>,
    changes: Vec<Change>,
}

impl Note {
    /// Somebody did something.
    pub const fn new(by: Doer, action: Action) -> Self {
        Self { by, action, subject: None, changes: Vec::new() }
    }

    /// A caller did something.
    pub fn by_caller(caller: &Caller, action: Action) -> Self {
        let by = Doer::person(caller.person_id, Some(caller.device_id), caller.session_id);
        Self::new(by, action)
    }

    /// Whoever runs the server did something.
    pub fn by_operator(action: Action) -> Self {
        Self::new(Doer::of(DoerKind::Operator), action)
    }

    /// To this.
    #[must_use]
    pub fn about(mut self, kind: SubjectKind, id: Uuid) -> Self {
        self.subject = Some(Subject { kind: kind.code().to_owned(), id });
        self
    }

    /// To this person.
    #[must_use]
    pub fn about_person(self, person: PersonId) -> Self {
        self.about(SubjectKind::Person, person.as_uuid())
    }

    /// This became of it.
    #[must_use]
    pub fn with(mut self, field: &str, before: Option<Said>, after: Option<Said>) -> Self {
        self.changes.push(Change { field: field.to_owned(), before, after });
        self
    }

    /// Is there anything that changed?
    pub const fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }
}

/// Was a command of this person refused in the last minute, and written down? Rows of the trail stay for ever, so nobody may add
/// as many as they like.
pub async fn refused_lately(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: Option<PersonId>,
    now: Timestamp,
) -> sqlx::Result<bool> {
    let last: Option<DateTime<Utc>> = sqlx::query_scalar(
        "select received_at from audit_entry
         where organization_id = $1 and person_id = $2 and action = $3 order by seq desc limit 1",
    )
    .bind(organisation.as_uuid())
    .bind(person.map(PersonId::as_uuid))
    .bind(Action::CommandRefused.code())
    .fetch_optional(connection)
    .await?;
    Ok(last.is_some_and(|last| now.millis_since(from_utc(last)) < MINUTE_MS))
}

/// Adds an entry. To be called last in a transaction.
pub async fn append(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    note: Note,
    now: Timestamp,
) -> sqlx::Result<()> {
    let Note { by, action, subject, changes } = note;
    let (person, subject_id) = (by.person, subject.as_ref().map(|subject| subject.id));
    let entry =
        Entry { organisation, received_at: now, by, action: action.code().to_owned(), subject, changes };
    let content = entry.text();
    sqlx::query(
        "with log as (
             insert into audit_log (organization_id, size, chain_hash) values ($1, 1, sha256($3 || $4))
             on conflict (organization_id) do update
                 set size = audit_log.size + 1, chain_hash = sha256(audit_log.chain_hash || $4)
             returning size, chain_hash)
         insert into audit_entry (organization_id, seq, content, leaf_hash, chain_hash, received_at, action,
                                  person_id, subject_id)
         select $1, size, $2, $4, chain_hash, $5, $6, $7, $8 from log",
    )
    .bind(organisation.as_uuid())
    .bind(&content)
    .bind(START.as_slice())
    .bind(merkle::leaf(content.as_bytes()).as_slice())
    .bind(to_utc(now))
    .bind(action.code())
    .bind(person.map(PersonId::as_uuid))
    .bind(subject_id)
    .execute(connection)
    .await?;
    Ok(())
}
