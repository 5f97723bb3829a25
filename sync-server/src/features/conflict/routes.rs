//! `GET /api/conflicts`.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared_model::account::Problem;
use shared_model::document::FieldValue;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::queries::{self, ValueRow};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::database::tenant_transaction;
use crate::error::ApiResult;
use crate::sync::reach::Reach;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_conflicts))
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
    let rows = queries::list(&mut transaction, caller.organisation_id, &Reach::of(&caller.grants)).await?;
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
    Ok(Json(conflicts))
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
