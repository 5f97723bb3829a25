//! Passkeys, with a software authenticator.

use axum::http::{Method, StatusCode};
use maintainpro_tests::authenticator::SoftPasskey;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::second_factor::add_passkey;
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::instant::MINUTE_MS;
use shared_model::permission::Role;
use sync_server::app_state::Settings;

use super::{ANN, Story, TECH, factors, first_step, node, password, second_step};

async fn begin(client: &mut Client, path: &str) -> Value {
    let answer = client.post(path, &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

async fn add(client: &mut Client, challenge: &Value, made: &Value) -> Answer {
    let body = json!({ "token": challenge["token"], "name": " Blue key ", "passkey": made });
    client.post("/api/account/passkeys", &body).await
}

async fn challenge(client: &mut Client) -> Value {
    begin(client, "/api/session/passkey-challenge").await
}

async fn show(client: &mut Client, challenge: &Value, shown: &Value) -> Answer {
    let body = json!({ "token": challenge["token"], "passkey": shown });
    client.post("/api/session/passkey", &body).await
}

#[tokio::test]
async fn a_passkey_opens_a_session_alone() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let (mut passkey, codes) = add_passkey(&mut tech).await;
    assert_eq!(codes.len(), 10);
    let known = factors(&mut tech).await;
    assert_eq!((known.passkeys[0].name.as_str(), known.passkeys[0].last_used_at), ("Blue key", None));
    assert_eq!(known.passkey_host.as_deref(), Some("localhost"));

    let mut phone = story.server.client();
    let challenge = challenge(&mut phone).await;
    assert_eq!(challenge["options"]["userVerification"], "required");
    assert_eq!(challenge["options"]["allowCredentials"], json!([]), "nobody says who they are first");
    let answer = show(&mut phone, &challenge, &passkey.show(&challenge["options"])).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.read::<SignedIn>().person.email, TECH);
    assert_eq!(phone.get("/api/directory").await.status, StatusCode::OK);
    assert_eq!(factors(&mut phone).await.passkeys[0].last_used_at, Some(story.clock.now()));
}

#[tokio::test]
async fn a_password_alone_is_not_enough_any_more_and_the_passkey_is_its_second_step() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let (mut passkey, _) = add_passkey(&mut tech).await;
    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    assert_eq!(step["factors"], json!(["passkey", "recovery_code"]));
    let options = &step["passkey_options"];
    assert_eq!(options["allowCredentials"][0]["id"], passkey.id());
    let shown = passkey.show(options);
    assert_eq!(second_step(&mut phone, &step, "passkey", shown).await.status, StatusCode::OK);
    let with: String = sqlx::query_scalar("select content from audit_entry order by seq desc limit 1")
        .fetch_one(&mut story.database.superuser().await)
        .await
        .unwrap();
    assert!(with.contains(r#""after":["password","passkey"]"#), "{with}");
}

#[tokio::test]
async fn a_challenge_is_good_once_for_five_minutes_at_any_node() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let making = begin(&mut tech, "/api/account/passkeys/challenge").await;
    let (mut passkey, made) = SoftPasskey::make(&making["options"]);
    assert_eq!(add(&mut tech, &making, &made).await.status, StatusCode::CREATED);
    assert_eq!(add(&mut tech, &making, &made).await.problem_code(), "sign_in_expired");

    let other = node(&story.database, &story.clock).await;
    let mut phone = story.server.client();
    let showing = challenge(&mut phone).await;
    let shown = passkey.show(&showing["options"]);
    assert_eq!(show(&mut other.client(), &showing, &shown).await.status, StatusCode::OK);
    // What was seen under way, and what is signed anew over the same challenge.
    assert_eq!(show(&mut phone, &showing, &shown).await.problem_code(), "passkey_copied");
    let again = passkey.show(&showing["options"]);
    assert_eq!(show(&mut phone, &showing, &again).await.problem_code(), "sign_in_expired");
    let showing = challenge(&mut phone).await;
    story.clock.advance(5 * MINUTE_MS);
    let late = passkey.show(&showing["options"]);
    assert_eq!(show(&mut phone, &showing, &late).await.problem_code(), "sign_in_expired");
}

#[tokio::test]
async fn a_passkey_of_another_site_without_a_finger_or_of_somebody_else_is_refused() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let making = begin(&mut tech, "/api/account/passkeys/challenge").await;
    for (origin, verifies) in
        [("https://evil.example", true), (maintainpro_tests::authenticator::ORIGIN, false)]
    {
        let (_, made) = SoftPasskey::make_at(&making["options"], origin, verifies);
        assert_eq!(add(&mut tech, &making, &made).await.problem_code(), "wrong_passkey");
    }
    let (mut passkey, _) = add_passkey(&mut tech).await;
    let mut ann = story.server.sign_in("demo", ANN).await;
    let (mut anns, _) = add_passkey(&mut ann).await;
    let stolen = begin(&mut ann, "/api/account/passkeys/challenge").await;
    let (_, made) = SoftPasskey::make(&stolen["options"]);
    assert_eq!(
        add(&mut tech, &stolen, &made).await.problem_code(),
        "sign_in_expired",
        "it is Ann's challenge"
    );

    let mut phone = story.server.client();
    let showing = challenge(&mut phone).await;
    passkey.origin = "https://evil.example";
    let answer = show(&mut phone, &showing, &passkey.show(&showing["options"])).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
    passkey.origin = maintainpro_tests::authenticator::ORIGIN;
    passkey.verifies = false;
    let answer = show(&mut phone, &showing, &passkey.show(&showing["options"])).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
    passkey.verifies = true;
    passkey.pretend(&anns);
    let answer = show(&mut phone, &showing, &passkey.show(&showing["options"])).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
    let step = first_step(&mut phone, TECH).await;
    let shown = anns.show(&step["passkey_options"]);
    assert_eq!(second_step(&mut phone, &step, "passkey", shown).await.problem_code(), "wrong_second_factor");
    assert_eq!(phone.cookie, None);
}

