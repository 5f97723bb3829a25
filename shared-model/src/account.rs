//! Signing in, as both ends of `/api/session` see it: what a device sends, what it learns about itself, and
//! the problem document every refused request comes back with.

use serde::{Deserialize, Serialize};

use crate::directory::CustomRole;
use crate::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use crate::instant::Timestamp;
use crate::permission::{Grant, Role};
use crate::second_factor::SecondStep;

/// `POST /api/session`. Not `Debug`, so that no password reaches a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// Short name of the organisation; needed when the e-mail belongs to several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// E-mail address, in any case.
    pub email: String,
    /// Password.
    pub password: String,
    /// The install that signs in; without it the server registers a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceRegistration>,
}

/// One install of the app for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRegistration {
    /// Chosen by the device once and kept over sign-ins.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DeviceId,
    /// What people call it, for example “Tablet, van 3”.
    pub name: String,
    /// False asks for a (new) deposit credential, for example because an answer was lost.
    #[serde(default)]
    pub has_deposit_credential: bool,
}

/// Who is signed in, where, and with which rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// The person.
    pub person: SignedInPerson,
    /// Their organisation.
    pub organisation: OrganisationName,
    /// Their built-in roles; the first decides the landing page.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<Role>,
    /// Their first role, where the organisation made it itself; it decides the landing page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_role: Option<CustomRole>,
    /// What they may do and where.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub grants: Vec<Grant>,
    /// The install they use.
    pub device: SignedInDevice,
    /// When the session ends unless it is used before.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub expires_at: Timestamp,
    /// The organisation asks for a second factor, and this person has none: until there is one, the session is good for nothing
    /// else.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub second_factor_due: bool,
}

/// The person signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedInPerson {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: PersonId,
    /// The name others see.
    pub display_name: String,
    /// Their e-mail address.
    pub email: String,
}

/// An organisation, by its names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganisationName {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: OrganisationId,
    /// Short name, used to sign in.
    pub slug: String,
    /// Full name.
    pub name: String,
}

/// The install signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedInDevice {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// Sent once: lets the device hand in work, and nothing else, after its person lost access.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit_credential: Option<String>,
}

/// A place where a person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSession {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: SessionId,
    /// The install.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub device: DeviceId,
    /// What people call the install.
    pub device_name: String,
    /// When the person signed in there.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub created_at: Timestamp,
    /// When it was used last, to within ten minutes.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub last_used_at: Timestamp,
    /// When it ends unless it is used before.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub expires_at: Timestamp,
    /// It is the one that asks.
    pub is_current: bool,
}

/// Opens one WebSocket within a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SocketTicket {
    /// What to send as the socket's `ticket`.
    pub ticket: String,
    /// When it stops working.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub expires_at: Timestamp,
}

/// Why a request was refused (RFC 9457). Members of single problems come beside these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code for programs, for example `not_signed_in`.
    pub code: String,
    /// A sentence for people.
    pub title: String,
    /// Names the request in the server's log.
    #[serde(default)]
    pub request_id: String,
    /// With `organisation_required`: the organisations to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organisations: Vec<OrganisationName>,
    /// With `second_factor_needed`: what is still to be shown, and how.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_step: Option<SecondStep>,
}
