//! Whoever guesses somewhere else shuts nobody out of a browser they have signed in on before.

use axum::http::StatusCode;
use maintainpro_tests::authenticator::code;
use maintainpro_tests::client::Client;
use maintainpro_tests::people::PASSWORD;
use serde_json::json;

use super::{ANN, STEP_MS, Story, TECH, first_step, node, password, second_step};

async fn guess(client: &mut Client, email: &str) -> String {
    let body = json!({ "organisation": "demo", "email": email, "password": "a wrong guess" });
    client.post("/api/session", &body).await.problem_code()
}

/// Guesses until it is slowed down.
async fn besiege(stranger: &mut Client, email: &str) {
    let mut guesses = 0;
    while guess(stranger, email).await != "too_many_attempts" {
        guesses += 1;
        assert!(guesses < 10);
    }
}

#[tokio::test]
async fn a_stranger_who_guesses_does_not_shut_the_owner_out_on_their_own_phone() {
    let story = Story::begin().await;
    let mut phone = story.server.sign_in("demo", TECH).await;
    phone.cookie = None;
    besiege(&mut story.server.client(), TECH).await;
    let stranger = password(&mut story.server.client(), TECH).await;
    assert_eq!(stranger.problem_code(), "too_many_attempts", "no new browser gets in now");
    assert_eq!(stranger.header("ratelimit-policy"), r#""attempts";q=5;w=3600"#);
    let wait = stranger.header("retry-after").to_owned();
    assert_eq!(stranger.header("ratelimit"), format!(r#""attempts";r=0;t={wait}"#));
    assert_eq!(password(&mut phone, TECH).await.status, StatusCode::OK);
    // At any node.
    let other = node(&story.database, &story.clock).await;
    let mut phone = phone.at(other.address);
    assert_eq!(password(&mut phone, TECH).await.status, StatusCode::OK);
    let still = password(&mut story.server.client(), TECH).await;
    assert_eq!(still.problem_code(), "too_many_attempts", "nor does the owner's password let strangers on");
}

#[tokio::test]
async fn a_known_browser_may_guess_no_more_than_others_and_is_known_for_its_own_account_only() {
    let story = Story::begin().await;
    let mut phone = story.server.sign_in("demo", TECH).await;
    besiege(&mut phone, TECH).await;
    assert_eq!(password(&mut phone, TECH).await.problem_code(), "too_many_attempts");
    assert_eq!(
        password(&mut story.server.client(), TECH).await.status,
        StatusCode::OK,
        "others are not shut out"
    );
    besiege(&mut story.server.client(), ANN).await;
    assert_eq!(password(&mut phone, ANN).await.problem_code(), "too_many_attempts");
}

#[tokio::test]
async fn a_mark_that_somebody_made_up_is_worth_nothing() {
    let story = Story::begin().await;
    let mut phone = story.server.client();
    let answer = password(&mut phone, TECH).await;
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mark =
        cookies.filter_map(|cookie| cookie.split(';').next()).find(|pair| pair.contains("maintainpro-"));
    let (name, value) = mark.unwrap().split_once('=').unwrap();
    besiege(&mut story.server.client(), TECH).await;
    let mut forger = story.server.client();
    let other = if &value[30..31] == "A" { "B" } else { "A" };
    let forged = format!("{}{other}{}", &value[..30], &value[31..]);
    let body = json!({ "organisation": "demo", "email": TECH, "password": PASSWORD });
    for (value, expected) in [
        ("", StatusCode::TOO_MANY_REQUESTS),
        ("AAAA", StatusCode::TOO_MANY_REQUESTS),
        (forged.as_str(), StatusCode::TOO_MANY_REQUESTS),
        (value, StatusCode::OK),
    ] {
        forger.cookie = Some(format!("{name}={value}"));
        assert_eq!(forger.post("/api/session", &body).await.status, expected, "{value}");
    }
}

#[tokio::test]
async fn a_thief_with_the_password_who_guesses_codes_does_not_shut_the_owner_out() {
    let story = Story::begin().await;
    let (mut phone, secret, _) = story.tech_with_app().await;
    let mut thief = story.server.client();
    let step = first_step(&mut thief, TECH).await;
    let mut refusals = 0;
    while second_step(&mut thief, &step, "code", "000000").await.problem_code() != "too_many_attempts" {
        refusals += 1;
        assert!(refusals < 10);
    }
    story.clock.advance(STEP_MS);
    phone.cookie = None;
    let step = first_step(&mut phone, TECH).await;
    let right = code(&secret, story.clock.now());
    assert_eq!(second_step(&mut phone, &step, "code", right).await.status, StatusCode::OK);
}
