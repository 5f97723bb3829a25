//! Clumsy and hostile clients of the REST API: whatever they send, the answer is theirs to understand. Nothing ends in
//! a 5xx, in silence or in a body that is no problem document, and nothing is left damaged.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use futures_util::StreamExt;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{
    Hand, create_asset, create_part, create_storeroom, create_work_order, new_document,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::Command;
use shared_model::features::location::{self, NewLocation};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Role;
use sync_server::projection::verify;

use super::unreadable::{COMMANDS, operations};

/// Requests under way at once.
const AT_ONCE: usize = 16;

struct Stage {
    server: TestServer,
    organisation: OrganisationId,
    /// A document of each kind, by the kind's code.
    documents: Vec<(&'static str, DocumentId)>,
    client: Client,
}

async fn stage() -> Stage {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let ids: [DocumentId; 5] = std::array::from_fn(|_| new_document());
    let [order, asset, part, storeroom, place] = ids;
    let new =
        NewLocation { id: place, name: "Hall".to_owned(), parent: None, site: None, fields: Vec::new() };
    for command in [
        create_work_order(order, "Pump"),
        create_asset(asset, "P-7"),
        create_part(part, "6204"),
        create_storeroom(storeroom, "Main"),
        Command::Location(location::Command::Create(Box::new(new))),
    ] {
        ann.act(&server.state.sync, &command).await;
    }
    let documents = ["work_order", "asset", "part", "storeroom", "location"].into_iter().zip(ids).collect();
    let client = server.sign_in("demo", "ann@demo.example").await;
    Stage { server, organisation, documents, client }
}

impl Stage {
    /// Nothing panicked, nothing could not be stored, and the rows are as the feed says.
    async fn is_unharmed(&self) {
        let mut connection = self.server.database.superuser().await;
        let kept: Vec<String> = sqlx::query_scalar("select concat(code, ': ', detail) from quarantine")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        assert_eq!(kept, Vec::<String>::new());
        assert_eq!(verify(&self.server.state.pool, self.organisation, |_| {}).await.unwrap(), []);
    }
}

/// The answer is a success, or says what is wrong with the request.
fn is_understandable(what: &str, method: &Method, answer: &Answer) {
    let status = answer.status;
    assert!(!status.is_server_error(), "{what}: {answer:?}");
    if status.is_client_error() && *method != Method::HEAD {
        answer.problem_code();
        assert!(!answer.json()["title"].as_str().unwrap().is_empty(), "{what}: {answer:?}");
    }
    // HEAD reaches what answers GET; a WebSocket cannot be opened so, and there is nothing else to name.
    if status == StatusCode::METHOD_NOT_ALLOWED && *method != Method::HEAD {
        assert!(!answer.header("allow").is_empty(), "{what} says what is allowed: {answer:?}");
    }
}

#[tokio::test]
async fn every_method_at_every_address() {
    let stage = stage().await;
    let document = stage.client.clone().get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap().keys().cloned();
    let paths: Vec<String> =
        paths.chain(["/api".to_owned(), "/api/".to_owned(), "/api/%00".to_owned()]).collect();
    for path in &paths {
        let address = path.replace("{id}", &stage.documents[0].1.to_string());
        for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            // A copy, so that no DELETE ends the session of the next one; signing out is tried last.
            if (&method, path.as_str()) == (&Method::DELETE, "/api/session") {
                continue;
            }
            let answer = stage.client.clone().call(method.clone(), &address).await;
            if path != "/readyz" {
                is_understandable(&format!("{method} {path}"), &method, &answer);
            }
        }
    }
    stage.is_unharmed().await;
}

