//! The structural checks of the sync engine on bytes from outside, before Automerge sees them.
//!
//! Automerge trusts its input: a few dozen bytes can make a document unloadable for ever, unfold to gigabytes
//! or panic (`docs/security/automerge-input.md` measures it). So the gate reads a change with a parser of its
//! own, bounded by [`LIMITS`], and lets pass only what an honest device can have written:
//!
//! 1. *envelope* — one change chunk, whole, with its checksum; nothing compressed;
//! 2. *columns* — known, in order, of equal length, in the one encoding that Automerge itself writes;
//! 3. *operations* — maps and texts only, each in a form that Automerge stores and writes back unchanged;
//! 4. *past* — dependencies, numbering and every object, predecessor and character named exist in the causal
//!    past of the change;
//! 5. *fields* — path, type and nesting are in the field table of the document's kind.
//!
//! No input panics here and none takes more than a small multiple of its size. Authorisation comes after the
//! gate, on the [`Write`]s it lists.

mod author;
mod bytes;
mod chunk;
mod columns;
mod command;
mod judge;
mod limits;
mod operation;
mod past;
mod record;
mod refused;
mod saved;
#[cfg(test)]
mod tests;

use std::ops::Range;

use automerge::{Change, ChangeHash};

pub use command::{Burden, burden, check_command, check_documents};
pub use judge::{Write, WriteKind};
pub use limits::{LIMITS, Limits};
pub use record::check_record;
pub use refused::{Measure, Refused};
pub use saved::saved_heads;

use crate::document::{Document, step};
use crate::identity::{ActorId, MAX_ACTOR_BYTES};
use author::Author;
use chunk::{Chunk, Parsed};
use judge::Judge;
use past::Past;

/// Whose actor wrote a change, as the session that sent it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binding {
    /// The device that sent it (or an actor nobody has used yet, which is bound to it by this).
    Device,
    /// A node of the server, which may also write operation-free merge changes.
    Server,
    /// Anybody else.
    Foreign,
}

/// How the operations of a change may be numbered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Numbering {
    /// On from the dependencies, as our own engine does, which never edits as of an older state.
    #[default]
    Exact,
    /// Also on from the newest of the document, by an actor made up for it: what other Automerge clients do
    /// when they edit as of an older state.
    Isolated,
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It may be applied, once its writes are authorised.
    New(Box<Checked>),
    /// The document holds it already.
    Held(ChangeHash),
}

/// A change that Automerge can be given.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The change.
    pub change: Change,
    /// Its hash, computed here.
    pub hash: ChangeHash,
    /// What it writes, in order; empty for a merge change and for a schema step.
    pub writes: Vec<Write>,
}

/// The hash of a change, when the bytes are one chunk of the right type and checksum. It tells whether a
/// change is known before its document is loaded.
pub fn change_hash(bytes: &[u8]) -> Result<ChangeHash, Refused> {
    Chunk::read(bytes).map(|chunk| chunk.hash)
}

/// The author of a change, so that its binding can be looked up before the change is judged.
pub fn change_author(bytes: &[u8]) -> Result<ActorId, Refused> {
    Chunk::read(bytes)?.author().map(Author::base)
}

/// What a change says it follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequel {
    /// The number of its first operation, and of the one that may follow its last.
    pub numbers: Range<u64>,
    /// The changes it builds upon.
    pub deps: Vec<ChangeHash>,
}

/// What a change says it follows, so that several can be put in order before they are judged.
pub fn change_sequel(bytes: &[u8]) -> Result<Sequel, Refused> {
    let Parsed { start_op, operations, deps, .. } = Chunk::read(bytes)?.change()?;
    Ok(Sequel { numbers: start_op..start_op + operations.len() as u64, deps })
}

/// The changes that a change builds upon, before its operations are looked at.
pub fn change_deps(bytes: &[u8]) -> Result<Vec<ChangeHash>, Refused> {
    Chunk::read(bytes)?.deps()
}

/// How many operations a change says it has, and how many others they overwrite, as a measure of what judging it takes:
/// known before anything is unfolded. What is overwritten counts, because it is looked up in the past, and Automerge
/// writes down at each what became of it: an operation that overwrites takes twice as long as one that does not.
/// Nought for what is refused at the first look.
pub fn change_weight(bytes: &[u8]) -> usize {
    let (operations, overwritten) = Chunk::read(bytes).and_then(Chunk::claims).unwrap_or_default();
    let possible = |claimed| usize::try_from(claimed).ok().filter(|claimed| *claimed <= LIMITS.operations);
    possible(operations)
        .zip(possible(overwritten))
        .map_or(0, |(operations, overwritten)| operations + overwritten)
}

/// Judges the bytes of one change for `document`, which holds what was accepted before. Several changes are
/// judged and applied one after the other, because each is the past of the next.
///
/// The genesis of the document's kind is always [`Verdict::Held`], and a schema step of that kind may be applied,
/// whoever sends it; neither writes anything for a person.
pub fn check_change(
    document: &Document,
    bytes: &[u8],
    binding: impl FnOnce(&ActorId) -> Binding,
) -> Result<Verdict, Refused> {
    check_numbered_change(document, bytes, Numbering::Exact, binding)
}

/// The same for a change whose operations may be numbered in another way.
pub fn check_numbered_change(
    document: &Document,
    bytes: &[u8],
    numbering: Numbering,
    binding: impl FnOnce(&ActorId) -> Binding,
) -> Result<Verdict, Refused> {
    let chunk = Chunk::read(bytes)?;
    if document.has_change(&chunk.hash) {
        return Ok(Verdict::Held(chunk.hash));
    }
    if let Some(step) = step::find(document.kind(), bytes) {
        let checked = Checked { change: step.change().clone(), hash: chunk.hash, writes: Vec::new() };
        return Ok(Verdict::New(Box::new(checked)));
    }
    let parsed = chunk.change()?;
    if numbering == Numbering::Exact && parsed.author.is_isolated() {
        return Err(Refused::ActorLength(MAX_ACTOR_BYTES));
    }
    let by_server = check_author(&parsed, binding)? == Binding::Server;
    let past = Past::of(document, &parsed, numbering)?;
    let writes = Judge::new(document.kind(), &parsed, past, by_server).writes()?;
    let change = Change::try_from(bytes).map_err(|error| Refused::Automerge(error.to_string()))?;
    Ok(Verdict::New(Box::new(Checked { change, hash: parsed.hash, writes })))
}

fn check_author(change: &Parsed<'_>, binding: impl FnOnce(&ActorId) -> Binding) -> Result<Binding, Refused> {
    if step::is_reserved(&change.author.base()) {
        return Err(Refused::ReservedActor);
    }
    let merges = change.operations.len() == 0;
    match binding(&change.author.base()) {
        Binding::Foreign => Err(Refused::ForeignActor),
        Binding::Device if merges => Err(Refused::Nothing),
        Binding::Server if merges && change.deps.len() < 2 => Err(Refused::Nothing),
        bound @ (Binding::Device | Binding::Server) => Ok(bound),
    }
}
