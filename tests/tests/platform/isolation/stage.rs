//! Two organisations with the same kinds of things, and everything that names something of the first.

use std::collections::{BTreeMap, HashSet};

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::Client;
use maintainpro_tests::hand::{Hand, create_asset, create_part, create_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person, create_team};
use maintainpro_tests::second_factor::{add_passkey, set_up_app};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::{DeviceRegistration, SignedIn};
use shared_model::identity::{DeviceId, OrganisationId, PersonId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::permission::Role;
use shared_model::sync_protocol::{Deposit, DepositedCommand, Pack};
use sqlx::AssertSqlSafe;
use sync_server::auth::account_link;
use sync_server::clock::Clock;
use sync_server::database::tenant_transaction;
use sync_server::sync::Sender;
use uuid::Uuid;

use super::super::matrix::cases::CASES;
use super::super::matrix::scene::{Place, Scene};
use super::Documented;

/// Stands in every name of the first organisation, and in none of the second.
pub(super) const MARK: &str = "xanadu";
const OTHER: &str = "ithaca";

pub(super) struct Stage {
    pub(super) server: TestServer,
    /// Whose things are looked for.
    pub(super) victim: Party,
    /// Who looks for them.
    pub(super) prober: Party,
    /// Ids of the first organisation that the second does not have as well.
    pub(super) foreign: HashSet<Uuid>,
    pub(super) operations: Vec<Documented>,
}

/// An organisation with people, their clients, and a plant.
pub(super) struct Party {
    pub(super) organisation: OrganisationId,
    /// A client for each role.
    pub(super) clients: Vec<(Role, Client)>,
    pub(super) people: Vec<PersonId>,
    pub(super) team: TeamId,
    pub(super) scene: Scene,
    /// Names a pack of a first load, and a ticket.
    pub(super) cursor: String,
    pub(super) ticket: String,
    pub(super) credential: String,
}

impl Stage {
    pub(super) async fn set() -> Self {
        let server = TestServer::start().await;
        let victim = Party::found(&server, MARK, 0xa0).await;
        let prober = Party::found(&server, OTHER, 0xb0).await;
        let theirs = ids_of(&server, victim.organisation).await;
        let ours = ids_of(&server, prober.organisation).await;
        let foreign = theirs.difference(&ours).copied().collect();
        let operations = documented(&server.client().get("/api/openapi.json").await.json());
        Self { server, victim, prober, foreign, operations }
    }

    /// Somebody of the first organisation reads their own, over the same connections to the database.
    pub(super) async fn victim_works(&self) {
        let mut client = self.victim.clients[0].1.clone();
        let page = client.get("/api/work-orders").await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert!(text.contains(MARK) && !text.contains(OTHER), "{text}");
    }

    /// A fingerprint of each table's rows of the first organisation.
    pub(super) async fn rows_of_victim(&self) -> BTreeMap<String, String> {
        let mut connection = self.server.database.superuser().await;
        let mut rows = BTreeMap::new();
        for table in tenant_tables(&self.server).await {
            let query = format!(
                "select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {table} t where organization_id = $1"
            );
            let print: String = sqlx::query_scalar(AssertSqlSafe(query))
                .bind(self.victim.organisation.as_uuid())
                .fetch_one(&mut connection)
                .await
                .unwrap();
            rows.insert(table, print);
        }
        rows
    }
}

impl Party {
    pub(super) async fn found(server: &TestServer, name: &str, seed: u64) -> Self {
        let organisation = create_organisation(&server.database, name).await;
        let (mut people, mut clients) = (Vec::new(), Vec::new());
        for role in Role::ALL {
            let email = format!("{}@{name}.example", role.code());
            people.push(create_person(&server.database, organisation, &email, *role).await);
            clients.push((*role, server.sign_in(name, &email).await));
        }
        let team = create_team(&server.database, organisation, &format!("{name} crew"), &people).await;
        let admin = &mut clients[0].1;
        invite(admin, name, team).await;
        let key = json!({ "name": format!("{name} historian"), "permissions": ["work_order:read"] });
        assert_eq!(admin.post("/api/api-keys", &key).await.status, StatusCode::CREATED);
        let hold = json!({ "reason": format!("{name} file 4711"), "person": people[3] });
        assert_eq!(admin.post("/api/legal-holds", &hold).await.status, StatusCode::CREATED);
        let role = json!({ "id": new_document(), "name": format!("{name} lead"), "permissions": ["work_order:read"],
            "landing": "my_work" });
        assert_eq!(admin.post("/api/roles", &role).await.status, StatusCode::CREATED);
        assert_eq!(admin.get("/api/audit/head").await.status, StatusCode::OK);
        describe(admin, name).await;
        protect(server, organisation, admin).await;
        rotate(server, organisation).await;
        let mut ann = Hand::sign_in(server, name, &format!("admin@{name}.example")).await;
        let place = Place { site: new_document(), team, person: people[3] };
        let mut scene = Scene::new(seed, place, people[3], people[0]);
        upload(server, &ann, &scene).await;
        work(&mut clients[0].1, &mut scene).await;
        let document = new_document();
        ann.act(&server.state.sync, &create_work_order(document, &format!("{name} boiler"))).await;
        ann.act(&server.state.sync, &create_asset(new_document(), &format!("{name}-1"))).await;
        ann.act(&server.state.sync, &create_part(new_document(), &format!("{name}-2"))).await;
        let credential = leave(server, name, &ann, document).await;
        let admin = &mut clients[0].1;
        let pack = admin.pack(None, "identity").await.unwrap();
        let cursor = Pack::decode(&pack.body).unwrap().next.unwrap();
        let ticket = admin.socket_ticket().await.ticket;
        Self { organisation, clients, people, team, scene, cursor, ticket, credential }
    }
}

/// What an organisation says of itself, and what somebody chose for themselves.
async fn describe(admin: &mut Client, name: &str) {
    let settings =
        json!({ "name": format!("{name} works"), "accent_colour": "#7a1fa2", "time_zone": "Europe/Oslo" });
    let answer = admin.give(Method::PATCH, "/api/organisation/settings", &settings).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let logo = format!("{}{name}", "\u{89}PNG\r\n\u{1a}\n\0\0\0\u{d}IHDR\0\0\0\u{1}\0\0\0\u{1}");
    let logo: Vec<u8> = logo.chars().map(|char| char as u8).collect();
    let answer = admin.put_file("/api/organisation/logo", &logo).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let own = json!({ "notifications": { "overdue": { "email": false, "push": true } } });
    let answer = admin.give(Method::PATCH, "/api/account/settings", &own).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}

/// All that can stand beside a password, and a link for another one; the password alone stays enough for whoever works here.
async fn protect(server: &TestServer, organisation: OrganisationId, admin: &mut Client) {
    let rules = json!({ "second_factor_required_for": "nobody" });
    let everybody = json!({ "second_factor_required_for": "everybody" });
    for rules in [everybody, rules] {
        let answer = admin.give(Method::PUT, "/api/organisation/security", &rules).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    let (email, now) = ("careful@nowhere.example", Clock::System.now());
    let careful = create_person(&server.database, organisation, email, Role::Technician).await;
    let slug: String = sqlx::query_scalar("select slug from organisation where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(&mut server.database.superuser().await)
        .await
        .unwrap();
    let mut client = server.sign_in(&slug, email).await;
    set_up_app(&mut client, now).await;
    add_passkey(&mut client).await;
    let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
    account_link::issue_beside(&mut transaction, organisation, careful, now).await.unwrap();
    transaction.commit().await.unwrap();
}

/// A session that has had another token, which otherwise takes half a day.
async fn rotate(server: &TestServer, organisation: OrganisationId) {
    let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
    let rows = sqlx::query(
        "insert into past_session_token (organization_id, token_hash, session_id)
         select organization_id, sha256(token_hash), session_id from session limit 1",
    )
    .execute(&mut *transaction)
    .await
    .unwrap();
    assert_eq!(rows.rows_affected(), 1);
    transaction.commit().await.unwrap();
}

/// Somebody who has been invited and did not come yet.
async fn invite(admin: &mut Client, name: &str, team: TeamId) {
    let new = json!({ "id": new_document(), "display_name": format!("{name} newcomer"), "language": "en",
        "email": format!("newcomer@{name}.example"), "roles": [{ "role": "technician", "limit": "own" }],
        "teams": [team] });
    let answer = admin.post("/api/people", &new).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

/// Every command once, so that there are rows of everything. Some need a state that another has just left; conflicts stay.
async fn work(admin: &mut Client, scene: &mut Scene) {
    for case in CASES.iter().filter(|case| !case.name.starts_with("conflict.settle")) {
        let command = (case.make)(scene);
        let answer = admin.post("/api/commands", &json!({ "command": command })).await;
        let may_fail = [StatusCode::FORBIDDEN, StatusCode::CONFLICT].contains(&answer.status);
        assert!(answer.status.is_success() || may_fail, "{}: {answer:?}", case.name);
    }
}

async fn upload(server: &TestServer, ann: &Hand, scene: &Scene) {
    for commands in scene.log.chunk_by(|one, next| one.0 == next.0) {
        let sender = if commands[0].0 { Sender::default() } else { ann.sender.clone() };
        let pushed = commands.iter().map(|(_, command)| command.clone()).collect();
        for result in server.state.sync.submit(ann.organisation, &sender, pushed).await {
            maintainpro_tests::hand::accepted(result);
        }
    }
}

/// Somebody leaves the organisation, and their device hands in what it had; it waits for a decision. Its credential.
async fn leave(
    server: &TestServer,
    name: &str,
    ann: &Hand,
    document: shared_model::identity::DocumentId,
) -> String {
    let email = format!("leaver@{name}.example");
    let leaver = create_person(&server.database, ann.organisation, &email, Role::Technician).await;
    let mut hand = Hand::sign_in(server, name, &email).await;
    hand.receive(ann, document);
    let device: DeviceId = hand.sender.device.unwrap();
    let device =
        DeviceRegistration { id: device, name: format!("{name} tablet"), has_deposit_credential: false };
    let body = json!({ "organisation": name, "email": email,
        "password": maintainpro_tests::people::PASSWORD, "device": device });
    let signed_in: SignedIn = server.client().post("/api/session", &body).await.read();
    let credential = signed_in.device.deposit_credential.unwrap();
    let remark: shared_model::features::Command = serde_json::from_value(json!({
        "on": "comment", "do": "add", "id": new_document(), "document": document, "kind": "work_order",
        "text": format!("{name} remark") }))
    .unwrap();
    let command = hand.make(&remark);
    let mut admin = server.sign_in(name, &format!("admin@{name}.example")).await;
    let path = format!("/api/people/{leaver}");
    let answer = admin.give(Method::PATCH, &path, &json!({ "active": false })).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let made_at = Timestamp::from_millis(1_790_000_000_000);
    let deposit = Deposit { commands: vec![DepositedCommand { command, made_at }] };
    let answer = server.client().deposit(&credential, &deposit).await.unwrap();
    assert!(answer.status.is_success(), "{answer:?}");
    credential
}

/// Every table with rows of organisations.
pub(super) async fn tenant_tables(server: &TestServer) -> Vec<String> {
    let tables = "select relname::text from pg_class
         join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1";
    sqlx::query_scalar(tables).fetch_all(&mut server.database.superuser().await).await.unwrap()
}

/// Every id in every row of an organisation, in columns of ids, of sixteen bytes and of lists, and in documents of JSON.
async fn ids_of(server: &TestServer, organisation: OrganisationId) -> HashSet<Uuid> {
    let mut connection = server.database.superuser().await;
    let mut ids = HashSet::new();
    for table in tenant_tables(server).await {
        let query = format!("select to_jsonb(t) from {table} t where organization_id = $1");
        let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(organisation.as_uuid())
            .fetch_all(&mut connection)
            .await
            .unwrap();
        rows.iter().for_each(|row| collect(row, &mut ids));
    }
    ids
}

fn collect(value: &Value, ids: &mut HashSet<Uuid>) {
    match value {
        Value::String(text) => {
            let bytes = text.strip_prefix("\\x").filter(|digits| digits.len() == 32);
            ids.extend(bytes.unwrap_or(text).parse::<Uuid>());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(members) => members.values().for_each(|member| collect(member, ids)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn documented(document: &Value) -> Vec<Documented> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let query = parameters.filter(|parameter| parameter["in"] == "query");
            operations.push(Documented {
                name: format!("{method} {path}"),
                method: Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(),
                path: path.clone(),
                query: query.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
            });
        }
    }
    operations
}
