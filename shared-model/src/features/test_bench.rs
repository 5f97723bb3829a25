//! Two or more devices on one table, for tests: run commands on one, copy it, merge it back.

use std::collections::BTreeMap;

use automerge::Change;

use super::Command;
use super::work_order::{self, NewWorkOrder, Origin, Priority, WorkType};
use crate::document::DocumentKind;
use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::instant::Timestamp;
use crate::permission::{GrantLimit, Grants, Role};
use crate::workspace::{Aggregate, Author, Item, Refusal, Workspace};

/// A device with one person.
#[derive(Clone, Debug)]
pub struct Bench {
    pub author: Author,
    pub now: Timestamp,
    pub aggregates: BTreeMap<DocumentId, Aggregate>,
    /// What the last command made.
    pub made: Vec<Item>,
    seq: u64,
}

pub const fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

pub const fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

pub const fn person(n: u8) -> PersonId {
    PersonId::from_bytes([n; 16])
}

/// A role in the whole organisation.
pub fn grants(person: PersonId, role: Role) -> Grants {
    Grants { person, grants: role.grants(GrantLimit::Organisation) }
}

/// A work order with nothing but a title.
pub fn plain_order(id: DocumentId) -> NewWorkOrder {
    NewWorkOrder {
        id,
        title: "Pump leaks".to_owned(),
        description: String::new(),
        work_type: WorkType::Corrective,
        priority: Priority::Medium,
        origin: Origin::Manual,
        external: None,
        requester: None,
        site: None,
        location: None,
        assets: vec![],
        people: vec![],
        teams: vec![],
        tags: vec![],
        planned_start: None,
        due: None,
        estimated_minutes: None,
        checklists: vec![],
        assigned_event: None,
    }
}

impl Bench {
    /// The first device, of a person with this role.
    pub fn of(role: Role) -> Self {
        let author =
            Author::Person { grants: grants(person(1), role), actor: ActorId::from_bytes([0x10; 16]) };
        let now = Timestamp::from_millis(1_700_000_000_000);
        Self { author, now, aggregates: BTreeMap::new(), made: Vec::new(), seq: 0 }
    }

    /// The first device of an administrator, with a plain work order.
    pub fn with_order(id: DocumentId) -> Self {
        let mut bench = Self::of(Role::Admin);
        bench.must(work_order::Command::Create(Box::new(plain_order(id))));
        bench
    }

    /// A copy of this device in the hands of person `n`, a minute later.
    pub fn copy_for(&self, n: u8, role: Role) -> Self {
        let author =
            Author::Person { grants: grants(person(n), role), actor: ActorId::from_bytes([0x10 + n; 16]) };
        Self { author, now: self.now.plus_millis(60_000), ..self.clone() }
    }

    pub fn run(&mut self, command: impl Into<Command>) -> Result<(), Refusal> {
        let command = command.into();
        let touched = command.documents();
        let present = touched.iter().filter_map(|touch| self.aggregates.get(&touch.document).cloned());
        let mut workspace = Workspace::new(self.author.clone(), self.now, self.seq, present);
        command.execute(&mut workspace)?;
        let outcome = workspace.finish();
        self.seq = outcome.next_record_seq;
        self.made = outcome.items;
        self.aggregates.extend(outcome.aggregates);
        Ok(())
    }

    /// Runs a command that nothing speaks against.
    #[track_caller]
    pub fn must(&mut self, command: impl Into<Command>) {
        if let Err(refusal) = self.run(command) {
            panic!("refused: {refusal}");
        }
    }

    /// Takes in all that the other device has.
    pub fn merge(&mut self, other: &Self) {
        for (id, theirs) in &other.aggregates {
            let kind = theirs.document.kind();
            let ours = self.aggregates.entry(*id).or_insert_with(|| Aggregate::new(*id, kind));
            let changes: Vec<Change> = theirs.document.changes_since(&ours.document.heads());
            ours.document.apply(changes).unwrap();
            ours.records.extend(theirs.records.clone());
        }
    }

    #[track_caller]
    pub fn at(&self, id: DocumentId) -> &Aggregate {
        &self.aggregates[&id]
    }

    #[track_caller]
    pub fn order(&self, id: DocumentId) -> work_order::WorkOrder {
        assert_eq!(self.at(id).document.kind(), DocumentKind::WorkOrder);
        work_order::read(self.at(id))
    }
}

/// The rule or field that a refusal names.
#[track_caller]
pub fn reason(outcome: Result<(), Refusal>) -> String {
    match outcome {
        Ok(()) => panic!("was not refused"),
        Err(Refusal::Rule { rule, .. }) => rule,
        Err(Refusal::Value { field, .. }) => field,
        Err(Refusal::NotPermitted { permission }) => permission.code().to_owned(),
        Err(Refusal::UnknownDocument { .. }) => "unknown_document".to_owned(),
        Err(Refusal::AlreadyExists { .. }) => "already_exists".to_owned(),
        Err(Refusal::Structure { detail }) => panic!("a defect, not a refusal: {detail}"),
    }
}
