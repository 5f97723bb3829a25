//! Commands over REST: whose deed they are, what they may refer to, and which ids they may make up.

use std::collections::HashMap;

use axum::http::StatusCode;
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{
    Hand, accepted, create_asset, create_part, create_storeroom, create_work_order, new_document, new_record,
    new_work_order,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::directory::Directory;
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::work_order::{AssetLink, Command as WorkOrderCommand};
use shared_model::features::{Command, asset};
use shared_model::identity::{DeviceId, DocumentId, PersonId};
use shared_model::permission::{GrantLimit, Role};

async fn site() -> TestServer {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    for (email, role) in [("ann@demo.example", Role::Admin), ("bob@demo.example", Role::Technician)] {
        create_person(&server.database, organisation, email, role).await;
    }
    server
}

/// Gives a command; status and body of the answer.
async fn give(client: &mut Client, command: &Value) -> (StatusCode, Value) {
    let answer = client.post("/api/commands", &json!({ "command": command })).await;
    (answer.status, answer.json())
}

async fn must(client: &mut Client, command: &Value) -> Value {
    let (status, answer) = give(client, command).await;
    assert_eq!(status, StatusCode::OK, "{answer} for {command}");
    assert_eq!(answer["changed"], true, "{command}");
    answer
}

async fn sign_in(server: &TestServer, email: &str) -> (Client, SignedIn) {
    let mut client = server.client();
    let signed_in = client.sign_in("demo", email).await;
    (client, signed_in)
}

/// Who and what stands behind every actor, as devices learn it.
async fn actors(client: &mut Client) -> HashMap<String, (Option<PersonId>, Option<DeviceId>)> {
    let directory: Directory = client.get("/api/directory").await.read();
    directory.actors.into_iter().map(|actor| (actor.id.to_string(), (actor.person, actor.device))).collect()
}

fn remark(id: impl serde::Serialize, document: DocumentId, text: &str) -> Value {
    json!({ "on": "comment", "do": "add", "id": id, "document": document, "kind": "work_order", "text": text })
}

fn steps() -> Value {
    let (key, label) = ("s0".to_owned(), "Is it dry?".to_owned());
    let (field, required, condition, follow_up, risk) = (StepField::PassFail, false, None, false, None);
    json!([Step { key, label, field, required, condition, follow_up, risk }])
}

fn retitle(id: DocumentId, title: &str) -> Value {
    json!({ "on": "work_order", "do": "edit", "id": id, "edits": [{ "field": "title", "value": title }] })
}

#[tokio::test]
async fn what_somebody_does_over_rest_is_their_deed_on_their_device() {
    let server = site().await;
    let mut people = [sign_in(&server, "ann@demo.example").await, sign_in(&server, "bob@demo.example").await];
    let order = new_document();
    let mut told = Vec::new();
    for (who, command) in [
        (0, json!(create_work_order(order, "Pump 7 drips"))),
        (1, retitle(order, "Pump 7 leaks")),
        (0, retitle(order, "Pump 7 leaks oil")),
    ] {
        let (client, signed_in) = &mut people[who];
        must(client, &command).await;
        let view = client.get(&format!("/api/work-orders/{order}")).await.json();
        let editor = view["edited_by"].as_str().unwrap().to_owned();
        let theirs = (Some(signed_in.person.id), Some(signed_in.device.id));
        assert_eq!(actors(client).await.get(&editor), Some(&theirs), "{command}");
        told.push(editor);
    }
    assert_eq!(told[0], told[2], "one actor for a person on a device");
    assert_ne!(told[0], told[1]);

    let (bob, bob_signed_in) = &mut people[1];
    must(bob, &remark(new_record(), order, "Tightened the gland")).await;
    let event = json!({ "on": "work_order", "do": "change_status", "id": order, "event": new_record(), "to": "in_progress" });
    must(bob, &event).await;
    let view = bob.get(&format!("/api/work-orders/{order}")).await.json();
    for line in [&view["history"][0], &view["comments"][0]] {
        assert_eq!(line["author"], json!(bob_signed_in.person.id), "{line}");
        assert_eq!(line["actor"], json!(told[1]), "{line}");
    }

    // What the server decides stays the server's.
    let mut connection = server.database.superuser().await;
    let deeds: Vec<(Option<String>, bool, bool)> = sqlx::query_as(
        "select record_kind, author is null, person_id is null and actor.device_id is null
         from feed left join actor using (organization_id) where actor.actor_id = feed.actor order by seq",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for (kind, no_author, of_server) in &deeds {
        let decided = kind.as_deref() == Some("number_assigned");
        assert_eq!((*no_author, *of_server), (decided, decided), "{kind:?} in {deeds:?}");
    }
    assert!(deeds.len() >= 5, "{deeds:?}");
}

#[tokio::test]
async fn another_node_writes_under_another_actor_of_the_same_person() {
    let server = site().await;
    let other = TestServer::start_on(&server.database).await;
    let (mut here, signed_in) = sign_in(&server, "ann@demo.example").await;
    let mut there = other.client();
    there.cookie.clone_from(&here.cookie);
    let order = new_document();
    must(&mut here, &json!(create_work_order(order, "Pump 7 drips"))).await;
    must(&mut there, &retitle(order, "Pump 7 leaks")).await;
    must(&mut here, &retitle(order, "Pump 7 leaks oil")).await;
    let hers = (Some(signed_in.person.id), Some(signed_in.device.id));
    let of_ann = actors(&mut here).await.into_values().filter(|owner| *owner == hers).count();
    assert_eq!(of_ann, 2);
}

/// What a command is refused for that names `id`.
async fn refused(client: &mut Client, command: impl Fn(&str) -> Value, id: &str) -> Value {
    let (status, mut problem) = give(client, &command(id)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem} for {}", command(id));
    problem.as_object_mut().unwrap().remove("request_id");
    serde_json::from_str(&problem.to_string().replace(id, "<id>")).unwrap()
}

/// A field that refers to something, and a command that names it there.
type Reference = (&'static str, Box<dyn Fn(&str) -> Value>);

fn edit(on: &str, id: DocumentId, field: &str, value: &Value) -> Value {
    json!({ "on": on, "do": "edit", "id": id, "edits": [{ "field": field, "value": value }] })
}

/// Everything a work order refers to.
fn references_of_a_work_order(order: DocumentId) -> Vec<Reference> {
    let create = |member: &str, value: Value| {
        let mut command = json!(create_work_order(new_document(), "New"));
        command[member] = value;
        command
    };
    let link = |id: &str| json!({ "id": id, "tag": "P-7", "name": "Pump" });
    let list =
        |id: &str| json!({ "key": "k1", "template": id, "version": 1, "title": "Check", "steps": steps() });
    let part_used = move |id: &str, part: Value| {
        let mut line = json!({ "key": id, "part": null, "storeroom": null, "movement": null,
            "number": "6204", "name": "Bearing", "quantity": 1000, "unit": "pcs" });
        line["part"] = part;
        json!({ "on": "work_order", "do": "use_part", "id": order, "part": line })
    };
    let all: [Reference; 12] = [
        ("assets", Box::new(move |id| create("assets", json!([link(id)])))),
        ("site", Box::new(move |id| create("site", json!(id)))),
        ("location", Box::new(move |id| create("location", json!(id)))),
        ("requester", Box::new(move |id| create("requester", json!(id)))),
        ("people", Box::new(move |id| create("people", json!([id])))),
        ("teams", Box::new(move |id| create("teams", json!([id])))),
        ("checklists", Box::new(move |id| create("checklists", json!([list(id)])))),
        ("assets", Box::new(move |id| edit("work_order", order, "add_asset", &link(id)))),
        ("site", Box::new(move |id| edit("work_order", order, "place", &json!([id, null])))),
        (
            "checklists",
            Box::new(
                move |id| json!({ "on": "work_order", "do": "attach_checklist", "id": order, "checklist": list(id) }),
            ),
        ),
        (
            "add_people",
            Box::new(
                move |id| json!({ "on": "work_order", "do": "assign", "id": order, "add_people": [id], "event": new_record() }),
            ),
        ),
        ("part", Box::new(move |id| part_used("k1", json!(id)))),
    ];
    all.into()
}

/// Everything that machines, places, parts and facts refer to.
fn references_of_the_plant([order, pump, bearing, store]: [DocumentId; 4]) -> Vec<Reference> {
    let moved = move |member: &str, id: &str| {
        let mut command = json!({ "on": "stock_movement", "do": "receive", "id": new_record(), "storeroom": store,
            "part": bearing, "quantity": 1000 });
        command[member] = json!(id);
        command
    };
    let all: [Reference; 9] = [
        (
            "parent",
            Box::new(move |id| {
                let mut command = json!(create_asset(new_document(), "P-8"));
                command["parent"] = json!(id);
                command
            }),
        ),
        ("spares", Box::new(move |id| edit("asset", pump, "add_spare", &json!(id)))),
        ("site", Box::new(move |id| json!({ "on": "asset", "do": "move", "id": pump, "site": id }))),
        (
            "parent",
            Box::new(
                move |id| json!({ "on": "location", "do": "create", "id": new_document(), "name": "Hall", "parent": id }),
            ),
        ),
        ("keeper", Box::new(move |id| edit("storeroom", store, "keeper", &json!(id)))),
        ("part", Box::new(move |id| edit("storeroom", store, "rule", &json!({ "part": id })))),
        ("part", Box::new(move |id| moved("part", id))),
        ("work_order", Box::new(move |id| moved("work_order", id))),
        (
            "person",
            Box::new(move |id| {
                let entry = json!({ "person": id, "minutes": 5 });
                json!({ "on": "labour_entry", "do": "add", "id": new_record(), "work_order": order, "entry": entry })
            }),
        ),
    ];
    all.into()
}

#[tokio::test]
async fn nothing_refers_to_what_is_not_there() {
    let server = site().await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let node = &server.state.sync;
    let [order, pump, bearing, store] = std::array::from_fn(|_| new_document());
    ann.act(node, &create_work_order(order, "Overhaul")).await;
    ann.act(node, &create_asset(pump, "P-7")).await;
    ann.act(node, &create_part(bearing, "6204")).await;
    ann.act(node, &create_storeroom(store, "Main")).await;
    let mut client = server.sign_in("demo", "ann@demo.example").await;

    let mut cases = references_of_a_work_order(order);
    cases.extend(references_of_the_plant([order, pump, bearing, store]));
    let before = feed_length(&server).await;
    for (field, make) in &cases {
        // Nobody has it, and somebody has it as something else: never the kind that this field takes.
        let of_another_kind = if matches!(*field, "work_order") { pump } else { order }.to_string();
        for id in [new_document().to_string(), of_another_kind] {
            let problem = refused(&mut client, make, &id).await;
            assert_eq!(problem["code"], "unknown_reference", "{problem} for {}", make(&id));
            assert_eq!(problem["field"], json!(field), "{problem}");
            assert!(problem["detail"].as_str().unwrap().contains("<id>"), "{problem}");
        }
    }
    assert_eq!(feed_length(&server).await, before, "nothing of it was kept");
    for (make, id) in
        [(&cases[0].1, pump), (&cases[13].1, bearing), (&cases[18].1, bearing), (&cases[19].1, order)]
    {
        must(&mut client, &make(&id.to_string())).await;
    }
}

async fn feed_length(server: &TestServer) -> i64 {
    let mut connection = server.database.superuser().await;
    sqlx::query_scalar("select count(*) from feed").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn what_one_may_not_see_is_as_good_as_missing() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let (here, there) = (new_document(), new_document());
    let limit = GrantLimit::Site(here);
    create_limited_person(&server.database, organisation, "tom@demo.example", Role::Technician, limit).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let (near, far) = (new_document(), new_document());
    for (id, site) in [(near, here), (far, there)] {
        let Command::Asset(asset::Command::Create(mut new)) = create_asset(id, "P-7") else { unreachable!() };
        new.site = Some(site);
        ann.act(&server.state.sync, &Command::Asset(asset::Command::Create(new))).await;
    }
    let about = |id: &str| {
        let mut new = new_work_order(new_document(), "Look at it");
        new.assets =
            vec![AssetLink { id: id.parse().unwrap(), tag: "P-7".to_owned(), name: "Pump".to_owned() }];
        json!(Command::WorkOrder(WorkOrderCommand::Create(Box::new(new))))
    };
    let mut tom = server.sign_in("demo", "tom@demo.example").await;
    let unreadable = refused(&mut tom, about, &far.to_string()).await;
    let missing = refused(&mut tom, about, &new_document().to_string()).await;
    assert_eq!(unreadable, missing);
    assert_eq!(missing["code"], "unknown_reference");
    must(&mut tom, &about(&near.to_string())).await;

    // A device may refer to what it does not have: what it says lands.
    let mut device = Hand::sign_in(&server, "demo", "tom@demo.example").await;
    let command: Command = serde_json::from_value(about(&new_document().to_string())).unwrap();
    device.act(&server.state.sync, &command).await;
}

#[tokio::test]
async fn the_same_id_with_the_same_content_is_a_repetition_and_with_another_a_conflict() {
    let server = site().await;
    let mut ann = server.sign_in("demo", "ann@demo.example").await;
    let mut bob = server.sign_in("demo", "bob@demo.example").await;
    let (order, said, moved) = (new_document(), new_record(), new_record());
    let cases = [
        (
            json!(create_work_order(order, "Pump")),
            json!(create_work_order(order, "Boiler")),
            "already_exists",
        ),
        (remark(said, order, "Done"), remark(said, order, "Not done"), "record_id_reused"),
        (
            json!({ "on": "work_order", "do": "change_status", "id": order, "event": moved, "to": "in_progress" }),
            json!({ "on": "work_order", "do": "change_status", "id": order, "event": moved, "to": "completed" }),
            "record_id_reused",
        ),
        (
            json!({ "on": "work_order", "do": "attach_checklist", "id": order,
                "checklist": { "key": "k1", "template": null, "version": 1, "title": "Start", "steps": steps() } }),
            json!({ "on": "work_order", "do": "attach_checklist", "id": order,
                "checklist": { "key": "k1", "template": null, "version": 1, "title": "Stop", "steps": steps() } }),
            "key_taken",
        ),
    ];
    for (first, other, code) in cases {
        let seqs = must(&mut ann, &first).await["seqs"].clone();
        let (status, again) = give(&mut ann, &first).await;
        assert_eq!((status, &again["changed"]), (StatusCode::OK, &json!(false)), "{first}");
        if code != "key_taken" {
            assert_eq!(again["seqs"], seqs, "{first}");
        }
        let (status, problem) = give(&mut ann, &other).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!(code)), "{other}: {problem}");
        assert!(problem["title"].as_str().unwrap().contains("fresh"), "it says what to do: {problem}");
    }
    let (status, problem) = give(&mut bob, &remark(said, order, "Done")).await;
    assert_eq!(status, StatusCode::CONFLICT, "somebody else said it: {problem}");
    let view = ann.get(&format!("/api/work-orders/{order}")).await.json();
    assert_eq!((&view["title"], &view["comments"][0]["text"]), (&json!("Pump"), &json!("Done")));

    let id = uuid::Uuid::from_u128(9);
    let named = |title: &str| json!({ "id": id, "command": retitle(order, title) });
    assert_eq!(ann.post("/api/commands", &named("Pump 7")).await.json()["changed"], true);
    assert_eq!(ann.post("/api/commands", &named("Pump 7")).await.json()["changed"], false);
    let answer = ann.post("/api/commands", &named("Pump 8")).await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::CONFLICT, "command_id_reused"));
    let answer = bob.post("/api/commands", &named("Pump 7")).await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::CONFLICT, "command_id_taken"));
}

