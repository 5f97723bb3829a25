//! The Ed25519 key that tree heads are signed with. It stays outside the database: whoever rewrites that cannot sign anew what
//! devices have seen.

use std::sync::Arc;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use shared_model::audit::TreeHead;
use shared_model::hex;

/// Where the data folder keeps what the key is made of.
pub const FILE_NAME: &str = "audit.key";

/// The key of an installation; all its nodes share it.
#[derive(Clone)]
pub struct AuditKey(Arc<Ed25519KeyPair>);

impl AuditKey {
    /// The key of this seed.
    pub fn from_seed(seed: &[u8; 32]) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed);
        Ok(Self(Arc::new(pair.map_err(|error| anyhow::anyhow!("the audit key: {error}"))?)))
    }

    /// What signatures are checked with: 32 bytes.
    pub fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    /// The signature over a message: 64 bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).as_ref().to_vec()
    }
}

/// Did the key that a head names sign it?
pub fn is_signed(head: &TreeHead) -> bool {
    let (Some(key), Some(signature)) = (hex::decode(&head.key), hex::decode(&head.signature)) else {
        return false;
    };
    UnparsedPublicKey::new(&ED25519, key).verify(&head.message(), &signature).is_ok()
}
