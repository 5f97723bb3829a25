//! Every role with every command: over REST, and as bytes that an app made without asking for a right.

use axum::http::StatusCode;
use futures_util::StreamExt;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::Hand;
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::features::{Command, Target};
use shared_model::permission::Role;
use shared_model::sync_protocol::CommandResult;
use sync_server::sync::Sender;

use super::cases::CASES;
use super::oracle::{Answer, Limit, Somebody, Where, is_server_only, is_taken, rights};
use super::scene::{Place, Scene, parse};

/// People under way at once.
const AT_ONCE: usize = 4;

/// Everything, where it names them; and one site, at it and away from it.
const CORNERS: [(Limit, Where); 3] = [
    (Limit::Organisation, Where::NamingThem),
    (Limit::Site, Where::AtTheirSite),
    (Limit::Site, Where::Elsewhere),
];

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
    for role in Role::ALL {
        for limit in [Limit::Organisation, Limit::Site] {
            let email = email(*role, limit);
            create_limited_person(&server.database, organisation, &email, *role, limit.grant()).await;
        }
    }
    let cells = Role::ALL.iter().flat_map(|role| CORNERS.map(|corner| (*role, corner)));
    let walks = cells.zip(1..).map(|((role, (limit, place)), seed)| {
        let (server, ann) = (&server, &ann);
        async move {
            let somebody = Somebody { role, limit };
            let over_rest = walk_rest(enter(server, ann, somebody, place, 2 * seed).await).await;
            let by_push = walk_push(enter(server, ann, somebody, place, 2 * seed + 1).await).await;
            [over_rest, by_push]
        }
    });
    let told: Vec<[Vec<String>; 2]> =
        futures_util::stream::iter(walks).buffer_unordered(AT_ONCE).collect().await;
    let wrong: Vec<String> = told.iter().flatten().flatten().cloned().collect();
    let cells = told.len() * 2 * CASES.len();
    assert!(wrong.is_empty(), "{} of {cells} cells:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, Role::ALL.len() * CORNERS.len() * 2 * CASES.len());
    println!("{cells} cells of commands on a server");
}

fn email(role: Role, limit: Limit) -> String {
    format!("{}-{limit:?}@demo.example", role.code()).to_lowercase()
}

/// Somebody signs in, and Ann prepares what their commands are about.
async fn enter<'a>(
    server: &'a TestServer,
    ann: &Hand,
    somebody: Somebody,
    place: Where,
    seed: u64,
) -> Actor<'a> {
    let email = email(somebody.role, somebody.limit);
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
