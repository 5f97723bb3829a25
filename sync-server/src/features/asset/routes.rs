//! `GET /api/assets`.

use axum::Json;
use axum::extract::State;
use shared_model::account::Problem;
use shared_model::document::DocumentKind;
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::queries::{self, AssetItem, DuplicateTag, Filter};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::http::page::{Page, PageQuery, search_query};
use crate::http::parameters::QueryOf;
use crate::sync::reach::scopes_of;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_assets)).routes(routes!(list_duplicate_tags))
}

/// Which assets are wanted.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Words, or beginnings of words, that must all be there.
    search: Option<String>,
}

/// Assets the caller may read, in order of creation
#[utoipa::path(
    get, path = "/api/assets", tag = "assets", params(ListQuery, PageQuery),
    responses(
        (status = 200, body = Page<AssetItem>),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_assets(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(query): QueryOf<ListQuery>,
    QueryOf(page): QueryOf<PageQuery>,
) -> ApiResult<Json<Page<AssetItem>>> {
    caller.require(Permission::AssetRead)?;
    let limit = page.limit()?;
    let filter = Filter {
        search: query.search.as_deref().and_then(search_query),
        scopes: scopes_of(&caller.grants, DocumentKind::Asset, Permission::AssetRead),
        after: page.after,
        limit,
    };
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let items = queries::list(&mut transaction, caller.organisation_id, &filter).await?;
    Ok(Json(Page::of(items, limit, |item| item.id)))
}

/// Tags that more than one asset has
///
/// Two devices may give the same tag while they cannot hear of each other. Both assets are kept; somebody has to
/// give one of them another tag.
#[utoipa::path(
    get, path = "/api/assets/duplicate-tags", tag = "assets",
    responses(
        (status = 200, body = Vec<DuplicateTag>), (status = 401, body = Problem), (status = 403, body = Problem),
    )
)]
async fn list_duplicate_tags(
    State(state): State<AppState>,
    caller: Caller,
) -> ApiResult<Json<Vec<DuplicateTag>>> {
    caller.require(Permission::AssetRead)?;
    let scopes = scopes_of(&caller.grants, DocumentKind::Asset, Permission::AssetRead);
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let tags = queries::duplicate_tags(&mut transaction, caller.organisation_id, scopes.as_deref()).await?;
    Ok(Json(tags))
}
