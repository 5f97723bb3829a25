//! The codec of every stored value: a format byte, the id of the key it is sealed under, the bytes. The key is
//! identity for now; because each value names its key, sealing anew can stop and go on at any value.

/// The only format there is so far.
const FORMAT: u8 = 1;
const IDENTITY: u8 = 0;

/// What values are sealed under; the unlocked app hands it to the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// Bytes are stored as they are.
    #[default]
    Identity,
}

impl Key {
    const fn id(self) -> u8 {
        match self {
            Self::Identity => IDENTITY,
        }
    }
}

/// A stored value this version cannot open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Shorter than its two leading bytes.
    #[error("a stored value is cut off")]
    CutOff,
    /// Written by a newer version.
    #[error("a stored value has the unknown format {0}")]
    UnknownFormat(u8),
    /// Sealed under a key that is not this one.
    #[error("a stored value is sealed under another key ({0})")]
    OtherKey(u8),
}

/// The value to store for these bytes.
pub fn seal(key: Key, bytes: &[u8]) -> Vec<u8> {
    let mut value = Vec::with_capacity(bytes.len() + 2);
    value.extend([FORMAT, key.id()]);
    value.extend_from_slice(bytes);
    value
}

/// The bytes of a stored value.
pub fn open(key: Key, value: &[u8]) -> Result<Vec<u8>, CodecError> {
    match value {
        [FORMAT, id, bytes @ ..] if *id == key.id() => Ok(bytes.to_vec()),
        [FORMAT, id, ..] => Err(CodecError::OtherKey(*id)),
        [format, _, ..] => Err(CodecError::UnknownFormat(*format)),
        [] | [_] => Err(CodecError::CutOff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_opens_again() {
        for bytes in [&b""[..], b"x", &[0; 4096]] {
            assert_eq!(open(Key::Identity, &seal(Key::Identity, bytes)), Ok(bytes.to_vec()));
        }
    }

    #[test]
    fn the_layout_is_fixed_for_ever() {
        assert_eq!(seal(Key::Identity, b"ab"), [1, 0, b'a', b'b']);
    }

    #[test]
    fn values_of_others_are_refused_by_name() {
        assert_eq!(open(Key::Identity, &[]), Err(CodecError::CutOff));
        assert_eq!(open(Key::Identity, &[1]), Err(CodecError::CutOff));
        assert_eq!(open(Key::Identity, &[9, 0, 1]), Err(CodecError::UnknownFormat(9)));
        assert_eq!(open(Key::Identity, &[1, 3, 1]), Err(CodecError::OtherKey(3)));
    }
}
