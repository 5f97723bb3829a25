//! The envelope of a change: Automerge's chunk header and what stands before the columns.

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use super::author::Author;
use super::bytes::Bytes;
use super::columns::{Columns, claimed};
use super::operation::{OpId, Operations};
use super::{LIMITS, Measure, Refused};

pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
pub(super) const CHANGE: u8 = 1;

/// A chunk of the right type, length and checksum.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) hash: ChangeHash,
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    pub(super) fn read(input: &'a [u8]) -> Result<Self, Refused> {
        if input.len() > LIMITS.change_bytes {
            return Err(Refused::TooMuch { measure: Measure::Change, limit: LIMITS.change_bytes });
        }
        let mut bytes = Bytes::new(input);
        if bytes.array() != Ok(MAGIC) {
            return Err(Refused::NotAChunk);
        }
        let checksum: [u8; 4] = bytes.array()?;
        let kind = bytes.byte()?;
        if kind != CHANGE {
            return Err(Refused::ChunkType(kind));
        }
        let length = bytes.count()?;
        let data = bytes.take(length)?;
        if !bytes.is_empty() {
            return Err(Refused::Length);
        }
        // The hash covers everything after the checksum: type, length and data.
        let hash: [u8; 32] = Sha256::digest(&input[MAGIC.len() + checksum.len()..]).into();
        if hash[..4] != checksum {
            return Err(Refused::Checksum);
        }
        Ok(Self { hash: ChangeHash(hash), data })
    }

    /// Who made the change inside, before its operations are looked at.
    pub(super) fn author(self) -> Result<Author, Refused> {
        Ok(self.open()?.0.author)
    }

    /// What the change inside builds upon, before its operations are looked at.
    pub(super) fn deps(self) -> Result<Vec<ChangeHash>, Refused> {
        Ok(self.open()?.0.deps)
    }

    /// How many operations the change inside says it has and how many others it says they overwrite, without looking
    /// at any of them.
    pub(super) fn claims(self) -> Result<(u64, u64), Refused> {
        let (_, columns) = self.open()?;
        Ok((claimed(columns.action)?, claimed(columns.predecessor_actor)?))
    }

    /// Reads the change inside.
    pub(super) fn change(self) -> Result<Parsed<'a>, Refused> {
        let (Head { deps, author, seq, start_op, actors }, columns) = self.open()?;
        let operations = Operations::read(&columns, &actors)?;
        let end = start_op.checked_add(operations.len() as u64).ok_or(Refused::CounterRange)?;
        if start_op == 0 || end > u64::from(u32::MAX) {
            return Err(Refused::CounterRange);
        }
        Ok(Parsed { hash: self.hash, deps, author, seq, start_op, operations })
    }

    fn open(self) -> Result<(Head, Columns<'a>), Refused> {
        let mut bytes = Bytes::new(self.data);
        let deps = read_dependencies(&mut bytes)?;
        let author = read_actor(&mut bytes)?;
        let seq = bytes.unsigned()?;
        let start_op = bytes.unsigned()?;
        let time = bytes.signed()?;
        if time.unsigned_abs() > LIMITS.clock_seconds {
            return Err(Refused::Time(time));
        }
        if bytes.string()?.len() > LIMITS.message_bytes {
            return Err(Refused::TooMuch { measure: Measure::Message, limit: LIMITS.message_bytes });
        }
        let actors = read_actors(&mut bytes, author)?;
        let columns = Columns::read(&mut bytes)?;
        if !bytes.is_empty() {
            return Err(Refused::ExtraBytes);
        }
        Ok((Head { deps, author, seq, start_op, actors }, columns))
    }
}

/// What stands before the columns.
struct Head {
    deps: Vec<ChangeHash>,
    author: Author,
    seq: u64,
    start_op: u64,
    actors: Vec<Author>,
}

/// A change whose bytes are well formed; whether it fits a document is another question.
pub(super) struct Parsed<'a> {
    pub(super) hash: ChangeHash,
    pub(super) deps: Vec<ChangeHash>,
    pub(super) author: Author,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) operations: Operations<'a>,
}

impl Parsed<'_> {
    /// Which of this change's own operations has this id.
    pub(super) fn row_of(&self, id: OpId) -> Option<usize> {
        if id.actor != self.author {
            return None;
        }
        let row = usize::try_from(id.counter.checked_sub(self.start_op)?).ok()?;
        (row < self.operations.len()).then_some(row)
    }

    /// The id of the operation in this row.
    pub(super) const fn id_of(&self, row: usize) -> OpId {
        OpId { counter: self.start_op + row as u64, actor: self.author }
    }
}

pub(super) fn read_dependencies(bytes: &mut Bytes<'_>) -> Result<Vec<ChangeHash>, Refused> {
    let count = bytes.count()?;
    if count > LIMITS.dependencies {
        return Err(Refused::TooMuch { measure: Measure::Dependencies, limit: LIMITS.dependencies });
    }
    let deps: Vec<ChangeHash> =
        (0..count).map(|_| bytes.array().map(ChangeHash)).collect::<Result<_, _>>()?;
    if deps.is_sorted_by(|a, b| a < b) {
        Ok(deps)
    } else {
        Err(Refused::NotCanonical("the order of dependencies"))
    }
}

fn read_actor(bytes: &mut Bytes<'_>) -> Result<Author, Refused> {
    let length = bytes.count()?;
    Author::read(bytes.take(length)?)
}

/// The author first, then the others that operations name by index, in the order of their bytes.
fn read_actors(bytes: &mut Bytes<'_>, author: Author) -> Result<Vec<Author>, Refused> {
    let count = bytes.count()?;
    let mut actors = vec![author];
    for _ in 0..count {
        actors.push(read_actor(bytes)?);
    }
    let others = &actors[1..];
    if others.is_sorted_by(|a, b| a < b) && !others.contains(&author) {
        Ok(actors)
    } else {
        Err(Refused::NotCanonical("the list of actors"))
    }
}
