//! What is asked of the server about people, roles, teams and keys.

use shared_model::api_key::{ApiKey, IssuedApiKey, NewApiKey};
use shared_model::custom_role::{ListedRole, NewRole, RoleChange};
use shared_model::directory::DirectoryTeam;
use shared_model::identity::{DeviceId, PersonId};
use shared_model::people::{Member, MemberChange, NewMember, TeamName, WayIn};
use shared_model::permission::RoleKey;
use yew::AttrValue;

use crate::locale::t;
use crate::session::{ApiProblem, ask, call};

const PEOPLE: &str = "/api/people";
const ROLES: &str = "/api/roles";
const TEAMS: &str = "/api/teams";
const KEYS: &str = "/api/api-keys";
const NOTHING: Option<&()> = None;

pub(super) async fn people() -> Result<Vec<Member>, ApiProblem> {
    call("GET", PEOPLE, NOTHING).await
}

pub(super) async fn person(id: PersonId) -> Result<Member, ApiProblem> {
    call("GET", &format!("{PEOPLE}/{id}"), NOTHING).await
}

pub(super) async fn invite(new: &NewMember) -> Result<WayIn, ApiProblem> {
    call("POST", PEOPLE, Some(new)).await
}

pub(super) async fn change(id: PersonId, change: &MemberChange) -> Result<Member, ApiProblem> {
    call("PATCH", &format!("{PEOPLE}/{id}"), Some(change)).await
}

pub(super) async fn let_in(id: PersonId) -> Result<WayIn, ApiProblem> {
    call("POST", &format!("{PEOPLE}/{id}/links"), NOTHING).await
}

pub(super) async fn sign_out_everywhere(id: PersonId) -> Result<(), ApiProblem> {
    ask("DELETE", &format!("/api/sessions?person={id}"), None).await.map(drop)
}

/// Erases what is known of somebody; gives what is left.
pub(super) async fn erase(id: PersonId) -> Result<Member, ApiProblem> {
    ask("POST", &format!("{PEOPLE}/{id}/erase"), None).await?;
    person(id).await
}

pub(super) async fn reset_factors(id: PersonId) -> Result<Member, ApiProblem> {
    call("DELETE", &format!("{PEOPLE}/{id}/factors"), NOTHING).await
}

pub(super) async fn teams() -> Result<Vec<DirectoryTeam>, ApiProblem> {
    call("GET", TEAMS, NOTHING).await
}

pub(super) async fn create_team(name: String) -> Result<DirectoryTeam, ApiProblem> {
    call("POST", TEAMS, Some(&TeamName { name })).await
}

pub(super) async fn roles() -> Result<Vec<ListedRole>, ApiProblem> {
    call("GET", ROLES, NOTHING).await
}

pub(super) async fn create_role(new: &NewRole) -> Result<ListedRole, ApiProblem> {
    call("POST", ROLES, Some(new)).await
}

pub(super) async fn change_role(role: RoleKey, change: &RoleChange) -> Result<ListedRole, ApiProblem> {
    call("PATCH", &format!("{ROLES}/{role}"), Some(change)).await
}

pub(super) async fn keys() -> Result<Vec<ApiKey>, ApiProblem> {
    call("GET", KEYS, NOTHING).await
}

pub(super) async fn create_key(new: &NewApiKey) -> Result<IssuedApiKey, ApiProblem> {
    call("POST", KEYS, Some(new)).await
}

pub(super) async fn revoke_key(id: DeviceId) -> Result<(), ApiProblem> {
    ask("DELETE", &format!("{KEYS}/{id}"), None).await.map(drop)
}

/// Why it did not work, for whoever tried.
pub(super) fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "email_taken" => t!("people-email-taken"),
        "last_admin" => t!("people-last-admin"),
        "yourself" => t!("people-yourself"),
        "legal_hold" => t!("people-held"),
        "name_taken" => t!("people-name-taken"),
        "beyond_your_rights" => t!("people-beyond"),
        "role_changed" => t!("roles-changed"),
        "too_many_keys" => t!("keys-too-many"),
        "forbidden" => t!("people-forbidden"),
        "not_signed_in" | "session_replayed" => t!("people-sign-in"),
        "value" | "invalid_email" => t!("people-value"),
        _ => t!("people-unreachable"),
    }
}
