//! What a failed batch means.

use sqlx::error::DatabaseError;
use tokio::task::JoinError;

use crate::database::absence::is_away;

/// A panic on the way of a batch, caught so that it ends the batch and not the lane.
#[derive(Debug, thiserror::Error)]
#[error("panicked: {0}")]
pub(super) struct Panicked(pub(super) String);

/// What to do about a batch that could not be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Somebody else was there first or at the same time: the same batch again.
    Collision,
    /// The database does not take these data: command by command, to find out whose.
    Data,
    /// Our own code does not take it, before or after it was committed: command by command as well, and once
    /// more, because what was committed is a duplicate then.
    Panic,
    /// The database is away: devices come back later.
    Unavailable,
}

impl Failure {
    pub(super) fn of(error: &anyhow::Error) -> Self {
        // What panics on a blocking thread comes as a failure to join it.
        let joining = error.downcast_ref::<JoinError>();
        if error.is::<Panicked>() || joining.is_some_and(JoinError::is_panic) {
            return Self::Panic;
        }
        let Some(error) = error.downcast_ref::<sqlx::Error>() else { return Self::Data };
        let code = error.as_database_error().and_then(DatabaseError::code);
        match code.as_deref() {
            // Serialisation, deadlock, and a unique key that another node took in the same moment.
            Some("40001" | "40P01" | "23505") => Self::Collision,
            _ if is_away(error) => Self::Unavailable,
            _ => Self::Data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_nobodys_fault() {
        assert_eq!(Failure::of(&sqlx::Error::PoolTimedOut.into()), Failure::Unavailable);
        assert_eq!(Failure::of(&anyhow::anyhow!("odd bytes")), Failure::Data);
        assert_eq!(Failure::of(&Panicked("odd".to_owned()).into()), Failure::Panic);
    }

    /// A database that says no more than a code.
    #[derive(Debug, thiserror::Error)]
    #[error("code {0}")]
    struct Says(&'static str);

    impl DatabaseError for Says {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> sqlx::error::ErrorKind {
            sqlx::error::ErrorKind::Other
        }
    }

    #[test]
    fn a_code_of_any_length_is_understood() {
        let failure = |code| Failure::of(&sqlx::Error::Database(Box::new(Says(code))).into());
        assert_eq!(failure("57P01"), Failure::Unavailable);
        assert_eq!(failure("53100"), Failure::Unavailable, "a full disk");
        assert_eq!(failure("40001"), Failure::Collision);
        for code in ["", "5", "é", "22003"] {
            assert_eq!(failure(code), Failure::Data, "{code}");
        }
    }
}
