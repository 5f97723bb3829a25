//! Packs of a first load. The browser undoes their compression.

use std::time::Duration;

use futures::channel::mpsc::UnboundedSender;
use js_sys::{ArrayBuffer, Uint8Array};
use shared_model::account::DEVICE_HEADER;
use shared_model::identity::DeviceId;
use shared_model::sync_protocol::{DeviceEvent, PackFailure};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortSignal, Request, RequestCache, RequestCredentials, RequestInit, Response};

use crate::worker::Input;

/// As long as the session waits.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Begins to fetch a pack; what comes of it is an input.
pub fn fetch(device: DeviceId, fetch: u64, next: Option<String>, inputs: &UnboundedSender<Input>) {
    let inputs = inputs.clone();
    spawn_local(async move {
        let event = match request(device, next.as_deref()).await {
            Ok(bytes) => DeviceEvent::PackArrived { fetch, bytes },
            Err(cause) => DeviceEvent::PackFailed { fetch, cause },
        };
        let _ = inputs.unbounded_send(Input::Device(event));
    });
}

async fn request(device: DeviceId, next: Option<&str>) -> Result<Vec<u8>, PackFailure> {
    let response = send(device, next).await.map_err(|_| PackFailure::Lost)?;
    match response.status() {
        200 => read(&response).await.ok_or(PackFailure::Lost),
        401 => Err(PackFailure::SignInNeeded),
        409 => Err(PackFailure::Stale),
        // Too early, too many: not for good.
        408 | 425 | 429 => Err(PackFailure::Lost),
        400..=499 => Err(PackFailure::Refused),
        _ => Err(PackFailure::Lost),
    }
}

async fn send(device: DeviceId, next: Option<&str>) -> Result<Response, JsValue> {
    let options = RequestInit::new();
    options.set_credentials(RequestCredentials::SameOrigin);
    options.set_cache(RequestCache::NoStore);
    let millis = u32::try_from(TIMEOUT.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    let address = next.map_or_else(|| "/api/packs".to_owned(), |next| format!("/api/packs?next={next}"));
    let request = Request::new_with_str_and_init(&address, &options)?;
    request.headers().set(DEVICE_HEADER, &device.to_string())?;
    let scope = super::scope().ok_or(JsValue::NULL)?;
    JsFuture::from(scope.fetch_with_request(&request)).await?.dyn_into()
}

async fn read(response: &Response) -> Option<Vec<u8>> {
    let body = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    body.is_instance_of::<ArrayBuffer>().then(|| Uint8Array::new(&body).to_vec())
}
