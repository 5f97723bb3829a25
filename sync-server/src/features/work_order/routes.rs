//! `GET /api/work-orders`.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::features::work_order::Status;
use shared_model::features::{self as model, View};
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::list::Filter;
use super::queries::{self, WorkOrderItem};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::{tenant_lists, tenant_transaction};
use crate::document_store;
use crate::error::{ApiError, ApiResult};
use crate::http::page::{Page, PageQuery, search_query};
use crate::http::parameters::{PathOf, QueryOf};
use crate::sync::reach::scopes_of;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_work_orders)).routes(routes!(get_work_order))
}

/// Which work orders are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Statuses, separated by commas.
    status: Option<String>,
    /// Words, or beginnings of words, that must all be there.
    search: Option<String>,
    /// Assigned to this person.
    person: Option<Uuid>,
}

/// Work orders the caller may read, newest first
#[utoipa::path(
    get, path = "/api/work-orders", tag = "work orders", params(ListQuery, PageQuery),
    responses(
        (status = 200, body = Page<WorkOrderItem>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_work_orders(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<ListQuery>,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<Page<WorkOrderItem>>> {
    caller.require(Permission::WorkOrderRead)?;
    let limit = page.limit()?;
    let filter = Filter {
        statuses: query.status.as_deref().map(statuses).transpose()?,
        search: query.search.as_deref().and_then(search_query),
        person: query.person,
        scopes: scopes_of(&caller.grants, DocumentKind::WorkOrder, Permission::WorkOrderRead),
        after: page.after,
        limit,
    };
    let mut transaction = tenant_lists(&state.pool, caller.organisation_id).await?;
    let items = queries::list(&mut transaction, caller.organisation_id, &filter).await?;
    Ok(Json(Page::of(items, limit, |item| item.id)))
}

fn statuses(text: &str) -> ApiResult<Vec<String>> {
    let known = |code: &str| {
        let status = Status::from_code(code.trim());
        let unknown = || ApiError::bad_request("unknown_status", format!("“{code}” is not a status."));
        status.map(|status| status.code().to_owned()).ok_or_else(unknown)
    };
    text.split(',').map(known).collect()
}

/// A work order with everything that belongs to it but costs
#[utoipa::path(
    get, path = "/api/work-orders/{id}", tag = "work orders", params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = Object),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 404, body = Problem),
    )
)]
async fn get_work_order(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<Json<View>> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let wanted = [DocumentId::from_uuid(id)];
    let found = document_store::read(&mut transaction, caller.organisation_id, &wanted).await?;
    let kind = DocumentKind::WorkOrder;
    let readable = found.into_iter().find(|aggregate| {
        aggregate.document.kind() == kind && caller.grants.read_document(kind, &model::scopes(aggregate))
    });
    Ok(Json(model::view(&readable.ok_or_else(ApiError::not_found)?)))
}
