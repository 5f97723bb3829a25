//! What the audit trail says about people and teams. Names and addresses are not in it: that they changed is.

use shared_model::api_key::ApiKey;
use shared_model::audit::{Action, Said, SubjectKind};
use shared_model::identity::{PersonId, TeamId};
use shared_model::people::{LinkPurpose, Member};
use shared_model::permission::{GrantLimit, RoleGrant};

use crate::audit::Note;
use crate::auth::Caller;

/// Somebody is to join.
pub(super) fn created(caller: &Caller, member: &Member) -> Note {
    let note = Note::by_caller(caller, Action::PersonCreated).about_person(member.id);
    let [language, standing, roles, teams] = described(member);
    let said = [("language", language), ("standing", standing), ("roles", roles), ("teams", teams)];
    said.into_iter().fold(note, |note, (field, value)| note.with(field, None, Some(value)))
}

/// Somebody is otherwise than before.
pub(super) fn changed(caller: &Caller, before: &Member, after: &Member) -> Note {
    let mut note = Note::by_caller(caller, Action::PersonChanged).about_person(after.id);
    let hidden =
        [("display_name", before.display_name != after.display_name), ("email", before.email != after.email)];
    for (field, _) in hidden.into_iter().filter(|(_, is_changed)| *is_changed) {
        note = note.with(field, None, None);
    }
    let fields = ["language", "standing", "roles", "teams"];
    for (field, (before, after)) in
        fields.into_iter().zip(described(before).into_iter().zip(described(after)))
    {
        if before != after {
            note = note.with(field, Some(before), Some(after));
        }
    }
    note
}

fn described(member: &Member) -> [Said; 4] {
    let Member { language, standing, roles, teams, .. } = member;
    let teams = teams.iter().map(ToString::to_string).collect();
    [language.as_str().into(), standing.code().into(), roles_said(roles), teams]
}

/// Roles as the trail says them.
pub fn roles_said(roles: &[RoleGrant]) -> Said {
    let said = |grant: &RoleGrant| {
        let role = grant.role.code();
        match grant.limit {
            GrantLimit::Organisation => role.to_owned(),
            limit => format!("{role} {}", limit_said(limit)),
        }
    };
    roles.iter().map(said).collect()
}

fn limit_said(limit: GrantLimit) -> String {
    match limit {
        GrantLimit::Organisation => "organisation".to_owned(),
        GrantLimit::Own => "own".to_owned(),
        GrantLimit::Site(site) => format!("site:{site}"),
        GrantLimit::Team(team) => format!("team:{team}"),
    }
}

/// Somebody gets a link.
pub(super) fn let_in(caller: &Caller, person: PersonId, purpose: LinkPurpose) -> Note {
    let note = Note::by_caller(caller, Action::LinkIssued).about_person(person);
    note.with("purpose", None, Some(purpose.code().into()))
}

/// A program gets a key.
pub(super) fn key_created(caller: &Caller, key: &ApiKey) -> Note {
    let note = Note::by_caller(caller, Action::ApiKeyCreated).about(SubjectKind::ApiKey, key.id.as_uuid());
    let permissions = key.permissions.iter().map(|permission| permission.code()).collect();
    note.with("name", None, Some(key.name.as_str().into())).with("permissions", None, Some(permissions)).with(
        "reach",
        None,
        Some(limit_said(key.reach).into()),
    )
}

/// There is a team.
pub(super) fn team_created(caller: &Caller, team: TeamId, name: &str) -> Note {
    let note = Note::by_caller(caller, Action::TeamCreated).about(SubjectKind::Team, team.as_uuid());
    note.with("name", None, Some(name.into()))
}

/// A team has another name.
pub(super) fn team_renamed(caller: &Caller, team: TeamId, before: &str, after: &str) -> Note {
    let note = Note::by_caller(caller, Action::TeamChanged).about(SubjectKind::Team, team.as_uuid());
    note.with("name", Some(before.into()), Some(after.into()))
}
