//! Everything there can be beside a password, set up for somebody who is signed in.

use axum::http::{Method, StatusCode};
use serde_json::json;
use shared_model::instant::Timestamp;
use shared_model::second_factor::{AuthenticatorSecret, RecoveryCodes};

use crate::authenticator::{SoftPasskey, code};
use crate::client::Client;

/// An authenticator app: its secret, and the recovery codes that come with it.
pub async fn set_up_app(client: &mut Client, now: Timestamp) -> (String, Vec<String>) {
    let drawn = client.call(Method::POST, "/api/account/authenticator-app").await;
    assert_eq!(drawn.status, StatusCode::OK, "{drawn:?}");
    let drawn: AuthenticatorSecret = drawn.read();
    let body = json!({ "token": drawn.token, "code": code(&drawn.secret, now) });
    let confirmed = client.post("/api/account/authenticator-app/confirm", &body).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{confirmed:?}");
    (drawn.secret, confirmed.read::<RecoveryCodes>().codes)
}

/// A passkey, and the recovery codes that come with the first factor.
pub async fn add_passkey(client: &mut Client) -> (SoftPasskey, Vec<String>) {
    let challenge = client.call(Method::POST, "/api/account/passkeys/challenge").await;
    assert_eq!(challenge.status, StatusCode::OK, "{challenge:?}");
    let challenge = challenge.json();
    let (passkey, made) = SoftPasskey::make(&challenge["options"]);
    let body = json!({ "token": challenge["token"], "name": " Blue key ", "passkey": made });
    let added = client.post("/api/account/passkeys", &body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    (passkey, added.read::<RecoveryCodes>().codes)
}
