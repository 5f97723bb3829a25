//! The messages of automerge-repo's network protocol, version 1: CBOR maps with a `type`, a sender and a target.
//!
//! Reading is bounded by the message, which the socket bounds; what is not used here is skipped. A message of a type
//! that this version does not know is [`FromClient::Other`], as the protocol wants it.

use minicbor::decode::Error;
use minicbor::{Decoder, Encoder};

/// The version of the protocol spoken here.
pub const VERSION: &str = "1";
/// How this server is called at the other end.
pub const PEER: &str = "maintainpro";

/// Longest text taken in: peers, sessions, documents, versions.
const MAX_TEXT_BYTES: usize = 256;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromClient {
    /// Who it is and which versions it speaks; the first message.
    Join { peer: String, versions: Vec<String> },
    /// It goes.
    Leave,
    /// A sync message of Automerge about a document, also when it asks for one for the first time.
    Sync { document: String, data: Vec<u8> },
    /// Something for whoever looks at the document now.
    Ephemeral { document: String, session: String, count: u64, data: Vec<u8> },
    /// Something that needs no answer.
    Other,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer {
    /// The answer to a join.
    Peer { storage: String },
    /// Why the socket closes now.
    Error { message: String },
    /// A sync message of Automerge.
    Sync { document: String, data: Vec<u8> },
    /// There is no such document for this client.
    Unavailable { document: String },
    /// Something of the moment: from another client, or about a change that was refused.
    Ephemeral { document: String, sender: String, session: String, count: u64, data: Vec<u8> },
}

/// All members that any message has.
#[derive(Default)]
struct Members {
    kind: Option<String>,
    sender: Option<String>,
    document: Option<String>,
    session: Option<String>,
    count: Option<u64>,
    data: Option<Vec<u8>>,
    versions: Vec<String>,
}

impl FromClient {
    /// Reads one message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let members = Members::read(&mut Decoder::new(bytes))?;
        let missing = |name| move || Error::message(format!("the message has no {name}"));
        let kind = members.kind.ok_or_else(missing("type"))?;
        Ok(match kind.as_str() {
            "join" => Self::Join {
                peer: members.sender.ok_or_else(missing("senderId"))?,
                versions: members.versions,
            },
            "leave" => Self::Leave,
            "sync" | "request" => Self::Sync {
                document: members.document.ok_or_else(missing("documentId"))?,
                data: members.data.ok_or_else(missing("data"))?,
            },
            "ephemeral" => Self::Ephemeral {
                document: members.document.ok_or_else(missing("documentId"))?,
                session: members.session.ok_or_else(missing("sessionId"))?,
                count: members.count.ok_or_else(missing("count"))?,
                data: members.data.ok_or_else(missing("data"))?,
            },
            _ => Self::Other,
        })
    }
}

impl Members {
    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut members = Self::default();
        let mut left = decoder.map()?;
        while more(decoder, &mut left)? {
            match decoder.str()? {
                "type" => members.kind = Some(text(decoder)?),
                "senderId" => members.sender = Some(text(decoder)?),
                "documentId" => members.document = Some(text(decoder)?),
                "sessionId" => members.session = Some(text(decoder)?),
                "count" => members.count = Some(number(decoder)?),
                "data" => members.data = Some(decoder.bytes()?.to_vec()),
                "supportedProtocolVersions" => members.versions = texts(decoder)?,
                _ => decoder.skip()?,
            }
        }
        Ok(members)
    }
}

