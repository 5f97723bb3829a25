//! Fresh ids: time from the clock, randomness from the browser.

use shared_model::hex;
use shared_model::identity::{CommandId, DeviceId, DocumentId, PersonId, RecordId, RoleId, uuid_v7};
use uuid::Uuid;

use crate::clock;

/// An id for a new document.
pub fn document() -> DocumentId {
    DocumentId::from_uuid(fresh())
}

/// An id for a new record.
pub fn record() -> RecordId {
    RecordId::from_uuid(fresh())
}

/// An id for a new command.
pub fn command() -> CommandId {
    CommandId::from_uuid(fresh())
}

/// An id for this install.
pub fn device() -> DeviceId {
    DeviceId::from_uuid(fresh())
}

/// An id for somebody who is to join.
pub fn person() -> PersonId {
    PersonId::from_uuid(fresh())
}

/// An id for a new role.
pub fn role() -> RoleId {
    RoleId::from_uuid(fresh())
}

/// A number that names a question to the engine.
pub fn request() -> u64 {
    // JSON numbers are exact up to 2^53.
    u64::from_le_bytes(bytes()) >> 11
}

/// Random bytes for keys and salts.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // `crypto.getRandomValues` exists wherever WASM does and refuses only requests over 64 KiB.
    getrandom::fill(&mut bytes).expect("the browser gives random bytes");
    bytes
}

/// A short key for an item inside a document.
pub fn item_key() -> String {
    hex::encode(&bytes::<8>())
}

fn fresh() -> Uuid {
    uuid_v7(clock::now(), bytes())
}
