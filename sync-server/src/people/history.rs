//! What the audit trail says about people, roles and teams. Names and addresses are not in it: that they changed is.

use std::collections::BTreeMap;

use shared_model::api_key::ApiKey;
use shared_model::audit::{Action, Said, SubjectKind};
use shared_model::custom_role::ListedRole;
use shared_model::identity::{PersonId, RoleId, TeamId};
use shared_model::people::{LinkPurpose, Member};
use shared_model::permission::{GrantLimit, RoleGrant, RoleKey};

use crate::audit::Note;
use crate::auth::Caller;

/// What the organisation's own roles are called.
type Names = BTreeMap<RoleId, String>;

/// Somebody is to join.
pub(super) fn created(caller: &Caller, member: &Member, names: &Names) -> Note {
    let note = Note::by_caller(caller, Action::PersonCreated).about_person(member.id);
    let [language, standing, roles, teams] = described(member, names);
    let said = [("language", language), ("standing", standing), ("roles", roles), ("teams", teams)];
    said.into_iter().fold(note, |note, (field, value)| note.with(field, None, Some(value)))
}

/// Somebody is otherwise than before.
pub(super) fn changed(caller: &Caller, before: &Member, after: &Member, names: &Names) -> Note {
    let mut note = Note::by_caller(caller, Action::PersonChanged).about_person(after.id);
    let hidden =
        [("display_name", before.display_name != after.display_name), ("email", before.email != after.email)];
    for (field, _) in hidden.into_iter().filter(|(_, is_changed)| *is_changed) {
        note = note.with(field, None, None);
    }
    let fields = ["language", "standing", "roles", "teams"];
    for (field, (before, after)) in
        fields.into_iter().zip(described(before, names).into_iter().zip(described(after, names)))
    {
        if before != after {
            note = note.with(field, Some(before), Some(after));
        }
    }
    note
}

fn described(member: &Member, names: &Names) -> [Said; 4] {
    let Member { language, standing, roles, teams, .. } = member;
    let teams = teams.iter().map(ToString::to_string).collect();
    [language.as_str().into(), standing.code().into(), roles_said(roles, names), teams]
}

/// Roles as the trail says them.
pub fn roles_said(roles: &[RoleGrant], names: &Names) -> Said {
    let said = |grant: &RoleGrant| {
        let role = match grant.role {
            RoleKey::BuiltIn(role) => role.code().to_owned(),
            RoleKey::Custom(id) => quoted(names.get(&id).map_or("", String::as_str)),
        };
        match grant.limit {
            GrantLimit::Organisation => role,
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

/// The name of a role that the organisation made, told from a code.
fn quoted(name: &str) -> String {
    format!("“{name}”")
}

/// There is a role.
pub(super) fn role_created(caller: &Caller, id: RoleId, role: &ListedRole) -> Note {
    let note = Note::by_caller(caller, Action::RoleCreated).about(SubjectKind::Role, id.as_uuid());
    role_described(role).into_iter().fold(note, |note, (field, value)| note.with(field, None, Some(value)))
}

/// A role lets do otherwise than before.
pub(super) fn role_changed(caller: &Caller, before: &ListedRole, after: &ListedRole) -> Note {
    let note = Note::by_caller(caller, Action::RoleChanged);
    let mut note = match after.role {
        RoleKey::BuiltIn(role) => note.with("role", None, Some(role.code().into())),
        RoleKey::Custom(id) => {
            note.about(SubjectKind::Role, id.as_uuid()).with("role", None, Some(quoted(&after.name).into()))
        }
    };
    for ((field, before), (_, after)) in role_described(before).into_iter().zip(role_described(after)) {
        if before != after {
            note = note.with(field, Some(before), Some(after));
        }
    }
    note
}

fn role_described(role: &ListedRole) -> [(&'static str, Said); 7] {
    let permissions: Vec<&str> = role.permissions.iter().map(|permission| permission.code()).collect();
    [
        ("name", role.name.as_str().into()),
        ("description", role.description.as_str().into()),
        ("permissions", permissions.into_iter().collect()),
        ("read_only", role.read_only.iter().map(|field| field.code()).collect()),
        ("hides_costs", role.hides_costs.into()),
        ("landing", role.landing.code().into()),
        ("is_retired", role.is_retired.into()),
    ]
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
