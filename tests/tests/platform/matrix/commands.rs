//! Every role with every command: over REST, and as bytes that an app made without asking for a right.

use axum::http::StatusCode;
use futures_util::StreamExt;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::Hand;
use maintainpro_tests::people::{
    create_limited_person, create_organisation, create_person, create_person_of,
};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::document::DocumentKind;
use shared_model::features::{Command, Target};
use shared_model::permission::{Permission, Role};
use shared_model::sync_protocol::CommandResult;
use sync_server::sync::Sender;

use super::cases::CASES;
use super::oracle::{Answer, Held, Limit, PermissionSet, Somebody, Where, is_server_only, is_taken, rights};
use super::scene::{Place, Scene, parse};

/// Roles drawn by lot.
const DRAWN: usize = 12;
/// People under way at once.
const AT_ONCE: usize = 4;

/// Everything, where it names them; and one site, at it and away from it.
const CORNERS: [(Limit, Where); 3] = [
    (Limit::Organisation, Where::NamingThem),
    (Limit::Site, Where::AtTheirSite),
    (Limit::Site, Where::Elsewhere),
];

/// Roles of permissions drawn by lot, as an organisation may make them: what they say is worked out, not drawn.
fn drawn() -> Vec<(Somebody, Where)> {
    let reads = PermissionSet::of(DocumentKind::ALL.iter().map(|kind| kind.read_permission()));
    let server = PermissionSet::of([Permission::ServerWrite]);
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let draw = |number: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lot = (seed >> 17) & ((1 << Permission::ALL.len()) - 1) & !server.0;
        // Every other one reads everything, so that the rest of its permissions count.
        let set = PermissionSet(if number.is_multiple_of(2) { lot | reads.0 } else { lot });
        let (limit, place) = CORNERS[number % CORNERS.len()];
        (Somebody { role: Held::Custom(set), limit }, place)
    };
    (0..DRAWN).map(draw).collect()
}

/// A person with a scene of their own.
struct Actor<'a> {
    server: &'a TestServer,
    client: Client,
    hand: Hand,
    somebody: Somebody,
    place: Where,
    scene: Scene,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_what_the_matrix_says_over_rest_and_by_push() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut admin = server.sign_in("demo", "ann@demo.example").await;
    let built_in =
        Role::ALL.iter().flat_map(|role| CORNERS.map(|(limit, place)| (Somebody::of(*role, limit), place)));
    let everybody: Vec<(Somebody, Where)> = built_in.chain(drawn()).collect();
    for (number, (somebody, _)) in everybody.iter().enumerate() {
        let (database, email, limit) = (&server.database, email(number), somebody.limit.grant());
        match somebody.role {
            Held::BuiltIn(role) => create_limited_person(database, organisation, &email, role, limit).await,
            Held::Custom(set) => {
                create_person_of(database, &mut admin, organisation, &email, (&set.list(), limit)).await
            }
        };
    }
    let walks = everybody.iter().enumerate().map(|(number, (somebody, place))| {
        let (server, ann, place) = (&server, &ann, *place);
        async move {
            let who = (*somebody, number);
            let over_rest = walk_rest(enter(server, ann, who, place, 2 * number as u64 + 2).await).await;
            let by_push = walk_push(enter(server, ann, who, place, 2 * number as u64 + 3).await).await;
            [over_rest, by_push]
        }
    });
    let told: Vec<[Vec<String>; 2]> =
        futures_util::stream::iter(walks).buffer_unordered(AT_ONCE).collect().await;
    let wrong: Vec<String> = told.iter().flatten().flatten().cloned().collect();
    let cells = told.len() * 2 * CASES.len();
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, (Role::ALL.len() * CORNERS.len() + DRAWN) * 2 * CASES.len());
    println!("{cells} cells of commands on a server");
}

fn email(number: usize) -> String {
    format!("somebody-{number}@demo.example")
}

/// Somebody signs in, and Ann prepares what their commands are about.
async fn enter<'a>(
    server: &'a TestServer,
    ann: &Hand,
    (somebody, number): (Somebody, usize),
    place: Where,
    seed: u64,
) -> Actor<'a> {
    let email = email(number);
    let client = server.sign_in("demo", &email).await;
    let hand = Hand::sign_in(server, "demo", &email).await;
    let names_them = if place == Where::NamingThem { hand.person() } else { ann.person() };
    let belongs = Place { person: names_them, ..place.place() };
    let scene = Scene::new(seed, belongs, hand.person(), ann.person());
    for commands in scene.log.chunk_by(|one, next| one.0 == next.0) {
        let sender = if commands[0].0 { Sender::default() } else { ann.sender.clone() };
        let pushed = commands.iter().map(|(_, command)| command.clone()).collect();
        for result in server.state.sync.submit(ann.organisation, &sender, pushed).await {
            maintainpro_tests::hand::accepted(result);
        }
    }
    Actor { server, client, hand, somebody, place, scene }
}

async fn walk_rest(mut actor: Actor<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in CASES {
        let command = parse(&(case.make)(&mut actor.scene));
        let expected = match actor.somebody.answer(&rights(&actor.scene, &command), actor.place) {
            Answer::Done if names_what_is_hidden(&actor, &command) => StatusCode::UNPROCESSABLE_ENTITY,
            Answer::Done => StatusCode::OK,
            Answer::Unknown => StatusCode::NOT_FOUND,
            Answer::NotPermitted => StatusCode::FORBIDDEN,
        };
        let answer = actor.client.post("/api/commands", &json!({ "command": command })).await;
        if answer.status != expected {
            let told = String::from_utf8_lossy(&answer.body).into_owned();
            wrong.push(format!("{:?} {:?} {}: {expected}, {told}", actor.somebody, actor.place, case.name));
        }
    }
    wrong
}

/// Does it refer to a document that they may not read?
fn names_what_is_hidden(actor: &Actor<'_>, command: &Command) -> bool {
    command.names().references.iter().any(|reference| match reference.target {
        Target::Document(kind, _) => !actor.somebody.reads(kind, actor.place),
        Target::Person(_) | Target::Team(_) => false,
    })
}

async fn walk_push(mut actor: Actor<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for case in CASES {
        let command = parse(&(case.make)(&mut actor.scene));
        let rights = rights(&actor.scene, &command);
        let items = actor.scene.forge(&command, is_server_only(&rights));
        let pushed = actor.scene.pushed(items);
        let expected = is_taken(actor.somebody, case, &actor.scene, rights, actor.place);
        let told = actor.hand.push(&actor.server.state.sync, vec![pushed]).await.remove(0);
        let is_told = match &told {
            CommandResult::Accepted { .. } => expected,
            CommandResult::Rejected { code, .. } => !expected && code == "not_permitted",
            _ => false,
        };
        if !is_told {
            wrong.push(format!("{:?} {:?} {}: {expected}, {told:?}", actor.somebody, actor.place, case.name));
        }
    }
    wrong
}
