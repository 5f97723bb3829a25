//! The operator's way with people: out, everywhere at once, and in again.

use std::process::Output;

use axum::http::StatusCode;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, run_with};
use maintainpro_tests::second_factor::set_up_app;
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::permission::Role;
use shared_model::sync_protocol::Link;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
const BOB: &str = "bob@demo.example";

fn user(database: &TestDatabase, data: &DataFolder, arguments: &[&str]) -> Output {
    let (url, migrate) = (database.application_url(), database.superuser_url());
    let environment = [("DATABASE_URL", url.as_str()), ("MAINTAINPRO_MIGRATE_URL", migrate.as_str())];
    run_with(PROGRAM, data, &environment, &[&["user"], arguments].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_is_out_everywhere_and_an_enabled_one_signs_in_anew() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, BOB, Role::Technician).await;
    let mut client = server.sign_in("demo", BOB).await;
    let mut device = HeadlessDevice::start(Account::sign_in(&server, "demo", BOB).await);
    device.until_settled().await;
    let data = DataFolder::create();

    let done = user(&server.database, &data, &["disable", "--organisation", "demo", "Bob@Demo.example"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(String::from_utf8_lossy(&done.stdout), "bob@demo.example cannot sign in to demo.\n");
    device.until("signed out", |device| device.session.status().link == Link::SignInNeeded).await;
    assert_eq!(client.get("/api/session").await.problem_code(), "not_signed_in");
    let attempt = json!({ "organisation": "demo", "email": BOB, "password": PASSWORD });
    let answer = server.client().post("/api/session", &attempt).await;
    assert_eq!(answer.problem_code(), "wrong_credentials");

    let done = user(&server.database, &data, &["enable", "--organisation", "demo", BOB]);
    assert_eq!(String::from_utf8_lossy(&done.stdout), "bob@demo.example can sign in to demo.\n", "{done:?}");
    assert_eq!(client.get("/api/session").await.problem_code(), "not_signed_in", "old sessions stay dead");
    assert_eq!(server.client().post("/api/session", &attempt).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_administers_alone_and_lost_their_phone_is_let_in_by_the_operator() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, BOB, Role::Admin).await;
    let mut client = server.sign_in("demo", BOB).await;
    set_up_app(&mut client, server.state.clock.now()).await;
    let attempt = json!({ "organisation": "demo", "email": BOB, "password": PASSWORD });
    let answer = server.client().post("/api/session", &attempt).await;
    assert_eq!(answer.problem_code(), "second_factor_needed");
    let data = DataFolder::create();
    let done = user(&server.database, &data, &["reset-factors", "--organisation", "demo", BOB]);
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(told, "bob@demo.example needs no second factor to sign in to demo.\n", "{done:?}");
    assert_eq!(server.client().post("/api/session", &attempt).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_operator_gives_nobody_a_password_that_is_easy_to_guess() {
    let database = TestDatabase::create().await;
    create_organisation(&database, "kestrel").await;
    let data = DataFolder::create();
    for (password, is_taken) in [("password1234567", false), ("lantern mosaic ferry quilt", true)] {
        let person = ["--email", BOB, "--name", "Bob Kestrel", "--role", "technician"];
        let given = ["--organisation", "kestrel", "--password", password];
        let done = user(&database, &data, &[&["add"], person.as_slice(), given.as_slice()].concat());
        assert_eq!(done.status.success(), is_taken, "{password}: {done:?}");
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(is_taken || told.contains("too easy to guess; choose a longer one"), "{told}");
    }
    let people: i64 = sqlx::query_scalar("select count(*) from person")
        .fetch_one(&mut database.superuser().await)
        .await
        .unwrap();
    assert_eq!(people, 1, "what is refused leaves nobody behind");
}

#[tokio::test]
async fn somebody_who_is_not_there_is_named_in_the_refusal() {
    let database = TestDatabase::create().await;
    create_organisation(&database, "demo").await;
    let data = DataFolder::create();
    for (organisation, said) in
        [("demo", "nobody in demo has this address"), ("acme", "there is no organisation acme")]
    {
        let done = user(&database, &data, &["disable", "--organisation", organisation, BOB]);
        assert!(!done.status.success());
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(told.contains(said), "{told}");
    }
}

#[tokio::test]
async fn who_can_sign_in_is_listed_with_their_roles_and_nobody_else() {
    let database = TestDatabase::create().await;
    let data = DataFolder::create();
    let listed = |arguments: &[&str]| {
        let done = user(&database, &data, &[&["list"], arguments].concat());
        assert!(done.status.success(), "{done:?}");
        let lines = String::from_utf8(done.stdout).unwrap();
        let words = lines.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        words.collect::<Vec<_>>()
    };
    assert!(listed(&[]).is_empty(), "an installation nobody can sign in to");

    let demo = create_organisation(&database, "demo").await;
    let acme = create_organisation(&database, "acme").await;
    create_person(&database, demo, BOB, Role::Technician).await;
    create_person(&database, demo, "ann@demo.example", Role::Admin).await;
    create_person(&database, acme, "zoe@acme.example", Role::Manager).await;
    let (ann, bob) = ("demo ann@demo.example admin", "demo bob@demo.example technician");
    assert_eq!(listed(&["--organisation", "demo"]), [ann, bob]);
    assert_eq!(listed(&[]), ["acme zoe@acme.example manager", ann, bob]);

    assert!(user(&database, &data, &["disable", "--organisation", "demo", BOB]).status.success());
    assert_eq!(listed(&["--organisation", "demo"]), [ann]);
}
