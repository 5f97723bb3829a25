//! Automerge's sync messages, read with care. Automerge trusts them as it trusts changes: a Bloom filter of a few
//! bytes may ask for four thousand million probes, and a change of a hundred bytes inflate to half a gigabyte. So
//! they are read here, within bounds; Automerge gets what the other end has and needs, and the gate gets the changes.

use std::io::Read;

use automerge::ChangeHash;
use automerge::sync::{BloomFilter, ChunkList, Have, Message, MessageFlags, MessageVersion};
use flate2::read::DeflateDecoder;
use sha2::{Digest, Sha256};

/// Most bytes that the changes of one message may have once they are inflated.
const MAX_CHANGES_BYTES: usize = 4 * 1024 * 1024;
/// Most hashes in any list: heads, needs, the heads of the last exchange.
const MAX_HASHES: usize = 4_096;
/// Most summaries of what the other end has; clients send one.
const MAX_HAVES: usize = 4;
/// Most bytes of a summary: enough for some ten thousand changes.
const MAX_BLOOM_BYTES: usize = 16 * 1024;
const MAX_PROBES: u64 = 32;

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHECKSUM_BYTES: usize = 4;
const CHANGE: u8 = 1;
const DEFLATED_CHANGE: u8 = 2;

/// A message that was understood.
#[derive(Debug)]
pub struct Received {
    /// What the other end has and needs, without changes.
    pub summary: Message,
    /// Its changes, none deflated, in the order they came.
    pub changes: Vec<Offered>,
}

/// A change that a client offers.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its hash, computed here.
    pub hash: ChangeHash,
    /// The chunk.
    pub bytes: Vec<u8>,
}

/// Why a message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The bytes are no sync message.
    #[error("the sync message cannot be read: {0}")]
    Unreadable(&'static str),
    /// There is more of something than an honest client sends.
    #[error("the sync message has too much of something: {0}")]
    TooMuch(&'static str),
    /// It holds something else than changes; a client sends that only to a server that asked for it.
    #[error("only changes are accepted, no chunk of type {0}")]
    Chunk(u8),
}

use Malformed::{Chunk, TooMuch, Unreadable};

impl Received {
    /// Reads a message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut rest = Bytes(bytes);
        let version = match rest.take(1)? {
            [0x42] => MessageVersion::V1,
            [0x43] => MessageVersion::V2,
            _ => return Err(Unreadable("its type")),
        };
        let heads = rest.hashes()?;
        let need = rest.hashes()?;
        let haves = rest.count(MAX_HAVES, "summaries")?;
        let have = (0..haves).map(|_| rest.have()).collect::<Result<_, _>>()?;
        let chunks = rest.number()?;
        let mut changes = Changes::default();
        for _ in 0..chunks {
            let length = rest.length()?;
            changes.read(Bytes(rest.take(length)?))?;
        }
        let flags = if rest.0.is_empty() { None } else { Some(rest.flags()?) };
        let changes = changes.list;
        Ok(Self {
            summary: Message { heads, need, have, changes: ChunkList::empty(), flags, version },
            changes,
        })
    }
}

