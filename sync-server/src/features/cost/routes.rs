//! `GET /api/costs`, `/api/labour-rates` and `/api/work-orders/{id}/cost`, for people who may see costs.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::features as model;
use shared_model::features::cost::{WorkOrderCost, work_order_cost};
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::queries::{self, CostItem, Filter, RateFilter, RateItem};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::document_store;
use crate::error::{ApiError, ApiResult};
use crate::http::page::{Page, PageQuery};
use crate::http::parameters::{PathOf, QueryOf};
use crate::sync::reach::scopes_of;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_costs))
        .routes(routes!(list_rates))
        .routes(routes!(get_work_order_cost))
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
    QueryOf(query): QueryOf<ListQuery>,
    QueryOf(page): QueryOf<PageQuery>,
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

/// Which rates are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct RatesQuery {
    /// Of this site.
    site: Option<Uuid>,
}

/// What an hour of work costs where, in order of entry
#[utoipa::path(
    get, path = "/api/labour-rates", tag = "costs", params(RatesQuery, PageQuery),
    responses(
        (status = 200, body = Page<RateItem>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_rates(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<RatesQuery>,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<Page<RateItem>>> {
    caller.require(Permission::CostRead)?;
    let limit = page.limit()?;
    let filter = RateFilter {
        site: query.site,
        scopes: scopes_of(&caller.grants, DocumentKind::Location, Permission::CostRead),
        after: page.after,
        limit,
    };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let items = queries::rates(&mut transaction, caller.organisation_id, &filter).await?;
    Ok(Json(Page::of(items, limit, |item| item.id)))
}

/// What a work order cost: entries, hours at the rates of its site, and the sums
#[utoipa::path(
    get, path = "/api/work-orders/{id}/cost", tag = "costs", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem),
    )
)]
async fn get_work_order_cost(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<WorkOrderCost>> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let wanted = [DocumentId::from_uuid(id)];
    let found = document_store::read(&mut transaction, caller.organisation_id, &wanted).await?;
    let order = found.into_iter().find(|order| {
        let kind = DocumentKind::WorkOrder;
        order.document.kind() == kind && caller.grants.read_document(kind, &model::scopes(order))
    });
    // Whoever may not read it learns nothing; whoever may hears what is missing.
    let order = order.ok_or_else(ApiError::not_found)?;
    caller.require_on(Permission::CostRead, &model::scopes(&order))?;
    let site: Vec<DocumentId> = order.document.peek("site").into_iter().collect();
    let site = document_store::read(&mut transaction, caller.organisation_id, &site).await?;
    let site = site.into_iter().find(|site| {
        let (kind, scopes) = (DocumentKind::Location, model::scopes(site));
        site.document.kind() == kind
            && caller.grants.read_document(kind, &scopes)
            && caller.grants.allow(Permission::CostRead, &scopes)
    });
    Ok(Json(work_order_cost(&order, site.as_ref())))
}
