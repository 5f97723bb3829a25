//! `GET /api/conflicts` and `GET /api/inbox`.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::account::Problem;
use shared_model::document::{DocumentKind, FieldValue};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::queries::{self, ValueRow};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::features::asset::{self, DuplicateTag};
use crate::features::stock_movement::{self, DiscrepancyItem};
use crate::features::work_order::{self, NoticeItem};
use crate::sync::reach::{Reach, scopes_of};

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_conflicts)).routes(routes!(read_inbox))
}

/// A field with several values.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Conflict {
    /// The document.
    document: Uuid,
    /// Its kind.
    kind: String,
    /// Path of the field, joined with `/`.
    field: String,
    /// The values, the shown one first.
    values: Vec<Value>,
}

/// One of them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Value {
    /// The value.
    #[schema(value_type = Object)]
    value: Option<FieldValue>,
    /// Is it the one that is shown?
    shown: bool,
    /// Who wrote it.
    person: Option<Uuid>,
    /// On which device.
    device: Option<Uuid>,
    /// When, by the clock of that device.
    at: DateTime<Utc>,
}

/// Fields that wait for somebody to choose, of documents the caller may read
#[utoipa::path(
    get, path = "/api/conflicts", tag = "conflicts",
    responses((status = 200, body = Vec<Conflict>), (status = 401, body = Problem))
)]
async fn list_conflicts(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Vec<Conflict>>> {
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    Ok(Json(conflicts(&mut transaction, &caller).await?))
}

async fn conflicts(connection: &mut PgConnection, caller: &Caller) -> sqlx::Result<Vec<Conflict>> {
    let rows = queries::list(connection, caller.organisation_id, &Reach::of(&caller.grants)).await?;
    let mut conflicts: Vec<Conflict> = Vec::new();
    for row in rows {
        let is_next =
            conflicts.last().is_some_and(|last| last.document == row.doc_id && last.field == row.field);
        if !is_next {
            let (document, kind, field) = (row.doc_id, row.doc_kind.clone(), row.field.clone());
            conflicts.push(Conflict { document, kind, field, values: Vec::new() });
        }
        if let Some(conflict) = conflicts.last_mut() {
            conflict.values.push(value(&row));
        }
    }
    Ok(conflicts)
}

fn value(row: &ValueRow) -> Value {
    Value {
        value: serde_json::from_str(&row.value).ok(),
        shown: row.shown,
        person: row.person_id,
        device: row.device_id,
        at: row.at,
    }
}

/// Everything that waits for somebody to look at it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Inbox {
    /// Fields with several values.
    conflicts: Vec<Conflict>,
    /// What the server accepted and set right, newest first.
    notices: Vec<NoticeItem>,
    /// Balances below zero.
    stock_discrepancies: Vec<DiscrepancyItem>,
    /// Tags that more than one asset has.
    duplicate_tags: Vec<DuplicateTag>,
}

/// What waits for somebody to reconcile it, of documents the caller may read
#[utoipa::path(
    get, path = "/api/inbox", tag = "conflicts",
    responses((status = 200, body = Inbox), (status = 401, body = Problem))
)]
async fn read_inbox(State(state): State<AppState>, caller: Caller) -> ApiResult<Json<Inbox>> {
    let organisation = caller.organisation_id;
    let scopes = |kind: DocumentKind| scopes_of(&caller.grants, kind, kind.read_permission());
    let orders = scopes(DocumentKind::WorkOrder);
    let (storerooms, assets) = (scopes(DocumentKind::Storeroom), scopes(DocumentKind::Asset));
    let mut transaction = tenant_transaction(&state.pool, organisation).await?;
    Ok(Json(Inbox {
        conflicts: conflicts(&mut transaction, &caller).await?,
        notices: work_order::open_notices(&mut transaction, organisation, orders.as_deref()).await?,
        stock_discrepancies: stock_movement::open_discrepancies(
            &mut transaction,
            organisation,
            storerooms.as_deref(),
        )
        .await?,
        duplicate_tags: asset::duplicate_tags(&mut transaction, organisation, assets.as_deref()).await?,
    }))
}
