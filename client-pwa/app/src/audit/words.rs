//! Entries in words.

use shared_model::audit::{Action, Change, Entry, Said, SubjectKind};
use shared_model::identity::{PersonId, TeamId};
use shared_model::people::Standing;
use shared_model::permission::{FieldName, Permission, Role};
use shared_model::personal_settings::NotificationKind;
use shared_model::second_factor::{Factor, FactorRule};
use yew::AttrValue;

use crate::engine_client::Directory;
use crate::locale::{self, t};
use crate::people;

/// The name of an action; its code where this version does not know it.
pub(super) fn action(code: &str) -> AttrValue {
    match Action::from_code(code) {
        Some(_) => locale::text(&format!("audit-{code}"), None),
        None => code.to_owned().into(),
    }
}

/// The icon of an action and its tone.
pub(super) fn symbol(code: &str) -> (&'static str, &'static str) {
    let Some(action) = Action::from_code(code) else { return ("circle-help", "neutral") };
    match action {
        Action::SignedIn => ("circle-check", "neutral"),
        Action::SignInRefused
        | Action::SecondFactorRefused
        | Action::AccessDenied
        | Action::CommandRefused => ("shield-alert", "red"),
        Action::SessionReplayed | Action::PasskeyCopied => ("shield-alert", "red"),
        Action::SecondFactorAdded | Action::PasskeyRenamed | Action::RecoveryCodesMade => {
            ("lock-keyhole", "neutral")
        }
        Action::SecondFactorRemoved | Action::SecondFactorsReset | Action::RecoveryCodeUsed => {
            ("lock-keyhole", "amber")
        }
        Action::SecurityRulesChanged => ("settings", "amber"),
        Action::ApiKeyCreated | Action::ApiKeyRevoked => ("file-lock", "amber"),
        Action::SignedOut | Action::SessionEnded => ("power-off", "neutral"),
        Action::DeviceWipeAsked | Action::DeviceWiped => ("smartphone", "amber"),
        Action::DeviceWipeTakenBack => ("smartphone", "neutral"),
        Action::DeviceLockChanged => ("lock", "amber"),
        Action::LinkIssued | Action::PasswordResetAsked => ("mail", "neutral"),
        Action::PasswordChosen => ("lock-keyhole", "neutral"),
        Action::PersonCreated => ("user-plus", "neutral"),
        Action::PersonChanged => ("user", "amber"),
        Action::PersonalDataExported => ("download", "amber"),
        Action::PersonErased | Action::EntriesPruned => ("trash-2", "amber"),
        Action::LegalHoldPlaced | Action::LegalHoldReleased | Action::RetentionChanged => {
            ("file-lock", "amber")
        }
        Action::TeamCreated | Action::TeamChanged => ("users", "neutral"),
        Action::RoleCreated | Action::RoleChanged => ("badge-check", "amber"),
        Action::DepositAccepted => ("check-check", "neutral"),
        Action::DepositDeclined => ("x", "amber"),
        Action::HistoryBegun => ("history", "amber"),
        Action::OrganisationChanged => ("building-2", "amber"),
        Action::PersonalSettingsChanged => ("settings", "neutral"),
        Action::OrganisationCreated | Action::OrganisationResumed => ("building-2", "neutral"),
        Action::OrganisationSuspended => ("building-2", "red"),
        Action::AuditExported | Action::OrganisationExported => ("download", "amber"),
    }
}

/// Who did it.
pub(super) fn doer(entry: &Entry, directory: &Directory) -> AttrValue {
    match (entry.by.person, entry.by.kind.as_str()) {
        (Some(person), _) => directory.person(person),
        (None, "stranger") => t!("audit-stranger"),
        (None, "operator") => t!("audit-operator"),
        (None, _) => t!("the-server"),
    }
}

