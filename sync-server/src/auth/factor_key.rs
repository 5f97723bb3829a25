//! The key of second factors, kept outside the database like the others: secrets of authenticator apps and challenges in the hands
//! of clients are sealed with it, and browsers that are known are known by it. All nodes of an installation share it.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::hmac;

use crate::random;

/// Where the data folder keeps it.
pub const FILE_NAME: &str = "factor.key";

const SALT_BYTES: usize = 16;

/// What a sealed text is for. One that was sealed for another purpose does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A secret that the database keeps.
    AuthenticatorApp,
    /// A secret whose first code has not come yet.
    AuthenticatorSetUp,
    /// A password that was right.
    SecondStep,
    /// A passkey that is to be shown.
    PasskeyShown,
    /// A passkey that is to be made.
    PasskeyMade,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::AuthenticatorApp => b"authenticator app",
            Self::AuthenticatorSetUp => b"authenticator set-up",
            Self::SecondStep => b"second step",
            Self::PasskeyShown => b"passkey shown",
            Self::PasskeyMade => b"passkey made",
        }
    }
}

/// The key.
#[derive(Clone)]
pub struct FactorKey([u8; 32]);

impl FactorKey {
    /// A key made of these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals bytes for a purpose and for whom they are (`whose`). Each sealing has a key of its own, so nonces never repeat.
    pub(super) fn seal(&self, purpose: Purpose, whose: &[u8], bytes: &[u8]) -> Vec<u8> {
        let salt: [u8; SALT_BYTES] = random::bytes();
        let mut sealed = bytes.to_vec();
        let key = self.key(purpose, &salt);
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        key.seal_in_place_append_tag(nonce, Aad::from(whose), &mut sealed)
            .expect("what is sealed here is far below the cipher's limit");
        salt.into_iter().chain(sealed).collect()
    }

    /// What was sealed for this purpose and for them; `None` for anything else.
    pub(super) fn open(&self, purpose: Purpose, whose: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (salt, sealed) = sealed.split_first_chunk::<SALT_BYTES>()?;
        let mut bytes = sealed.to_vec();
        let key = self.key(purpose, salt);
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let opened = key.open_in_place(nonce, Aad::from(whose), &mut bytes).ok()?;
        Some(opened.to_vec())
    }

    /// The mark of a browser that somebody signed in on, over what it is to prove.
    pub(super) fn mark(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message)
    }

    /// Is it that mark?
    pub(super) fn is_marked(&self, message: &[u8], mark: &[u8]) -> bool {
        hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), message, mark).is_ok()
    }

    fn key(&self, purpose: Purpose, salt: &[u8]) -> LessSafeKey {
        let labels = [purpose.label()];
        let secret = Salt::new(HKDF_SHA256, salt).extract(&self.0);
        let material = secret.expand(&labels, &CHACHA20_POLY1305).expect("a key of 32 bytes can be derived");
        LessSafeKey::new(UnboundKey::from(material))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_its_owner_and_its_key_only() {
        let key = FactorKey::from_bytes([7; 32]);
        let sealed = key.seal(Purpose::SecondStep, b"ana", b"secret");
        assert_eq!(key.open(Purpose::SecondStep, b"ana", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_ne!(sealed, key.seal(Purpose::SecondStep, b"ana", b"secret"), "no two are alike");
        assert!(key.open(Purpose::PasskeyShown, b"ana", &sealed).is_none());
        assert!(key.open(Purpose::SecondStep, b"ben", &sealed).is_none());
        assert!(FactorKey::from_bytes([8; 32]).open(Purpose::SecondStep, b"ana", &sealed).is_none());
        for place in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[place] ^= 1;
            assert!(key.open(Purpose::SecondStep, b"ana", &forged).is_none(), "byte {place}");
            assert!(key.open(Purpose::SecondStep, b"ana", &sealed[..place]).is_none());
        }
    }
}
