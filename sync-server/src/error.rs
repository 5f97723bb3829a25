//! The one error type of handlers: an RFC 9457 problem with a stable code, and, for our own faults, the
//! cause that is logged once at the boundary and never sent.

use std::borrow::Cow;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::database::absence::is_away;

/// Result of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// A refusal or a failure, on its way to become a problem document.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) title: Cow<'static, str>,
    pub(crate) members: Map<String, Value>,
    pub(crate) cause: Option<Arc<anyhow::Error>>,
    retry_after_seconds: Option<i64>,
    limit: Option<Box<RateLimit>>,
}

/// How much of something is let through, as clients are told it (draft-ietf-httpapi-ratelimit-headers).
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimit {
    /// A word for it.
    pub(crate) name: &'static str,
    /// So many.
    pub(crate) quota: u32,
    /// In so long.
    pub(crate) window_seconds: i64,
}

impl ApiError {
    /// A problem with a stable, machine-readable code and a sentence for a person.
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code,
            title: title.into(),
            members: Map::new(),
            cause: None,
            retry_after_seconds: None,
            limit: None,
        }
    }

    /// The request cannot be understood.
    pub fn bad_request(code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, title)
    }

    /// Nobody is signed in.
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in to do this.")
    }

    /// The same whether it never was a credential of a device or was replaced.
    pub fn credential_refused() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "credential_refused", "This is no credential of a device.")
    }

    /// Somebody is signed in and may not.
    pub fn forbidden(title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", title)
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here.")
    }

    /// The request meets a state it does not fit.
    pub fn conflict(code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, title)
    }

    /// Too much at a time; the same request is welcome later.
    pub fn too_many(code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, title)
    }

    /// A value that cannot be: which one, and what would do.
    pub fn wrong_value(field: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "value", title).with("field", field)
    }

    /// Our own fault; the cause is logged with the request id, not sent.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on the server. It has been logged.",
        );
        error.cause = Some(Arc::new(cause.into()));
        error
    }

    /// Adds a member to the problem document.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after_seconds(mut self, seconds: i64) -> Self {
        self.retry_after_seconds = Some(seconds.max(1));
        self
    }

    /// Says which limit was reached, and when to try again.
    #[must_use]
    pub(crate) fn limited(mut self, limit: RateLimit, seconds: i64) -> Self {
        self.limit = Some(Box::new(limit));
        self.retry_after_seconds(seconds)
    }

    fn write_headers(&self, headers: &mut HeaderMap) {
        let Some(seconds) = self.retry_after_seconds else { return };
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        let Some(limit) = &self.limit else { return };
        let RateLimit { name, quota, window_seconds } = **limit;
        let policy = format!("\"{name}\";q={quota};w={window_seconds}");
        let left = format!("\"{name}\";r=0;t={seconds}");
        for (header, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header, value);
            }
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(cause: sqlx::Error) -> Self {
        Self::from(anyhow::Error::from(cause))
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(cause: anyhow::Error) -> Self {
        let is_away = cause.downcast_ref().is_some_and(is_away);
        let mut error = Self::internal(cause);
        if is_away {
            error.status = StatusCode::SERVICE_UNAVAILABLE;
            error.code = "database_unavailable";
            error.title = "The database cannot be reached right now.".into();
            error.retry_after_seconds = Some(2);
        }
        error
    }
}

/// Only status and headers; `http::problem` writes the body, because it knows the request id.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        self.write_headers(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_database_that_is_away_is_no_fault_of_ours_however_deep_the_cause() {
        let status = |error: ApiError| (error.status.as_u16(), error.code);
        let away = (503, "database_unavailable");
        assert_eq!(status(sqlx::Error::PoolTimedOut.into()), away);
        assert_eq!(status(sqlx::Error::WorkerCrashed.into()), away);
        let deep = Err::<(), _>(sqlx::Error::PoolTimedOut).context("reading people").unwrap_err();
        assert_eq!(status(deep.into()), away);
        assert_eq!(status(sqlx::Error::RowNotFound.into()), (500, "internal"));
        assert_eq!(status(anyhow::anyhow!("odd").into()), (500, "internal"));
    }
}
