//! Codes of an authenticator app, recovery codes, and the step between the password and the session.

use axum::http::{Method, StatusCode};
use maintainpro_tests::authenticator::code;
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use serde_json::json;
use shared_model::account::SignedIn;
use shared_model::instant::MINUTE_MS;
use shared_model::people::WayIn;
use shared_model::permission::Role;
use shared_model::second_factor::RecoveryCodes;

use super::{
    ANN, NOON, STEP_MS, STRANGER_LATER, Story, TECH, confirm, draw, factors, first_step, node, password,
    second_step,
};

#[tokio::test]
async fn an_authenticator_app_counts_once_its_first_code_came_back() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", TECH).await;
    let drawn = draw(&mut tech).await;
    assert!(drawn.address.starts_with("otpauth://totp/MaintainPro%20The%20demo:tech"), "{}", drawn.address);
    assert!(drawn.qr_size > 20 && drawn.qr_path.starts_with("M0 0h1v1h-1z"));
    assert_eq!(password(&mut story.server.client(), TECH).await.status, StatusCode::OK, "nothing counts yet");
    assert_eq!(confirm(&mut tech, &drawn, "000000").await.problem_code(), "wrong_code");
    let confirmed = confirm(&mut tech, &drawn, &code(&drawn.secret, NOON)).await;
    let codes = confirmed.read::<RecoveryCodes>().codes;
    assert_eq!(codes.len(), 10, "{codes:?}");
    let again = confirm(&mut tech, &drawn, &code(&drawn.secret, NOON)).await;
    assert_eq!(again.problem_code(), "sign_in_expired", "a secret is set up once");
    let known = factors(&mut tech).await;
    assert!(known.authenticator_app.is_some() && known.recovery_codes_left == 10, "{known:?}");

    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    assert_eq!(step["factors"], json!(["authenticator_app", "recovery_code"]));
    story.clock.advance(STEP_MS);
    let answer = second_step(&mut phone, &step, "code", code(&drawn.secret, story.clock.now())).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert!(phone.cookie.is_some());
    assert_eq!(answer.read::<SignedIn>().person.email, TECH);
    assert_eq!(phone.get("/api/directory").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_taken_once_within_a_step_of_now() {
    let story = Story::begin().await;
    let (_tech, secret, _) = story.tech_with_app().await;
    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    let replayed = second_step(&mut phone, &step, "code", code(&secret, NOON)).await;
    assert_eq!(replayed.problem_code(), "wrong_second_factor", "setting up has used that code");
    // The phone is a step ahead, then a step behind.
    story.clock.advance(2 * STEP_MS);
    let ahead = code(&secret, story.clock.now().plus_millis(STEP_MS));
    let two_ahead = code(&secret, story.clock.now().plus_millis(2 * STEP_MS));
    let refused = second_step(&mut phone, &step, "code", two_ahead).await;
    assert_eq!(refused.problem_code(), "wrong_second_factor");
    assert_eq!(second_step(&mut phone, &step, "code", ahead.clone()).await.status, StatusCode::OK);
    let mut other = story.server.client();
    let step = first_step(&mut other, TECH).await;
    assert_eq!(second_step(&mut other, &step, "code", ahead).await.problem_code(), "wrong_second_factor");
    story.clock.advance(3 * STEP_MS);
    let behind = code(&secret, story.clock.now().plus_millis(-STEP_MS));
    assert_eq!(second_step(&mut other, &step, "code", behind).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_nodes_one_takes_a_code_and_one_a_pending_sign_in() {
    let story = Story::begin().await;
    let (_tech, secret, _) = story.tech_with_app().await;
    let other = node(&story.database, &story.clock).await;
    story.clock.advance(2 * STEP_MS);
    let mut clients = [story.server.client(), other.client()];
    let step = first_step(&mut clients[0], TECH).await;
    let right = code(&secret, story.clock.now());
    let body = json!({ "token": step["token"], "code": right });
    let [here, there] = &mut clients;
    let (one, two) = tokio::join!(
        here.post("/api/session/second-step", &body),
        there.post("/api/session/second-step", &body)
    );
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::GONE], "{one:?} {two:?}");
}

#[tokio::test]
async fn a_pending_sign_in_is_good_once_and_for_five_minutes_and_dies_with_the_password() {
    let story = Story::begin().await;
    let (_tech, secret, codes) = story.tech_with_app().await;
    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    assert_eq!(
        second_step(&mut phone, &step, "recovery_code", codes[0].as_str()).await.status,
        StatusCode::OK
    );
    let spent = second_step(&mut phone, &step, "recovery_code", codes[1].as_str()).await;
    assert_eq!(spent.problem_code(), "sign_in_expired");

    let step = first_step(&mut story.server.client(), TECH).await;
    story.clock.advance(5 * MINUTE_MS);
    let late = second_step(&mut phone, &step, "recovery_code", codes[1].as_str()).await;
    assert_eq!(late.problem_code(), "sign_in_expired");

    let step = first_step(&mut story.server.client(), TECH).await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    let way: WayIn = admin.call(Method::POST, &format!("/api/people/{}/links", story.tech)).await.read();
    let token = way.link.unwrap().replace("/join#", "");
    let chosen = json!({ "token": token, "password": "gland-drips-at-noon" });
    let mut new = story.server.client();
    let answer = new.post("/api/account-links/use", &chosen).await;
    assert_eq!(answer.problem_code(), "second_factor_needed", "a link is no way around a second factor");
    assert_eq!(new.cookie, None);
    let old = second_step(&mut phone, &step, "recovery_code", codes[1].as_str()).await;
    assert_eq!(old.problem_code(), "sign_in_expired", "the password it was begun with is another one now");
    let step = answer.json()["second_step"].clone();
    let right = code(&secret, story.clock.now());
    assert_eq!(second_step(&mut new, &step, "code", right).await.status, StatusCode::OK);
    let old = json!({ "organisation": "demo", "email": TECH, "password": PASSWORD });
    assert_eq!(new.post("/api/session", &old).await.problem_code(), "wrong_credentials");
}

#[tokio::test]
async fn a_pending_sign_in_opens_no_other_account_and_no_other_organisation() {
    let story = Story::begin().await;
    let (_tech, _, codes) = story.tech_with_app().await;
    let other = create_organisation(&story.database, "other").await;
    create_person(&story.database, other, "eve@other.example", Role::Admin).await;
    let mut eve = story.server.sign_in("other", "eve@other.example").await;
    let (eves_secret, eves_codes) = story.set_up_app(&mut eve).await;
    let mut ann = story.server.sign_in("demo", ANN).await;
    let (anns_secret, _) = story.set_up_app(&mut ann).await;
    story.clock.advance(STEP_MS);
    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    let now = story.clock.now();
    for wrong in [code(&eves_secret, now), code(&anns_secret, now)] {
        assert_eq!(second_step(&mut phone, &step, "code", wrong).await.problem_code(), "wrong_second_factor");
    }
    let wrong = second_step(&mut phone, &step, "recovery_code", eves_codes[0].as_str()).await;
    assert_eq!(wrong.problem_code(), "wrong_second_factor");
    for forged in ["", "AAAA", eve.cookie.as_deref().unwrap()] {
        let forged = json!({ "token": forged });
        let answer = second_step(&mut phone, &forged, "recovery_code", codes[0].as_str()).await;
        assert_eq!(answer.problem_code(), "sign_in_expired");
    }
    let both = json!({ "token": step["token"], "code": "123456", "recovery_code": codes[0] });
    let answer = phone.post("/api/session/second-step", &both).await;
    assert_eq!(answer.problem_code(), "one_factor");
    assert_eq!(phone.cookie, None);
}

#[tokio::test]
async fn a_recovery_code_is_good_once_and_new_ones_take_the_place_of_the_old() {
    let story = Story::begin().await;
    let (mut tech, _, codes) = story.tech_with_app().await;
    let mut phone = story.server.client();
    let step = first_step(&mut phone, TECH).await;
    let typed = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(second_step(&mut phone, &step, "recovery_code", typed).await.status, StatusCode::OK);
    let mut other = story.server.client();
    let step = first_step(&mut other, TECH).await;
    let again = second_step(&mut other, &step, "recovery_code", codes[3].as_str()).await;
    assert_eq!(again.problem_code(), "wrong_second_factor");
    assert_eq!(factors(&mut tech).await.recovery_codes_left, 9);

    let made = tech.post("/api/account/recovery-codes", &json!({})).await;
    let made = made.read::<RecoveryCodes>().codes;
    let old = second_step(&mut other, &step, "recovery_code", codes[4].as_str()).await;
    assert_eq!(old.problem_code(), "wrong_second_factor");
    let new = second_step(&mut other, &step, "recovery_code", made[0].as_str()).await;
    assert_eq!(new.status, StatusCode::OK, "{new:?}");
    let stored: Vec<String> = sqlx::query_scalar(
        "select encode(code_hash, 'escape') || encode(sealed_secret, 'escape')
                            from recovery_code, authenticator_app",
    )
    .fetch_all(&mut story.database.superuser().await)
    .await
    .unwrap();
    assert!(stored.iter().all(|text| made.iter().all(|code| !text.contains(code.as_str()))));
    let used = story.actions().await.iter().filter(|action| *action == "recovery_code_used").count();
    assert_eq!(used, 2);
}

#[tokio::test]
async fn guessing_codes_is_slowed_down_also_by_whoever_has_the_password() {
    let story = Story::begin().await;
    let (_tech, secret, _) = story.tech_with_app().await;
    let mut thief = story.server.client();
    let mut refusals = Vec::new();
    while refusals.last().map(String::as_str) != Some("too_many_attempts") {
        // The right password each time: it must not wipe the count.
        let step = first_step(&mut thief, TECH).await;
        refusals.push(second_step(&mut thief, &step, "code", "000000").await.problem_code());
        assert!(refusals.len() < 10, "{refusals:?}");
    }
    assert_eq!(refusals.len(), 6, "{refusals:?}");
    let refused = story.actions().await.iter().filter(|action| *action == "second_factor_refused").count();
    assert_eq!(refused, 5);
    story.clock.advance(STRANGER_LATER);
    let step = first_step(&mut thief, TECH).await;
    let right = code(&secret, story.clock.now());
    assert_eq!(second_step(&mut thief, &step, "code", right).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_that_was_sealed_with_another_key_makes_no_codes_and_recovery_codes_still_help() {
    let story = Story::begin().await;
    let (_tech, secret, codes) = story.tech_with_app().await;
    let settings = sync_server::app_state::Settings { clock: story.clock.clone(), ..Default::default() };
    let restored = maintainpro_tests::server::TestServer::start_with(&story.database, settings).await;
    story.clock.advance(STEP_MS);
    let mut phone = restored.client();
    let step = first_step(&mut phone, TECH).await;
    let answer = second_step(&mut phone, &step, "code", code(&secret, story.clock.now())).await;
    assert_eq!(answer.problem_code(), "wrong_second_factor");
    let answer = second_step(&mut phone, &step, "recovery_code", codes[0].as_str()).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
}
