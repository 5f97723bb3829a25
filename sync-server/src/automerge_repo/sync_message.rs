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

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use automerge::transaction::Transactable;
    use automerge::{ActorId, Automerge, Change, ROOT};

    use super::*;

    fn change(text: &str) -> Change {
        let mut automerge = Automerge::new();
        automerge.set_actor(ActorId::from([7; 16]));
        let mut transaction = automerge.transaction();
        transaction.put(ROOT, "text", text).unwrap();
        transaction.commit();
        automerge.get_last_local_change().unwrap()
    }

    fn message(chunks: Vec<Vec<u8>>, version: MessageVersion) -> Vec<u8> {
        let bloom = BloomFilter::from_hashes([ChangeHash([1; 32]), ChangeHash([2; 32])].iter());
        let have = vec![Have { last_sync: vec![ChangeHash([3; 32])], bloom }];
        let mut flags = MessageFlags::new();
        flags.set(MessageFlags::READ_ONLY);
        let (heads, need) = (vec![ChangeHash([4; 32])], vec![ChangeHash([5; 32])]);
        Message { heads, need, have, changes: chunks.into(), flags: Some(flags), version }.encode()
    }

    #[test]
    fn what_automerge_writes_is_read_as_automerge_reads_it() {
        let (first, second) = (change("first"), change("second"));
        let chunks = vec![first.raw_bytes().to_vec(), second.raw_bytes().to_vec()];
        for (version, entries) in
            [(MessageVersion::V1, chunks.clone()), (MessageVersion::V2, vec![chunks.concat()])]
        {
            let bytes = message(entries, version);
            let Received { summary, changes } = Received::decode(&bytes).unwrap();
            let expected = Message::decode(&bytes).unwrap();
            assert_eq!(summary, Message { changes: ChunkList::empty(), ..expected });
            let read: Vec<_> = changes.into_iter().map(|change| (change.hash, change.bytes)).collect();
            let expected =
                [&first, &second].map(|change| (change.hash(), change.raw_bytes().to_vec())).to_vec();
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn a_deflated_change_is_the_change_it_was() {
        let mut long = change(&"all work and no play ".repeat(2_000));
        let small = long.bytes().into_owned();
        assert_eq!(small[8], DEFLATED_CHANGE);
        let Received { changes, .. } = Received::decode(&message(vec![small], MessageVersion::V1)).unwrap();
        assert_eq!(changes[0].hash, long.hash());
        assert_eq!(changes[0].bytes, long.raw_bytes());
    }

    /// A filter that says it has entries and no bits for them.
    #[test]
    fn a_filter_that_automerge_panics_on_is_refused() {
        let filter = BloomFilter::try_from([5, 0, 7].as_slice()).unwrap();
        assert!(catch_unwind(|| filter.contains_hash(&ChangeHash([1; 32]))).is_err());
        let bytes = [&[0x42, 0, 0, 1, 0, 3][..], &[5, 0, 7], &[0]].concat();
        assert_eq!(Received::decode(&bytes).unwrap_err(), Unreadable("a summary"));
    }

    #[test]
    fn every_cut_is_refused_and_every_flipped_bit_ends() {
        let bytes = message(vec![change("x").raw_bytes().to_vec()], MessageVersion::V1);
        // Without the flags at its end it is a message of an older version.
        let whole = [bytes.len(), bytes.len() - 3];
        for cut in 0..=bytes.len() {
            assert_eq!(Received::decode(&bytes[..cut]).is_ok(), whole.contains(&cut), "{cut}");
        }
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            if let Ok(Received { changes, .. }) = Received::decode(&flipped) {
                assert!(changes.iter().all(|change| change.hash != ChangeHash([0; 32])));
            }
        }
    }
}
