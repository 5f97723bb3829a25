//! The SQL that reads conflicts. Who stands behind an actor comes from the directory.

use chrono::{DateTime, Utc};
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::sync::reach::Reach;

/// One concurrent value.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct ValueRow {
    pub(super) doc_id: Uuid,
    pub(super) doc_kind: String,
    pub(super) field: String,
    pub(super) value: String,
    pub(super) shown: bool,
    pub(super) at: DateTime<Utc>,
    pub(super) person_id: Option<Uuid>,
    pub(super) device_id: Option<Uuid>,
}

/// The values of every unsettled field of documents within reach.
pub(super) async fn list(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    reach: &Reach,
) -> sqlx::Result<Vec<ValueRow>> {
    sqlx::query_as(
        "select conflict.doc_id, conflict.doc_kind, conflict.field, conflict.value, conflict.shown, conflict.at,
                actor.person_id, actor.device_id
         from conflict
         join document on document.organization_id = conflict.organization_id
                      and document.doc_id = conflict.doc_id
         left join actor on actor.organization_id = conflict.organization_id
                        and actor.actor_id = conflict.actor
         where conflict.organization_id = $1
           and (document.kind = any ($2) or (document.kind = any ($3) and document.scopes && $4))
         order by conflict.doc_id, conflict.field, conflict.position
         limit 5000",
    )
    .bind(organisation.as_uuid())
    .bind(&reach.whole_kinds)
    .bind(&reach.scoped_kinds)
    .bind(&reach.scopes)
    .fetch_all(connection)
    .await
}
