//! The directory: an organisation, its people, teams, devices and actors, as devices keep them. Documents
//! and records hold ids only; the names live here, outside every merge, and can be erased.

use serde::{Deserialize, Serialize};

use crate::hex;
use crate::identity::{ActorId, DeviceId, PersonId, TeamId};
use crate::permission::{Landing, Role};
use crate::sync_protocol::GivenActor;

/// What changed in the directory after a version; everything, when that version was 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Directory {
    /// The version this brings a device to.
    pub version: i64,
    /// People new or changed.
    pub people: Vec<DirectoryPerson>,
    /// Teams new or changed.
    pub teams: Vec<DirectoryTeam>,
    /// Devices new or renamed.
    pub devices: Vec<DirectoryDevice>,
    /// Actors new; an actor never changes.
    pub actors: Vec<DirectoryActor>,
    /// The organisation itself, where anything of it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<DirectoryOrganisation>,
}

/// How an organisation shows itself to its people, and what holds for whoever chose nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryOrganisation {
    /// Full name.
    pub name: String,
    /// Of buttons and of what is chosen, as `#rrggbb`; nothing: the colour of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accent_colour: Option<String>,
    /// Its logo as a `data:` address, so that it is there without a network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Language of whoever chose none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Time zone of whoever chose none, by its name in the IANA database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// A person as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryPerson {
    /// Their id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// False for somebody who no longer works here; their name still stands on old work.
    pub active: bool,
    /// Their built-in roles.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<Role>,
    /// Their first role, where the organisation made it itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_role: Option<CustomRole>,
    /// The teams they are in.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<uuid::Uuid>))]
    pub teams: Vec<TeamId>,
}

/// A role that the organisation made, as far as it is more than rights: what it lets do travels resolved, as permissions, so
/// that a device which knows no such roles has the same rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomRole {
    /// Its name.
    pub name: String,
    /// Where its people begin their day; nothing where only a newer version knows the place.
    #[serde(default, deserialize_with = "known_landing")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub landing: Option<Landing>,
}

fn known_landing<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Landing>, D::Error> {
    let code = Option::<String>::deserialize(deserializer)?;
    Ok(code.and_then(|code| Landing::from_code(&code)))
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryTeam {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// An install of the app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryDevice {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: DeviceId,
    /// What people call it.
    pub name: String,
}

/// Who and what stands behind an Automerge actor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectoryActor {
    /// The actor.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub id: ActorId,
    /// The person who wrote under it; absent for the server itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub person: Option<PersonId>,
    /// The device it wrote on; absent for the server itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub device: Option<DeviceId>,
    /// The server's receipt of this, in hexadecimal digits; empty where nobody needs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub receipt: String,
}

impl DirectoryActor {
    /// As a device gives it back to a server that lost it.
    pub fn given_back(&self) -> Option<GivenActor> {
        let code = hex::decode(&self.receipt)?.into();
        Some(GivenActor { actor: self.id, person: self.person, device: self.device, code })
    }
}
