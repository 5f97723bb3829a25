//! Work that nobody here can send any more, on its way to whoever decides about it. The credential goes in a header; no
//! cookie goes along.

use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use js_sys::Uint8Array;
use shared_model::sync_protocol::{DEPOSIT_SCHEME, Deposit, DepositFailure, Deposited, DeviceEvent};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, Request, RequestCredentials, RequestInit, Response};

use crate::worker::Input;

/// As long as the session waits.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Begins to hand commands over; what comes of it is an input.
pub fn hand_in(number: u64, credential: Option<String>, deposit: Deposit, inputs: &UnboundedSender<Input>) {
    let inputs = inputs.clone();
    spawn_local(async move {
        let event = match request(credential, &deposit).await {
            Ok(held) => DeviceEvent::Deposited { deposit: number, held: held.held },
            Err(cause) => DeviceEvent::DepositFailed { deposit: number, cause },
        };
        let _ = inputs.unbounded_send(Input::Device(event));
    });
}

async fn request(credential: Option<String>, deposit: &Deposit) -> Result<Deposited, DepositFailure> {
    let credential = credential.ok_or(DepositFailure::Refused)?;
    let response = send(&credential, deposit).await.map_err(|_| DepositFailure::Lost)?;
    match response.status() {
        // A captive portal may say 200 as well: only a list of commands is an answer.
        200 => read(&response).await.ok_or(DepositFailure::Lost),
        408 | 425 | 429 => Err(DepositFailure::Lost),
        400..=499 => Err(DepositFailure::Refused),
        _ => Err(DepositFailure::Lost),
    }
}

async fn send(credential: &str, deposit: &Deposit) -> Result<Response, JsValue> {
    let body = minicbor::to_vec(deposit).map_err(|_| JsValue::NULL)?;
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_credentials(RequestCredentials::Omit);
    options.set_body(&Uint8Array::from(&body[..]));
    let millis = u32::try_from(TIMEOUT.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    let request = Request::new_with_str_and_init("/api/deposits", &options)?;
    request.headers().set("authorization", &format!("{DEPOSIT_SCHEME} {credential}"))?;
    let scope = super::scope().ok_or(JsValue::NULL)?;
    JsFuture::from(scope.fetch_with_request(&request)).await?.dyn_into()
}

async fn read(response: &Response) -> Option<Deposited> {
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    serde_json::from_slice(text.as_bytes()).ok()
}
