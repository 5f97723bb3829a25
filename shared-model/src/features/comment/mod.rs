//! Remarks in the thread of a work order or an asset: immutable records.

mod commands;

pub use commands::Command;

use serde::{Deserialize, Serialize};

use crate::identity::{ActorId, PersonId, RecordId};
use crate::input::{check_chars, check_present};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::workspace::{Aggregate, Refusal};

/// Most code points of a comment.
pub const MAX_COMMENT_CHARS: usize = 10_000;

/// The fact behind a [`RecordKind::Comment`] record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// What was said.
    pub text: String,
}

impl Comment {
    /// Refuses to say nothing, or too much.
    pub fn check(&self) -> Result<(), Refusal> {
        check_present("comment", &self.text)?;
        check_chars("comment", &self.text, MAX_COMMENT_CHARS)
    }
}

/// One line of a thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentLine {
    /// The record.
    pub id: RecordId,
    /// What was said.
    pub text: String,
    /// Who said it; `None`: the server.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// The thread of a document, in order of writing.
pub fn comments(aggregate: &Aggregate) -> Vec<CommentLine> {
    let lines = aggregate.records_of(RecordKind::Comment).filter_map(|record| {
        let comment: Comment = record.read()?;
        Some(CommentLine {
            id: record.id,
            text: comment.text,
            author: record.author,
            actor: record.actor,
            at: record.at,
        })
    });
    lines.collect()
}
