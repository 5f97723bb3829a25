//! What somebody may not read is answered like what does not exist: on every documented route with an id in it, and for
//! every command. The routes come from the OpenAPI document, so that a new one is tested from its first day.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{
    Hand, create_asset, create_part, create_storeroom, create_work_order, new_document, new_record,
};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::Command;
use shared_model::features::location::{self, NewLocation};
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Role};

/// Documents of each kind that is kept from some people, each by its kind's code.
type Hidden = Vec<(&'static str, DocumentId)>;

/// A server with Ann's documents, and clients of people who may read none of them.
async fn stage() -> (TestServer, Hidden, Vec<(&'static str, Client)>) {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, demo, "ann@demo.example", Role::Admin).await;
    create_person(&server.database, other, "ann@demo.example", Role::Admin).await;
    create_limited_person(&server.database, demo, "cleo@demo.example", Role::Contractor, GrantLimit::Own)
        .await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let ids: [DocumentId; 5] = std::array::from_fn(|_| new_document());
    let [order, asset, part, storeroom, place] = ids;
    let name = "Hall".to_owned();
    let new = NewLocation { id: place, name, parent: None, site: None, fields: Vec::new() };
    for command in [
        create_work_order(order, "Secret boiler"),
        create_asset(asset, "P-7"),
        create_part(part, "6204"),
        create_storeroom(storeroom, "Main"),
        Command::Location(location::Command::Create(Box::new(new))),
    ] {
        ann.act(&server.state.sync, &command).await;
    }
    let hidden = ["work_order", "asset", "part", "storeroom", "location"].into_iter().zip(ids).collect();
    let clients = vec![
        ("a contractor", server.sign_in("demo", "cleo@demo.example").await),
        ("another organisation", server.sign_in("other", "ann@demo.example").await),
    ];
    (server, hidden, clients)
}

/// Status and body of an answer, without what is another every time.
fn told(answer: &Answer, id: DocumentId) -> (StatusCode, Value) {
    let text = String::from_utf8(answer.body.to_vec()).unwrap().replace(&id.to_string(), "<id>");
    let mut body: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    if let Some(problem) = body.as_object_mut() {
        problem.remove("request_id");
    }
    (answer.status, body)
}

/// Method, path and the names of parameters in the query that take an id.
pub(super) fn operations(document: &Value) -> Vec<(Method, String, Vec<String>)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let ids = parameters.filter(|parameter| {
                parameter["in"] == "query" && parameter["schema"].to_string().contains("\"uuid\"")
            });
            let ids = ids.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect();
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            operations.push((method, path.clone(), ids));
        }
    }
    operations
}