/// What it was done to, where that has a name and is not who did it.
pub(super) fn subject(entry: &Entry, directory: &Directory) -> Option<AttrValue> {
    let subject = entry.subject.as_ref()?;
    match SubjectKind::from_code(&subject.kind)? {
        SubjectKind::Person => {
            let person = PersonId::from_uuid(subject.id);
            (entry.by.person != Some(person)).then(|| directory.person(person))
        }
        SubjectKind::Team => Some(directory.team(TeamId::from_uuid(subject.id))),
        SubjectKind::Session | SubjectKind::Passkey | SubjectKind::Device => {
            let owner = entry.changes.iter().find(|change| change.field == "person")?;
            let Some(Said::Text(owner)) = &owner.before else { return None };
            let owner = owner.parse().ok()?;
            (entry.by.person != Some(owner)).then(|| directory.person(owner))
        }
        // Its name stands among what was said of it.
        SubjectKind::Role
        | SubjectKind::ApiKey
        | SubjectKind::Command
        | SubjectKind::Document
        | SubjectKind::LegalHold
        | SubjectKind::Organisation => None,
    }
}

/// The name of a field; its code where this version does not know it.
pub(super) fn field(change: &Change) -> AttrValue {
    const KNOWN: [&str; 37] = [
        "display_name",
        "email",
        "language",
        "standing",
        "roles",
        "teams",
        "active",
        "password",
        "name",
        "operation",
        "permission",
        "code",
        "detail",
        "purpose",
        "permissions",
        "reach",
        "reason",
        "person",
        "keep_years",
        "until",
        "count",
        "with",
        "factor",
        "left",
        "second_factor_required_for",
        "role",
        "description",
        "read_only",
        "hides_costs",
        "landing",
        "is_retired",
        "handed_in",
        "idle_minutes",
        "accent_colour",
        "logo",
        "time_zone",
        "quiet_hours",
    ];
    if let Some(kind) = change.field.strip_prefix("notification_").and_then(NotificationKind::from_code) {
        return locale::text(&format!("notification-{}", kind.code()), None);
    }
    match KNOWN.contains(&change.field.as_str()) {
        true => locale::text(&format!("audit-field-{}", change.field.replace('_', "-")), None),
        false => change.field.clone().into(),
    }
}

/// A value as people read it.
pub(super) fn value(said: &Said, directory: &Directory) -> String {
    match said {
        Said::Flag(true) => t!("audit-yes").to_string(),
        Said::Flag(false) => t!("audit-no").to_string(),
        Said::Number(number) => number.to_string(),
        Said::Text(text) => named(text, directory),
        Said::All(items) if items.is_empty() => "–".to_owned(),
        Said::All(items) => {
            let items: Vec<String> = items.iter().map(|item| value(item, directory)).collect();
            items.join(", ")
        }
    }
}

/// Codes and ids that have a name are named.
fn named(text: &str, directory: &Directory) -> String {
    if Standing::from_code(text).is_some() {
        return locale::text(&format!("audit-standing-{text}"), None).to_string();
    }
    if Factor::from_code(text).is_some() || text == "password" {
        return locale::text(&format!("audit-factor-{text}"), None).to_string();
    }
    if FactorRule::from_code(text).is_some() {
        return locale::text(&format!("factor-rule-{text}"), None).to_string();
    }
    if text == "email" || text == "push" {
        return locale::text(&format!("channel-{text}"), None).to_string();
    }
    if text == "organisation" {
        return t!("people-reach-everything").to_string();
    }
    if let Some(permission) = Permission::from_code(text) {
        return people::permission_name(permission).to_string();
    }
    if let Some(field) = FieldName::from_code(text) {
        return people::field_name(field).to_string();
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    if let Some(role) = Role::from_code(word) {
        let name = locale::text(&format!("role-{}", role.code()), None);
        return role_said(&name, rest, directory);
    }
    if let Some((name, rest)) = text.strip_prefix('“').and_then(|text| text.split_once('”')) {
        return role_said(name, rest.trim_start(), directory);
    }
    let team = text.parse().ok().and_then(|team| directory.team_if_known(team));
    team.map_or_else(|| text.to_owned(), |name| name.to_string())
}

fn role_said(name: &str, limit: &str, directory: &Directory) -> String {
    let team = limit.strip_prefix("team:").and_then(|id| id.parse().ok());
    let limit = match (limit, team) {
        ("", _) => return name.to_owned(),
        ("own", _) => t!("people-reach-own"),
        (_, Some(team)) => directory.team(team),
        _ => t!("audit-one-site"),
    };
    format!("{name} ({limit})")
}
