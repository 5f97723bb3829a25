//! What the built-in roles let do, and what rules take away.

use super::*;
use crate::document::{DocumentKind, Field};
use crate::identity::{DocumentId, PersonId, RoleId, TeamId};

const ME: PersonId = PersonId::from_bytes([1; 16]);
const SITE: DocumentId = DocumentId::from_bytes([2; 16]);

/// Kinds of which this role reads a document with these scopes, with the widest limit there is.
fn reads(role: Role, scope: impl Fn(DocumentKind) -> Scope) -> Vec<DocumentKind> {
    let grants = Grants { person: ME, grants: role.grants(GrantLimit::Organisation) };
    let kinds = DocumentKind::ALL.iter().copied();
    kinds.filter(|kind| grants.read_document(*kind, &[scope(*kind)])).collect()
}

#[test]
fn every_role_reads_what_it_needs() {
    use DocumentKind as K;
    let no_lists = vec![K::WorkOrder, K::Asset, K::Location, K::Part, K::Storeroom];
    for role in Role::ALL {
        let (everything, own) = match role {
            Role::Admin | Role::Manager | Role::Supervisor | Role::Technician | Role::Office => {
                (K::ALL.to_vec(), K::ALL.to_vec())
            }
            Role::Storekeeper => (no_lists.clone(), no_lists.clone()),
            Role::Requester => (vec![K::Asset, K::Location], vec![K::WorkOrder, K::Asset, K::Location]),
            Role::Contractor => (vec![K::WorkOrder], vec![K::WorkOrder]),
        };
        assert_eq!(reads(*role, |_| Scope::Site(SITE)), everything, "{role:?} at a site");
        assert_eq!(reads(*role, Scope::Kind), everything, "{role:?} in the catalogues");
        assert_eq!(reads(*role, |_| Scope::Person(ME)), own, "{role:?} with their own");
    }
}

#[test]
fn no_limit_takes_a_requester_beyond_what_they_asked_for() {
    let theirs = PersonId::from_bytes([3; 16]);
    for limit in [GrantLimit::Organisation, GrantLimit::Site(SITE), GrantLimit::Own] {
        let grants = Grants { person: ME, grants: Role::Requester.grants(limit) };
        for permission in [Permission::WorkOrderRead, Permission::CommentWrite] {
            assert!(grants.allow(permission, &[Scope::Site(SITE), Scope::Person(ME)]), "{limit:?}");
            for scopes in [vec![Scope::Site(SITE), Scope::Person(theirs)], Vec::new()] {
                assert!(!grants.allow(permission, &scopes), "{limit:?} {scopes:?}");
            }
        }
        assert!(grants.hold(Permission::WorkOrderCreate), "{limit:?}");
    }
}

#[test]
fn rights_over_ones_own_documents_are_nobody_elses() {
    let theirs = PersonId::from_bytes([3; 16]);
    let lend = |role: Role, limit| Grants { person: ME, grants: role.grants(limit) }.in_the_name_of(theirs);
    let lent = lend(Role::Supervisor, GrantLimit::Site(SITE));
    assert_eq!(lent.person, theirs);
    assert!(lent.allow(Permission::WorkOrderExecute, &[Scope::Site(SITE)]));
    let own = lend(Role::Contractor, GrantLimit::Own);
    assert!(!own.hold(Permission::WorkOrderExecute), "not even on documents of the author");
}

#[test]
fn whoever_decides_about_held_work_reads_everything_there() {
    for role in Role::ALL {
        for grant in role.grants(GrantLimit::Organisation) {
            let reads = |kind: &DocumentKind| grant.permissions.contains(&kind.read_permission());
            let decides = grant.permissions.contains(&Permission::DECIDE_DEPOSITS);
            assert!(!decides || DocumentKind::ALL.iter().all(reads), "{role:?}");
        }
    }
}

const CUSTOM: RoleKey = RoleKey::Custom(RoleId::from_bytes([9; 16]));

fn field(name: &str) -> (DocumentKind, &'static Field) {
    let name = FieldName::from_code(name).unwrap();
    (name.kind(), name.field())
}

fn held(role: RoleKey, definition: &RoleDefinition, limit: GrantLimit) -> Grants {
    Grants { person: ME, grants: role.grants(Some(definition), limit) }
}

#[test]
fn a_role_without_a_definition_gives_nothing() {
    assert!(CUSTOM.grants(None, GrantLimit::Organisation).is_empty());
    let technician = RoleKey::from(Role::Technician);
    assert_eq!(technician.grants(None, GrantLimit::Own), Role::Technician.grants(GrantLimit::Own));
}

