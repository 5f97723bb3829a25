//! Secrets handed to clients. A token reads `organisation.secret`: the organisation in front is no secret and
//! lets the server set the tenant before it looks the secret up. Only the SHA-256 of a secret is stored; it
//! has 256 random bits, so nothing slower is needed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::hmac;
use shared_model::identity::OrganisationId;

use crate::random;

/// What a program's key begins with, by which scanners for lost secrets know it.
const KEY_PREFIX: &str = "mp_";

/// A session, ticket, credential or key in a client's hands.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The tenant it belongs to.
    pub organisation: OrganisationId,
    secret: [u8; 32],
}

impl Token {
    /// A new, unguessable token.
    pub fn generate(organisation: OrganisationId) -> Self {
        Self { organisation, secret: random::bytes() }
    }

    /// What the client gets.
    pub fn encode(&self) -> String {
        let organisation = self.organisation.as_uuid();
        format!("{}.{}", organisation.simple(), URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// Reads what a client sent; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (organisation, secret) = text.split_once('.')?;
        Self::read(organisation, secret)
    }

    fn read(organisation: &str, secret: &str) -> Option<Self> {
        let organisation = organisation.parse().ok()?;
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { organisation, secret })
    }

    /// The same as a key of a program.
    pub fn encode_as_key(&self) -> String {
        let organisation = self.organisation.as_uuid();
        format!("{KEY_PREFIX}{}_{}", organisation.simple(), URL_SAFE_NO_PAD.encode(self.secret))
    }

    /// Reads a key; `None` for anything else, a token of another kind too.
    pub fn parse_key(text: &str) -> Option<Self> {
        let (organisation, secret) = text.strip_prefix(KEY_PREFIX)?.split_once('_')?;
        Self::read(organisation, secret)
    }

    /// Does this text say that it is a key?
    pub fn is_key(text: &str) -> bool {
        text.starts_with(KEY_PREFIX)
    }

    /// The token that follows this one: always the same for the same salt, and known to nobody who lacks either.
    #[must_use]
    pub fn successor(&self, salt: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&key, salt).as_ref());
        Self { organisation: self.organisation, secret }
    }

    /// What the database keeps.
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, &self.secret).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_survives_its_text() {
        let token = Token::generate(OrganisationId::from_uuid(Uuid::from_u128(42)));
        let parsed = Token::parse(&token.encode());
        assert!(parsed == Some(token));
    }

    #[test]
    fn a_key_survives_its_text_and_is_no_token() {
        let token = Token::generate(OrganisationId::from_uuid(Uuid::from_u128(42)));
        assert!(Token::parse_key(&token.encode_as_key()) == Some(token.clone()));
        assert!(
            Token::parse(&token.encode_as_key()).is_none() && Token::parse_key(&token.encode()).is_none()
        );
    }

    #[test]
    fn a_successor_is_made_again_of_the_same_and_of_nothing_else() {
        let organisation = OrganisationId::from_uuid(Uuid::from_u128(42));
        let (token, other) = (Token::generate(organisation), Token::generate(organisation));
        let successor = token.successor(&[1; 32]);
        assert!(successor == token.successor(&[1; 32]));
        assert!(successor != token.successor(&[2; 32]) && successor != other.successor(&[1; 32]));
    }

    #[test]
    fn anything_else_is_no_token() {
        for text in ["", ".", "abc", "abc.def", "0000000000000000000000000000002a.short", "é.é"] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_hash_does_not_hold_the_secret() {
        let token = Token::generate(OrganisationId::from_uuid(Uuid::from_u128(42)));
        assert_ne!(token.hash(), token.secret);
        assert_eq!(token.hash(), token.hash());
    }
}
