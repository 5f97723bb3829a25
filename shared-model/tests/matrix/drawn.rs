//! Roles of permissions drawn by lot, with rules drawn by lot: the engine and the server say the same about them, and what the
//! engine lets through the server takes.

use std::sync::LazyLock;

use proptest::prelude::*;
use shared_model::features::Command;
use shared_model::gate::Numbering;
use shared_model::identity::ActorId;
use shared_model::permission::{FieldName, GrantLimit, Grants, Permission, Role, RoleDefinition, RoleKey};
use shared_model::workspace::{Aggregate, Author, Item, Refusal};

use super::cases::CASES;
use super::judge;
use super::oracle::{
    Answer, Held, LIMITS, ME, OTHER, PLACES, PermissionSet, Somebody, Where, is_server_only, is_taken, rights,
};
use super::scene::{Scene, execute, parse};

static SCENES: LazyLock<Vec<Scene>> = LazyLock::new(|| {
    PLACES.iter().zip(80..).map(|(place, seed)| Scene::new(seed, place.place(), ME, OTHER)).collect()
});

/// Sets of every size, most of them with much in them: whoever reads nothing does nothing.
fn permissions() -> impl Strategy<Value = PermissionSet> {
    let all: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|one| *one != Permission::ServerWrite).collect();
    let count = all.len();
    proptest::sample::subsequence(all, count / 3..=count).prop_map(PermissionSet::of)
}

fn rules() -> impl Strategy<Value = Vec<FieldName>> {
    proptest::sample::subsequence(FieldName::all().collect::<Vec<_>>(), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_and_the_server_say_the_same_about_any_set_of_permissions(
        set in permissions(), limit in 0..LIMITS.len(), place in 0..PLACES.len(),
    ) {
        let somebody = Somebody { role: Held::Custom(set), limit: LIMITS[limit] };
        let (mut scene, place) = (SCENES[place].clone(), PLACES[place]);
        for case in CASES {
            let command = parse(&(case.make)(&mut scene));
            let rights = rights(&scene, &command);
            let told = engine(&command, somebody, &somebody.grants(), place, &scene).map(|_| Answer::Done);
            let told = told.or_else(|refusal| answer(&refusal).ok_or(refusal));
            prop_assert_eq!(told, Ok(somebody.answer(&rights, place)), "{} by the engine", case.name);
            let items = scene.forge(&command, is_server_only(&rights));
            let pushed = scene.pushed(items);
            let expected = is_taken(somebody, case, &scene, rights, place);
            let told = judge(&pushed, &somebody.grants(), Numbering::Exact, &scene.documents);
            prop_assert_eq!(told.is_none(), expected, "{}: {:?} by the server", case.name, told);
        }
    }

    #[test]
    fn rules_bind_the_engine_and_the_server_alike(
        set in permissions(), read_only in rules(), place in 0..PLACES.len(),
    ) {
        let somebody = Somebody { role: Held::Custom(set), limit: LIMITS[0] };
        let (mut scene, place) = (SCENES[place].clone(), PLACES[place]);
        let mut grants = somebody.grants();
        grants.grants.iter_mut().for_each(|grant| grant.read_only.clone_from(&read_only));
        for case in CASES {
            let command = parse(&(case.make)(&mut scene));
            let free = somebody.answer(&rights(&scene, &command), place);
            match engine(&command, somebody, &grants, place, &scene) {
                Ok(items) => {
                    prop_assert_eq!(free, Answer::Done, "{}: a rule gives nothing", case.name);
                    if !items.is_empty() {
                        let pushed = scene.pushed(items);
                        let told = judge(&pushed, &grants, Numbering::Exact, &scene.documents);
                        prop_assert_eq!(told, None, "{}: what the engine lets through", case.name);
                    }
                }
                Err(refusal) if free == Answer::Done => {
                    prop_assert_eq!(answer(&refusal), Some(Answer::NotPermitted), "{}", case.name);
                    let items = scene.forge(&command, false);
                    let pushed = scene.pushed(items);
                    let told = judge(&pushed, &grants, Numbering::Exact, &scene.documents);
                    prop_assert_eq!(told.as_deref(), Some("not_permitted"), "{}: past the engine", case.name);
                }
                Err(_) => {}
            }
        }
    }
}

fn answer(refusal: &Refusal) -> Option<Answer> {
    match refusal {
        Refusal::UnknownDocument { .. } => Some(Answer::Unknown),
        Refusal::NotPermitted { .. } => Some(Answer::NotPermitted),
        _ => None,
    }
}

fn engine(
    command: &Command,
    somebody: Somebody,
    grants: &Grants,
    place: Where,
    scene: &Scene,
) -> Result<Vec<Item>, Refusal> {
    let author = Author::Person { grants: grants.clone(), actor: ActorId::from_bytes([0xbb; 16]) };
    let is_there = |aggregate: &Aggregate| somebody.reads(aggregate.document.kind(), place);
    execute(command, &author, 1, &scene.documents, is_there).map(|outcome| outcome.items)
}

#[test]
fn a_role_that_hides_costs_reads_and_enters_none() {
    let rule = RoleDefinition { hides_costs: true, ..RoleDefinition::default() };
    let role = RoleKey::from(Role::Manager);
    let grants = Grants { person: ME, grants: role.grants(Some(&rule), GrantLimit::Organisation) };
    let mut scene = SCENES[0].clone();
    for case in CASES.iter().filter(|case| case.name.starts_with("cost.")) {
        let command = parse(&(case.make)(&mut scene));
        let items = scene.forge(&command, false);
        let pushed = scene.pushed(items);
        let told = judge(&pushed, &grants, Numbering::Exact, &scene.documents);
        assert_eq!(told.as_deref(), Some("not_permitted"), "{}", case.name);
    }
}
