//! Whom an organisation asks for a second factor, and what whoever administers it can do for somebody who lost theirs.

use axum::http::{Method, StatusCode};
use maintainpro_tests::client::{Answer, Client};
use serde_json::json;
use shared_model::account::SignedIn;
use shared_model::people::Member;
use shared_model::second_factor::FactorRule;

use super::{ANN, Story, TECH, factors, password};

async fn require(admin: &mut Client, rule: FactorRule) -> Answer {
    let body = json!({ "second_factor_required_for": rule });
    admin.give(Method::PUT, "/api/organisation/security", &body).await
}

#[tokio::test]
async fn whoever_has_none_sets_one_up_before_anything_else() {
    let story = Story::begin().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    let mut in_the_field = story.server.sign_in("demo", TECH).await;
    assert_eq!(require(&mut admin, FactorRule::Everybody).await.status, StatusCode::OK);
    assert!(!in_the_field.socket_ticket().await.ticket.is_empty(), "a device in the field goes on");

    let mut tech = story.server.client();
    let answer = password(&mut tech, TECH).await;
    assert!(answer.status == StatusCode::OK && answer.read::<SignedIn>().second_factor_due, "{answer:?}");
    for (method, path) in [
        (Method::POST, "/api/socket-tickets"),
        (Method::GET, "/api/directory"),
        (Method::GET, "/api/packs"),
        (Method::GET, "/api/sessions"),
    ] {
        let refused = tech.call(method, path).await;
        assert_eq!(
            (refused.status, refused.problem_code().as_str()),
            (StatusCode::FORBIDDEN, "second_factor_due")
        );
    }
    assert!(tech.get("/api/session").await.read::<SignedIn>().second_factor_due);
    assert!(factors(&mut tech).await.is_required);
    story.set_up_app(&mut tech).await;
    assert!(!tech.get("/api/session").await.read::<SignedIn>().second_factor_due);
    assert_eq!(tech.get("/api/directory").await.status, StatusCode::OK);
    tech.socket_ticket().await;
    let last = tech.call(Method::DELETE, "/api/account/authenticator-app").await;
    assert_eq!(last.problem_code(), "last_second_factor");
    assert!(factors(&mut tech).await.authenticator_app.is_some(), "and nothing was taken away");
}

#[tokio::test]
async fn whoever_waits_elsewhere_with_a_password_alone_is_out_once_a_factor_is_set_up() {
    let story = Story::begin().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    assert_eq!(require(&mut admin, FactorRule::Everybody).await.status, StatusCode::OK);
    let (mut thief, mut tech) = (story.server.client(), story.server.client());
    for client in [&mut thief, &mut tech] {
        assert_eq!(password(client, TECH).await.status, StatusCode::OK);
    }
    story.set_up_app(&mut tech).await;
    assert_eq!(tech.get("/api/directory").await.status, StatusCode::OK);
    assert_eq!(thief.get("/api/session").await.problem_code(), "not_signed_in");
    assert_eq!(thief.get("/api/directory").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn administrators_alone_can_be_asked() {
    let story = Story::begin().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    let nobody = admin.get("/api/organisation/security").await.json();
    assert_eq!(nobody["second_factor_required_for"], "nobody");
    assert_eq!(require(&mut admin, FactorRule::Administrators).await.status, StatusCode::OK);
    let due = async |email| {
        let answer = password(&mut story.server.client(), email).await;
        answer.read::<SignedIn>().second_factor_due
    };
    assert!(due(ANN).await && !due(TECH).await);
    assert_eq!(require(&mut admin, FactorRule::Nobody).await.status, StatusCode::OK);
    assert!(!due(ANN).await);
    let odd = json!({ "second_factor_required_for": "cats" });
    let answer = admin.give(Method::PUT, "/api/organisation/security", &odd).await;
    assert_eq!(answer.problem_code(), "invalid_body");
    let mut tech = story.server.sign_in("demo", TECH).await;
    assert_eq!(require(&mut tech, FactorRule::Everybody).await.problem_code(), "forbidden");
    let changed = story.actions().await.iter().filter(|action| *action == "security_rules_changed").count();
    assert_eq!(changed, 2);
}

#[tokio::test]
async fn whoever_lost_everything_is_let_in_by_an_administrator() {
    let story = Story::begin().await;
    story.tech_with_app().await;
    let mut admin = story.server.sign_in("demo", ANN).await;
    let path = format!("/api/people/{}", story.tech);
    assert!(admin.get(&path).await.read::<Member>().has_second_factor);
    let reset = admin.call(Method::DELETE, &format!("{path}/factors")).await;
    assert!(reset.status == StatusCode::OK && !reset.read::<Member>().has_second_factor, "{reset:?}");
    assert_eq!(password(&mut story.server.client(), TECH).await.status, StatusCode::OK);
    assert_eq!(admin.call(Method::DELETE, &format!("{path}/factors")).await.status, StatusCode::OK);
    let resets = story.actions().await.iter().filter(|action| *action == "second_factors_reset").count();
    assert_eq!(resets, 1, "the second time there was nothing");
    let mut tech = story.server.sign_in("demo", TECH).await;
    assert_eq!(tech.call(Method::DELETE, &format!("{path}/factors")).await.problem_code(), "forbidden");
}
