//! The requests of a session, and the way any request goes.

use std::cell::Cell;

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_model::account::{DEVICE_HEADER, DeviceRegistration, Problem, SignIn, SignedIn};
use shared_model::identity::DeviceId;
use shared_model::second_factor::{Passed, PasskeyChallenge, PasskeySignIn, SecondStep, SecondStepAnswer};
use shared_model::sync_protocol::DEPOSIT_SCHEME;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Headers, RequestCredentials, RequestInit, Response};
use yew::prelude::*;

use super::profiles;
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

thread_local! {
    /// The install that requests are of.
    static DEVICE: Cell<Option<DeviceId>> = const { Cell::new(None) };
}

/// Requests are of this install from now on, and get nothing by the session of another.
pub fn set_device(device: Option<DeviceId>) {
    DEVICE.set(device);
}

/// A request of an install that proves itself with its deposit credential; no session goes along.
pub(super) async fn ask_with_credential(
    credential: &str,
    method: &str,
    path: &str,
    body: Option<String>,
) -> Result<Response, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_credentials(RequestCredentials::Omit);
    let headers = Headers::new()?;
    headers.set("authorization", &format!("{DEPOSIT_SCHEME} {credential}"))?;
    if let Some(body) = body {
        headers.set("content-type", "application/json")?;
        init.set_body(&body.into());
    }
    init.set_headers(&headers);
    JsFuture::from(browser::window().fetch_with_str_and_init(path, &init)).await?.dyn_into()
}

/// Signs in with the install this person had here before, or with a fresh one.
pub async fn sign_in(
    email: &str,
    password: &str,
    organisation: Option<&str>,
    place: Where,
) -> Result<SignedIn, ApiProblem> {
    on_install(place.installs(vec![profiles::registration(email, organisation)]), async |device| {
        let attempt = SignIn {
            organisation: organisation.map(str::to_owned),
            email: email.trim().to_owned(),
            password: password.to_owned(),
            device: Some(device),
        };
        call("POST", PATH, Some(&attempt)).await
    })
    .await
}

/// The second step after that.
pub(super) async fn second_step(
    answer: SecondStepAnswer,
    email: &str,
    organisation: Option<&str>,
    place: Where,
) -> Result<SignedIn, ApiProblem> {
    on_install(place.installs(vec![profiles::registration(email, organisation)]), async |device| {
        let attempt = SecondStepAnswer { device: Some(device), ..answer.clone() };
        call("POST", "/api/session/second-step", Some(&attempt)).await
    })
    .await
}

/// A challenge that a passkey is shown with.
pub async fn passkey_challenge() -> Result<PasskeyChallenge, ApiProblem> {
    call("POST", "/api/session/passkey-challenge", None::<&()>).await
}

/// Signs in with a passkey, which says whose it is: any install here may be theirs.
pub(super) async fn passkey_sign_in(
    token: String,
    passkey: Passed,
    place: Where,
) -> Result<SignedIn, ApiProblem> {
    on_install(place.installs(profiles::registrations()), async |device| {
        let attempt = PasskeySignIn { token: token.clone(), passkey: passkey.clone(), device: Some(device) };
        call("POST", "/api/session/passkey", Some(&attempt)).await
    })
    .await
}

/// With which install somebody signs in.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Where {
    /// With one of their own: they cannot unlock what they have here, and leave it as it is.
    pub is_anew: bool,
    /// That of the page whose session ended, if it is theirs.
    pub install: Option<DeviceId>,
}

impl Where {
    fn installs(self, known: Vec<DeviceRegistration>) -> Vec<DeviceRegistration> {
        if self.is_anew {
            return Vec::new();
        }
        let own = self.install.and_then(profiles::registration_of);
        let known = known.into_iter().filter(|install| Some(install.id) != self.install);
        own.into_iter().chain(known).collect()
    }
}

/// Tries one install after the other, and at last a fresh one: the same address in another organisation is another person, with
/// an install of their own, and nobody may sign in on one any more that was erased.
pub(super) async fn on_install<R>(
    installs: Vec<DeviceRegistration>,
    attempt: impl AsyncFn(DeviceRegistration) -> Result<R, ApiProblem>,
) -> Result<R, ApiProblem> {
    let before = DEVICE.get();
    let mut outcome = Err(ApiProblem::Unreachable);
    for install in installs.into_iter().chain([profiles::fresh()]) {
        set_device(Some(install.id));
        outcome = attempt(install).await;
        let is_anothers =
            |problem: &ApiProblem| ["device_of_another_person", "device_revoked"].contains(&problem.code());
        if !outcome.as_ref().is_err_and(is_anothers) {
            break;
        }
    }
    // Whoever is at work on this page goes on as themselves.
    if outcome.is_err() {
        set_device(before);
    }
    outcome
}

