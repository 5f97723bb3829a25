//! `DELETE /api/documents/{id}`: taking a document away that should not be there. It is decided here and with a
//! connection, never on a device: everybody who holds the document is told to forget it, and what comes for it later is
//! refused.

use axum::extract::State;
use axum::http::StatusCode;
use shared_model::account::Problem;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Permission;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::SyncNode;
use super::ingest::deletion::decide;
pub use super::ingest::deletion::{Fate, Outcome, Requester};
use crate::app_state::AppState;
use crate::auth::Caller;
use crate::error::{ApiError, ApiResult};
use crate::http::parameters::PathOf;

/// The route of deletions.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(delete_document))
}

impl SyncNode {
    /// Deletes a document, or brings it back.
    pub async fn decide_existence(
        &self,
        organisation: OrganisationId,
        document: DocumentId,
        fate: Fate,
        requester: Requester<'_>,
    ) -> anyhow::Result<Outcome> {
        let outcome = decide(&self.core, organisation, document, fate, requester).await?;
        if let Outcome::Done(seq) = outcome {
            let by = requester.grants.map(|grants| grants.person.to_string());
            tracing::info!(%organisation, %document, ?fate, by, seq, "the existence of a document is decided");
        }
        Ok(outcome)
    }
}

/// Delete a document
#[utoipa::path(
    delete, path = "/api/documents/{id}", tag = "sync", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "It is deleted, and every device forgets it"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such document, or not the caller's to see"),
        (
            status = 409, body = Problem,
            description = "named_elsewhere: others refer to it; `named_in` says what, and how many",
        ),
    )
)]
async fn delete_document(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    let (organisation, document) = (caller.organisation_id, DocumentId::from_uuid(id));
    let requester = Requester { grants: Some(&caller.grants), device: Some(caller.device_id) };
    match state.sync.decide_existence(organisation, document, Fate::Deleted, requester).await? {
        Outcome::Done(_) | Outcome::Already => Ok(StatusCode::NO_CONTENT),
        Outcome::Unknown => Err(ApiError::not_found()),
        Outcome::NotPermitted => Err(ApiError::forbidden("You do not have the right to do this.")
            .with("permission", Permission::DELETE_DOCUMENTS.code())),
        Outcome::Named(namers) => {
            let named_in = serde_json::to_value(namers).map_err(anyhow::Error::from)?;
            Err(ApiError::conflict(
                "named_elsewhere",
                "Others refer to this. Take it out of them first, or leave it where it is.",
            )
            .with("named_in", named_in))
        }
    }
}
