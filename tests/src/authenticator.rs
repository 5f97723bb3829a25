//! A phone in software: the codes of an authenticator app, and passkeys that may be dishonest in every way that matters.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::Encoder;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use shared_model::instant::Timestamp;
use totp_rs::{Builder, Secret};

/// Where the browsers of tests are.
pub const ORIGIN: &str = "http://localhost:8080";

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_KEY: u8 = 0x40;

/// The code that an authenticator app with this secret shows at that time.
pub fn code(secret: &str, at: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret.as_bytes().to_vec()).build().unwrap();
    totp.generate(u64::try_from(at.as_millis() / 1000).unwrap()).to_string()
}

/// A passkey.
pub struct SoftPasskey {
    id: Vec<u8>,
    key: EcdsaKeyPair,
    handle: Vec<u8>,
    /// Goes up with each use; zero for those that do not count.
    pub counter: u32,
    /// Does it ask for a finger?
    pub verifies: bool,
    /// Where the page says it is.
    pub origin: &'static str,
}

impl SoftPasskey {
    /// A passkey for what `navigator.credentials.create` was given, and what that gives back.
    pub fn make(options: &Value) -> (Self, Value) {
        Self::make_at(options, ORIGIN, true)
    }

    /// The same on another page, or without a finger.
    pub fn make_at(options: &Value, origin: &'static str, verifies: bool) -> (Self, Value) {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        let handle = decoded(&options["user"]["id"]);
        let passkey = Self { id, key, handle, counter: 1, verifies, origin };
        let mut data = passkey.data(options["rp"]["id"].as_str().unwrap(), WITH_KEY);
        data.extend([0; 16]);
        data.extend(u16::try_from(passkey.id.len()).unwrap().to_be_bytes());
        data.extend(&passkey.id);
        data.extend(passkey.public_key());
        let mut object = Vec::new();
        let mut encoder = Encoder::new(&mut object);
        encoder.map(3).unwrap().str("fmt").unwrap().str("none").unwrap();
        encoder.str("attStmt").unwrap().map(0).unwrap().str("authData").unwrap().bytes(&data).unwrap();
        let client_data = passkey.client_data("webauthn.create", options);
        let response =
            json!({ "attestationObject": encoded(&object), "clientDataJSON": encoded(&client_data) });
        let credential = passkey.credential(&response);
        (passkey, credential)
    }

    /// What `navigator.credentials.get` gives back for what it was given.
    pub fn show(&mut self, options: &Value) -> Value {
        if self.counter > 0 {
            self.counter += 1;
        }
        let data = self.data(options["rpId"].as_str().unwrap(), 0);
        let client_data = self.client_data("webauthn.get", options);
        let signed = [&data[..], digest(&SHA256, &client_data).as_ref()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).unwrap();
        self.credential(&json!({
            "authenticatorData": encoded(&data), "clientDataJSON": encoded(&client_data),
            "signature": encoded(signature.as_ref()), "userHandle": encoded(&self.handle),
        }))
    }

    /// What it was made with knows it by.
    pub fn id(&self) -> String {
        encoded(&self.id)
    }

    /// Says it is somebody else's.
    pub fn pretend(&mut self, handle: &SoftPasskey) {
        self.handle.clone_from(&handle.handle);
    }

    fn credential(&self, response: &Value) -> Value {
        let id = self.id();
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {} })
    }

    fn data(&self, host: &str, more: u8) -> Vec<u8> {
        let flags = PRESENT | more | if self.verifies { VERIFIED } else { 0 };
        let counter = self.counter.to_be_bytes();
        [digest(&SHA256, host.as_bytes()).as_ref(), &[flags], &counter].concat()
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["challenge"];
        let data =
            json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    /// As COSE writes it.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let (x, y) = (&point[1..33], &point[33..]);
        let mut key = Vec::new();
        let mut encoder = Encoder::new(&mut key);
        encoder.map(5).unwrap().i8(1).unwrap().i8(2).unwrap().i8(3).unwrap().i8(-7).unwrap();
        encoder.i8(-1).unwrap().i8(1).unwrap().i8(-2).unwrap().bytes(x).unwrap();
        encoder.i8(-3).unwrap().bytes(y).unwrap();
        key
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}
