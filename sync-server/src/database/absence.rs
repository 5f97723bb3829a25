//! Failures that are nobody's fault: the database is away, full or on its way back.

use sqlx::error::DatabaseError;

/// Classes of error codes that speak of the database and not of what it was asked: connection, resources (a full
/// disk too), operator intervention (a stop, a start), and the system beneath.
const CLASSES: [&str; 4] = ["08", "53", "57", "58"];

/// Will the same work once the database is well again?
pub fn is_away(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(DatabaseError::code);
    match (error, code.as_deref()) {
        (_, Some(code)) => CLASSES.iter().any(|class| code.starts_with(class)),
        (sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed, _)
        | (sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed, _) => true,
        _ => false,
    }
}