/// A rule that takes one field away.
fn read_only(code: &str) -> RoleDefinition {
    RoleDefinition { read_only: vec![FieldName::from_code(code).unwrap()], ..RoleDefinition::default() }
}

#[test]
fn a_rule_takes_a_field_away_and_another_grant_gives_it_back() {
    let rule = read_only("work_order/priority");
    let everywhere = [Scope::Site(SITE)];
    let mut technician = held(Role::Technician.into(), &rule, GrantLimit::Organisation);
    let (kind, priority) = field("work_order/priority");
    let (_, due) = field("work_order/due");
    assert!(technician.have_field_rules());
    assert!(!held(Role::Technician.into(), &RoleDefinition::default(), GrantLimit::Own).have_field_rules());
    assert!(!technician.write_field(kind, priority, &everywhere) && !technician.hold_field(kind, priority));
    assert!(technician.write_field(kind, due, &everywhere), "only what the rule names");
    assert!(technician.hold_field(kind, due));
    assert!(technician.allow(priority.permission, &everywhere), "the permission itself stays");
    assert!(!technician.begin_with_field(kind, priority));
    technician.grants.extend(Role::Supervisor.grants(GrantLimit::Site(SITE)));
    assert!(technician.write_field(kind, priority, &everywhere));
    assert!(!technician.write_field(kind, priority, &[Scope::Site(DocumentId::from_bytes([3; 16]))]));
}

#[test]
fn the_key_of_a_role_is_written_and_read_alike() {
    for role in Role::ALL {
        let key = RoleKey::from(*role);
        assert_eq!(key.built_in(), Some(*role));
        assert_eq!(RoleKey::from_code(role.code()), Some(key));
        assert_eq!(key.to_string(), role.code());
        assert_eq!(String::from(key), role.code());
    }
    assert!(RoleKey::from(Role::Admin) == Role::Admin && RoleKey::from(Role::Admin) != Role::Technician);
    assert_eq!(CUSTOM.built_in(), None);
    assert_eq!(RoleKey::from_code(&CUSTOM.to_string()), Some(CUSTOM));
    assert_eq!(RoleKey::from_code("nobody"), None);
    assert_eq!(CUSTOM.to_string().parse(), Ok(CUSTOM));
    assert_eq!(RoleKey::try_from(CUSTOM.to_string()), Ok(CUSTOM));
    assert!("nobody".parse::<RoleKey>().is_err());
}

#[test]
fn a_scope_is_written_and_read_alike() {
    let team = TeamId::from_bytes([4; 16]);
    let scopes = [Scope::Site(SITE), Scope::Team(team), Scope::Person(ME), Scope::Kind(DocumentKind::Part)];
    let heads = ["site:", "team:", "person:", "kind:part"];
    for (scope, head) in scopes.into_iter().zip(heads) {
        let text = String::from(scope);
        assert!(text.starts_with(head), "{text}");
        assert_eq!(text, scope.to_string());
        assert_eq!(text.parse(), Ok(scope));
        assert_eq!(Scope::try_from(text), Ok(scope));
    }
    for text in ["", "site", "site:x", "place:part", "kind:nothing"] {
        assert!(text.parse::<Scope>().is_err(), "{text}");
    }
}

#[test]
fn nobody_gives_what_they_begin_nowhere_themselves() {
    let rule = read_only("work_order/due");
    let giver = held(Role::Supervisor.into(), &rule, GrantLimit::Organisation);
    let requester = Role::Requester.grants(GrantLimit::Organisation);
    let (kind, due) = field("work_order/due");
    assert!(!giver.begin_with_field(kind, due));
    assert!(giver.lack(&requester).is_some(), "it begins with a field that the giver begins with nowhere");
    let bound = held(Role::Requester.into(), &rule, GrantLimit::Organisation);
    assert_eq!(giver.lack(&bound.grants), None);
}

#[test]
fn what_nothing_is_begun_without_is_written_once_whatever_a_rule_says() {
    let rule = read_only("work_order/title");
    let supervisor = held(Role::Supervisor.into(), &rule, GrantLimit::Organisation);
    let (kind, title) = field("work_order/title");
    assert!(!supervisor.hold_field(kind, title));
    assert!(supervisor.begin_with_field(kind, title));
}

