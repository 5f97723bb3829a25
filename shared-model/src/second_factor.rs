//! Second factors and passkeys, as both ends of the API see them: the second step of signing in, what a person has set up,
//! and whom the organisation asks for a second factor.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::account::DeviceRegistration;
use crate::codes::codes;
use crate::identity::PasskeyId;
use crate::instant::Timestamp;

codes! {
    /// What shows, beside the password, who somebody is.
    Factor {
        /// A code of six digits that changes every half minute.
        AuthenticatorApp = "authenticator_app",
        /// A key in a device or a password manager, opened by a finger, a face or a PIN.
        Passkey = "passkey",
        /// One of ten codes on paper, each good once.
        RecoveryCode = "recovery_code",
    }
}

codes! {
    /// Who must have a second factor.
    FactorRule {
        /// Whoever likes to.
        Nobody = "nobody",
        /// Whoever administers the organisation.
        Administrators = "administrators",
        /// All of its people.
        Everybody = "everybody",
    }
}

/// JSON that a browser and the server's library for passkeys say to each other; everything between passes it on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passed(Box<RawValue>);

impl Passed {
    /// This text, if it is JSON.
    pub fn new(text: String) -> Option<Self> {
        RawValue::from_string(text).ok().map(Self)
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Passed {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Passed {}

/// With `second_factor_needed`: the password was right, and one of these is still to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondStep {
    /// Says which account it is; good for one session, and for five minutes.
    pub token: String,
    /// What this person has.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub factors: Vec<Factor>,
    /// When it has to begin anew.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub expires_at: Timestamp,
    /// What `navigator.credentials.get` takes as `publicKey`, in JSON, where there is a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub passkey_options: Option<Passed>,
}

/// `POST /api/session/second-step`: one of code, recovery code and passkey. Not `Debug`, like all that carries a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondStepAnswer {
    /// The token of the first step.
    pub token: String,
    /// Six digits from the authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_code: Option<String>,
    /// What `navigator.credentials.get` gave, as `toJSON` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub passkey: Option<Passed>,
    /// The install that signs in; without it the server registers a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceRegistration>,
}

/// What a passkey is made or shown with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyChallenge {
    /// To be sent back with the passkey; good once, and for five minutes.
    pub token: String,
    /// What `navigator.credentials` takes as `publicKey`, in JSON.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub options: Passed,
}

/// `POST /api/session/passkey`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeySignIn {
    /// Of the challenge.
    pub token: String,
    /// What `navigator.credentials.get` gave, as `toJSON` says it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub passkey: Passed,
    /// The install that signs in; without it the server registers a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceRegistration>,
}

/// `POST /api/session/proof`: a password, or a passkey with the token of its challenge.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Proof {
    /// The password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Of the challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What `navigator.credentials.get` gave, as `toJSON` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub passkey: Option<Passed>,
}

/// What a person has set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Factors {
    /// The authenticator app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticator_app: Option<AuthenticatorApp>,
    /// Passkeys, the newest first.
    pub passkeys: Vec<Passkey>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u32,
    /// The host that passkeys of this server belong to; nothing where there can be none, because its address is no name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkey_host: Option<String>,
    /// The organisation asks this person for a second factor.
    pub is_required: bool,
}

impl Factors {
    /// Is the password not enough?
    pub fn is_any(&self) -> bool {
        self.authenticator_app.is_some() || !self.passkeys.is_empty()
    }
}

/// An authenticator app that was set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthenticatorApp {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub created_at: Timestamp,
    /// When a code was taken last.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub last_used_at: Timestamp,
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Passkey {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: PasskeyId,
    /// What its person calls it.
    pub name: String,
    /// When it was made.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub created_at: Timestamp,
    /// When it was shown last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub last_used_at: Option<Timestamp>,
}

/// A secret for an authenticator app, which counts once a code of it came back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthenticatorSecret {
    /// To be sent back with the first code; good once, and for fifteen minutes.
    pub token: String,
    /// The secret, for typing.
    pub secret: String,
    /// The same as an `otpauth://` address.
    pub address: String,
    /// The address as a QR code: a path of an SVG in which each module is one by one.
    pub qr_path: String,
    /// How many modules wide and high it is.
    pub qr_size: u32,
}

/// `POST /api/account/authenticator-app/confirm`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuthenticatorConfirmation {
    /// Of the secret.
    pub token: String,
    /// The first code.
    pub code: String,
}

/// `POST /api/account/passkeys`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPasskey {
    /// Of the challenge.
    pub token: String,
    /// What to call it.
    pub name: String,
    /// What `navigator.credentials.create` gave, as `toJSON` says it.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub passkey: Passed,
}

/// `PATCH /api/account/passkeys/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PasskeyName {
    /// What to call it.
    pub name: String,
}

/// Codes that are shown this once. Whoever had some keeps those when a second factor is added, and gets none here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// Each good once.
    pub codes: Vec<String>,
}

/// `GET` and `PUT /api/organisation/security`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecurityRules {
    /// Who must have a second factor: `nobody`, `administrators` or `everybody`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub second_factor_required_for: FactorRule,
}
