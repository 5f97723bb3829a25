//! Turns every refusal into a problem document (RFC 9457): those of our handlers, and those that axum and
//! tower answer with plain text or nothing (404, 405, 408, 413, 415 …).

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use super::observe::RequestId;
use crate::error::ApiError;

/// The code of the problem an answer carries, for the access log.
#[derive(Clone, Copy, Debug)]
pub struct ProblemCode(pub &'static str);

/// Writes the body of a refusal, now that the request id is known, and logs the cause of a failure.
pub async fn write_body(request: Request, next: Next) -> Response {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        log_cause(&error);
        return replace_body(response, error, request_id);
    }
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let error = generic(response.status());
    replace_body(response, error, request_id)
}

fn replace_body(mut response: Response, error: ApiError, request_id: String) -> Response {
    let code = error.code;
    let mut members = Map::new();
    members.insert("type".to_owned(), format!("urn:maintainpro:problem:{}", error.code).into());
    members.insert("title".to_owned(), error.title.into());
    members.insert("status".to_owned(), error.status.as_u16().into());
    members.insert("code".to_owned(), error.code.into());
    members.insert("request_id".to_owned(), request_id.into());
    members.extend(error.members);

    let mut problem = (error.status, Json(Value::Object(members))).into_response();
    // Allow, Retry-After and the like stay; what described the old body goes.
    for name in [header::CONTENT_LENGTH, header::CONTENT_TYPE, header::CONTENT_ENCODING] {
        response.headers_mut().remove(name);
    }
    problem.headers_mut().extend(std::mem::take(response.headers_mut()));
    problem.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    problem.extensions_mut().insert(ProblemCode(code));
    problem
}

/// Logged here and nowhere else.
fn log_cause(error: &ApiError) {
    if let Some(cause) = &error.cause {
        tracing::error!(code = error.code, cause = format!("{cause:#}"), "request failed");
    }
}

fn generic(status: StatusCode) -> ApiError {
    let (code, title) = match status {
        StatusCode::NOT_FOUND => ("not_found", "There is nothing here."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This address does not know that method."),
        StatusCode::REQUEST_TIMEOUT => ("request_timeout", "The request took too long to arrive."),
        StatusCode::SERVICE_UNAVAILABLE => ("timeout", "The server took too long. Try again in a moment."),
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The request is larger than 1 MiB."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("unsupported_media_type", "The server does not read that content type.")
        }
        StatusCode::UPGRADE_REQUIRED => ("upgrade_required", "This address is for WebSockets."),
        StatusCode::INTERNAL_SERVER_ERROR => ("internal", "Something went wrong on the server."),
        _ if status.is_server_error() => ("failed", "The server could not do this."),
        _ => ("bad_request", "The request cannot be understood."),
    };
    ApiError::new(status, code, title)
}
