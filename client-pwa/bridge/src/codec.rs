//! The codec of every stored value: a format byte, the id of the key it is sealed under, the bytes. Key 0 is
//! identity, the bytes as they are; any other is a data key, and the bytes are a nonce and what XChaCha20-Poly1305 makes
//! of them, bound to what the value is. Because each value names its key, sealing anew can stop and go on at any value.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use shared_model::hex;

/// The only format there is so far.
const FORMAT: u8 = 1;
const IDENTITY: u8 = 0;
/// Format and key.
const HEADER: usize = 2;
const NONCE: usize = 24;
const TAG: usize = 16;
const SECRET: usize = 32;

/// Drawn at random for each value. It is so long that none comes twice, whatever crashed or was restored from a copy:
/// there is no counter that could go back.
pub type Nonce = [u8; NONCE];

/// 256 random bits that seal the values of one database.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u8, String)", into = "(u8, String)")]
pub struct DataKey {
    id: u8,
    secret: [u8; SECRET],
}

impl DataKey {
    /// A key that values name by this id; 0 is nobody's.
    pub fn new(id: u8, secret: [u8; SECRET]) -> Self {
        Self { id: id.max(IDENTITY + 1), secret }
    }

    /// Its id.
    pub const fn id(self) -> u8 {
        self.id
    }

    /// Its bytes, to be sealed under another key.
    pub(crate) const fn secret(&self) -> &[u8; SECRET] {
        &self.secret
    }
}

/// Never the secret.
impl std::fmt::Debug for DataKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "DataKey({})", self.id)
    }
}

impl From<DataKey> for (u8, String) {
    fn from(key: DataKey) -> Self {
        (key.id, hex::encode(&key.secret))
    }
}

impl TryFrom<(u8, String)> for DataKey {
    type Error = &'static str;

    fn try_from((id, secret): (u8, String)) -> Result<Self, Self::Error> {
        let secret = hex::decode(&secret).and_then(|bytes| bytes.try_into().ok()).ok_or("no data key")?;
        Ok(Self::new(id, secret))
    }
}

/// What values are sealed under, and what those may be under that have not been sealed anew yet; the unlocked app hands
/// them to the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Values are sealed under it; none: they are stored as they are.
    pub seals: Option<DataKey>,
    /// What values were sealed under until now.
    pub before: Option<DataKey>,
    /// Values may stand there as they are, because the database was not locked until now.
    pub bare: bool,
}

impl Keys {
    /// Values are stored as they are.
    pub const BARE: Self = Self { seals: None, before: None, bare: true };

    /// Every value is sealed under this key.
    pub const fn sealed(key: DataKey) -> Self {
        Self { seals: Some(key), before: None, bare: false }
    }

    /// Is nothing sealed?
    pub const fn are_bare(&self) -> bool {
        self.seals.is_none() && self.before.is_none()
    }

    /// Is this value under the key that values are sealed under now?
    pub fn are_of(&self, value: &[u8]) -> bool {
        let id = self.seals.map_or(IDENTITY, DataKey::id);
        matches!(value, [FORMAT, of, ..] if *of == id)
    }
}

/// A stored value this version cannot open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Shorter than its leading bytes.
    #[error("a stored value is cut off")]
    CutOff,
    /// Written by a newer version.
    #[error("a stored value has the unknown format {0}")]
    UnknownFormat(u8),
    /// Sealed under a key that is not at hand, or not sealed where everything is.
    #[error("a stored value is sealed under another key ({0})")]
    OtherKey(u8),
    /// Its bytes are not as they were sealed, or belong somewhere else.
    #[error("a stored value was changed or moved")]
    Forged,
}

/// What a value is, which a sealed one is bound to.
pub fn about(store: &str, key: &str) -> String {
    format!("{store}\0{key}")
}

/// The value to store for these bytes.
pub fn seal(keys: &Keys, about: &str, nonce: Nonce, bytes: &[u8]) -> Vec<u8> {
    let Some(key) = &keys.seals else {
        let mut value = Vec::with_capacity(bytes.len() + HEADER);
        value.extend([FORMAT, IDENTITY]);
        value.extend_from_slice(bytes);
        return value;
    };
    seal_under(key, about, nonce, bytes)
}

/// The bytes of a stored value.
pub fn open(keys: &Keys, about: &str, value: &[u8]) -> Result<Vec<u8>, CodecError> {
    match value {
        [FORMAT, IDENTITY, bytes @ ..] if keys.bare || keys.seals.is_none() => Ok(bytes.to_vec()),
        [FORMAT, id, ..] => {
            let key = [&keys.seals, &keys.before].into_iter().flatten().find(|key| key.id == *id);
            open_under(key.ok_or(CodecError::OtherKey(*id))?, about, value)
        }
        [format, _, ..] => Err(CodecError::UnknownFormat(*format)),
        [] | [_] => Err(CodecError::CutOff),
    }
}

/// The bytes of a value that nobody seals: what says how the others are sealed.
pub fn open_bare(value: &[u8]) -> Option<&[u8]> {
    match value {
        [FORMAT, IDENTITY, bytes @ ..] => Some(bytes),
        _ => None,
    }
}

pub(crate) fn seal_under(key: &DataKey, about: &str, nonce: Nonce, bytes: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEADER + NONCE + bytes.len() + TAG);
    value.extend([FORMAT, key.id]);
    value.extend(nonce);
    value.extend_from_slice(bytes);
    let (header, text) = value.split_at_mut(HEADER + NONCE);
    let bound = bound(header, about);
    let cipher = XChaCha20Poly1305::new(&key.secret.into());
    // It refuses only texts of more than 256 GB.
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &bound, text.into()).unwrap_or_default();
    value.extend_from_slice(&tag);
    value
}

