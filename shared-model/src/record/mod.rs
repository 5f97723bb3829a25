//! Records: immutable facts that need no CRDT. They only ever add, never conflict, and are what ledgers, state
//! machines and audits need. Each record has one owning document and travels in the same feed as changes.

mod kind;

use minicbor::{Decode, Encode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

pub use kind::RecordKind;

use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::instant::Timestamp;

/// Most bytes of a record's payload.
pub const MAX_PAYLOAD_BYTES: usize = 64 * 1024;

/// One immutable fact. The encoded bytes are what is hashed, stored and sent; the same id with other bytes is
/// refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Record {
    /// UUID version 7, unique in the organisation.
    #[n(0)]
    pub id: RecordId,
    /// Code of the kind; a newer version may send kinds this one does not know.
    #[n(1)]
    pub kind: String,
    /// The document that owns the fact.
    #[n(2)]
    pub document: DocumentId,
    /// Who states it; `None` for the server itself.
    #[n(3)]
    pub author: Option<PersonId>,
    /// The actor that wrote it, bound to a device.
    #[n(4)]
    pub actor: ActorId,
    /// Rises per actor; gaps are allowed.
    #[n(5)]
    pub seq: u64,
    /// When, by the device's clock; shown, never ordered by.
    #[n(6)]
    pub at: Timestamp,
    /// The fact itself, as JSON of the kind's type.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub payload: Vec<u8>,
}

/// Bytes that are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not a record: {0}")]
pub struct NotARecord(String);

impl Record {
    /// The kind, when this version knows it.
    pub fn kind(&self) -> Option<RecordKind> {
        RecordKind::from_code(&self.kind)
    }

    /// The bytes to hash, store and send.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads encoded bytes; trailing bytes are refused, so that one fact has one encoding here.
    pub fn decode(bytes: &[u8]) -> Result<Self, NotARecord> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let record: Self = decoder.decode().map_err(|error| NotARecord(error.to_string()))?;
        if decoder.position() != bytes.len() {
            return Err(NotARecord("trailing bytes".to_owned()));
        }
        if record.payload.len() > MAX_PAYLOAD_BYTES {
            return Err(NotARecord("the payload is too long".to_owned()));
        }
        Ok(record)
    }

    /// SHA-256 of the encoded bytes.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }

    /// The fact as its type; `None` when this version cannot read it.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }

    /// The payload bytes of a fact.
    pub fn payload_of<T: Serialize>(fact: &T) -> Vec<u8> {
        serde_json::to_vec(fact).unwrap_or_default()
    }
}
