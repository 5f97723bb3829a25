//! The requests of a session, and the way any request goes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_model::account::{DeviceRegistration, Problem, SignIn, SignedIn};
use shared_model::second_factor::{Passed, PasskeyChallenge, PasskeySignIn, SecondStep, SecondStepAnswer};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response};

use super::devices;
use crate::browser;

const PATH: &str = "/api/session";

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiProblem {
    /// No answer that came from our server.
    Unreachable,
    /// The server said no.
    Refused(Box<Problem>),
}

impl ApiProblem {
    /// Stable code of the server's answer; empty when there was none.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable => "",
            Self::Refused(problem) => &problem.code,
        }
    }

    /// What is still to be shown, where a password was right and not enough.
    pub(super) fn second_step(&self) -> Option<SecondStep> {
        match self {
            Self::Unreachable => None,
            Self::Refused(problem) => problem.second_step.clone(),
        }
    }
}

/// Signs in with the device this person had here before.
pub async fn sign_in(
    email: &str,
    password: &str,
    organisation: Option<&str>,
) -> Result<SignedIn, ApiProblem> {
    let signed_in: SignedIn = on_install(vec![devices::registration(email, organisation)], async |device| {
        let attempt = SignIn {
            organisation: organisation.map(str::to_owned),
            email: email.trim().to_owned(),
            password: password.to_owned(),
            device: Some(device),
        };
        call("POST", PATH, Some(&attempt)).await
    })
    .await?;
    devices::remember(email, organisation, &signed_in);
    Ok(signed_in)
}

/// The second step after that.
pub(super) async fn second_step(
    answer: SecondStepAnswer,
    email: &str,
    organisation: Option<&str>,
) -> Result<SignedIn, ApiProblem> {
    let signed_in: SignedIn = on_install(vec![devices::registration(email, organisation)], async |device| {
        let attempt = SecondStepAnswer { device: Some(device), ..answer.clone() };
        call("POST", "/api/session/second-step", Some(&attempt)).await
    })
    .await?;
    devices::remember(email, organisation, &signed_in);
    Ok(signed_in)
}

/// A challenge that a passkey is shown with.
pub async fn passkey_challenge() -> Result<PasskeyChallenge, ApiProblem> {
    call("POST", "/api/session/passkey-challenge", None::<&()>).await
}

/// Signs in with a passkey, which says whose it is: any install here may be theirs.
pub(super) async fn passkey_sign_in(token: String, passkey: Passed) -> Result<SignedIn, ApiProblem> {
    let signed_in: SignedIn = on_install(devices::registrations(), async |device| {
        let attempt = PasskeySignIn { token: token.clone(), passkey: passkey.clone(), device: Some(device) };
        call("POST", "/api/session/passkey", Some(&attempt)).await
    })
    .await?;
    devices::remember(&signed_in.person.email, Some(&signed_in.organisation.slug), &signed_in);
    Ok(signed_in)
}

/// Tries one install after the other, and at last a fresh one: the same address in another organisation is another person, with
/// an install of their own.
pub(super) async fn on_install<R>(
    installs: Vec<DeviceRegistration>,
    attempt: impl AsyncFn(DeviceRegistration) -> Result<R, ApiProblem>,
) -> Result<R, ApiProblem> {
    for install in installs {
        match attempt(install).await {
            Err(problem) if problem.code() == "device_of_another_person" => {}
            outcome => return outcome,
        }
    }
    attempt(devices::fresh()).await
}

/// Asks the server who is signed in, which keeps the session alive.
pub async fn renew() -> Result<SignedIn, ApiProblem> {
    call("GET", PATH, None::<&()>).await
}

/// Ends the session on the server. A session that has ended already counts as ended.
pub async fn end_session() -> Result<(), ApiProblem> {
    match ask("DELETE", PATH, None).await {
        Ok(_) => Ok(()),
        Err(ApiProblem::Refused(problem)) if problem.status == 401 => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Sends JSON, or nothing, and reads the JSON that comes back.
pub async fn call<B: Serialize, R: DeserializeOwned>(
    method: &str,
    path: &str,
    body: Option<&B>,
) -> Result<R, ApiProblem> {
    let body = body.map(|body| serde_json::to_string(body).unwrap_or_default());
    let text = ask(method, path, body).await?;
    serde_json::from_slice(text.as_bytes()).map_err(|_| ApiProblem::Unreachable)
}

/// Sends JSON whose answer says nothing but that it worked.
pub async fn tell<B: Serialize>(method: &str, path: &str, body: &B) -> Result<(), ApiProblem> {
    ask(method, path, Some(serde_json::to_string(body).unwrap_or_default())).await.map(drop)
}

/// The text of an answer.
pub async fn ask(method: &str, path: &str, body: Option<String>) -> Result<String, ApiProblem> {
    let (ok, text) = send(method, path, body).await.map_err(|_| ApiProblem::Unreachable)?;
    if ok {
        return Ok(text);
    }
    // A captive portal answers with pages of its own: only a problem document is an answer.
    let problem = serde_json::from_slice(text.as_bytes()).map_err(|_| ApiProblem::Unreachable)?;
    Err(ApiProblem::Refused(Box::new(problem)))
}

async fn send(method: &str, path: &str, body: Option<String>) -> Result<(bool, String), JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    if let Some(body) = body {
        let headers = Headers::new()?;
        headers.set("content-type", "application/json")?;
        init.set_headers(&headers);
        init.set_body(&body.into());
    }
    let answer = JsFuture::from(browser::window().fetch_with_str_and_init(path, &init)).await?;
    let response: Response = answer.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.ok(), text))
}
