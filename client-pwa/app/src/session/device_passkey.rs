//! A passkey of this device as a way to unlock it: WebAuthn's PRF extension gives the same secret for the same salt, on
//! this device and without a network. The server knows nothing of it, and nobody signs in with it.

use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::browser;
use crate::fresh_id;

/// ECDSA over P-256 and RSA with SHA-256, which all authenticators know; nothing is ever checked with them.
const ALGORITHMS: [i32; 2] = [-7, -257];
const TIMEOUT_MS: u32 = 120_000;

/// A passkey that was made, and its secret.
pub(super) struct Made {
    pub credential: Vec<u8>,
    pub salt: Vec<u8>,
    pub secret: [u8; 32],
}

/// Makes a passkey on this device; `name` is what the system lists it by.
pub(super) async fn make(name: &str) -> Result<Made, JsValue> {
    let salt: [u8; 32] = fresh_id::bytes();
    let id: [u8; 16] = fresh_id::bytes();
    let user = object(&[("id", bytes(&id)), ("name", name.into()), ("displayName", name.into())])?;
    let algorithm = |code: &i32| object(&[("type", "public-key".into()), ("alg", (*code).into())]);
    let algorithms: Array = ALGORITHMS.iter().map(algorithm).collect::<Result<_, _>>()?;
    let selection = object(&[
        ("authenticatorAttachment", "platform".into()),
        ("residentKey", "discouraged".into()),
        ("userVerification", "required".into()),
    ])?;
    let options = object(&[
        ("challenge", bytes(&fresh_id::bytes::<32>())),
        ("rp", object(&[("name", "MaintainPro".into())])?),
        ("user", user),
        ("pubKeyCredParams", algorithms.into()),
        ("authenticatorSelection", selection),
        ("attestation", "none".into()),
        ("timeout", TIMEOUT_MS.into()),
        ("extensions", prf(&salt)?),
    ])?;
    let credential = call("create", options).await?;
    let id = Reflect::get(&credential, &"rawId".into())?.dyn_into::<ArrayBuffer>()?;
    let id = Uint8Array::new(&id).to_vec();
    // Some authenticators give the secret only when they are asked a second time.
    let secret = match secret_of(&credential) {
        Ok(secret) => secret,
        Err(_) => secret(&id, &salt).await?,
    };
    Ok(Made { credential: id, salt: salt.to_vec(), secret })
}

/// The secret of a passkey for this salt.
pub(super) async fn secret(credential: &[u8], salt: &[u8]) -> Result<[u8; 32], JsValue> {
    let allowed = object(&[
        ("type", "public-key".into()),
        ("id", bytes(credential)),
        ("transports", Array::of1(&"internal".into()).into()),
    ])?;
    let options = object(&[
        ("challenge", bytes(&fresh_id::bytes::<32>())),
        ("allowCredentials", Array::of1(&allowed).into()),
        ("userVerification", "required".into()),
        ("timeout", TIMEOUT_MS.into()),
        ("extensions", prf(salt)?),
    ])?;
    secret_of(&call("get", options).await?)
}

fn prf(salt: &[u8]) -> Result<JsValue, JsValue> {
    object(&[("prf", object(&[("eval", object(&[("first", bytes(salt))])?)])?)])
}

async fn call(name: &str, options: JsValue) -> Result<JsValue, JsValue> {
    let credentials = Reflect::get(&browser::window().navigator(), &"credentials".into())?;
    let function: Function = Reflect::get(&credentials, &name.into())?.dyn_into()?;
    let promise: Promise = function.call1(&credentials, &object(&[("publicKey", options)])?)?.dyn_into()?;
    JsFuture::from(promise).await
}

fn secret_of(credential: &JsValue) -> Result<[u8; 32], JsValue> {
    let results: Function = Reflect::get(credential, &"getClientExtensionResults".into())?.dyn_into()?;
    let mut found = results.call0(credential)?;
    for name in ["prf", "results", "first"] {
        found = Reflect::get(&found, &name.into())?;
    }
    let secret = found.dyn_into::<ArrayBuffer>()?;
    Uint8Array::new(&secret).to_vec().try_into().map_err(|_| JsValue::from("a secret of another length"))
}

fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object.into())
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}