/// A position in untrusted bytes.
#[derive(Clone, Copy)]
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Unreadable("it ends too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    /// An unsigned LEB128 number.
    fn number(&mut self) -> Result<u64, Malformed> {
        let mut value = 0;
        for shift in (0..63).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Unreadable("a number"))
    }

    /// How many bytes follow; more than there are is found out when they are taken.
    fn length(&mut self) -> Result<usize, Malformed> {
        self.number().map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn count(&mut self, most: usize, what: &'static str) -> Result<usize, Malformed> {
        let count = usize::try_from(self.number()?).ok().filter(|count| *count <= most);
        count.ok_or(TooMuch(what))
    }

    /// Hashes; Automerge expects them in order wherever it keeps them.
    fn hashes(&mut self) -> Result<Vec<ChangeHash>, Malformed> {
        let count = self.count(MAX_HASHES, "hashes")?;
        let (hashes, _) = self.take(count * 32)?.as_chunks::<32>();
        let mut hashes: Vec<ChangeHash> = hashes.iter().copied().map(ChangeHash).collect();
        hashes.sort_unstable();
        Ok(hashes)
    }

    fn have(&mut self) -> Result<Have, Malformed> {
        let last_sync = self.hashes()?;
        let length = self.count(MAX_BLOOM_BYTES, "bytes of a summary")?;
        let bloom = self.take(length)?;
        check_bloom(Bytes(bloom))?;
        let bloom = BloomFilter::try_from(bloom).map_err(|_| Unreadable("a summary"))?;
        Ok(Have { last_sync, bloom })
    }

    /// The flags that matter here; see [`MessageFlags`] for how they are written.
    fn flags(&mut self) -> Result<MessageFlags, Malformed> {
        let length = self.count(64, "flags")?;
        let mut flags = MessageFlags::new();
        for byte in self.take(length)?.iter().filter(|byte| **byte & 0x80 != 0) {
            for flag in [MessageFlags::SYNC_RESET, MessageFlags::READ_ONLY, MessageFlags::SUPPORTS_SYNC_RESET]
            {
                flags.set(byte & flag);
            }
        }
        Ok(flags)
    }
}

/// What a Bloom filter says of itself is true, and it can be asked in reasonable time.
fn check_bloom(mut bloom: Bytes<'_>) -> Result<(), Malformed> {
    if bloom.0.is_empty() {
        return Ok(());
    }
    let (entries, bits_each, probes) = (bloom.number()?, bloom.number()?, bloom.number()?);
    let most = (MAX_BLOOM_BYTES * 8) as u64;
    if entries > most || bits_each > most || probes > MAX_PROBES {
        return Err(TooMuch("entries of a summary"));
    }
    let fits = (entries * bits_each).div_ceil(8) == bloom.0.len() as u64;
    if fits && entries > 0 && bits_each > 0 && probes > 0 { Ok(()) } else { Err(Unreadable("a summary")) }
}

/// The changes of a message as they are read.
#[derive(Default)]
struct Changes {
    list: Vec<Offered>,
    bytes: usize,
}

impl Changes {
    /// Reads the chunks of one entry: one in the first version of the message, any number in the second.
    fn read(&mut self, mut entry: Bytes<'_>) -> Result<(), Malformed> {
        while !entry.0.is_empty() {
            let start = entry.0;
            let magic = entry.take(MAGIC.len())?;
            let checksum = entry.take(CHECKSUM_BYTES)?;
            let kind = entry.take(1)?[0];
            let length = entry.length()?;
            let data = entry.take(length)?;
            let bytes = match kind {
                _ if magic != MAGIC => return Err(Unreadable("a chunk")),
                CHANGE => start[..start.len() - entry.0.len()].to_vec(),
                DEFLATED_CHANGE => inflated(checksum, data, MAX_CHANGES_BYTES - self.bytes)?,
                other => return Err(Chunk(other)),
            };
            self.bytes += bytes.len();
            if self.bytes > MAX_CHANGES_BYTES {
                return Err(TooMuch("bytes of changes"));
            }
            // Automerge's hash covers the type, the length and the data.
            let hash: [u8; 32] = Sha256::digest(&bytes[MAGIC.len() + CHECKSUM_BYTES..]).into();
            if !hash.starts_with(checksum) {
                return Err(Unreadable("the checksum of a change"));
            }
            self.list.push(Offered { hash: ChangeHash(hash), bytes });
        }
        Ok(())
    }
}

/// The same change in the form that is not deflated; its hash covers only that one.
fn inflated(checksum: &[u8], deflated: &[u8], most: usize) -> Result<Vec<u8>, Malformed> {
    let mut data = Vec::new();
    // One byte more than allowed tells that there is more.
    let mut bounded = DeflateDecoder::new(deflated).take(most as u64 + 1);
    bounded.read_to_end(&mut data).map_err(|_| Unreadable("a deflated change"))?;
    if data.len() > most {
        return Err(TooMuch("bytes of changes"));
    }
    let mut change = [MAGIC.as_slice(), checksum, &[CHANGE]].concat();
    let mut length = data.len();
    while length > 0x7f {
        change.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    change.push(length as u8);
    change.extend(data);
    Ok(change)
}
