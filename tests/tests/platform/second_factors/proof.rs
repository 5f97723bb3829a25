//! Whoever changes how an account is opened has just shown who they are.

use axum::http::{Method, StatusCode};
use maintainpro_tests::authenticator::SoftPasskey;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::new_document;
use maintainpro_tests::people::PASSWORD;
use serde_json::json;
use shared_model::instant::MINUTE_MS;

use super::{ANN, Story, TECH};

async fn prove(client: &mut Client, password: &str) -> Answer {
    client.post("/api/session/proof", &json!({ "password": password })).await
}

#[tokio::test]
async fn what_changes_how_an_account_is_opened_asks_who_it_is_once_more() {
    let story = Story::begin().await;
    let (mut tech, _, _) = story.tech_with_app().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    story.clock.advance(10 * MINUTE_MS + 1);
    let reset = format!("/api/people/{}/factors", story.tech);
    let rules = json!({ "second_factor_required_for": "everybody" });
    let asked = [
        tech.post("/api/account/authenticator-app", &json!({})).await,
        tech.call(Method::DELETE, "/api/account/authenticator-app").await,
        tech.post("/api/account/recovery-codes", &json!({})).await,
        tech.post("/api/account/passkeys/challenge", &json!({})).await,
        admin.call(Method::DELETE, &reset).await,
        admin.give(Method::PUT, "/api/organisation/security", &rules).await,
    ];
    for answer in asked {
        assert_eq!(
            (answer.status, answer.problem_code().as_str()),
            (StatusCode::FORBIDDEN, "proof_required")
        );
    }
    assert_eq!(prove(&mut tech, "wrong password").await.problem_code(), "wrong_credentials");
    let still = tech.post("/api/account/recovery-codes", &json!({})).await;
    assert_eq!(still.problem_code(), "proof_required");
    assert_eq!(prove(&mut tech, PASSWORD).await.status, StatusCode::NO_CONTENT);
    story.clock.advance(10 * MINUTE_MS);
    assert_eq!(tech.post("/api/account/recovery-codes", &json!({})).await.status, StatusCode::OK);
    let removed = tech.call(Method::DELETE, "/api/account/authenticator-app").await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let again = tech.call(Method::DELETE, "/api/account/authenticator-app").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn somebody_elses_account_is_opened_after_a_proof_and_an_invitation_without() {
    let story = Story::begin().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    story.clock.advance(11 * MINUTE_MS);
    let (person, links) =
        (format!("/api/people/{}", story.tech), format!("/api/people/{}/links", story.tech));
    let (address, name) = (json!({ "email": "mine@demo.example" }), json!({ "display_name": "Tess" }));
    assert_eq!(admin.call(Method::POST, &links).await.problem_code(), "proof_required");
    assert_eq!(admin.give(Method::PATCH, &person, &address).await.problem_code(), "proof_required");
    assert_eq!(admin.give(Method::PATCH, &person, &name).await.status, StatusCode::OK);
    let same = json!({ "email": TECH, "display_name": "Tessa" });
    assert_eq!(admin.give(Method::PATCH, &person, &same).await.status, StatusCode::OK);

    let new = json!({ "id": new_document(), "display_name": "Zoë", "language": "en", "teams": [],
        "email": "zoe@demo.example", "roles": [{ "role": "technician", "limit": "own" }] });
    assert_eq!(admin.post("/api/people", &new).await.status, StatusCode::CREATED);
    let invited = format!("/api/people/{}", new["id"].as_str().unwrap());
    assert_eq!(admin.call(Method::POST, &format!("{invited}/links")).await.status, StatusCode::CREATED);
    let other = json!({ "email": "zoe.n@demo.example" });
    assert_eq!(admin.give(Method::PATCH, &invited, &other).await.status, StatusCode::OK);

    assert_eq!(prove(&mut admin, PASSWORD).await.status, StatusCode::NO_CONTENT);
    assert_eq!(admin.call(Method::POST, &links).await.status, StatusCode::CREATED);
    assert_eq!(admin.give(Method::PATCH, &person, &address).await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_password_is_chosen_after_a_proof_and_signs_everything_else_out() {
    let story = Story::begin().await;
    let mut phone = story.server.sign_in("demo", TECH).await;
    let mut desk = story.server.client();
    desk.sign_in("demo", TECH).await;
    let before = desk.cookie.clone();
    story.clock.advance(11 * MINUTE_MS);
    let mut choose = async |password: &str| {
        desk.give(Method::PUT, "/api/account/password", &json!({ "password": password })).await
    };
    assert_eq!(choose("gland-drips-at-noon").await.problem_code(), "proof_required");
    assert_eq!(prove(&mut desk, PASSWORD).await.status, StatusCode::NO_CONTENT);
    let mut choose = async |password: &str| {
        desk.give(Method::PUT, "/api/account/password", &json!({ "password": password })).await
    };
    assert_eq!(choose("zzzzzzzz").await.problem_code(), "weak_password");
    let answer = choose("gland-drips-at-noon").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert_ne!(desk.cookie, before, "the session's token is another one");
    assert_eq!(desk.get("/api/directory").await.status, StatusCode::OK);
    assert_eq!(phone.get("/api/directory").await.problem_code(), "not_signed_in");
    let new = json!({ "organisation": "demo", "email": TECH, "password": "gland-drips-at-noon" });
    assert_eq!(phone.post("/api/session", &new).await.status, StatusCode::OK);
    assert!(story.actions().await.iter().any(|action| action == "password_chosen"));
}

#[tokio::test]
async fn a_passkey_is_a_proof_for_its_own_person() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let making = tech.post("/api/account/passkeys/challenge", &json!({})).await.json();
    let (mut passkey, made) = SoftPasskey::make(&making["options"]);
    let body = json!({ "token": making["token"], "name": "Key", "passkey": made });
    assert_eq!(tech.post("/api/account/passkeys", &body).await.status, StatusCode::CREATED);
    let mut ann = story.server.sign_in("demo", ANN).await;
    story.clock.advance(11 * MINUTE_MS);
    let showing = tech.post("/api/session/passkey-challenge", &json!({})).await.json();
    let proof = json!({ "token": showing["token"], "passkey": passkey.show(&showing["options"]) });
    assert_eq!(ann.post("/api/session/proof", &proof).await.problem_code(), "wrong_second_factor");
    assert_eq!(tech.post("/api/session/proof", &proof).await.status, StatusCode::NO_CONTENT);
    assert_eq!(tech.post("/api/session/proof", &proof).await.problem_code(), "passkey_copied");
    assert_eq!(tech.post("/api/account/recovery-codes", &json!({})).await.status, StatusCode::OK);
    let neither = tech.post("/api/session/proof", &json!({})).await;
    assert_eq!(neither.problem_code(), "one_proof");
}

#[tokio::test]
async fn guessing_at_a_password_in_a_session_is_slowed_down_and_shuts_nobody_else_out() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    for _ in 0..5 {
        assert_eq!(prove(&mut tech, "wrong password").await.problem_code(), "wrong_credentials");
    }
    assert_eq!(prove(&mut tech, PASSWORD).await.problem_code(), "too_many_attempts");
    story.server.sign_in("demo", TECH).await;
}
