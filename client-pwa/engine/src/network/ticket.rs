//! The one-time ticket that opens a socket, in exchange for the session's cookie.

use std::time::Duration;

use shared_model::account::{DEVICE_HEADER, SocketTicket};
use shared_model::identity::DeviceId;
use shared_model::sync_protocol::Disconnect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Request, RequestCredentials, RequestInit, Response};

/// A ticket, and whether this device is to be erased.
pub type Answer = (String, bool);

/// Asks for a ticket of the session of this device. Only a clear 401 means that somebody has to sign in; anything else, a captive portal's
/// page included, is a lost connection.
pub async fn request(device: DeviceId, timeout: Duration) -> Result<Answer, Disconnect> {
    let response = fetch(device, timeout).await.map_err(|_| Disconnect::Lost)?;
    match response.status() {
        200..=299 => read(&response).await.ok_or(Disconnect::Lost),
        401 => Err(Disconnect::SignInNeeded),
        429 => Err(come_back(&response).unwrap_or(Disconnect::Lost)),
        _ => Err(Disconnect::Lost),
    }
}

async fn fetch(device: DeviceId, timeout: Duration) -> Result<Response, JsValue> {
    let options = RequestInit::new();
    options.set_method("POST");
    options.set_credentials(RequestCredentials::SameOrigin);
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    let request = Request::new_with_str_and_init("/api/socket-tickets", &options)?;
    request.headers().set(DEVICE_HEADER, &device.to_string())?;
    let scope = super::scope().ok_or(JsValue::NULL)?;
    JsFuture::from(scope.fetch_with_request(&request)).await?.dyn_into()
}

/// When the server wants to be asked again.
fn come_back(response: &Response) -> Option<Disconnect> {
    let seconds: u64 = response.headers().get("retry-after").ok()??.parse().ok()?;
    Some(Disconnect::ComeBack { after_ms: seconds.saturating_mul(1_000) })
}

async fn read(response: &Response) -> Option<Answer> {
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    serde_json::from_slice::<SocketTicket>(text.as_bytes()).ok().map(|ticket| (ticket.ticket, ticket.wipe))
}