#[tokio::test]
async fn a_passkey_of_one_organisation_is_none_of_another() {
    let story = Story::begin().await;
    let other = create_organisation(&story.database, "other").await;
    create_person(&story.database, other, "eve@other.example", Role::Technician).await;
    let mut eve = story.server.sign_in("other", "eve@other.example").await;
    let (mut eves, _) = add_passkey(&mut eve).await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let (techs, _) = add_passkey(&mut tech).await;
    let id = factors(&mut tech).await.passkeys[0].id;
    let path = format!("/api/account/passkeys/{id}");
    assert_eq!(eve.call(Method::DELETE, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        eve.give(Method::PATCH, &path, &json!({ "name": "Mine" })).await.status,
        StatusCode::NOT_FOUND
    );
    eves.pretend(&techs);
    let mut phone = story.server.client();
    let showing = challenge(&mut phone).await;
    let answer = show(&mut phone, &showing, &eves.show(&showing["options"])).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
}

#[tokio::test]
async fn a_counter_that_does_not_go_up_shows_a_copy_and_is_written_down() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let (mut passkey, _) = add_passkey(&mut tech).await;
    let mut phone = story.server.client();
    let showing = challenge(&mut phone).await;
    assert_eq!(show(&mut phone, &showing, &passkey.show(&showing["options"])).await.status, StatusCode::OK);
    passkey.counter = 1;
    let mut thief = story.server.client();
    let showing = challenge(&mut thief).await;
    let answer = show(&mut thief, &showing, &passkey.show(&showing["options"])).await;
    assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::UNAUTHORIZED, "passkey_copied"));
    assert_eq!(thief.cookie, None);
    assert_eq!(story.actions().await.last().map(String::as_str), Some("passkey_copied"));
}

#[tokio::test]
async fn a_passkey_is_renamed_and_removed_and_the_password_is_enough_again() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let (mut passkey, _) = add_passkey(&mut tech).await;
    let id = factors(&mut tech).await.passkeys[0].id;
    let path = format!("/api/account/passkeys/{id}");
    let renamed = tech.give(Method::PATCH, &path, &json!({ "name": "Red key" })).await;
    assert_eq!(renamed.status, StatusCode::NO_CONTENT);
    for wrong in ["", " ", "a\nb", &"x".repeat(101)] {
        let answer = tech.give(Method::PATCH, &path, &json!({ "name": wrong })).await;
        assert_eq!(answer.problem_code(), "value", "{wrong}");
    }
    assert_eq!(factors(&mut tech).await.passkeys[0].name, "Red key");
    assert_eq!(tech.call(Method::DELETE, &path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(tech.call(Method::DELETE, &path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(factors(&mut tech).await.recovery_codes_left, 0, "they stand in for nothing any more");
    let mut phone = story.server.client();
    let showing = challenge(&mut phone).await;
    let answer = show(&mut phone, &showing, &passkey.show(&showing["options"])).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
    assert_eq!(password(&mut phone, TECH).await.status, StatusCode::OK);
    let actions = story.actions().await;
    for expected in ["second_factor_added", "recovery_codes_made", "passkey_renamed", "second_factor_removed"]
    {
        assert!(actions.iter().any(|action| action == expected), "{expected} in {actions:?}");
    }
}

#[tokio::test]
async fn a_server_whose_address_is_no_name_says_that_there_are_no_passkeys() {
    let database = TestDatabase::create().await;
    let demo = create_organisation(&database, "demo").await;
    create_person(&database, demo, TECH, Role::Technician).await;
    let settings =
        Settings { public_origin: Some("https://10.0.0.5:8443".to_owned()), ..Settings::default() };
    let server = TestServer::start_with(&database, settings).await;
    let mut tech = server.sign_in("demo", TECH).await;
    assert_eq!(factors(&mut tech).await.passkey_host, None);
    for path in ["/api/session/passkey-challenge", "/api/account/passkeys/challenge"] {
        assert_eq!(tech.post(path, &json!({})).await.problem_code(), "passkeys_unavailable");
    }
}

#[tokio::test]
async fn what_no_browser_says_is_refused_in_words() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let making = begin(&mut tech, "/api/account/passkeys/challenge").await;
    let showing = challenge(&mut tech).await;
    for odd in [json!({}), json!([]), json!("x"), json!({ "id": 1 }), json!(null)] {
        let answer = add(&mut tech, &making, &odd).await;
        assert_eq!(answer.problem_code(), "invalid_passkey", "{odd}");
        let answer = show(&mut tech, &showing, &odd).await;
        assert_eq!(answer.problem_code(), "invalid_passkey", "{odd}");
    }
}
