//! Where a request comes from. Cookies travel with requests that other sites cause, so a request that changes
//! something, or opens a socket, must come from our own pages or from no page at all.

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app_state::AppState;
use crate::error::{ApiError, ApiResult};

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Refuses requests that another site caused.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> ApiResult<Response> {
    let reads_only = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let opens_socket = request.headers().contains_key(header::SEC_WEBSOCKET_KEY);
    if (reads_only && !opens_socket)
        || is_own(request.uri(), request.headers(), state.public_origin.as_deref())
    {
        return Ok(next.run(request).await);
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "cross_site_request",
        "This request comes from another site and was refused.",
    ))
}

/// Browsers say where a request comes from in `Sec-Fetch-Site` or, older ones and sockets, in `Origin`;
/// programs that are no browsers say neither and carry no cookie they were tricked into.
///
/// HTTP/2 names the host in the address, HTTP/1 in a header.
pub fn is_own(uri: &Uri, headers: &HeaderMap, public_origin: Option<&str>) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(SEC_FETCH_SITE)
        && site != "same-origin"
        && site != "none"
    {
        return false;
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return !headers.contains_key(header::ORIGIN) };
    if let Some(public_origin) = public_origin {
        return origin.eq_ignore_ascii_case(public_origin);
    }
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    let host = uri.authority().map(Authority::as_str).or_else(|| text(header::HOST.as_str()));
    match (origin_host, host) {
        (Some(origin_host), Some(host)) => origin_host.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn own(headers: &[(&'static str, &'static str)], public_origin: Option<&str>) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        is_own(&Uri::from_static("/api/session"), &headers, public_origin)
    }

    #[test]
    fn our_own_pages_and_programs_pass() {
        assert!(own(&[("host", "localhost:8080")], None));
        assert!(own(&[("host", "localhost:8080"), ("origin", "http://localhost:8080")], None));
        assert!(own(&[("host", "a:1"), ("origin", "http://a:1"), ("sec-fetch-site", "same-origin")], None));
        assert!(own(
            &[("host", "10.0.0.5:8080"), ("origin", "https://m.example")],
            Some("https://m.example")
        ));
    }

    #[test]
    fn over_http_2_the_host_is_in_the_address() {
        let uri = Uri::from_static("https://m.example:8443/api/session");
        let from = |origin: &'static str| HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())]);
        assert!(is_own(&uri, &from("https://m.example:8443"), None));
        assert!(!is_own(&uri, &from("https://evil.example"), None));
    }

    #[test]
    fn other_sites_do_not() {
        assert!(!own(&[("host", "m.example"), ("origin", "https://evil.example")], None));
        assert!(!own(&[("host", "m.example"), ("origin", "null")], None));
        assert!(!own(&[("host", "m.example"), ("sec-fetch-site", "cross-site")], None));
        assert!(!own(&[("host", "m.example"), ("sec-fetch-site", "same-site")], None));
        assert!(!own(&[("host", "x"), ("origin", "http://m.example")], Some("https://m.example")));
    }
}
