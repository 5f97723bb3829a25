//! What the server wants of a device whose session has ended: it proves itself with its deposit credential.

use std::time::Duration;

use shared_model::account::DeviceOrders;
use shared_model::sync_protocol::DEPOSIT_SCHEME;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Request, RequestCredentials, RequestInit, Response};

/// Is this device to be erased? Whatever is no clear yes is a no.
pub async fn are_to_wipe(credential: Option<String>, timeout: Duration) -> bool {
    let Some(credential) = credential else { return false };
    let orders = match ask(&credential, timeout).await {
        Ok(text) => serde_json::from_slice::<DeviceOrders>(text.as_bytes()).ok(),
        Err(_) => None,
    };
    orders.is_some_and(|orders| orders.wipe)
}

async fn ask(credential: &str, timeout: Duration) -> Result<String, JsValue> {
    let options = RequestInit::new();
    options.set_credentials(RequestCredentials::Omit);
    let millis = u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(millis)));
    let request = Request::new_with_str_and_init("/api/device-orders", &options)?;
    request.headers().set("authorization", &format!("{DEPOSIT_SCHEME} {credential}"))?;
    let scope = super::scope().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(scope.fetch_with_request(&request)).await?.dyn_into()?;
    if !response.ok() {
        return Err(JsValue::NULL);
    }
    Ok(JsFuture::from(response.text()?).await?.as_string().unwrap_or_default())
}