/// Asks the server who is signed in, which keeps the session alive.
pub async fn renew() -> Result<SignedIn, ApiProblem> {
    call("GET", PATH, None::<()>).await
}

/// Tells the server of those who signed out, until it has heard. Whoever has signed in again meanwhile is let be.
pub(super) async fn end_unheard() {
    let is_owed = |profile: &profiles::Profile| profile.signed_out && profile.unheard;
    for device in profiles::all().into_iter().filter(is_owed).map(|profile| profile.device) {
        if profiles::of(device).as_ref().is_some_and(is_owed) && end_session(device).await.is_ok() {
            profiles::change(device, |profile| profile.unheard = false);
        }
    }
}

/// Ends the session of an install on the server. A session that has ended already counts as ended.
async fn end_session(device: DeviceId) -> Result<(), ApiProblem> {
    match ask_as(Some(device), "DELETE", PATH, None).await {
        Ok(_) => Ok(()),
        Err(ApiProblem::Refused(problem)) if problem.status == 401 => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Sends JSON, or nothing, and reads the JSON that comes back.
pub async fn call<B: Serialize, R: DeserializeOwned>(
    method: &str,
    path: &str,
    body: Option<B>,
) -> Result<R, ApiProblem> {
    let body = body.map(|body| serde_json::to_string(&body).unwrap_or_default());
    let text = ask(method, path, body).await?;
    serde_json::from_slice(text.as_bytes()).map_err(|_| ApiProblem::Unreachable)
}

/// Sends JSON whose answer says nothing but that it worked.
pub async fn tell<B: Serialize>(method: &str, path: &str, body: &B) -> Result<(), ApiProblem> {
    ask(method, path, Some(serde_json::to_string(body).unwrap_or_default())).await.map(drop)
}

/// The text of an answer.
pub async fn ask(method: &str, path: &str, body: Option<String>) -> Result<String, ApiProblem> {
    ask_as(DEVICE.get(), method, path, body).await
}

async fn ask_as(
    device: Option<DeviceId>,
    method: &str,
    path: &str,
    body: Option<String>,
) -> Result<String, ApiProblem> {
    answer(send(device, method, path, body.map(|body| ("application/json", body.into()))).await)
}

/// Sends a file as it is.
pub async fn upload(method: &str, path: &str, file: &Blob) -> Result<(), ApiProblem> {
    let body = Some(("application/octet-stream", file.clone().into()));
    answer(send(DEVICE.get(), method, path, body).await).map(drop)
}

fn answer(sent: Result<(bool, String), JsValue>) -> Result<String, ApiProblem> {
    let (ok, text) = sent.map_err(|_| ApiProblem::Unreachable)?;
    if ok {
        return Ok(text);
    }
    // A captive portal answers with pages of its own: only a problem document is an answer.
    let problem = serde_json::from_slice(text.as_bytes()).map_err(|_| ApiProblem::Unreachable)?;
    Err(ApiProblem::Refused(Box::new(problem)))
}

async fn send(
    device: Option<DeviceId>,
    method: &str,
    path: &str,
    body: Option<(&str, JsValue)>,
) -> Result<(bool, String), JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    let headers = Headers::new()?;
    if let Some(device) = device {
        headers.set(DEVICE_HEADER, &device.to_string())?;
    }
    if let Some((kind, body)) = body {
        headers.set("content-type", kind)?;
        init.set_body(&body);
    }
    init.set_headers(&headers);
    let answer = JsFuture::from(browser::window().fetch_with_str_and_init(path, &init)).await?;
    let response: Response = answer.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.ok(), text))
}

/// Fetches a file of the API and gives it to the person: a link would come without the header that names the install.
pub fn download(path: AttrValue, name: AttrValue, failed: Callback<ApiProblem>) -> Callback<MouseEvent> {
    Callback::from(move |_: MouseEvent| {
        let (path, name, failed) = (path.clone(), name.clone(), failed.clone());
        spawn_local(async move {
            match ask("GET", &path, None).await {
                Ok(text) => _ = browser::save_file(&name, &text),
                Err(problem) => failed.emit(problem),
            }
        });
    })
}
