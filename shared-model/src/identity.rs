//! Typed identifiers. Every id is a UUID (version 7 when a device or the server creates it), wrapped in a
//! type of its own so that a person can never be passed where a document is meant.
//!
//! This module draws no randomness: whoever creates an id passes the time and ten random bytes in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::instant::Timestamp;

/// Builds a UUID version 7 (RFC 9562) from a Unix time in milliseconds and ten random bytes.
pub fn uuid_v7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a UUID that is already known to name this kind of thing.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID inside.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }

            /// The sixteen bytes of the UUID.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id made of these sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0.as_hyphenated())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.as_hyphenated())
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(self.0.as_bytes())?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                let bytes = <[u8; 16]>::try_from(bytes)
                    .map_err(|_| minicbor::decode::Error::message("an id has sixteen bytes"))?;
                Ok(Self::from_bytes(bytes))
            }
        }
    )+};
}

id_types! {
    /// A tenant.
    OrganisationId;
    /// A person of one organisation (server-led; names live in the directory only).
    PersonId;
    /// A team of people.
    TeamId;
    /// A role that an organisation made itself.
    RoleId;
    /// One install of the app for one person.
    DeviceId;
    /// A signed-in session of a person on a device.
    SessionId;
    /// A passkey of a person.
    PasskeyId;
    /// An Automerge document of any kind.
    DocumentId;
    /// An immutable record.
    RecordId;
    /// One command, as a person or a job issued it; replaying it is idempotent.
    CommandId;
    /// A root that took the place of a document's past.
    RootId;
    /// Something that has to be kept.
    LegalHoldId;
}

/// What Automerge writes before the actor and its number when it makes up a further actor ("isolated").
const ISOLATED: [u8; 4] = [0x13, 0xb2, 0x23, 0x09];

/// Most bytes of an actor: an isolated one has the mark, a number below 128 and the sixteen bytes behind it.
pub const MAX_ACTOR_BYTES: usize = ISOLATED.len() + 1 + 16;

/// The sixteen bytes Automerge knows an author by; fresh for every engine start, never reused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorId([u8; 16]);

impl ActorId {
    /// The actor made of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads an Automerge actor, an isolated one as the actor behind it; `None` when it does not have sixteen
    /// bytes.
    pub fn from_automerge(actor: &automerge::ActorId) -> Option<Self> {
        let bytes = isolation(actor).map_or(actor.to_bytes(), |(_, base)| base);
        <[u8; 16]>::try_from(bytes).ok().map(Self)
    }

    /// The number of this change among all that the actor behind `actor` wrote in a document: an isolated actor
    /// counts for itself.
    pub fn seq_in_document(actor: &automerge::ActorId, seq: u64) -> u64 {
        let number = isolation(actor).map_or(0, |(number, _)| number);
        u64::from(number) << 48 | seq
    }

    /// The same actor in Automerge's type.
    pub fn to_automerge(self) -> automerge::ActorId {
        automerge::ActorId::from(self.0)
    }
}

/// The number of an isolated actor and the sixteen bytes behind it.
fn isolation(actor: &automerge::ActorId) -> Option<(u8, &[u8])> {
    match actor.to_bytes().strip_prefix(&ISOLATED)? {
        [number @ 1..=127, base @ ..] if base.len() == 16 => Some((*number, base)),
        _ => None,
    }
}

impl std::fmt::Display for ActorId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ActorId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ActorId({self})")
    }
}

impl std::str::FromStr for ActorId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(|uuid| Self(*uuid.as_bytes()))
    }
}

impl Serialize for ActorId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ActorId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<C> minicbor::Encode<C> for ActorId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.0)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for ActorId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        <[u8; 16]>::try_from(d.bytes()?)
            .map(Self)
            .map_err(|_| minicbor::decode::Error::message("an actor has sixteen bytes"))
    }
}