pub(crate) fn open_under(key: &DataKey, about: &str, value: &[u8]) -> Result<Vec<u8>, CodecError> {
    let (header, text) = value.split_at_checked(HEADER + NONCE).ok_or(CodecError::CutOff)?;
    let (text, tag) = text.len().checked_sub(TAG).map(|end| text.split_at(end)).ok_or(CodecError::CutOff)?;
    let nonce: Nonce = header[HEADER..].try_into().map_err(|_| CodecError::CutOff)?;
    let tag: [u8; TAG] = tag.try_into().map_err(|_| CodecError::CutOff)?;
    let mut bytes = text.to_vec();
    let cipher = XChaCha20Poly1305::new(&key.secret.into());
    cipher
        .decrypt_inout_detached(
            &XNonce::from(nonce),
            &bound(header, about),
            bytes.as_mut_slice().into(),
            &tag.into(),
        )
        .map_err(|_| CodecError::Forged)?;
    Ok(bytes)
}

/// What the tag vouches for besides the bytes.
fn bound(header: &[u8], about: &str) -> Vec<u8> {
    [&header[..HEADER], about.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: &str = "documents\0a";

    fn key(id: u8, byte: u8) -> DataKey {
        DataKey::new(id, [byte; SECRET])
    }

    fn sealed(keys: &Keys, bytes: &[u8]) -> Vec<u8> {
        seal(keys, ABOUT, [9; NONCE], bytes)
    }

    #[test]
    fn what_was_sealed_opens_again() {
        for keys in [Keys::BARE, Keys::sealed(key(1, 7))] {
            for bytes in [&b""[..], b"x", &[0; 4096]] {
                assert_eq!(open(&keys, ABOUT, &sealed(&keys, bytes)), Ok(bytes.to_vec()));
            }
        }
    }

    #[test]
    fn the_layout_is_fixed_for_ever() {
        assert_eq!(sealed(&Keys::BARE, b"ab"), [1, 0, b'a', b'b']);
        let value = sealed(&Keys::sealed(key(3, 7)), b"ab");
        let tail = [223, 16, 8, 181, 125, 229, 144, 204, 184, 92, 1, 246, 100, 224, 182, 207, 83, 17];
        assert_eq!(value, [&[1, 3][..], &[9; NONCE], &tail].concat());
    }

    #[test]
    fn values_of_others_are_refused_by_name() {
        assert_eq!(open(&Keys::BARE, ABOUT, &[]), Err(CodecError::CutOff));
        assert_eq!(open(&Keys::BARE, ABOUT, &[1]), Err(CodecError::CutOff));
        assert_eq!(open(&Keys::BARE, ABOUT, &[9, 0, 1]), Err(CodecError::UnknownFormat(9)));
        assert_eq!(open(&Keys::BARE, ABOUT, &[1, 3, 1]), Err(CodecError::OtherKey(3)));
        let value = sealed(&Keys::sealed(key(1, 7)), b"text");
        assert_eq!(open(&Keys::sealed(key(2, 7)), ABOUT, &value), Err(CodecError::OtherKey(1)));
        assert_eq!(open(&Keys::sealed(key(1, 8)), ABOUT, &value), Err(CodecError::Forged));
    }

    #[test]
    fn a_changed_byte_a_cut_and_a_moved_value_are_found() {
        let keys = Keys::sealed(key(1, 7));
        let value = sealed(&keys, b"Grease the bearing");
        for at in 0..value.len() {
            let mut changed = value.clone();
            changed[at] ^= 1;
            assert!(open(&keys, ABOUT, &changed).is_err(), "byte {at}");
            assert!(open(&keys, ABOUT, &value[..at]).is_err(), "cut off at {at}");
        }
        assert_eq!(open(&keys, "documents\0b", &value), Err(CodecError::Forged), "another key of the store");
        assert_eq!(open(&keys, "records\0a", &value), Err(CodecError::Forged), "another store");
    }

    #[test]
    fn equal_texts_look_different_and_none_shows() {
        let keys = Keys::sealed(key(1, 7));
        let one = seal(&keys, ABOUT, [1; NONCE], b"Grease the bearing");
        let other = seal(&keys, ABOUT, [2; NONCE], b"Grease the bearing");
        assert_ne!(one[HEADER + NONCE..], other[HEADER + NONCE..]);
        assert!(!one.windows(7).any(|bytes| bytes == b"bearing"));
    }

    #[test]
    fn values_of_before_open_for_as_long_as_they_are_sealed_anew() {
        let (old, new) = (key(1, 7), key(2, 8));
        let bare = sealed(&Keys::BARE, b"text");
        let locking = Keys { seals: Some(new), before: None, bare: true };
        assert_eq!(open(&locking, ABOUT, &bare), Ok(b"text".to_vec()));
        assert!(!locking.are_of(&bare) && locking.are_of(&sealed(&locking, b"text")));
        let unlocking = Keys { seals: None, before: Some(old), bare: true };
        assert_eq!(open(&unlocking, ABOUT, &sealed(&Keys::sealed(old), b"text")), Ok(b"text".to_vec()));
        assert!(unlocking.are_of(&bare));
        // Later nobody slips one in.
        assert_eq!(open(&Keys::sealed(new), ABOUT, &bare), Err(CodecError::OtherKey(IDENTITY)));
    }

    #[test]
    fn a_key_travels_and_says_nothing_in_a_log() {
        let key = key(4, 0xab);
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<DataKey>(&json).unwrap(), key);
        assert_eq!(format!("{:?}", Keys::sealed(key).seals), "Some(DataKey(4))");
        assert!(serde_json::from_str::<DataKey>(r#"[1,"ab"]"#).is_err());
    }
}
