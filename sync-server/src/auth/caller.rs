//! The person behind a request.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use shared_model::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use shared_model::permission::{Grants, Permission, Scope};

use super::token::Token;
use super::{api_key, rotation};
use crate::app_state::AppState;
use crate::audit::denials;
use crate::error::{ApiError, ApiResult};

/// Who calls, on which device, with which rights. As an extractor it refuses whoever is not signed in and has no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Their tenant.
    pub organisation_id: OrganisationId,
    /// They.
    pub person_id: PersonId,
    /// The install they use.
    pub device_id: DeviceId,
    /// Their session; nothing for a program with a key of theirs.
    pub session_id: Option<SessionId>,
    /// What they may do now.
    pub grants: Grants,
    /// Their organisation asks for a second factor, and they have none yet: nothing else is for them.
    pub awaits_factor: bool,
    /// The install is to hand in what it has and erase itself.
    pub is_to_wipe: bool,
}

impl Caller {
    /// Whoever holds this token of a session, on the install that is named.
    pub async fn of_session(state: &AppState, token: &str, named: Option<DeviceId>) -> ApiResult<Self> {
        let token = Token::parse(token).ok_or_else(ApiError::not_signed_in)?;
        Ok(rotation::session_of(state, &token, named).await?.session.caller)
    }

    /// Who opens a socket with a session's token. Of a storm, those who cannot be let in now must not cost a look into the
    /// database.
    pub async fn of_newcomer(state: &AppState, token: &str, named: Option<DeviceId>) -> ApiResult<Self> {
        let organisation = Token::parse(token).ok_or_else(ApiError::not_signed_in)?.organisation;
        state.admission.look(organisation, state.clock.now())?;
        let caller = Self::of_session(state, token, named).await?.settled()?;
        state.admission.enter(organisation, state.clock.now())?;
        Ok(caller)
    }

    /// Refuses whoever has to set up a second factor first.
    fn settled(self) -> ApiResult<Self> {
        if !self.awaits_factor {
            return Ok(self);
        }
        let title = "Your organisation asks for a second factor. Set one up first; what is on your device stays there.";
        Err(ApiError::new(StatusCode::FORBIDDEN, "second_factor_due", title))
    }

    /// The session, for what only people do themselves.
    pub fn session(&self) -> ApiResult<SessionId> {
        self.session_id.ok_or_else(|| {
            let title = "A program with a key cannot do this. Sign in to do it.";
            ApiError::new(StatusCode::FORBIDDEN, "session_required", title)
        })
    }

    /// Refuses all but people who administer the whole organisation: only a grant without a limit reaches what belongs nowhere.
    pub fn require_admin(&self) -> ApiResult<()> {
        self.session()?;
        self.require_on(Permission::OrganisationAdmin, &[])
    }

    /// Refuses unless some grant holds `permission`; scopes are judged against the document itself.
    pub fn require(&self, permission: Permission) -> ApiResult<()> {
        if self.grants.hold(permission) { Ok(()) } else { Err(lacking(permission)) }
    }

    /// Refuses unless `permission` reaches a document with these scopes, which the caller may read.
    pub fn require_on(&self, permission: Permission, scopes: &[Scope]) -> ApiResult<()> {
        if self.grants.allow(permission, scopes) { Ok(()) } else { Err(lacking(permission)) }
    }
}

fn lacking(permission: Permission) -> ApiError {
    ApiError::forbidden("You do not have the right to do this.").with("permission", permission.code())
}

/// The same, also while their second factor is not set up: for setting it up, and for leaving.
pub struct Newcomer(pub Caller);

impl FromRequestParts<AppState> for Newcomer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let caller = match api_key::of_headers(&parts.headers) {
            Some(key) => api_key::caller(state, key).await?,
            None => {
                let held = state.cookie.read(&parts.headers).ok_or_else(ApiError::not_signed_in)?;
                Caller::of_session(state, held.token, held.device).await?
            }
        };
        denials::identify(parts, &caller);
        Ok(Self(caller))
    }
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let Newcomer(caller) = Newcomer::from_request_parts(parts, state).await?;
        caller.settled()
    }
}
