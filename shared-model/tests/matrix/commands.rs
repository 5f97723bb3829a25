//! Commands: what the engine says, and what the server says about bytes that an app made without asking.

use shared_model::features::Command;
use shared_model::gate::Numbering;
use shared_model::identity::ActorId;
use shared_model::workspace::{Aggregate, Author, Refusal};

use super::cases::CASES;
use super::judge;
use super::oracle::{
    Answer, EVERYBODY, ME, OTHER, PLACES, Somebody, Where, is_server_only, is_taken, rights,
};
use super::scene::{Scene, execute, parse};

#[test]
fn the_engine_and_the_server_say_what_the_matrix_says() {
    let (mut cells, mut wrong) = (0, Vec::new());
    for (seed, place) in (10..).zip(PLACES) {
        let mut scene = Scene::new(seed, place.place(), ME, OTHER);
        for case in CASES {
            let command = parse(&(case.make)(&mut scene));
            let rights = rights(&scene, &command);
            let items = scene.forge(&command, is_server_only(&rights));
            assert!(!items.is_empty(), "{} writes something", case.name);
            let pushed = scene.pushed(items);
            for somebody in Somebody::all() {
                cells += 2;
                let expected = somebody.answer(&rights, place);
                let told = engine(&command, somebody, place, &scene);
                if told != Ok(expected) {
                    wrong
                        .push(format!("{somebody:?} {place:?} {}: {expected:?}, engine {told:?}", case.name));
                }
                let expected = is_taken(somebody, case, &scene, rights.clone(), place);
                let told = judge(&pushed, &somebody.grants(), Numbering::Exact, &scene.documents);
                if told.as_deref() != (!expected).then_some("not_permitted") {
                    wrong.push(format!("{somebody:?} {place:?} {}: {expected}, server {told:?}", case.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, 2 * CASES.len() * PLACES.len() * EVERYBODY);
    println!("{cells} cells of commands");
}

fn engine(command: &Command, somebody: Somebody, place: Where, scene: &Scene) -> Result<Answer, Refusal> {
    let author = Author::Person { grants: somebody.grants(), actor: ActorId::from_bytes([0xbb; 16]) };
    let is_there = |aggregate: &Aggregate| somebody.reads(aggregate.document.kind(), place);
    match execute(command, &author, 1, &scene.documents, is_there) {
        Ok(_) => Ok(Answer::Done),
        Err(Refusal::UnknownDocument { .. }) => Ok(Answer::Unknown),
        Err(Refusal::NotPermitted { .. }) => Ok(Answer::NotPermitted),
        Err(other) => Err(other),
    }
}
