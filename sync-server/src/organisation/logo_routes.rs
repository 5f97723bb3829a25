//! `/api/organisation/logo`. Nothing in a logo can run: only pictures made of pixels are taken, and they are served as what they are,
//! in a sandbox.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared_model::account::Problem;
use shared_model::audit::{Action, Said, SubjectKind};
use shared_model::hex;
use shared_model::organisation::{LogoFacts, LogoFormat};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{checks, settings};
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::directory;
use crate::error::{ApiError, ApiResult};

/// Opened by itself, it is a picture and nothing else.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; sandbox";
/// Of a logo's hash, as much as tells it from others.
const SAID_DIGITS: usize = 16;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_logo, put_logo, delete_logo))
}

/// The logo
///
/// For everybody who is signed in. Its hash is its `ETag`: whoever has it already is told so.
#[utoipa::path(
    get, path = "/api/organisation/logo", tag = "organisation",
    responses(
        (status = 200, description = "PNG, JPEG or WebP", body = Vec<u8>, content_type = "image/png"),
        (status = 304, description = "It is the one in `If-None-Match`"),
        (status = 401, body = Problem), (status = 404, description = "There is none", body = Problem),
    )
)]
async fn get_logo(State(state): State<AppState>, caller: Caller, headers: HeaderMap) -> ApiResult<Response> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let logo = settings::logo(&mut transaction, caller.organisation_id).await?;
    let logo = logo.ok_or_else(ApiError::not_found)?;
    let tag = format!("\"{}\"", hex::encode(&logo.content_hash));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(header::ETAG, tag), (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY.to_owned())];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    // The database holds no other.
    let kind = LogoFormat::from_code(&logo.media_type).unwrap_or(LogoFormat::Png).code();
    Ok((about, [(header::CONTENT_TYPE, HeaderValue::from_static(kind))], logo.content).into_response())
}

/// Have another logo
///
/// A PNG, a JPEG or a WebP of at most 256 kB and 2,048 pixels on a side; what it is says its content, not its name.
#[utoipa::path(
    put, path = "/api/organisation/logo", tag = "organisation",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 204, description = "It is the logo from now on; every device hears of it"),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 413, description = "body_too_large", body = Problem),
        (status = 422, description = "logo_format, logo_too_large, logo_side", body = Problem),
    )
)]
async fn put_logo(State(state): State<AppState>, caller: Caller, content: Bytes) -> ApiResult<StatusCode> {
    caller.require_admin()?;
    let logo = checks::logo(&content)?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let version = directory::extended(&mut transaction, organisation).await?;
    let known = settings::logo_facts(&mut transaction, organisation).await?;
    settings::write_logo(&mut transaction, organisation, logo, &content, version).await?;
    let now = settings::logo_facts(&mut transaction, organisation).await?;
    if known != now {
        let note = changed(&caller, known.as_ref(), now.as_ref());
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
        transaction.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Have no logo
#[utoipa::path(
    delete, path = "/api/organisation/logo", tag = "organisation",
    responses(
        (status = 204, description = "There is none any more"), (status = 401, body = Problem),
        (status = 403, body = Problem),
    )
)]
async fn delete_logo(State(state): State<AppState>, caller: Caller) -> ApiResult<StatusCode> {
    caller.require_admin()?;
    let organisation = caller.organisation_id;
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    let version = directory::extended(&mut transaction, organisation).await?;
    if let Some(known) = settings::logo_facts(&mut transaction, organisation).await? {
        settings::remove_logo(&mut transaction, organisation, version).await?;
        let note = changed(&caller, Some(&known), None);
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
        transaction.commit().await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

fn changed(caller: &Caller, before: Option<&LogoFacts>, after: Option<&LogoFacts>) -> Note {
    Note::by_caller(caller, Action::OrganisationChanged)
        .about(SubjectKind::Organisation, caller.organisation_id.as_uuid())
        .with("logo", before.map(said), after.map(said))
}

/// A logo as the trail says it: what it is, and which.
fn said(logo: &LogoFacts) -> Said {
    let LogoFacts { media_type, width, height, sha256 } = logo;
    let digits = &sha256[..sha256.len().min(SAID_DIGITS)];
    format!("{media_type} {width} × {height} {digits}").into()
}