#[tokio::test]
async fn odd_parameters() {
    let stage = stage().await;
    let long = "9".repeat(6_000);
    let odd = [
        "",
        "%00",
        "%FF",
        "%F0%9F%92%A5",
        "-1",
        "9223372036854775808",
        "1e309",
        "NaN",
        "%27%20or%201%3D1--",
        "null",
        "..%2F..%2Fetc",
        "%E2%80%AE%D8%A7",
        &long,
    ];
    let mut client = stage.client.clone();
    for (method, path, _) in operations(&client.get("/api/openapi.json").await.json()) {
        if method != Method::GET || path.contains("automerge-repo") || path == "/sync" {
            continue;
        }
        for value in odd {
            let in_path = path.replace("{id}", if value.is_empty() { "%20" } else { value });
            let mut addresses =
                vec![format!("{in_path}?{value}"), format!("{in_path}?limit=1&limit=2&{value}={value}")];
            for name in ["search", "status", "person", "document", "site", "after", "limit", "since"] {
                addresses.push(format!("{in_path}?{name}={value}"));
            }
            for address in addresses {
                let answer = client.call(method.clone(), &address).await;
                is_understandable(&address, &method, &answer);
                if answer.status == StatusCode::BAD_REQUEST {
                    let problem = answer.json();
                    let says = problem["code"] != "bad_request" || problem["detail"].is_string();
                    assert!(says, "{address} hears what is wrong: {problem}");
                }
            }
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_commands() {
    let stage = stage().await;
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let many = format!("{{{}}}", (0..20_000).map(|n| format!("\"a{n}\":1")).collect::<Vec<_>>().join(","));
    let bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "[]",
        "{}",
        "\"command\"",
        "{",
        "{\"command\":null}",
        "{\"command\":[]}",
        "{\"command\":{\"on\":\"work_order\"}}",
        "{\"command\":{\"on\":1,\"do\":2}}",
        "{\"id\":\"x\",\"command\":{\"on\":\"comment\",\"do\":\"add\"}}",
        "{\"id\":1e999}",
        "1e999",
        "-",
        "\u{feff}{}",
        "{\"command\":{\"on\":\"\\ud800\"}}",
        "{\"command\":\"\\u0000\"}",
        &deep,
        &many,
    ]
    .into_iter()
    .map(|body| body.as_bytes().to_vec())
    .chain([vec![0xff, 0xfe, 0x00], b"{\"command\":\"\xff\"}".to_vec()])
    .collect();
    let kinds = [
        Some("application/json"),
        Some("application/json; charset=utf-16"),
        Some("application/problem+json"),
        Some("text/plain"),
        Some("multipart/form-data"),
        Some("application/x-www-form-urlencoded"),
        Some("nonsense"),
        Some(""),
        None,
    ];
    for path in ["/api/commands", "/api/session", "/api/socket-tickets"] {
        for body in &bodies {
            for kind in kinds {
                let mut request = Request::post(path);
                if let Some(kind) = kind {
                    request = request.header(header::CONTENT_TYPE, kind);
                }
                let answer = stage.client.clone().send(request.body(Body::from(body.clone())).unwrap()).await;
                let what =
                    format!("{path} {kind:?} {}", String::from_utf8_lossy(&body[..body.len().min(60)]));
                is_understandable(&what, &Method::POST, &answer);
                assert!(
                    path == "/api/socket-tickets" || answer.status.is_client_error(),
                    "{what}: {answer:?}"
                );
            }
        }
    }
    let packed = Request::post("/api/commands")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CONTENT_ENCODING, "gzip");
    let answer = stage.client.clone().send(packed.body(Body::from("{}")).unwrap()).await;
    is_understandable("gzip", &Method::POST, &answer);
    stage.is_unharmed().await;
}

/// What a value may be instead.
fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(-1),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(0.5),
        json!(""),
        json!("\u{0}💥\u{202e}"),
        json!("x".repeat(70_000)),
        json!([[]]),
        json!({ "x": {} }),
        json!(DocumentId::from_bytes([0; 16])),
    ]
}

/// Where in a value there is something to replace.
fn places(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                places(member, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
    if !path.is_empty() {
        found.push(path.to_owned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_with_one_value_that_is_something_else() {
    let stage = stage().await;
    let of_kind = |kind: &str| stage.documents.iter().find(|(code, _)| *code == kind).unwrap().1;
    let mut requests = Vec::new();
    let mut add = |make: &dyn Fn() -> Value| {
        let mut found = Vec::new();
        places(&make(), "", &mut found);
        for place in found {
            for odd in odd_values() {
                let mut command = make();
                *command.pointer_mut(&place).unwrap() = odd;
                requests.push(command);
            }
        }
    };
    for &(kind, make) in COMMANDS {
        add(&|| make(of_kind(kind)));
    }
    let create: [fn(DocumentId) -> Command; 4] = [
        |id| create_work_order(id, "New"),
        |id| create_asset(id, "P-8"),
        |id| create_part(id, "6205"),
        |id| create_storeroom(id, "Van"),
    ];
    for create in create {
        add(&|| json!(create(new_document())));
    }
    let give = |command: Value| {
        let mut client = stage.client.clone();
        async move {
            let answer = client.post("/api/commands", &json!({ "command": command })).await;
            let mut what = command.to_string();
            what.truncate(what.floor_char_boundary(400));
            is_understandable(&what, &Method::POST, &answer);
            answer.status
        }
    };
    let statuses: Vec<StatusCode> =
        futures_util::stream::iter(requests).map(give).buffer_unordered(AT_ONCE).collect().await;
    assert!(statuses.iter().filter(|status| status.is_success()).count() > 20, "some of it is fine");
    assert!(statuses.iter().filter(|status| status.is_client_error()).count() > 500, "most of it is not");
    stage.is_unharmed().await;
}
