//! What a failed batch means.

use sqlx::error::DatabaseError;

/// What to do about a batch that could not be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Somebody else was there first or at the same time: the same batch again.
    Collision,
    /// The database does not take these data: command by command, to find out whose.
    Data,
    /// The database is away: devices come back later.
    Unavailable,
}

impl Failure {
    pub(super) fn of(error: &anyhow::Error) -> Self {
        let Some(error) = error.downcast_ref::<sqlx::Error>() else { return Self::Data };
        let code = error.as_database_error().and_then(DatabaseError::code);
        match (error, code.as_deref()) {
            // Serialisation, deadlock, and a unique key that another node took in the same moment.
            (_, Some("40001" | "40P01" | "23505")) => Self::Collision,
            // Connection, resources, operator intervention, a server that starts or stops.
            (_, Some(code)) if ["08", "53", "57", "58"].contains(&&code[..2]) => Self::Unavailable,
            (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed, _)
            | (sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed, _) => {
                Self::Unavailable
            }
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
    }
}