#[test]
fn whoever_may_only_begin_work_is_bound_by_rules_as_well() {
    let rule = read_only("work_order/due");
    let requester = held(Role::Requester.into(), &rule, GrantLimit::Organisation);
    let (kind, due) = field("work_order/due");
    assert!(!requester.begin_with_field(kind, due));
    assert!(requester.begin_with_field(kind, field("work_order/priority").1));
}

#[test]
fn hidden_costs_are_neither_read_nor_entered() {
    let rule = RoleDefinition { hides_costs: true, ..RoleDefinition::default() };
    let office = held(Role::Office.into(), &rule, GrantLimit::Organisation);
    for (permission, is_held) in
        [(Permission::CostRead, false), (Permission::CostWrite, false), (Permission::WorkOrderRead, true)]
    {
        assert_eq!(office.hold(permission), is_held, "{permission:?}");
    }
}

#[test]
fn nobody_gives_what_they_do_not_have_everywhere() {
    let admin = Grants { person: ME, grants: Role::Admin.grants(GrantLimit::Organisation) };
    for role in Role::ALL {
        assert_eq!(admin.lack(&role.grants(GrantLimit::Own)), None, "{role:?}");
    }
    let here = Grants { person: ME, grants: Role::Admin.grants(GrantLimit::Site(SITE)) };
    assert!(here.lack(&Role::Contractor.grants(GrantLimit::Site(SITE))).is_some());
    let clerk = Grants {
        person: ME,
        grants: vec![Grant::new(vec![Permission::OrganisationAdmin], GrantLimit::Organisation)],
    };
    assert_eq!(clerk.lack(&Role::Contractor.grants(GrantLimit::Own)), Some(Permission::WorkOrderRead));
    let server = Grant::new(vec![Permission::ServerWrite], GrantLimit::Own);
    assert_eq!(admin.lack(&[server]), Some(Permission::ServerWrite));
}

#[test]
fn a_rule_about_the_giver_is_not_shaken_off_by_giving() {
    let rule = read_only("work_order/priority");
    let manager = held(Role::Manager.into(), &rule, GrantLimit::Organisation);
    assert_eq!(manager.lack(&Role::Technician.grants(GrantLimit::Own)), Some(Permission::WorkOrderEdit));
    assert_eq!(manager.lack(&RoleKey::from(Role::Technician).grants(Some(&rule), GrantLimit::Own)), None);
    assert_eq!(manager.lack(&Role::Storekeeper.grants(GrantLimit::Own)), None, "it edits no work");
}

#[test]
fn rights_of_a_newer_version_are_read_as_far_as_they_are_known() {
    let json = r#"{"permissions":["work_order:read","dream:interpret"],"read_only":["work_order/due","dream/plot"],
        "limit":"own","colour":"red"}"#;
    let grant: Grant = serde_json::from_str(json).unwrap();
    assert_eq!(grant.permissions, [Permission::WorkOrderRead]);
    assert_eq!(grant.read_only, [FieldName::from_code("work_order/due").unwrap()]);
    let plain = serde_json::to_string(&Grant { read_only: Vec::new(), ..grant }).unwrap();
    assert_eq!(
        plain, r#"{"permissions":["work_order:read"],"limit":"own"}"#,
        "as devices have always read it"
    );
}

#[test]
fn every_field_with_rules_survives_its_code() {
    let all: Vec<FieldName> = FieldName::all().collect();
    assert!(all.len() > 50, "{}", all.len());
    for name in all {
        assert_eq!(FieldName::from_code(&name.code()), Some(name));
        assert!(name.is_of(name.kind(), name.field()), "{name:?}");
    }
    for unknown in ["work_order/decisions", "work_order/origin", "work_order", "priority", "asset/due", ""] {
        assert_eq!(FieldName::from_code(unknown), None, "{unknown}");
    }
}

#[test]
fn whoever_verifies_without_reading_decides_about_no_held_work() {
    let verifier = |more: &[Permission]| {
        let permissions = [&[Permission::DECIDE_DEPOSITS, Permission::WorkOrderRead], more].concat();
        Grants { person: ME, grants: vec![Grant::new(permissions, GrantLimit::Organisation)] }.deciding()
    };
    assert!(verifier(&[]).grants.is_empty());
    let reads: Vec<Permission> = DocumentKind::ALL.iter().map(|kind| kind.read_permission()).collect();
    assert_eq!(verifier(&reads).grants.len(), 1);
    let team = TeamId::from_bytes([4; 16]);
    let grants = Role::Supervisor.grants(GrantLimit::Team(team));
    assert_eq!(Grants { person: ME, grants: grants.clone() }.deciding().grants, grants);
}
