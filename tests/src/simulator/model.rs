//! What an independent witness remembers: what people typed, and what they were told about it. It knows nothing
//! of changes, heads or merging.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::document::FieldValue;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment, cost, labour_entry};
use shared_model::identity::{CommandId, DocumentId, RecordId};
use shared_model::sync_protocol::OutboxEntry;
use shared_model::workspace::Aggregate;

use crate::answers::Answers;
use crate::device::items_of;

#[derive(Default)]
pub struct Model {
    /// Every command that was saved on a device.
    pub said: Vec<Said>,
    /// What each command consisted of when it was saved.
    pub items: BTreeMap<CommandId, Vec<(DocumentId, Vec<u8>)>>,
    pub races: u64,
    pub kills: u64,
    pub faults: u64,
    pub crashes_before_acknowledging: u64,
    /// Nodes refuse sound commands in this story.
    pub refusals: bool,
    pub refused: u64,
    /// A backup is restored in this story.
    pub restores: bool,
    /// What was on no device then: documents with hashes of changes or ids of records.
    pub gone: BTreeSet<(DocumentId, Vec<u8>)>,
    /// Disks lose something in this story.
    pub rots: bool,
    pub rotted: u64,
    /// The horizon rises in this story.
    pub horizons: bool,
    /// Documents are deleted in this story.
    pub deletions: bool,
    /// Documents that were deleted at some time.
    pub deleted: BTreeSet<DocumentId>,
    /// Documents get new roots in this story.
    pub roots: bool,
    /// Documents that got one.
    pub rerooted: BTreeSet<DocumentId>,
    /// Rights change in this story.
    pub rights_change: bool,
    /// Nodes of two versions run side by side in this story.
    pub skew: bool,
    /// How many commands an older node did not understand.
    pub not_understood: u64,
}

/// A command that was saved.
pub struct Said {
    pub device: usize,
    pub command: Command,
    /// A restored backup took it, and no device had it any more.
    pub gone: bool,
}

/// What of a command must be found again, whatever else happened.
#[derive(Debug, PartialEq, Eq)]
pub enum Typed {
    Record(DocumentId, RecordId),
    Line(DocumentId, String),
    Tag(DocumentId, String),
    Part(DocumentId, String),
    Answer(DocumentId, Place, String),
    Document(DocumentId),
}

/// Checklist and step.
pub type Place = (String, String);

impl Model {
    pub fn saved(&mut self, device: usize, id: CommandId, command: &Command, entry: &OutboxEntry) {
        self.said.push(Said { device, command: command.clone(), gone: false });
        self.remember(id, entry);
    }

    pub fn remember(&mut self, id: CommandId, entry: &OutboxEntry) {
        self.items.insert(id, items_of(entry));
    }
}

/// What a command typed that nobody else can take away. Titles, priorities and places are overwritten by others
/// as they should be.
pub fn typed(command: &Command) -> Vec<Typed> {
    match command {
        Command::Comment(comment::Command::Add { id, document, .. }) => vec![Typed::Record(*document, *id)],
        Command::LabourEntry(labour_entry::Command::Add { id, work_order, .. }) => {
            vec![Typed::Record(*work_order, *id)]
        }
        Command::Cost(cost::Command::Enter { id, document, .. }) => vec![Typed::Record(*document, *id)],
        Command::WorkOrder(command) => of_work_order(command),
        other => unreachable!("nobody in the story does {other:?}"),
    }
}

fn of_work_order(command: &work_order::Command) -> Vec<Typed> {
    match command {
        work_order::Command::Create(new) => {
            vec![Typed::Document(new.id), Typed::Line(new.id, new.description.trim().to_owned())]
        }
        work_order::Command::Edit { id, edits } => {
            edits.iter().filter_map(|edit| of_edit(*id, edit)).collect()
        }
        work_order::Command::ChangeStatus { id, event, .. } => vec![Typed::Record(*id, *event)],
        work_order::Command::UsePart { id, part } => {
            let movement = part.storeroom.zip(part.movement);
            let movement = movement.map(|(storeroom, movement)| Typed::Record(storeroom, movement));
            std::iter::once(Typed::Part(*id, part.key.clone())).chain(movement).collect()
        }
        work_order::Command::Answer { id, checklist, step, answer: Some(answer), .. } => {
            vec![Typed::Answer(*id, (checklist.clone(), step.clone()), answer.clone())]
        }
        _ => Vec::new(),
    }
}

fn of_edit(id: DocumentId, edit: &FieldEdit) -> Option<Typed> {
    match edit {
        FieldEdit::Description(edit) | FieldEdit::Resolution(edit) => {
            edit.text.lines().last().map(|line| Typed::Line(id, line.to_owned()))
        }
        FieldEdit::AddTag(tag) => Some(Typed::Tag(id, tag.clone())),
        _ => None,
    }
}

impl Typed {
    pub const fn document(&self) -> DocumentId {
        match self {
            Self::Record(id, _)
            | Self::Line(id, _)
            | Self::Tag(id, _)
            | Self::Part(id, _)
            | Self::Answer(id, ..)
            | Self::Document(id) => *id,
        }
    }

    pub fn is_in(&self, aggregate: &Aggregate) -> bool {
        match self {
            Self::Document(_) => true,
            Self::Record(_, record) => aggregate.records.contains_key(record),
            Self::Line(_, line) => {
                let order = work_order::read(aggregate);
                order.description.lines().chain(order.resolution.lines()).any(|other| other == line)
            }
            Self::Tag(_, tag) => work_order::read(aggregate).tags.contains(tag),
            Self::Part(_, key) => work_order::read(aggregate).parts.iter().any(|part| part.key == *key),
            Self::Answer(_, place, text) => answer_is_kept(aggregate, place, text),
        }
    }
}

/// An answer that somebody saw and replaced is in the history; any other one is shown, or listed beside the one shown.
fn answer_is_kept(aggregate: &Aggregate, (checklist, step): &Place, text: &str) -> bool {
    let answers = Answers::to(&aggregate.document, checklist, step);
    let order = work_order::read(aggregate);
    let shown =
        order.checklists.iter().find(|list| list.key == *checklist).and_then(|list| list.answers.get(step));
    let field = format!("checklists/{checklist}/answers/{step}");
    let listed = order
        .conflicts
        .iter()
        .filter(|conflict| conflict.field == field)
        .flat_map(|conflict| &conflict.values)
        .any(|value| value.value == FieldValue::Str(text.to_owned()));
    let is_there = listed || shown.is_some_and(|shown| shown == text);
    answers.given.contains(text) && is_there == answers.standing.contains(text)
}
