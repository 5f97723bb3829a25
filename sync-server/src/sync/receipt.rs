//! Receipts: proof, in the hands of devices, that the server once accepted an item. After a backup is restored
//! a device can give back what others wrote, and the server can tell it from forgeries. The key stays outside
//! the database, which is what gets restored.

use std::path::Path;

use ring::hmac;
use shared_model::directory::Directory;
use shared_model::hex;
use shared_model::identity::OrganisationId;
use shared_model::sync_protocol::Claim;

use crate::{key_file, random};

const FILE_NAME: &str = "receipt.key";

/// The key of an installation; all its nodes share it.
#[derive(Clone)]
pub struct ReceiptKey(hmac::Key);

impl ReceiptKey {
    /// A key made of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// A key nobody else has, for a server that will not outlive its process.
    pub fn generate() -> Self {
        Self::from_bytes(&random::bytes())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        key_file::parse(text).map(|bytes| Self::from_bytes(&bytes))
    }

    /// The key kept in the data folder, made when there is none yet.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        key_file::read_or_create(folder, FILE_NAME).map(|bytes| Self::from_bytes(&bytes))
    }

    /// The receipt over a claim.
    pub fn sign(&self, organisation: OrganisationId, claim: &Claim<'_>) -> Vec<u8> {
        hmac::sign(&self.0, &claim.message(organisation)).as_ref().to_vec()
    }

    /// Did this installation write that receipt?
    pub fn verify(&self, organisation: OrganisationId, claim: &Claim<'_>, receipt: &[u8]) -> bool {
        hmac::verify(&self.0, &claim.message(organisation), receipt).is_ok()
    }

    /// Vouches for who is behind the actors of a directory.
    pub fn vouch_for_actors(&self, organisation: OrganisationId, directory: &mut Directory) {
        for actor in &mut directory.actors {
            let claim = Claim::Actor { actor: actor.id, owner: actor.person.zip(actor.device) };
            actor.receipt = hex::encode(&self.sign(organisation, &claim));
        }
    }
}

#[cfg(test)]
mod tests {
    use shared_model::identity::DocumentId;

    use super::*;

    #[test]
    fn a_receipt_holds_for_its_claim_only() {
        let key = ReceiptKey::from_bytes(&[1; 32]);
        let organisation = OrganisationId::from_bytes([2; 16]);
        let document = DocumentId::from_bytes([3; 16]);
        let claim = |item| Claim::Item { document, item, author: None, device: None };
        let receipt = key.sign(organisation, &claim(&[4; 32]));
        assert!(key.verify(organisation, &claim(&[4; 32]), &receipt));
        assert!(!key.verify(organisation, &claim(&[5; 32]), &receipt));
        assert!(!key.verify(OrganisationId::from_bytes([6; 16]), &claim(&[4; 32]), &receipt));
        assert!(!ReceiptKey::from_bytes(&[9; 32]).verify(organisation, &claim(&[4; 32]), &receipt));
    }
}
