//! Receipts: proof, in the hands of devices, that the server once accepted an item. After a backup is restored
//! a device can give back what others wrote, and the server can tell it from forgeries. The key stays outside
//! the database, which is what gets restored.

use std::path::Path;

use anyhow::Context;
use ring::hmac;
use shared_model::directory::Directory;
use shared_model::hex;
use shared_model::identity::OrganisationId;
use shared_model::sync_protocol::Claim;

use crate::random;

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
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(Self::from_bytes(&bytes))
    }

    /// The key kept in the data folder, made when there is none yet.
    pub fn of_folder(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE_NAME);
        if !file.exists() {
            create(folder, &file)?;
        }
        let text = std::fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        Self::parse(&text).with_context(|| format!("{} should hold 64 hexadecimal digits", file.display()))
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

/// Writes a new key beside its place and links it there, so that of two processes that start at once one wins
/// and no reader ever sees half a key.
fn create(folder: &Path, file: &Path) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    std::fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    let digits = hex::encode(&random::bytes::<32>());
    let draft = folder.join(format!("{FILE_NAME}.{}", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    opened.write_all(digits.as_bytes())?;
    opened.sync_all()?;
    let linked = std::fs::hard_link(&draft, file);
    std::fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("writing {}", file.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use shared_model::identity::{ActorId, DocumentId};

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

    #[test]
    fn a_folder_keeps_its_key() {
        let folder = std::env::temp_dir().join(format!("receipt-key-{}", std::process::id()));
        let claim = Claim::Actor { actor: ActorId::from_bytes([0; 16]), owner: None };
        let sign = |key: &ReceiptKey| key.sign(OrganisationId::from_bytes([0; 16]), &claim);
        let first = ReceiptKey::of_folder(&folder).unwrap();
        let second = ReceiptKey::of_folder(&folder).unwrap();
        assert_eq!(sign(&first), sign(&second));
        std::fs::write(folder.join(FILE_NAME), "not a key").unwrap();
        assert!(ReceiptKey::of_folder(&folder).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
