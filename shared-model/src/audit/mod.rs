//! The audit trail: who did what, when and with what right, in a form that nobody can rewrite unseen.
//!
//! An organisation has two logs. The *feed* holds every write to documents and records; the *entries* hold everything else
//! that matters as evidence: signing in, people, rights, refusals, decisions. Each is the leaves of a Merkle tree as in
//! RFC 9162 ([`merkle`]). Every so often the server signs a [`TreeHead`] over both. Devices keep the last head they saw
//! and ask for proof that the next one continues it, so a database that is rewritten later contradicts its witnesses.
//!
//! Entries name people by id and never by name or address: those can be erased without touching the trail.

mod entry;
mod hold;
pub mod merkle;
mod timeline;
mod tree_head;
mod witness;

pub use entry::{Action, Change, Doer, DoerKind, Entry, ListedEntry, Said, Subject, SubjectKind, feed_leaf};
pub use hold::{LegalHold, NewLegalHold, Retention};
pub use merkle::{Digest, Hash};
pub use timeline::{AsOf, Happening, StatedRecord, Timeline, TimelineEntry};
pub use tree_head::{HeadWithProof, Log, LogSize, TreeHead};
pub use witness::{Contradiction, Heard, Witness};