#[tokio::test]
async fn two_at_once_with_one_id_have_one_winner() {
    let server = site().await;
    let order = new_document();
    let ann = server.sign_in("demo", "ann@demo.example").await;
    let give = |title: String| {
        let mut client = ann.clone();
        async move { client.post("/api/commands", &json!({ "command": create_work_order(order, &title) })).await }
    };
    let answers = futures_util::future::join_all((0..6).map(|n| give(format!("Pump {}", n % 2)))).await;
    let changed = answers.iter().filter(|answer| answer.json()["changed"] == true).count();
    let unchanged = answers.iter().filter(|answer| answer.json()["changed"] == false).count();
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((changed, unchanged, taken), (1, 2, 3), "{answers:?}");
}

#[tokio::test]
async fn what_a_device_said_may_be_said_again_over_rest() {
    let server = site().await;
    let mut hand = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let order = new_document();
    let command = create_work_order(order, "Pump");
    let pushed = hand.make(&command);
    let result = hand.push(&server.state.sync, vec![pushed.clone()]).await.remove(0);
    let seqs = accepted(result);
    let mut client = server.sign_in("demo", "ann@demo.example").await;
    let (status, answer) = give(&mut client, &json!(command)).await;
    assert_eq!((status, &answer["changed"], &answer["seqs"]), (StatusCode::OK, &json!(false), &json!(seqs)));
}
