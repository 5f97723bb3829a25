//! Packs: what a first load fetches over HTTP. First the rows of every readable document, so that lists, boards
//! and search work; then the documents, the pressing ones first. Each pack names the one that follows.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::message::decode;
use crate::features::{ROWS_VERSION, Row};
use crate::hex;
use crate::identity::DocumentId;
use crate::sync_protocol::{Cursor, Snapshot, WireError};

/// Most bytes of a pack; one document with a long history still fits.
pub const MAX_PACK_BYTES: usize = 32 * 1024 * 1024;

/// A part of a load.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Pack {
    /// Fingerprint of the rights it was made under.
    #[n(0)]
    pub rights: ByteVec,
    /// The shape of its rows; a device with other ones makes them from the documents.
    #[n(1)]
    pub rows_version: u32,
    /// A range of rows.
    #[n(2)]
    pub listed: Option<Listed>,
    /// Documents; when it was made they were at least as new as their rows in the packs before.
    #[n(3)]
    pub documents: Vec<PackedDocument>,
    /// What to ask for next; `None`: that was everything.
    #[n(4)]
    pub next: Option<String>,
    /// The feed as it was once the documents were read: nothing in them is newer.
    #[n(5)]
    pub at: Option<Cursor>,
}

/// Every readable document with an id in a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Listed {
    /// The range begins after this id; `None`: with the first.
    #[n(0)]
    pub after: Option<DocumentId>,
    /// The range ends with this id; `None`: with the last.
    #[n(1)]
    pub through: Option<DocumentId>,
    /// Rows as JSON; each says its document.
    #[n(2)]
    pub rows: Vec<ByteVec>,
    /// Documents whose rows come with them, because they are read from more than lies beside a document.
    #[n(3)]
    pub unlisted: Vec<DocumentId>,
}

/// A document of a pack.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PackedDocument {
    /// The document with its records.
    #[n(0)]
    pub snapshot: Snapshot,
    /// Its row as JSON, when the one in the rows' pack may be older; empty otherwise.
    #[n(1)]
    pub row: ByteVec,
}

/// What a row says when it is of a shape that this version does not know.
#[derive(serde::Deserialize)]
struct Named {
    id: DocumentId,
}

/// The document of a row, and the row if this version can read it.
pub(crate) fn read_row(json: &[u8]) -> Option<(DocumentId, Option<Row>)> {
    match serde_json::from_slice::<Row>(json) {
        Ok(row) => Some((row.id(), Some(row))),
        Err(_) => serde_json::from_slice::<Named>(json).ok().map(|named| (named.id, None)),
    }
}

impl Pack {
    /// A pack with nothing in it, made under these rights.
    pub fn empty(rights: Vec<u8>) -> Self {
        let rights = ByteVec::from(rights);
        Self { rights, rows_version: ROWS_VERSION, listed: None, documents: Vec::new(), next: None, at: None }
    }

    /// The bytes of this pack.
    pub fn encode(&self) -> Vec<u8> {
        minicbor::to_vec(self).unwrap_or_default()
    }

    /// Reads a pack.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        decode(bytes, MAX_PACK_BYTES)
    }

    /// Can this version read its rows?
    pub const fn has_our_rows(&self) -> bool {
        self.rows_version == ROWS_VERSION
    }
}

/// What a pack holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackPlace {
    /// Rows of the documents after this one.
    Rows {
        /// In order of id.
        after: Option<DocumentId>,
    },
    /// Documents of an urgency.
    Documents {
        /// How urgent they are.
        urgency: Urgency,
        /// Of these, those after this one in order of id.
        after: Option<DocumentId>,
    },
}

/// In which order documents come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The person's own, and open.
    Mine,
    /// Of the sites and teams the person's rights name.
    Near,
    /// All others.
    Rest,
}

impl Urgency {
    /// All, in the order they come in.
    pub const ALL: [Self; 3] = [Self::Mine, Self::Near, Self::Rest];

    /// What comes after it.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Mine => Some(Self::Near),
            Self::Near => Some(Self::Rest),
            Self::Rest => None,
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Mine => 1,
            Self::Near => 2,
            Self::Rest => 3,
        }
    }
}

/// Where a load goes on, as a device carries it from one pack to the next. Nobody need trust it: it opens nothing
/// that the rights of the request do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackToken {
    /// Fingerprint of the rights the load began under.
    pub rights: [u8; 16],
    /// The end of the feed before the first row was read: documents that changed since bring their rows.
    pub since: u64,
    /// The beginning of the chain hash there: after a backup was restored, the same number is another moment.
    pub chain: [u8; 16],
    /// What comes next.
    pub place: PackPlace,
}

