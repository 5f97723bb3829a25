//! `/api/organisation/security`: whom an organisation asks for a second factor.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::audit::{Action, SubjectKind};
use shared_model::second_factor::SecurityRules;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::proof::require_fresh;
use super::rules;
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::http::json::JsonBody;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_security, change_security))
}

/// What the organisation asks of its people
#[utoipa::path(
    get, path = "/api/organisation/security", tag = "organisation",
    responses((status = 200, body = SecurityRules), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn get_security(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<SecurityRules>> {
    caller.require_admin()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(rules::read(&mut transaction, caller.organisation_id).await?))
}

/// Ask something else of people
///
/// It holds from everybody's next sign-in on. Whoever has no second factor then sets one up before anything else.
#[utoipa::path(
    put, path = "/api/organisation/security", tag = "organisation", request_body = SecurityRules,
    responses(
        (status = 200, body = SecurityRules), (status = 400, body = Problem), (status = 401, body = Problem),
        (status = 403, description = "forbidden, proof_required", body = Problem),
        (status = 422, body = Problem),
    )
)]
async fn change_security(
    State(state): State<AppState>,
    caller: Caller,
    JsonBody(wanted): JsonBody<SecurityRules>,
) -> ApiResult<Json<SecurityRules>> {
    caller.require_admin()?;
    let (organisation, now) = (caller.organisation_id, state.clock.now());
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    require_fresh(&mut transaction, &caller, now).await?;
    let known = rules::read(&mut transaction, organisation).await?;
    if known != wanted {
        rules::write(&mut transaction, organisation, wanted).await?;
        let said = |rules: SecurityRules| Some(rules.second_factor_required_for.code().into());
        let note = Note::by_caller(&caller, Action::SecurityRulesChanged)
            .about(SubjectKind::Organisation, organisation.as_uuid())
            .with("second_factor_required_for", said(known), said(wanted));
        audit::append(&mut transaction, organisation, note, now).await?;
        transaction.commit().await?;
    }
    Ok(Json(wanted))
}
