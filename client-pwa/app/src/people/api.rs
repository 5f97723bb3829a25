//! What is asked of the server about people and teams.

use shared_model::directory::DirectoryTeam;
use shared_model::identity::PersonId;
use shared_model::people::{Member, MemberChange, NewMember, TeamName, WayIn};
use yew::AttrValue;

use crate::locale::t;
use crate::session::{ApiProblem, ask, call};

const PEOPLE: &str = "/api/people";
const TEAMS: &str = "/api/teams";
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

/// Why it did not work, for whoever tried.
pub(super) fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "email_taken" => t!("people-email-taken"),
        "last_admin" => t!("people-last-admin"),
        "yourself" => t!("people-yourself"),
        "legal_hold" => t!("people-held"),
        "name_taken" => t!("people-team-taken"),
        "forbidden" => t!("people-forbidden"),
        "not_signed_in" | "session_replayed" => t!("people-sign-in"),
        "value" | "invalid_email" => t!("people-value"),
        _ => t!("people-unreachable"),
    }
}
