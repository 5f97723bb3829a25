//! `GET /api/parts`.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, Filter, PartItem};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::http::page::{Page, PageQuery, search_query};
use crate::http::parameters::QueryOf;
use crate::sync::reach::scopes_of;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_parts))
}

/// Which parts are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Words, or beginnings of words, that must all be there.
    search: Option<String>,
}

/// Parts of the catalogue, in order of creation
#[utoipa::path(
    get, path = "/api/parts", tag = "parts", params(ListQuery, PageQuery),
    responses(
        (status = 200, body = Page<PartItem>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_parts(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<ListQuery>,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<Page<PartItem>>> {
    caller.require(Permission::PartRead)?;
    let limit = page.limit()?;
    let filter = Filter {
        search: query.search.as_deref().and_then(search_query),
        scopes: scopes_of(&caller.grants, DocumentKind::Part, Permission::PartRead),
        after: page.after,
        limit,
    };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let items = queries::list(&mut transaction, caller.organisation_id, &filter).await?;
    Ok(Json(Page::of(items, limit, |item| item.id)))
}
