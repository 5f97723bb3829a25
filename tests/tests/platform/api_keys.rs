//! Keys of programs: what they open, how far they reach, and when they stop.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{create_asset, create_part, create_work_order, new_document};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person, create_team};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::api_key::{ApiKey, IssuedApiKey, is_for_programs};
use shared_model::directory::Directory;
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};
use shared_model::permission::{GrantLimit, Permission, Role, RoleGrant};
use sync_server::app_state::Settings;
use sync_server::clock::Clock;
use sync_server::database::{people, tenant_transaction};

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);
const KEYS: &str = "/api/api-keys";

struct Story {
    server: TestServer,
    clock: Clock,
    organisation: OrganisationId,
    ann_id: PersonId,
    ann: Client,
}

async fn story() -> Story {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    let ann_id = create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    create_person(&database, organisation, "bob@demo.example", Role::Technician).await;
    let clock = Clock::manual(NOON);
    let settings = Settings { clock: clock.clone(), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let ann = server.sign_in("demo", "ann@demo.example").await;
    Story { server, clock, organisation, ann_id, ann }
}

impl Story {
    /// A key of Ann's with these permissions for the whole organisation.
    async fn key(&mut self, permissions: &[&str]) -> IssuedApiKey {
        issued(&self.ann.post(KEYS, &json!({ "name": "ERP bridge", "permissions": permissions })).await)
    }

    fn program(&self, secret: &str) -> Program {
        Program { client: self.server.client(), authorization: format!("Bearer {secret}") }
    }

    /// Lets Ann have other roles, or not work here any more.
    async fn change_ann(&self, active: bool, roles: &[RoleGrant]) {
        let (organisation, ann) = (self.organisation, self.ann_id);
        let mut transaction = tenant_transaction(&self.server.state.pool, organisation).await.unwrap();
        people::set_grants(&mut transaction, organisation, ann, roles, NOON).await.unwrap();
        people::set_active(&mut transaction, organisation, ann, active).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

fn issued(answer: &Answer) -> IssuedApiKey {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.read()
}

async fn keys(client: &mut Client) -> Vec<ApiKey> {
    client.get(KEYS).await.read()
}

/// The ids of what a page lists.
fn listed(answer: &Answer) -> Vec<Value> {
    let page = answer.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    items.iter().map(|item| item["id"].clone()).collect()
}

/// A program that sends a key, or what it takes for one.
struct Program {
    client: Client,
    authorization: String,
}

impl Program {
    async fn call(&mut self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::AUTHORIZATION, &self.authorization);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.client.send(request.body(body).unwrap()).await
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    async fn give(&mut self, command: impl serde::Serialize) -> Answer {
        self.call(Method::POST, "/api/commands", Some(&json!({ "command": command }))).await
    }

    /// The code it is refused with, or `ok`.
    async fn hears(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        if answer.status == StatusCode::OK { "ok".to_owned() } else { answer.problem_code() }
    }
}

#[tokio::test]
async fn a_program_reads_and_writes_in_the_name_of_who_made_its_key() {
    let mut story = story().await;
    let IssuedApiKey { api_key, secret } = story.key(&["work_order:read", "work_order:create"]).await;
    let organisation = story.organisation.as_uuid().simple().to_string();
    assert!(secret.starts_with(&format!("mp_{organisation}_")), "{secret}");
    assert_eq!((api_key.person, api_key.reach), (story.ann_id, GrantLimit::Organisation));

    let mut program = story.program(&secret);
    let order = new_document();
    let answer = program.give(create_work_order(order, "Pump 7 drips")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let address = format!("/api/work-orders/{order}");
    let seen = program.get(&address).await.json();
    assert_eq!(seen, story.ann.get(&address).await.json(), "they see the same");

    let directory: Directory = story.ann.get("/api/directory").await.read();
    let editor = directory.actors.iter().find(|actor| seen["edited_by"] == json!(actor.id)).unwrap();
    assert_eq!((editor.person, editor.device), (Some(story.ann_id), Some(api_key.id)));
    let install = directory.devices.iter().find(|device| device.id == api_key.id).unwrap();
    assert_eq!(install.name, "ERP bridge", "so that everybody sees what wrote it");
}

#[tokio::test]
async fn a_key_does_what_it_was_made_for_and_nothing_else() {
    let mut story = story().await;
    let secret = story.key(&["part:read", "part:edit"]).await.secret;
    let mut program = story.program(&secret);
    assert_eq!(program.get("/api/parts").await.status, StatusCode::OK);
    for path in ["/api/assets", "/api/work-orders"] {
        assert_eq!(program.hears(path).await, "forbidden", "{path}");
    }
    let part = new_document();
    assert_eq!(program.give(create_part(part, "6204")).await.status, StatusCode::OK);
    let answer = program.give(create_asset(new_document(), "P-7")).await;
    assert_eq!(answer.problem_code(), "not_permitted", "though Ann may");
    let answer = program.call(Method::DELETE, &format!("/api/documents/{part}"), None).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
}

#[tokio::test]
async fn a_key_of_a_site_or_a_team_stays_there() {
    let mut story = story().await;
    let (north, south) = (new_document(), new_document());
    let mut give = async |command: Value| {
        let answer = story.ann.post("/api/commands", &json!({ "command": command })).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?} for {command}");
    };
    let mut assets = Vec::new();
    for (site, name) in [(north, "North"), (south, "South")] {
        give(json!({ "on": "location", "do": "create", "id": site, "name": name })).await;
        let asset = new_document();
        give(
            json!({ "on": "asset", "do": "create", "id": asset, "tag": name, "name": "Pump", "site": site }),
        )
        .await;
        assets.push(asset);
    }
    let team = create_team(&story.server.database, story.organisation, "Fitters", &[]).await;
    let mut make = async |reach: Value| {
        let permissions = json!(["asset:read", "asset:edit"]);
        let body = json!({ "name": "Logger", "permissions": permissions, "reach": reach });
        issued(&story.ann.post(KEYS, &body).await).secret
    };
    let in_north = make(json!({ "limit": "site", "id": north })).await;
    let in_team = make(json!({ "limit": "team", "id": team })).await;

    let mut program = story.program(&in_north);
    assert_eq!(listed(&program.get("/api/assets").await), [json!(assets[0])]);
    let edits = json!([{ "field": "name", "value": "Fan" }]);
    let rename = |id: DocumentId| json!({ "on": "asset", "do": "edit", "id": id, "edits": edits });
    assert_eq!(program.give(rename(assets[0])).await.status, StatusCode::OK);
    assert_eq!(program.give(rename(assets[1])).await.problem_code(), "unknown_document");
    assert_eq!(listed(&story.program(&in_team).get("/api/assets").await), Vec::<Value>::new());

    let at = |limit| RoleGrant { role: Role::Supervisor.into(), limit };
    story.change_ann(true, &[at(GrantLimit::Site(south))]).await;
    assert_eq!(story.program(&in_north).hears("/api/assets").await, "forbidden", "she is in the south now");
}

#[tokio::test]
async fn a_key_ends_on_its_day() {
    let mut story = story().await;
    let usual = story.key(&["part:read"]).await;
    let body = json!({ "name": "Once", "permissions": ["part:read"], "expires_in_days": 1 });
    let short = issued(&story.ann.post(KEYS, &body).await);
    assert_eq!(usual.api_key.expires_at, NOON.plus_millis(90 * DAY_MS));
    story.clock.advance(DAY_MS - 1);
    assert_eq!(story.program(&short.secret).hears("/api/parts").await, "ok");
    story.clock.advance(1);
    assert_eq!(story.program(&short.secret).hears("/api/parts").await, "api_key_refused");
    story.clock.advance(89 * DAY_MS - 1);
    assert_eq!(story.program(&usual.secret).hears("/api/parts").await, "ok");
    story.clock.advance(1);
    assert_eq!(story.program(&usual.secret).hears("/api/parts").await, "api_key_refused");
    let mut ann = story.server.sign_in("demo", "ann@demo.example").await;
    assert_eq!(keys(&mut ann).await.len(), 2, "whoever administers sees why it stopped");
}

#[tokio::test]
async fn a_key_that_is_taken_away_opens_nothing_from_then_on() {
    let mut story = story().await;
    let (gone, stays) = (story.key(&["part:edit"]).await, story.key(&["part:read"]).await);
    let part = new_document();
    assert_eq!(story.program(&gone.secret).give(create_part(part, "6204")).await.status, StatusCode::OK);
    let settings = Settings { clock: story.clock.clone(), ..Settings::default() };
    let other_node = TestServer::start_with(&story.server.database, settings).await;
    let mut there = Program { client: other_node.client(), ..story.program(&gone.secret) };
    assert_eq!(there.hears("/api/parts").await, "forbidden", "it opens something");
    let address = format!("{KEYS}/{}", gone.api_key.id);
    assert_eq!(story.ann.call(Method::DELETE, &address).await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.program(&gone.secret).hears("/api/parts").await, "api_key_refused");
    assert_eq!(there.hears("/api/parts").await, "api_key_refused", "at every node");
    assert_eq!(story.program(&stays.secret).hears("/api/parts").await, "ok");
    assert_eq!(story.ann.call(Method::DELETE, &address).await.status, StatusCode::NOT_FOUND);
    let left: Vec<_> = keys(&mut story.ann).await.into_iter().map(|key| key.id).collect();
    assert_eq!(left, [stays.api_key.id]);
    let directory: Directory = story.ann.get("/api/directory").await.read();
    assert!(
        directory.devices.iter().any(|device| device.id == gone.api_key.id),
        "what it wrote still says so"
    );
}

#[tokio::test]
async fn a_key_can_do_no_more_than_its_person_at_that_moment() {
    let mut story = story().await;
    let secret = story.key(&["part:read", "part:edit", "cost:read"]).await.secret;
    let mut program = story.program(&secret);
    let everywhere = |role: Role| RoleGrant { role: role.into(), limit: GrantLimit::Organisation };
    story.change_ann(true, &[everywhere(Role::Technician)]).await;
    assert_eq!(program.hears("/api/parts").await, "ok", "technicians read parts");
    assert_eq!(program.give(create_part(new_document(), "6204")).await.problem_code(), "not_permitted");
    story.change_ann(true, &[]).await;
    assert_eq!(program.hears("/api/parts").await, "forbidden");
    story.change_ann(true, &[everywhere(Role::Admin)]).await;
    assert_eq!(program.give(create_part(new_document(), "6204")).await.status, StatusCode::OK);

    story.change_ann(false, &[everywhere(Role::Admin)]).await;
    assert_eq!(program.hears("/api/parts").await, "api_key_refused", "she works here no more");
    story.change_ann(true, &[everywhere(Role::Admin)]).await;
    assert_eq!(program.hears("/api/parts").await, "api_key_refused", "and makes a new one when she is back");
}

#[tokio::test]
async fn a_key_administers_nothing_and_nobody_without_the_right_makes_one() {
    let mut story = story().await;
    for (permission, status, code) in [
        ("organisation:admin", StatusCode::UNPROCESSABLE_ENTITY, "value"),
        ("server:write", StatusCode::UNPROCESSABLE_ENTITY, "value"),
        ("everything", StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
    ] {
        let body = json!({ "name": "Root", "permissions": ["part:read", permission] });
        let answer = story.ann.post(KEYS, &body).await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (status, code), "{permission}");
    }
    let site = GrantLimit::Site(DocumentId::from_bytes([7; 16]));
    let database = &story.server.database;
    create_limited_person(database, story.organisation, "bea@demo.example", Role::Admin, site).await;
    let body = json!({ "name": "Mine", "permissions": ["part:read"] });
    let id = story.key(&["part:read"]).await.api_key.id;
    for email in ["bob@demo.example", "bea@demo.example"] {
        let mut client = story.server.sign_in("demo", email).await;
        assert_eq!(client.post(KEYS, &body).await.problem_code(), "forbidden", "{email}");
        assert_eq!(client.get(KEYS).await.problem_code(), "forbidden", "{email}");
        let answer = client.call(Method::DELETE, &format!("{KEYS}/{id}")).await;
        assert_eq!(answer.problem_code(), "forbidden", "{email}");
    }

    let all = Permission::ALL.iter().filter(|permission| is_for_programs(**permission));
    let all: Vec<&str> = all.map(|permission| permission.code()).collect();
    let secret = story.key(&all).await.secret;
    let mut program = story.program(&secret);
    let session = json!({ "name": "Child", "permissions": ["part:read"] });
    for (method, path, code) in [
        (Method::GET, KEYS, "session_required"),
        (Method::POST, KEYS, "session_required"),
        (Method::GET, "/api/people", "session_required"),
        (Method::GET, "/api/sessions", "session_required"),
        (Method::DELETE, "/api/sessions", "session_required"),
        (Method::DELETE, "/api/session", "session_required"),
        (Method::GET, "/api/session", "not_signed_in"),
        (Method::POST, "/api/socket-tickets", "not_signed_in"),
        (Method::GET, "/api/automerge-repo", "not_signed_in"),
    ] {
        let answer = program.call(method.clone(), path, Some(&session)).await;
        assert_eq!(answer.problem_code(), code, "{method} {path}");
    }
    let sessions: Vec<Value> = story.ann.get("/api/sessions").await.read();
    let address = format!("/api/sessions/{}", sessions[0]["id"].as_str().unwrap());
    assert_eq!(program.call(Method::DELETE, &address, None).await.problem_code(), "session_required");
    assert_eq!(story.ann.get("/api/session").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_stored_nowhere() {
    let mut story = story().await;
    let IssuedApiKey { api_key, secret } = story.key(&["part:read"]).await;
    let text = String::from_utf8(story.ann.get(KEYS).await.body.to_vec()).unwrap();
    let end = secret.rsplit('_').next().unwrap();
    assert!(text.contains(&api_key.id.to_string()) && !text.contains(end), "{text}");
    let mut connection = story.server.database.superuser().await;
    let (row, hash): (String, Vec<u8>) = sqlx::query_as("select api_key::text, token_hash from api_key")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(!row.contains(end), "{row}");
    assert_eq!(hash.len(), 32);
}

#[tokio::test]
async fn the_last_use_of_a_key_is_told_to_within_ten_minutes() {
    let mut story = story().await;
    let secret = story.key(&["part:read"]).await.secret;
    assert_eq!(keys(&mut story.ann).await[0].last_used_at, None);
    let mut program = story.program(&secret);
    let mut connection = story.server.database.superuser().await;
    let mut written = async || -> String {
        sqlx::query_scalar("select xmin::text from api_key").fetch_one(&mut connection).await.unwrap()
    };
    program.get("/api/parts").await;
    let first = written().await;
    story.clock.advance(10 * MINUTE_MS - 1);
    for _ in 0..5 {
        program.get("/api/parts").await;
    }
    assert_eq!(written().await, first, "nothing is written for each use");
    assert_eq!(keys(&mut story.ann).await[0].last_used_at, Some(NOON));
    story.clock.advance(1);
    program.get("/api/parts").await;
    assert_eq!(keys(&mut story.ann).await[0].last_used_at, Some(NOON.plus_millis(10 * MINUTE_MS)));
}

#[tokio::test]
async fn keys_of_another_organisation_are_as_good_as_none() {
    let mut story = story().await;
    let other = create_organisation(&story.server.database, "other").await;
    create_person(&story.server.database, other, "eve@other.example", Role::Admin).await;
    let mut eve = story.server.sign_in("other", "eve@other.example").await;
    let IssuedApiKey { api_key, secret } = story.key(&["part:read", "part:edit"]).await;
    assert_eq!(keys(&mut eve).await, []);
    let answer = eve.call(Method::DELETE, &format!("{KEYS}/{}", api_key.id)).await;
    assert_eq!(answer.problem_code(), "not_found");

    let (ours, theirs) = (story.organisation.as_uuid().simple(), other.as_uuid().simple());
    let forged = secret.replace(&ours.to_string(), &theirs.to_string());
    assert_eq!(story.program(&forged).hears("/api/parts").await, "api_key_refused");
    let mut program = story.program(&secret);
    assert_eq!(program.give(create_part(new_document(), "6204")).await.status, StatusCode::OK);
    assert_eq!(listed(&eve.get("/api/parts").await), Vec::<Value>::new());
}

#[tokio::test]
async fn what_is_no_key_is_refused_or_left_to_whom_it_belongs() {
    let mut story = story().await;
    let secret = story.key(&["part:read"]).await.secret;
    let cookie = story.ann.cookie.clone().unwrap();
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let long = "A".repeat(5_000);
    for (authorization, code) in [
        (format!("bEaReR   {secret}  "), "ok"),
        (format!("Bearer {secret}A"), "api_key_refused"),
        (format!("Bearer {}", &secret[..secret.len() - 1]), "api_key_refused"),
        (format!("Bearer mp_{long}"), "api_key_refused"),
        ("Bearer mp_".to_owned(), "api_key_refused"),
        ("Bearer mp__".to_owned(), "api_key_refused"),
        ("Bearer mp_é_é".to_owned(), "not_signed_in"),
        (format!("Bearer {token}"), "not_signed_in"),
        (format!("Basic {secret}"), "not_signed_in"),
        (secret.clone(), "not_signed_in"),
        (String::new(), "not_signed_in"),
        ("Bearer".to_owned(), "not_signed_in"),
    ] {
        let mut program = Program { client: story.server.client(), authorization };
        assert_eq!(program.hears("/api/parts").await, code, "{}", program.authorization);
    }
    let mut proxied = Program { client: story.ann.clone(), authorization: "Bearer eyJhbGciOi".to_owned() };
    assert_eq!(proxied.hears("/api/people").await, "ok", "the token of a proxy in front is not ours");
    let mut both = Program { client: story.ann.clone(), ..story.program(&secret) };
    assert_eq!(
        both.hears("/api/people").await,
        "session_required",
        "a key is what it is, beside a cookie too"
    );
    let mut as_cookie = story.server.client();
    as_cookie.cookie = Some(format!("maintainpro={secret}"));
    assert_eq!(as_cookie.get("/api/parts").await.problem_code(), "not_signed_in");
}

#[tokio::test]
async fn what_a_key_cannot_be_is_said() {
    let mut story = story().await;
    let right = json!({ "name": "Logger", "permissions": ["part:read"], "expires_in_days": 365 });
    issued(&story.ann.post(KEYS, &right).await);
    for (field, value) in [
        ("name", json!(" ")),
        ("name", json!("x".repeat(1_000))),
        ("name", json!("a\nb")),
        ("permissions", json!([])),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("reach", json!({ "limit": "own" })),
        ("reach", json!({ "limit": "site", "id": new_document() })),
        ("reach", json!({ "limit": "team", "id": new_document() })),
    ] {
        let mut body = right.clone();
        body[field] = value;
        let answer = story.ann.post(KEYS, &body).await;
        assert_eq!(answer.problem_code(), "value", "{body}");
        assert_eq!(answer.json()["field"], field, "{body}");
    }
    for _ in 1..100 {
        issued(&story.ann.post(KEYS, &right).await);
    }
    assert_eq!(story.ann.post(KEYS, &right).await.problem_code(), "too_many_keys");
    assert_eq!(keys(&mut story.ann).await.len(), 100);
}
