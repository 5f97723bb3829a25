//! Letters to people: invitations, and what has to do with passwords. They wait in the database, written down in the
//! transaction that is their reason, and any node sends them; a link is made when its letter goes out.

mod sender;
mod transport;
mod words;

use std::sync::Arc;

use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::people::LinkPurpose;
use sqlx::PgConnection;
use tokio::sync::Notify;

pub use sender::keep_sending;
pub use transport::Post;

use crate::auth::account_link;
use crate::clock::to_utc;

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Somebody is to join, and chooses a password.
    Invitation,
    /// Somebody may choose another password.
    PasswordReset,
    /// Somebody chose another password: if it was not they, they should know.
    PasswordChanged,
}

impl LetterKind {
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

impl From<LinkPurpose> for LetterKind {
    fn from(purpose: LinkPurpose) -> Self {
        match purpose {
            LinkPurpose::Invitation => Self::Invitation,
            LinkPurpose::PasswordReset => Self::PasswordReset,
        }
    }
}

/// Has a letter sent, once the transaction has committed. One that waits already goes out once.
pub async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    kind: LetterKind,
    now: Timestamp,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into letter (organization_id, person_id, kind, created_at, next_attempt_at)
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

/// Has no letter sent any more: whoever it was for is disabled.
pub async fn withdraw(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query("delete from letter where organization_id = $1 and person_id = $2")
        .bind(organisation.as_uuid())
        .bind(person.as_uuid())
        .execute(connection)
        .await?;
    Ok(())
}

/// How letters leave this node.
#[derive(Clone)]
pub struct Letters {
    post: Option<Arc<Post>>,
    due: Arc<Notify>,
}

impl Letters {
    /// By this post; without one no letter is sent.
    pub fn by(post: Option<Post>) -> Self {
        Self { post: post.map(Arc::new), due: Arc::new(Notify::new()) }
    }

    /// Does this server send letters?
    pub const fn are_sent(&self) -> bool {
        self.post.is_some()
    }

    /// A letter was written.
    pub fn wake(&self) {
        self.due.notify_one();
    }
}
