//! `/api/sessions`: where a person is signed in, and signing out there. Everybody sees and ends their own; whoever
//! administers the organisation those of others, because a lost phone is reported by telephone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use shared_model::account::{OpenSession, Problem};
use shared_model::audit::{Action, SubjectKind};
use shared_model::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use shared_model::permission::{Permission, Scope};
use sqlx::PgConnection;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::Caller;
use crate::app_state::AppState;
use crate::audit::{self, Note};
use crate::clock::{from_utc, to_utc};
use crate::database::{TenantTransaction, tenant_transaction};
use crate::error::{ApiError, ApiResult};
use crate::http::parameters::{PathOf, QueryOf};

/// People belong to no site: only a grant without a limit reaches them.
pub(super) const EVERYWHERE: &[Scope] = &[];

/// The routes of open sessions.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_sessions, end_other_sessions)).routes(routes!(end_session))
}

/// Whose sessions.
#[derive(serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Whose {
    /// The person; nothing for the caller.
    person: Option<Uuid>,
}

impl Whose {
    /// The person, if there is one and the caller may ask.
    pub(super) async fn checked(
        &self,
        caller: &Caller,
        connection: &mut PgConnection,
    ) -> ApiResult<PersonId> {
        let Some(person) = self.person.map(PersonId::from_uuid).filter(|person| *person != caller.person_id)
        else {
            return Ok(caller.person_id);
        };
        caller.require_on(Permission::OrganisationAdmin, EVERYWHERE)?;
        let is_there: bool = sqlx::query_scalar(
            "select exists (select from person where organization_id = $1 and person_id = $2)",
        )
        .bind(caller.organisation_id.as_uuid())
        .bind(person.as_uuid())
        .fetch_one(connection)
        .await?;
        if is_there { Ok(person) } else { Err(ApiError::not_found()) }
    }
}

/// Where somebody is signed in, last used first
#[utoipa::path(
    get, path = "/api/sessions", tag = "session", params(Whose),
    responses(
        (status = 200, body = Vec<OpenSession>), (status = 400, body = Problem),
        (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such person"),
    )
)]
async fn list_sessions(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(whose): QueryOf<Whose>,
) -> ApiResult<Json<Vec<OpenSession>>> {
    let here = caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let person = whose.checked(&caller, &mut transaction).await?;
    let now = to_utc(state.clock.now());
    let rows = open_sessions(&mut transaction, caller.organisation_id, person, now).await?;
    Ok(Json(rows.into_iter().map(|row| row.seen_from(here)).collect()))
}

/// Sign out somewhere
#[utoipa::path(
    delete, path = "/api/sessions/{id}", tag = "session", params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "That session has ended, and its sockets are closed"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such session, or not the caller's to end"),
    )
)]
async fn end_session(
    State(state): State<AppState>,
    caller: Caller,
    PathOf(id): PathOf<Uuid>,
) -> ApiResult<StatusCode> {
    caller.session()?;
    let is_admin = caller.grants.allow(Permission::OrganisationAdmin, EVERYWHERE);
    let owner = (!is_admin).then_some(caller.person_id);
    let transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let session = End::One(SessionId::from_uuid(id));
    let ended = end(&state, transaction, &caller, owner, session).await?;
    if ended.is_empty() { Err(ApiError::not_found()) } else { Ok(StatusCode::NO_CONTENT) }
}

/// Sign out everywhere else
///
/// Of the caller, everywhere but here; of somebody else, everywhere.
#[utoipa::path(
    delete, path = "/api/sessions", tag = "session", params(Whose),
    responses(
        (status = 204, description = "Those sessions have ended, and their sockets are closed"),
        (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
        (status = 404, body = Problem, description = "No such person"),
    )
)]
async fn end_other_sessions(
    State(state): State<AppState>,
    caller: Caller,
    QueryOf(whose): QueryOf<Whose>,
) -> ApiResult<StatusCode> {
    let here = caller.session()?;
    let mut transaction = tenant_transaction(&state.pool, caller.organisation_id).await?;
    let person = whose.checked(&caller, &mut transaction).await?;
    end(&state, transaction, &caller, Some(person), End::AllBut(here)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(sqlx::FromRow)]
struct OpenRow {
    session_id: Uuid,
    device_id: Uuid,
    device_name: String,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl OpenRow {
    fn seen_from(self, session: SessionId) -> OpenSession {
        let id = SessionId::from_uuid(self.session_id);
        OpenSession {
            id,
            device: DeviceId::from_uuid(self.device_id),
            device_name: self.device_name,
            created_at: from_utc(self.created_at),
            last_used_at: from_utc(self.last_used_at),
            expires_at: from_utc(self.expires_at),
            is_current: id == session,
        }
    }
}

async fn open_sessions(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<OpenRow>> {
    sqlx::query_as(
        "select session_id, session.device_id, device.name as device_name, session.created_at, last_used_at, expires_at
         from session join device on device.organization_id = session.organization_id
                                 and device.device_id = session.device_id
         where session.organization_id = $1 and session.person_id = $2 and expires_at > $3
           and device.revoked_at is null
         order by last_used_at desc, session_id",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(now)
    .fetch_all(connection)
    .await
}

/// Which sessions end.
pub(super) enum End {
    One(SessionId),
    AllBut(SessionId),
    On(DeviceId),
}

/// Ends sessions, of this person or of anybody, and tells their sockets. Returns them.
pub(super) async fn end(
    state: &AppState,
    mut transaction: TenantTransaction,
    caller: &Caller,
    owner: Option<PersonId>,
    which: End,
) -> ApiResult<Vec<SessionId>> {
    let (one, but, on) = match which {
        End::One(session) => (Some(session.as_uuid()), None, None),
        End::AllBut(session) => (None, Some(session.as_uuid()), None),
        End::On(device) => (None, None, Some(device.as_uuid())),
    };
    let organisation = caller.organisation_id;
    let ended: Vec<(Uuid, Uuid)> = sqlx::query_as(
        "delete from session
         where organization_id = $1 and ($2::uuid is null or person_id = $2)
           and ($3::uuid is null or session_id = $3) and ($4::uuid is null or session_id <> $4)
           and ($5::uuid is null or device_id = $5)
         returning session_id, person_id",
    )
    .bind(organisation.as_uuid())
    .bind(owner.map(PersonId::as_uuid))
    .bind(one)
    .bind(but)
    .bind(on)
    .fetch_all(&mut *transaction)
    .await?;
    for (session, person) in &ended {
        let note = Note::by_caller(caller, Action::SessionEnded).about(SubjectKind::Session, *session);
        let note = note.with("person", Some(person.to_string().into()), None);
        audit::append(&mut transaction, organisation, note, state.clock.now()).await?;
    }
    transaction.commit().await?;
    let ended: Vec<SessionId> = ended.into_iter().map(|(session, _)| SessionId::from_uuid(session)).collect();
    ended.iter().for_each(|session| state.sync.wake().session_ended(*session));
    Ok(ended)
}
