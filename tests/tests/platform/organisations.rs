//! What the operator does with a whole organisation: shut it out and let it in again, take its data away, delete it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, create_work_order, edit_work_order, new_document};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, run_with};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared_model::document::{Document, DocumentKind};
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::OrganisationId;
use shared_model::permission::Role;
use shared_model::sync_protocol::Link;
use sqlx::AssertSqlSafe;
use sync_server::organisation::tables::TABLES;
use sync_server::projection::verify;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
const ANN: &str = "ann@demo.example";

fn organisation(database: &TestDatabase, data: &DataFolder, arguments: &[&str]) -> Output {
    let (url, migrate) = (database.application_url(), database.superuser_url());
    let environment = [("DATABASE_URL", url.as_str()), ("MAINTAINPRO_MIGRATE_URL", migrate.as_str())];
    run_with(PROGRAM, data, &environment, &[&["organisation"], arguments].concat())
}

fn told(done: &Output) -> String {
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout.clone()).unwrap()
}

fn refused(done: &Output) -> String {
    assert!(!done.status.success(), "{done:?}");
    String::from_utf8(done.stderr.clone()).unwrap()
}

/// A server with an administrator of demo, who has made an order, and one of other.
async fn story() -> (TestServer, OrganisationId, Hand) {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    create_person(&server.database, demo, ANN, Role::Admin).await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, other, "zoe@other.example", Role::Admin).await;
    let mut ann = Hand::sign_in(&server, "demo", ANN).await;
    ann.act(&server.state.sync, &create_work_order(new_document(), "Pump 7 drips")).await;
    let mut zoe = Hand::sign_in(&server, "other", "zoe@other.example").await;
    zoe.act(&server.state.sync, &create_work_order(new_document(), "Their fan rattles")).await;
    (server, demo, ann)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_organisation_is_out_and_loses_nothing() {
    let server = TestServer::start().await;
    let demo = create_organisation(&server.database, "demo").await;
    create_person(&server.database, demo, ANN, Role::Admin).await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, other, "zoe@other.example", Role::Admin).await;
    let mut ann = server.sign_in("demo", ANN).await;
    let mut zoe = server.sign_in("other", "zoe@other.example").await;
    let key =
        json!({ "name": "ERP", "permissions": ["work_order:read"], "reach": { "limit": "organisation" } });
    let key = ann.post("/api/api-keys", &key).await.json()["secret"].as_str().unwrap().to_owned();
    let by_key = || Request::get("/api/work-orders").header(header::AUTHORIZATION, format!("Bearer {key}"));
    assert_eq!(server.client().send(by_key().body(Body::empty()).unwrap()).await.status, StatusCode::OK);
    let mut device = HeadlessDevice::start(Account::sign_in(&server, "demo", ANN).await);
    device.until_settled().await;
    let data = DataFolder::create();

    let suspended = organisation(&server.database, &data, &["suspend", "demo"]);
    assert_eq!(told(&suspended), "demo is suspended.\n");
    let is_offline = |link: Link| matches!(link, Link::Offline { .. });
    device.until("shut out", |device| is_offline(device.session.status().link)).await;
    assert_eq!(ann.get("/api/session").await.problem_code(), "organisation_suspended");
    assert_eq!(ann.post("/api/socket-tickets", &json!({})).await.problem_code(), "organisation_suspended");
    let answer = server.client().send(by_key().body(Body::empty()).unwrap()).await;
    assert_eq!(answer.problem_code(), "organisation_suspended");
    let attempt = json!({ "organisation": "demo", "email": ANN, "password": PASSWORD });
    let answer = server.client().post("/api/session", &attempt).await;
    assert_eq!(
        (answer.status, answer.problem_code()),
        (StatusCode::FORBIDDEN, "organisation_suspended".into())
    );
    assert_eq!(zoe.get("/api/session").await.status, StatusCode::OK, "others go on");
    let order = new_document();
    device.execute(&create_work_order(order, "Typed while shut out")).unwrap();
    let again = organisation(&server.database, &data, &["suspend", "demo"]);
    assert_eq!(told(&again), "demo was suspended before.\n");
    let listed = told(&organisation(&server.database, &data, &["list"]));
    let [first, second] = listed.lines().collect::<Vec<_>>()[..] else { panic!("{listed}") };
    assert!(first.starts_with("demo ") && first.contains("suspended since 20"), "{first}");
    assert!(second.starts_with("other ") && second.contains("active"), "{second}");

    let resumed = organisation(&server.database, &data, &["resume", "demo"]);
    assert_eq!(told(&resumed), "demo is let in again.\n");
    assert_eq!(ann.get("/api/session").await.status, StatusCode::OK, "the session of before");
    device.until("in sync", |device| device.session.status().link == Link::Live).await;
    device.until_settled().await;
    let orders = ann.get("/api/work-orders").await.json();
    assert_eq!(orders["items"][0]["title"], "Typed while shut out", "{orders}");
    let trail = ann.get("/api/audit").await.json();
    let actions: Vec<&str> =
        trail.as_array().unwrap().iter().map(|entry| entry["entry"]["action"].as_str().unwrap()).collect();
    for action in ["organisation_suspended", "organisation_resumed"] {
        assert_eq!(actions.iter().filter(|known| **known == action).count(), 1, "{actions:?}");
    }
}