/// Is there another member or item, of a list that says how many or one that ends with a break?
fn more(decoder: &mut Decoder<'_>, left: &mut Option<u64>) -> Result<bool, Error> {
    match left {
        Some(0) => Ok(false),
        Some(count) => {
            *count -= 1;
            Ok(true)
        }
        None if decoder.datatype()? == minicbor::data::Type::Break => {
            decoder.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

fn text(decoder: &mut Decoder<'_>) -> Result<String, Error> {
    let text = decoder.str()?;
    if text.len() > MAX_TEXT_BYTES {
        return Err(Error::message("a text is too long"));
    }
    Ok(text.to_owned())
}

fn texts(decoder: &mut Decoder<'_>) -> Result<Vec<String>, Error> {
    let mut left = decoder.array()?;
    let mut texts = Vec::new();
    while more(decoder, &mut left)? {
        // More versions than anybody speaks are no reason to keep them.
        let next = text(decoder)?;
        if texts.len() < 16 {
            texts.push(next);
        }
    }
    Ok(texts)
}

/// A count, which JavaScript may write as a floating-point number once it is large.
fn number(decoder: &mut Decoder<'_>) -> Result<u64, Error> {
    use minicbor::data::Type;
    match decoder.datatype()? {
        Type::F32 | Type::F64 => Ok(decoder.f64()?.clamp(0.0, 9e15) as u64),
        _ => decoder.u64(),
    }
}

impl FromServer {
    /// Writes the message to this client.
    pub fn encode(&self, target: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let written = self.write(&mut Encoder::new(&mut bytes), target);
        debug_assert!(written.is_ok(), "writing to memory does not fail");
        bytes
    }

    fn write(
        &self,
        out: &mut Encoder<&mut Vec<u8>>,
        target: &str,
    ) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
        let mut head = |members: u64, kind: &str, sender: &str| {
            out.map(members + 3)?.str("type")?.str(kind)?.str("senderId")?.str(sender)?;
            out.str("targetId")?.str(target)?.ok()
        };
        match self {
            Self::Peer { storage } => {
                head(2, "peer", PEER)?;
                out.str("selectedProtocolVersion")?.str(VERSION)?;
                out.str("peerMetadata")?.map(2)?;
                out.str("storageId")?.str(storage)?.str("isEphemeral")?.bool(false)?.ok()
            }
            Self::Error { message } => {
                head(1, "error", PEER)?;
                out.str("message")?.str(message)?.ok()
            }
            Self::Sync { document, data } => {
                head(2, "sync", PEER)?;
                out.str("documentId")?.str(document)?.str("data")?.bytes(data)?.ok()
            }
            Self::Unavailable { document } => {
                head(1, "doc-unavailable", PEER)?;
                out.str("documentId")?.str(document)?.ok()
            }
            Self::Ephemeral { document, sender, session, count, data } => {
                head(4, "ephemeral", sender)?;
                out.str("documentId")?.str(document)?.str("sessionId")?.str(session)?;
                out.str("count")?.u64(*count)?.str("data")?.bytes(data)?.ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(write: impl FnOnce(&mut Encoder<Vec<u8>>)) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        write(&mut encoder);
        encoder.into_writer()
    }

    #[test]
    fn a_join_is_read_as_the_client_writes_it() {
        // `cbor.encode` of the join message of @automerge/automerge-repo-network-websocket 2.5.6.
        let written = [
            b"\xb9\x00\x04\x64type\x64join\x68senderId\x65peer1\x6cpeerMetadata".as_slice(),
            b"\xb9\x00\x02\x69storageId\xf7\x6bisEphemeral\xf5\x78\x19supportedProtocolVersions\x81\x611",
        ];
        let join = FromClient::Join { peer: "peer1".to_owned(), versions: vec!["1".to_owned()] };
        assert_eq!(FromClient::decode(&written.concat()).unwrap(), join);
    }

    #[test]
    fn a_message_of_tomorrow_needs_no_answer() {
        let bytes = message(|out| {
            out.begin_map().unwrap().str("type").unwrap().str("dance").unwrap();
            out.str("steps").unwrap().array(2).unwrap().u8(1).unwrap().begin_array().unwrap().end().unwrap();
            out.end().unwrap();
        });
        assert_eq!(FromClient::decode(&bytes).unwrap(), FromClient::Other);
    }

    #[test]
    fn what_is_said_is_read_by_the_same_rules() {
        let (document, data) = ("d".to_owned(), vec![1, 2, 3]);
        let sync = FromServer::Sync { document: document.clone(), data: data.clone() };
        assert_eq!(FromClient::decode(&sync.encode("p")).unwrap(), FromClient::Sync { document, data });
    }

    #[test]
    fn every_cut_of_a_message_and_every_flipped_byte_is_an_error_or_another_message() {
        let said = FromServer::Ephemeral {
            document: "d".to_owned(),
            sender: "s".to_owned(),
            session: "x".to_owned(),
            count: 300,
            data: vec![7; 40],
        };
        let bytes = said.encode("p");
        for cut in 0..bytes.len() {
            assert!(FromClient::decode(&bytes[..cut]).is_err(), "{cut}");
        }
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes.clone();
                flipped[at] ^= 1 << bit;
                // Whatever it is now, reading it ends.
                drop(FromClient::decode(&flipped));
            }
        }
        for claim in
            [b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff".as_slice(), b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"]
        {
            assert!(FromClient::decode(claim).is_err());
        }
        let deep = [b"\xa1\x61x".as_slice(), &[0x81; 500_000]].concat();
        assert!(FromClient::decode(&deep).is_err());
    }
}
