//! What can be written down of a person or a team, and what cannot.

use shared_model::document::DocumentKind;
use shared_model::identity::{OrganisationId, TeamId};
use shared_model::input::MAX_NAME_BYTES;
use shared_model::people::Language;
use shared_model::permission::{GrantLimit, RoleGrant};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::auth;
use crate::directory;
use crate::error::{ApiError, ApiResult};

/// More roles than anybody needs; each costs every look at a session.
const MAX_ROLES: usize = 32;
const MAX_TEAMS: usize = 100;

pub(crate) fn name(field: &'static str, text: &str) -> ApiResult<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_NAME_BYTES || text.contains(char::is_control) {
        return Err(ApiError::wrong_value(
            field,
            format!("A name is needed, of one line and at most {MAX_NAME_BYTES} bytes."),
        ));
    }
    Ok(text.to_owned())
}

/// An address that emails can be sent to.
pub(super) fn email(text: &str) -> ApiResult<String> {
    let email = auth::checked_email(text)?;
    match email.parse::<lettre::Address>() {
        Ok(_) => Ok(email),
        Err(_) => Err(ApiError::wrong_value("email", "That is not an e-mail address.")),
    }
}

pub(super) fn language(code: &str) -> ApiResult<Language> {
    let advice = || {
        ApiError::wrong_value("language", format!("Emails are written in {}.", Language::CODES.join(" or ")))
    };
    Language::from_code(code).ok_or_else(advice)
}

/// Roles that reach places and teams that are there, each once.
pub(super) async fn roles(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    roles: &[RoleGrant],
) -> ApiResult<Vec<RoleGrant>> {
    let mut distinct: Vec<RoleGrant> = Vec::new();
    for grant in roles {
        if !distinct.contains(grant) {
            distinct.push(*grant);
        }
    }
    if distinct.is_empty() || distinct.len() > MAX_ROLES {
        return Err(ApiError::wrong_value(
            "roles",
            format!("A person has at least one role and at most {MAX_ROLES}."),
        ));
    }
    for grant in &distinct {
        limit(connection, organisation, "roles", grant.limit).await?;
    }
    Ok(distinct)
}

/// A limit to a place or a team that is there.
pub(super) async fn limit(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    field: &'static str,
    limit: GrantLimit,
) -> ApiResult<()> {
    match limit {
        GrantLimit::Organisation | GrantLimit::Own => Ok(()),
        GrantLimit::Site(site) if is_place(connection, organisation, site.as_uuid()).await? => Ok(()),
        GrantLimit::Site(_) => {
            Err(ApiError::wrong_value(field, "This is limited to a site that is not there."))
        }
        GrantLimit::Team(team) => teams(connection, organisation, &[team])
            .await
            .map_err(|_| ApiError::wrong_value(field, "This is limited to a team that is not there.")),
    }
}

/// Teams that are there.
pub(super) async fn teams(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    teams: &[TeamId],
) -> ApiResult<()> {
    if teams.len() > MAX_TEAMS {
        return Err(ApiError::wrong_value("teams", format!("A person is in at most {MAX_TEAMS} teams.")));
    }
    let known = directory::known_teams(connection, organisation, teams).await?;
    if teams.iter().all(|team| known.contains(team)) {
        return Ok(());
    }
    Err(ApiError::wrong_value("teams", "There is no such team."))
}

async fn is_place(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    id: Uuid,
) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from document where organization_id = $1 and doc_id = $2 and kind = $3)",
    )
    .bind(organisation.as_uuid())
    .bind(id)
    .bind(DocumentKind::Location.code())
    .fetch_one(connection)
    .await
}

/// A table does not take a value that somebody else has already.
pub(super) fn taken(error: sqlx::Error, constraint: &str, refusal: ApiError) -> ApiError {
    let is_it = error.as_database_error().and_then(|error| error.constraint()) == Some(constraint);
    if is_it { refusal } else { ApiError::from(error) }
}
