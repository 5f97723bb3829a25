//! One id, one log line and one measurement per request. The line names the route, not the path, so that no
//! id, search word or token of anybody ends up in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use super::problem::ProblemCode;
use crate::random;
use crate::telemetry::whole_millis;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Ids a proxy gave are kept when they are this short and plain.
const MAX_ID_BYTES: usize = 64;
const UNMATCHED: &str = "unmatched";

/// The id that names a request in the log and in problem documents.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Measures and logs the request around everything else.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| UNMATCHED.to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));

    let span = tracing::info_span!("request", request_id = %id, %method, route);
    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        let elapsed = started.elapsed();
        let elapsed_ms = whole_millis(elapsed);
        let status = response.status();
        let code = response.extensions().get::<ProblemCode>().map_or("", |code| code.0);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::warn!(status = status.as_u16(), code, elapsed_ms, "answered");
        } else {
            tracing::info!(status = status.as_u16(), code, elapsed_ms, "answered");
        }
        let labels = [("method", label(&method)), ("route", route)];
        metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
        let [method, route] = labels;
        let labels = [method, route, ("status", status.as_u16().to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

/// A method as metrics name it: one that anybody invents must not become a series of its own.
fn label(method: &Method) -> String {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) { method.to_string() } else { "other".to_owned() }
}

fn request_id(request: &Request) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_plain = |id: &&str| {
        !id.is_empty()
            && id.len() <= MAX_ID_BYTES
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    match given.filter(is_plain) {
        Some(id) => id.to_owned(),
        None => random::bytes::<12>().iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
