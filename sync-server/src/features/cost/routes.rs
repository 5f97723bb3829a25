//! `GET /api/costs`, for people who may see costs.

use axum::Json;
use axum::extract::{Query, State};
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::queries::{self, CostItem, Filter};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::http::page::{Page, PageQuery};
use crate::sync::reach::scopes_of;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_costs))
}

/// Which costs are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Spent on this work order or asset.
    document: Option<Uuid>,
}

/// Costs of documents whose costs the caller may see, in order of entry
#[utoipa::path(
    get, path = "/api/costs", tag = "costs", params(ListQuery, PageQuery),
    responses(
        (status = 200, body = Page<CostItem>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_costs(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<ListQuery>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<CostItem>>> {
    caller.require(Permission::CostRead)?;
    let limit = page.limit()?;
    let scopes = |kind| scopes_of(&caller.grants, kind, Permission::CostRead);
    let filter = Filter {
        document: query.document,
        work_order_scopes: scopes(DocumentKind::WorkOrder),
        asset_scopes: scopes(DocumentKind::Asset),
        after: page.after,
        limit,
    };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let items = queries::list(&mut transaction, caller.organisation_id, &filter).await?;
    Ok(Json(Page::of(items, limit, |item| item.id)))
}
