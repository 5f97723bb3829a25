//! Signing in, as both ends of `/api/session` see it: what a device sends, what it learns about itself, and
//! the problem document every refused request comes back with.

use serde::{Deserialize, Serialize};

use crate::directory::CustomRole;
use crate::identity::{DeviceId, OrganisationId, PersonId, SessionId};
use crate::instant::Timestamp;
use crate::permission::{Grant, Role};
use crate::second_factor::SecondStep;

/// The header that names the install a request is of. Where several people use one browser, each install has a session of
/// its own, and nobody's request goes out with the session of another.
pub const DEVICE_HEADER: &str = "maintainpro-device";

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
    /// The organisation wants its devices locked; the device goes by it without a network, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_lock: Option<DeviceLockRule>,
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
    /// The language they chose; nothing: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The time zone they chose, by its name in the IANA database; nothing: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
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

/// What an organisation wants of its devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceLockRule {
    /// Minutes without a touch after which a device locks itself.
    pub idle_minutes: u32,
}

impl DeviceLockRule {
    /// The least and the most that an organisation can ask for.
    pub const IDLE_MINUTES: std::ops::RangeInclusive<u32> = 1..=240;
}

/// `GET` and `PUT /api/organisation/device-lock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceLock {
    /// Must devices be locked? Nothing: people choose.
    #[serde(default)]
    pub required: Option<DeviceLockRule>,
}

/// An install, as its person and whoever administers the organisation see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
    /// How it stands.
    pub state: DeviceState,
    /// When it was heard last, to within ten minutes.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub last_seen_at: Timestamp,
    /// Somebody is signed in on it.
    pub signed_in: bool,
    /// It is the one that asks.
    pub is_current: bool,
}

/// How an install stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum DeviceState {
    /// As any other.
    Active,
    /// Nobody can sign in on it any more.
    Revoked,
    /// It is to be erased and has not answered yet.
    WipeAsked {
        /// Since when.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        at: Timestamp,
    },
    /// It has erased itself.
    Wiped {
        /// When it said so.
        #[cfg_attr(feature = "openapi", schema(value_type = i64))]
        at: Timestamp,
        /// Changes that it handed in before.
        handed_in: u32,
    },
}

/// What a device hears that proves itself with its deposit credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceOrders {
    /// It is to hand in what it has and erase itself.
    pub wipe: bool,
}

/// What a device says that has erased itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceWiped {
    /// Changes that it handed in since it was told.
    pub handed_in: u32,
}

/// Opens one WebSocket within a minute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SocketTicket {
    /// What to send as the socket's `ticket`.
    pub ticket: String,
    /// The device is to hand in what it has and erase itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wipe: bool,
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
