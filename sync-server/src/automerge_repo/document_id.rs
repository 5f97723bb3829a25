//! Document ids as automerge-repo spells them: Base58Check of the same sixteen bytes that we write as a UUID.

use ring::digest::{SHA256, digest};
use shared_model::identity::DocumentId;

const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const ID_BYTES: usize = 16;
const CHECK_BYTES: usize = 4;
const BYTES: usize = ID_BYTES + CHECK_BYTES;
/// Twenty bytes never take more digits than this.
const MAX_DIGITS: usize = 28;

/// What automerge-repo calls this document; its address is `automerge:` and this.
pub fn encode(document: DocumentId) -> String {
    let mut bytes = [0; BYTES];
    bytes[..ID_BYTES].copy_from_slice(document.as_bytes());
    bytes[ID_BYTES..].copy_from_slice(&checksum(document.as_bytes()));
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut digits: Vec<u8> = Vec::with_capacity(MAX_DIGITS);
    for byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    let leading = std::iter::repeat_n(0, zeros);
    leading.chain(digits.into_iter().rev()).map(|digit| char::from(ALPHABET[usize::from(digit)])).collect()
}

/// The document that automerge-repo calls so; `None` for a text that names none.
pub fn decode(text: &str) -> Option<DocumentId> {
    if text.len() > MAX_DIGITS {
        return None;
    }
    // Most significant byte last.
    let mut bytes: Vec<u8> = Vec::with_capacity(BYTES);
    for letter in text.bytes() {
        let mut carry = ALPHABET.iter().position(|known| *known == letter)?;
        for byte in &mut bytes {
            carry += usize::from(*byte) * 58;
            *byte = (carry & 0xff) as u8;
            carry >>= 8;
        }
        if carry > 0 {
            bytes.push(u8::try_from(carry).ok()?);
        }
    }
    let zeros = text.bytes().take_while(|letter| *letter == ALPHABET[0]).count();
    bytes.extend(std::iter::repeat_n(0, zeros));
    bytes.reverse();
    let bytes: [u8; BYTES] = bytes.try_into().ok()?;
    let (id, check) = bytes.split_first_chunk::<ID_BYTES>()?;
    (checksum(id) == *check).then(|| DocumentId::from_bytes(*id))
}

fn checksum(id: &[u8; ID_BYTES]) -> [u8; CHECK_BYTES] {
    let twice = digest(&SHA256, digest(&SHA256, id).as_ref());
    let mut first = [0; CHECK_BYTES];
    first.copy_from_slice(&twice.as_ref()[..CHECK_BYTES]);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the npm package `bs58check` makes of them.
    const KNOWN: [([u8; 16], &str); 3] = [
        ([0; 16], "11111111111111114Ki9Gx"),
        ([0xff; 16], "4ZrjxJnU1LA5xSyrWMNuXTozYEvA"),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], "pEbmSWqJdBuPadRGm8tDZXgWR6"),
    ];

    #[test]
    fn ids_are_spelled_as_automerge_repo_spells_them() {
        for (bytes, text) in KNOWN {
            let document = DocumentId::from_bytes(bytes);
            assert_eq!(encode(document), text);
            assert_eq!(decode(text), Some(document));
        }
    }

    #[test]
    fn every_id_survives_its_spelling() {
        for n in 0..2_000_u128 {
            let id = DocumentId::from_bytes(
                n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c834).to_be_bytes(),
            );
            assert_eq!(decode(&encode(id)), Some(id));
        }
    }

    #[test]
    fn anything_else_names_no_document() {
        let long = "1".repeat(5_000);
        for text in ["", "1", "pEbmSWqJdBuPadRGm8tDZXgWR7", "0OIl", "é", "11111111111111114Ki9G", &long] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
