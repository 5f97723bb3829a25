//! Ids that the same row has in every import. Only the server makes such ids.

use sha2::{Digest, Sha256};
use shared_model::identity::{CommandId, DocumentId, OrganisationId, RecordId};
use uuid::Uuid;

fn derived(parts: &[&str]) -> Uuid {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize()[..16]);
    // Version 8 (RFC 9562): the bits are our own.
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// The document of something imported.
pub(super) fn document(organisation: OrganisationId, external: &str) -> DocumentId {
    DocumentId::from_uuid(derived(&["document", &organisation.to_string(), external]))
}

/// A record of a document that was imported.
pub(super) fn record(document: DocumentId, role: &str) -> RecordId {
    RecordId::from_uuid(derived(&["record", &document.to_string(), role]))
}

/// The command that imports something, or completes what an older version imported.
pub(super) fn command(document: DocumentId, purpose: &str) -> CommandId {
    CommandId::from_uuid(derived(&["command", &document.to_string(), purpose]))
}
