//! Emails to people: invitations, and what has to do with passwords. They wait in the database, written down in the
//! transaction that is their reason, and any node sends them; a link is made when its email goes out.

mod sender;
mod smtp;
mod text;

use std::sync::Arc;

use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::people::LinkPurpose;
use sqlx::PgConnection;
use tokio::sync::Notify;

pub use sender::keep_sending;
pub use smtp::SmtpRelay;

use crate::auth::account_link;
use crate::clock::to_utc;

/// What an email is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailKind {
    /// Somebody is to join, and chooses a password.
    Invitation,
    /// Somebody may choose another password.
    PasswordReset,
    /// Somebody chose another password: if it was not they, they should know.
    PasswordChanged,
}

impl EmailKind {
    const ALL: [Self; 3] = [Self::Invitation, Self::PasswordReset, Self::PasswordChanged];

    const fn code(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What the link in it is for, where there is one.
    const fn link(self) -> Option<LinkPurpose> {
        match self {
            Self::Invitation => Some(LinkPurpose::Invitation),
            Self::PasswordReset => Some(LinkPurpose::PasswordReset),
            Self::PasswordChanged => None,
        }
    }

    /// For how long there is any use in it.
    fn lifetime_ms(self) -> i64 {
        self.link().map_or(DAY_MS, account_link::lifetime_ms)
    }
}

impl From<LinkPurpose> for EmailKind {
    fn from(purpose: LinkPurpose) -> Self {
        match purpose {
            LinkPurpose::Invitation => Self::Invitation,
            LinkPurpose::PasswordReset => Self::PasswordReset,
        }
    }
}

/// Has an email sent, once the transaction has committed. One that waits already goes out once.
pub async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    kind: EmailKind,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into outgoing_email (organization_id, person_id, kind, created_at, next_attempt_at)
         values ($1, $2, $3, $4, $4)
         on conflict (organization_id, person_id, kind) do update
             set created_at = excluded.created_at, next_attempt_at = excluded.next_attempt_at,
                 attempts = 0, problem = null",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(kind.code())
    .bind(to_utc(now))
    .execute(connection)
    .await?;
    Ok(())
}

/// Does an email of this kind wait to be sent?
pub async fn is_waiting(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    kind: EmailKind,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from outgoing_email where organization_id = $1 and person_id = $2 and kind = $3)",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(kind.code())
    .fetch_one(connection)
    .await
}

/// None of a person's emails that wait goes out any more.
pub async fn withdraw(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query("delete from outgoing_email where organization_id = $1 and person_id = $2")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// How emails leave this node.
#[derive(Clone)]
pub struct Mailer {
    relay: Option<Arc<SmtpRelay>>,
    due: Arc<Notify>,
}

impl Mailer {
    /// By this relay; without one no email is sent.
    pub fn new(relay: Option<SmtpRelay>) -> Self {
        Self { relay: relay.map(Arc::new), due: Arc::new(Notify::new()) }
    }

    /// Does this server send emails?
    pub const fn is_configured(&self) -> bool {
        self.relay.is_some()
    }

    /// An email was written.
    pub fn wake(&self) {
        self.due.notify_one();
    }
}