/// The path with `id` in the place of every parameter.
fn filled(path: &str, id: DocumentId) -> String {
    let parts =
        path.split('/').map(|part| if part.starts_with('{') { id.to_string() } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn on_every_route_with_an_id() {
    let (server, hidden, clients) = stage().await;
    let document = server.client().get("/api/openapi.json").await.json();
    let mut in_paths = 0;
    let mut in_queries = 0;
    for (method, path, parameters) in operations(&document) {
        for (who, client) in &clients {
            let mut client = client.clone();
            if path.contains('{') {
                in_paths += 1;
                let none = new_document();
                let missing = told(&client.call(method.clone(), &filled(&path, none)).await, none);
                // Whoever may not ask at all is told so, and a body that is not there is missed before anything is looked up.
                let says_nothing =
                    [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::UNSUPPORTED_MEDIA_TYPE];
                assert!(says_nothing.contains(&missing.0), "{method} {path} for {who}: {missing:?}");
                for (kind, id) in &hidden {
                    let unreadable = told(&client.call(method.clone(), &filled(&path, *id)).await, *id);
                    assert_eq!(unreadable, missing, "{method} {path} of a {kind} for {who}");
                }
            }
            for parameter in &parameters {
                in_queries += 1;
                let address = |id: DocumentId| format!("{path}?{parameter}={id}");
                let none = new_document();
                let missing = told(&client.call(method.clone(), &address(none)).await, none);
                for (kind, id) in &hidden {
                    let unreadable = told(&client.call(method.clone(), &address(*id)).await, *id);
                    assert_eq!(unreadable, missing, "{method} {path}?{parameter} of a {kind} for {who}");
                }
            }
        }
    }
    assert!(in_paths >= 4, "the document names routes with an id: {in_paths}");
    assert!(in_queries >= 10, "and some that take one in the query: {in_queries}");
}

fn edit(on: &str, id: DocumentId, field: &str) -> Value {
    json!({ "on": on, "do": "edit", "id": id, "edits": [{ "field": field, "value": "x" }] })
}

fn part_used() -> Value {
    json!({ "key": "p1", "part": null, "storeroom": null, "movement": null, "number": "1",
        "name": "n", "quantity": 1000, "unit": "pcs" })
}

fn moved(what: &str, id: DocumentId) -> Value {
    json!({ "on": "stock_movement", "do": what, "id": new_record(), "storeroom": id,
        "part": DocumentId::from_bytes([0; 16]), "quantity": 1000 })
}

/// The kind of a document, and a command about it.
type About = (&'static str, fn(DocumentId) -> Value);

/// Commands about a document that exists.
pub(super) const COMMANDS: &[About] = &[
    ("work_order", |id| edit("work_order", id, "title")),
    ("work_order", |id| json!({ "on": "work_order", "do": "assign", "id": id, "event": new_record() })),
    (
        "work_order",
        |id| json!({ "on": "work_order", "do": "change_status", "id": id, "event": new_record(), "to": "completed" }),
    ),
    ("work_order", |id| {
        json!({ "on": "work_order", "do": "attach_checklist", "id": id,
                "checklist": { "key": "k", "template": null, "version": 1, "title": "t", "steps": [] } })
    }),
    (
        "work_order",
        |id| json!({ "on": "work_order", "do": "answer", "id": id, "checklist": "k", "step": "s", "answer": "1" }),
    ),
    ("work_order", |id| json!({ "on": "work_order", "do": "use_part", "id": id, "part": part_used() })),
    ("work_order", |id| json!({ "on": "work_order", "do": "start_timer", "id": id })),
    ("work_order", |id| json!({ "on": "work_order", "do": "stop_timer", "id": id, "labour": new_record() })),
    (
        "work_order",
        |id| json!({ "on": "work_order", "do": "correct_status", "id": id, "event": new_record(), "to": "closed" }),
    ),
    (
        "work_order",
        |id| json!({ "on": "work_order", "do": "settle_notice", "id": id, "record": new_record(), "notice": new_record() }),
    ),
    ("work_order", |id| {
        json!({ "on": "labour_entry", "do": "add", "id": new_record(), "work_order": id,
                "entry": { "person": new_document(), "minutes": 5 } })
    }),
    (
        "work_order",
        |id| json!({ "on": "comment", "do": "add", "id": new_record(), "document": id, "kind": "work_order", "text": "x" }),
    ),
    (
        "asset",
        |id| json!({ "on": "comment", "do": "add", "id": new_record(), "document": id, "kind": "asset", "text": "x" }),
    ),
    ("asset", |id| edit("asset", id, "name")),
    ("asset", |id| json!({ "on": "asset", "do": "move", "id": id })),
    ("asset", |id| {
        json!({ "on": "meter_reading", "do": "add", "id": new_record(), "asset": id,
                "reading": { "meter": "m", "value": 1, "unit": "h" } })
    }),
    ("location", |id| edit("location", id, "name")),
    ("location", |id| json!({ "on": "location", "do": "move", "id": id })),
    ("location", |id| {
        json!({ "on": "cost", "do": "set_rate", "id": new_record(), "site": id,
                "rate": { "money": { "minor": 1, "currency": "EUR" }, "from": 0 } })
    }),
    ("part", |id| edit("part", id, "name")),
    ("part", |id| {
        json!({ "on": "cost", "do": "set_price", "id": new_record(), "part": id,
                "price": { "money": { "minor": 1, "currency": "EUR" }, "from": 0 } })
    }),
    ("work_order", |id| {
        json!({ "on": "cost", "do": "enter", "id": new_record(), "document": id, "kind": "work_order",
                "entry": { "money": { "minor": 1, "currency": "EUR" }, "kind": "other" } })
    }),
    ("storeroom", |id| edit("storeroom", id, "name")),
    ("storeroom", |id| moved("receive", id)),
    ("storeroom", |id| moved("issue", id)),
    ("storeroom", |id| moved("return", id)),
    ("storeroom", |id| moved("scrap", id)),
    ("storeroom", |id| {
        json!({ "on": "stock_movement", "do": "transfer", "out": new_record(), "into": new_record(),
                "from": id, "to": id, "part": DocumentId::from_bytes([0; 16]), "quantity": 1 })
    }),
    ("storeroom", |id| {
        json!({ "on": "stock_movement", "do": "count", "id": new_record(), "storeroom": id,
                "part": DocumentId::from_bytes([0; 16]), "counted": 0 })
    }),
    ("work_order", |id| {
        json!({ "on": "conflict", "do": "settle", "document": id, "kind": "work_order", "field": "title",
                "value": { "type": "str", "value": "x" }, "decision": "d" })
    }),
];

#[tokio::test]
async fn for_every_command() {
    let (_server, hidden, mut clients) = stage().await;
    for &(kind, make) in COMMANDS {
        // An id of another kind is no document of this command either.
        let of_kind = hidden.iter().find(|(code, _)| *code == kind).unwrap().1;
        let of_another = hidden.iter().find(|(code, _)| *code != kind).unwrap().1;
        for (who, client) in &mut clients {
            let mut given = Vec::new();
            for id in [new_document(), of_kind, of_another] {
                let answer = client.post("/api/commands", &json!({ "command": make(id) })).await;
                given.push(told(&answer, id));
            }
            assert_eq!(given[0].0, StatusCode::NOT_FOUND, "{:?} for {who}: {}", given[0], make(of_kind));
            assert_eq!(given[0].1["code"], "unknown_document");
            assert_eq!((&given[1], &given[2]), (&given[0], &given[0]), "for {who}: {}", make(of_kind));
        }
    }
}