#[tokio::test]
async fn all_that_an_organisation_has_is_taken_away_and_nothing_of_another_one() {
    let (server, _, mut ann) = story().await;
    let order = new_document();
    ann.act(&server.state.sync, &create_work_order(order, "Belt slips")).await;
    ann.act(&server.state.sync, &edit_work_order(order, vec![FieldEdit::Title("Belt slips, again".into())]))
        .await;
    let data = DataFolder::create();
    let folder = data.path().join("demo-export");
    let done = organisation(&server.database, &data, &["export", "demo", "--to", folder.to_str().unwrap()]);
    assert!(told(&done).contains("and 2 documents in"), "{done:?}");

    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["organisation"]["slug"], "demo");
    let mut rows = BTreeMap::new();
    for file in manifest["files"].as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        let bytes = fs::read(folder.join(path)).unwrap();
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (file["sha256"].as_str().unwrap(), file["bytes"].as_u64()),
            (&*sha256, Some(bytes.len() as u64))
        );
        for stranger in ["other.example", "Their fan", "argon2", "token_hash", "deposit_credential_hash"] {
            let found = bytes.windows(stranger.len()).any(|window| window == stranger.as_bytes());
            assert!(!found, "{stranger} in {path}");
        }
        rows.insert(path.to_owned(), file["rows"].as_u64().unwrap());
    }
    assert_eq!(rows["tables/work_order.jsonl"], 2);
    assert_eq!(rows["tables/person.jsonl"], 1);
    let line =
        lines(&folder, "tables/work_order.jsonl").into_iter().find(|line| line["title"] != "Pump 7 drips");
    assert_eq!(line.unwrap()["title"], "Belt slips, again");
    let saved = fs::read(folder.join(format!("documents/work_order/{order}.automerge"))).unwrap();
    let document = Document::load(DocumentKind::WorkOrder, &saved).unwrap();
    assert_eq!(document.heads(), ann.documents[&order].document.heads());

    let again = organisation(&server.database, &data, &["export", "demo", "--to", folder.to_str().unwrap()]);
    assert!(refused(&again).contains("is not empty"), "{again:?}");
}

fn lines(folder: &Path, path: &str) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many rows each table has of an organisation.
async fn counts(database: &TestDatabase, organisation: OrganisationId) -> BTreeMap<&'static str, i64> {
    let mut connection = database.superuser().await;
    let mut counts = BTreeMap::new();
    for (table, _) in TABLES {
        let count = format!("select count(*) from {table} where organization_id = '{organisation}'");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut connection).await.unwrap();
        counts.insert(*table, count);
    }
    counts
}

#[tokio::test]
async fn a_deleted_organisation_leaves_no_row_and_others_stay_as_they_are() {
    let (server, demo, _) = story().await;
    let data = DataFolder::create();
    let other = sync_server::database::organisations::find_by_slug(&server.state.pool, "other").await;
    let other = other.unwrap().unwrap().id;
    let before = counts(&server.database, other).await;

    let delete = ["delete", "demo", "--confirm", "demo"];
    let early = organisation(&server.database, &data, &delete);
    assert!(refused(&early).contains("suspend"), "{early:?}");
    told(&organisation(&server.database, &data, &["suspend", "demo"]));
    let careless = organisation(&server.database, &data, &["delete", "demo", "--confirm", "other"]);
    assert!(refused(&careless).contains("--confirm demo"), "{careless:?}");
    assert!(counts(&server.database, demo).await["work_order"] > 0, "nothing is gone so far");

    let done = organisation(&server.database, &data, &delete);
    assert!(told(&done).starts_with("demo is gone: "), "{done:?}");
    let left: Vec<_> =
        counts(&server.database, demo).await.into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(left, []);
    assert_eq!(counts(&server.database, other).await, before);
    assert_eq!(verify(&server.state.pool, other, |_| {}).await.unwrap(), []);
    assert!(
        refused(&organisation(&server.database, &data, &delete)).contains("there is no organisation demo")
    );
    let attempt = json!({ "organisation": "demo", "email": ANN, "password": PASSWORD });
    assert_eq!(server.client().post("/api/session", &attempt).await.problem_code(), "wrong_credentials");
    let listed = told(&organisation(&server.database, &data, &["list"]));
    assert!(listed.starts_with("other "), "{listed}");
}

#[tokio::test]
async fn an_organisation_is_created_once_and_its_short_name_is_checked() {
    let database = TestDatabase::create().await;
    let data = DataFolder::create();
    let create = |slug: &str| organisation(&database, &data, &["create", slug, "--name", "Acme Ltd"]);
    assert!(told(&create("acme")).starts_with("acme is there."));
    assert!(refused(&create("acme")).contains("there is an organisation acme"));
    assert!(refused(&create("Acme & Co")).contains("small letters, digits and hyphens"));
}

#[tokio::test]
async fn every_table_of_organisations_says_what_of_it_is_exported() {
    let database = TestDatabase::create().await;
    let mut connection = database.superuser().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
         join pg_attribute on attrelid = pg_class.oid and attname = 'organization_id'
         where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let known: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, known, "sync-server/src/organisation/tables.rs");
}
