//! Passkeys, which the browser makes and shows. What it says and what the server says are passed on between them as they are.

use js_sys::{JSON, Object, Reflect};
use shared_model::second_factor::Passed;
use wasm_bindgen::prelude::*;
use yew::AttrValue;

use crate::browser;
use crate::locale::t;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = PublicKeyCredential, js_name = parseRequestOptionsFromJSON)]
    fn parse_request(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = PublicKeyCredential, js_name = parseCreationOptionsFromJSON)]
    fn parse_creation(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = get)]
    async fn get_credential(options: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["navigator", "credentials"], js_name = create)]
    async fn create_credential(options: &JsValue) -> Result<JsValue, JsValue>;
}

/// Can there be passkeys on this page? An address of numbers has none, and old browsers neither.
pub fn are_possible() -> bool {
    let host = browser::window().location().hostname().unwrap_or_default();
    let is_name = host.contains(|c: char| c.is_ascii_alphabetic()) && !host.contains(':');
    is_name && Reflect::has(&browser::window(), &"PublicKeyCredential".into()).unwrap_or(false)
}

/// Shows a passkey.
pub async fn show(options: &Passed) -> Result<Passed, AttrValue> {
    let shown = async {
        let options = parse_request(&JSON::parse(options.text())?)?;
        pass_on(&get_credential(&under_public_key(&options)?).await?)
    };
    shown.await.map_err(|error| explain(&error))
}

/// Makes a passkey.
pub async fn make(options: &Passed) -> Result<Passed, AttrValue> {
    let made = async {
        let options = parse_creation(&JSON::parse(options.text())?)?;
        pass_on(&create_credential(&under_public_key(&options)?).await?)
    };
    made.await.map_err(|error| explain(&error))
}

fn under_public_key(options: &JsValue) -> Result<JsValue, JsValue> {
    let whole = Object::new();
    Reflect::set(&whole, &"publicKey".into(), options)?;
    Ok(whole.into())
}

fn pass_on(credential: &JsValue) -> Result<Passed, JsValue> {
    let text = JSON::stringify(credential)?.as_string().and_then(Passed::new);
    text.ok_or(JsValue::NULL)
}

/// Browsers do not say whether somebody cancelled or nothing was found.
fn explain(error: &JsValue) -> AttrValue {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "AbortError") => t!("passkey-cancelled"),
        Some("InvalidStateError") => t!("passkey-already-here"),
        _ => t!("passkey-not-possible"),
    }
}