const TOKEN_VERSION: u8 = 2;
/// No version that anybody upgrades from or to is further away.
const MAX_TOKEN_VERSION: u8 = 15;
const MAX_TOKEN_TEXT: usize = 256;
const TOKEN_BYTES: usize = 1 + 16 + 8 + 16 + 1 + 1 + 16;

impl PackToken {
    /// What a token keeps of a chain hash.
    pub fn chain_of(chain_hash: &[u8]) -> [u8; 16] {
        chain_hash.first_chunk().copied().unwrap_or_default()
    }

    /// The token as text for an address.
    pub fn encode(&self) -> String {
        let (stage, after) = match self.place {
            PackPlace::Rows { after } => (0, after),
            PackPlace::Documents { urgency, after } => (urgency.code(), after),
        };
        let mut bytes = vec![TOKEN_VERSION];
        bytes.extend(self.rights);
        bytes.extend(self.since.to_be_bytes());
        bytes.extend(self.chain);
        bytes.extend([stage, u8::from(after.is_some())]);
        bytes.extend(after.map_or([0; 16], |id| *id.as_bytes()));
        hex::encode(&bytes)
    }

    /// Is it a token that an older or newer version gave? Its load begins anew.
    pub fn is_of_another_version(text: &str) -> bool {
        let versions = 1..=MAX_TOKEN_VERSION;
        let version = hex::decode(text).and_then(|bytes| bytes.first().copied());
        text.len() <= MAX_TOKEN_TEXT
            && version.is_some_and(|version| version != TOKEN_VERSION && versions.contains(&version))
    }

    /// Reads a token; `None`: it is not one.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = hex::decode(text).filter(|bytes| bytes.len() == TOKEN_BYTES)?;
        let (version, rest) = bytes.split_first()?;
        let (rights, rest) = rest.split_first_chunk::<16>()?;
        let (since, rest) = rest.split_first_chunk::<8>()?;
        let (chain, rest) = rest.split_first_chunk::<16>()?;
        let ([stage, has_after], id) = rest.split_first_chunk::<2>()?;
        let id: [u8; 16] = id.try_into().ok()?;
        let after = match has_after {
            0 if id == [0; 16] => None,
            1 => Some(DocumentId::from_bytes(id)),
            _ => return None,
        };
        let urgency = Urgency::ALL.into_iter().find(|urgency| urgency.code() == *stage);
        let place = match (stage, urgency) {
            (0, _) => PackPlace::Rows { after },
            (_, Some(urgency)) => PackPlace::Documents { urgency, after },
            (_, None) => return None,
        };
        let token = Self { rights: *rights, since: u64::from_be_bytes(*since), chain: *chain, place };
        (*version == TOKEN_VERSION).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_nothing_else_is_one() {
        let id = DocumentId::from_bytes([9; 16]);
        let places = [
            PackPlace::Rows { after: None },
            PackPlace::Rows { after: Some(id) },
            PackPlace::Documents { urgency: Urgency::Mine, after: None },
            PackPlace::Documents { urgency: Urgency::Rest, after: Some(id) },
        ];
        for place in places {
            let token = PackToken { rights: [7; 16], since: 1 << 40, chain: [8; 16], place };
            let text = token.encode();
            assert_eq!(PackToken::decode(&text), Some(token));
            for wrong in
                [&text[2..], &text.to_uppercase(), &format!("{text}00"), &format!("01{}", &text[2..])]
            {
                assert_eq!(PackToken::decode(wrong).filter(|_| wrong != text), None, "{wrong}");
            }
        }
        let of_one_before = format!("01{}", "00".repeat(42));
        assert!(PackToken::is_of_another_version(&of_one_before));
        for none in ["", "02", "ff", "zz", &"01".repeat(200)] {
            assert!(!PackToken::is_of_another_version(none), "{none}");
        }
        assert_eq!(PackToken::decode(""), None);
        assert_eq!(PackToken::decode(&"é".repeat(TOKEN_BYTES)), None);
    }

    #[test]
    fn a_pack_of_bytes_that_are_none_is_refused() {
        let pack = Pack { next: Some("x".to_owned()), ..Pack::empty(vec![1]) };
        assert_eq!(Pack::decode(&pack.encode()), Ok(pack.clone()));
        let bytes = pack.encode();
        assert!(Pack::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Pack::decode(b"<!doctype html>").is_err());
    }
}
