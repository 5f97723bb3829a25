//! Serves the built web app: files as they are, compressed ahead of time where the build left `.br` or `.gz`
//! beside them, and `index.html` for every page address, because the app routes on the device.

use std::path::Path;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::app_state::AppState;
use crate::error::{ApiError, ApiResult};

/// A file that is named after its content never changes.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept, but asked about at every use: how a new version of the app arrives.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
/// Addresses that belong to programs; a missing one is an error, not a page.
const NOT_PAGES: [&str; 2] = ["/api", "/sync"];

/// Files of the web app.
#[derive(Clone)]
pub struct PwaFiles(ServeDir);

impl PwaFiles {
    /// The files in `folder`.
    pub fn new(folder: &Path) -> Self {
        let files = ServeDir::new(folder).redirect_to_trailing_slash(false);
        Self(files.precompressed_br().precompressed_gzip())
    }

    async fn get(&self, request: Request) -> Response {
        let Ok(response) = self.0.clone().oneshot(request).await;
        response.map(Body::new)
    }
}

/// Answers every address no route knows.
pub async fn serve(State(state): State<AppState>, request: Request) -> ApiResult<Response> {
    let path = request.uri().path().to_owned();
    let is_program = NOT_PAGES
        .iter()
        .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(files) = state.pwa.as_ref().filter(|_| reads && !is_program && !names_hidden_file(&path)) else {
        return Err(ApiError::not_found());
    };
    let wants_page = accepts_html(&request) && !last_segment(&path).contains('.');
    let method = request.method().clone();
    let mut response = files.get(request).await;
    let mut served = path.as_str();
    if response.status() == StatusCode::NOT_FOUND && wants_page {
        let index = Request::builder().method(method).uri("/index.html").body(Body::empty());
        response = files.get(index.map_err(anyhow::Error::from)?).await;
        served = "/index.html";
    }
    if response.status() == StatusCode::NOT_FOUND {
        return Err(ApiError::not_found());
    }
    let lifetime = if is_named_after_content(served) { IMMUTABLE } else { REVALIDATE };
    response.headers_mut().insert(header::CACHE_CONTROL, lifetime);
    name_charset(&mut response);
    Ok(response.into_response())
}

/// Our texts are UTF-8, and no browser has to guess.
fn name_charset(response: &mut Response) {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let Some(kind) = kind.filter(|kind| kind.starts_with("text/") && !kind.contains("charset")) else {
        return;
    };
    if let Ok(named) = HeaderValue::from_str(&format!("{kind}; charset=utf-8")) {
        response.headers_mut().insert(header::CONTENT_TYPE, named);
    }
}

fn accepts_html(request: &Request) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn names_hidden_file(path: &str) -> bool {
    path.split('/').any(|segment| segment.starts_with('.'))
}

/// `app-3f9c2a1b.js`, `engine-3f9c2a1b44/client_engine.wasm`: the file, or a folder it is in, has a part of eight
/// or more hexadecimal digits with a number in it.
fn is_named_after_content(path: &str) -> bool {
    path.split(['/', '-', '.', '_']).any(|part| {
        part.len() >= 8
            && part.bytes().all(|byte| byte.is_ascii_hexdigit())
            && part.bytes().any(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_live_for_ever() {
        for name in [
            "/app-3f9c2a1b.js",
            "/assets/engine.3f9c2a1b44.wasm",
            "/inter_0011aabbcc.woff2",
            "/app-3f9c2a1b44ff/client_app_bg.wasm",
        ] {
            assert!(is_named_after_content(name), "{name}");
        }
        for name in [
            "/index.html",
            "/service-worker.js",
            "/boot.js",
            "/engine-worker.js",
            "/manifest.webmanifest",
            "/deadbeef.css",
            "/app-3f9c2.js",
            "/styles/app.css",
        ] {
            assert!(!is_named_after_content(name), "{name}");
        }
    }

    #[test]
    fn hidden_files_stay_hidden() {
        assert!(names_hidden_file("/.git/config"));
        assert!(!names_hidden_file("/assets/app.js"));
    }
}
