//! One command at work: the documents it touches, what it changes, and the rules that may refuse it.
//!
//! The same code runs on a device and on the server: load the [`Aggregate`]s a command names, execute it in a
//! [`Workspace`], store what it produced in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::{Document, DocumentKind, Edit, EditError, Field, step};
use crate::features;
use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::instant::Timestamp;
use crate::permission::{Grants, Permission};
use crate::record::{Record, RecordKind};

/// A document with the records it owns.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The document's id.
    pub id: DocumentId,
    /// The document.
    pub document: Document,
    /// Its records by id, which is by time of writing on one device.
    pub records: BTreeMap<RecordId, Record>,
}

impl Aggregate {
    /// A document that holds only its genesis and owns nothing.
    pub fn new(id: DocumentId, kind: DocumentKind) -> Self {
        Self { id, document: Document::new(kind), records: BTreeMap::new() }
    }

    /// When somebody last edited the document or stated a fact about it, by the clock of their device. Facts that
    /// not every reader of the document receives (costs) do not count, so that all of them see the same.
    pub fn updated_at(&self) -> Timestamp {
        let open = |record: &&Record| record.kind().is_some_and(|kind| kind.read_permission().is_none());
        let stated = self.records.values().filter(open).map(|record| record.at).max();
        self.document.last_edit().max(stated.unwrap_or_default())
    }

    /// The records of one kind, in order of id.
    pub fn records_of(&self, kind: RecordKind) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| record.kind == kind.code())
    }
}

/// Who executes a command.
#[derive(Clone, Debug)]
pub enum Author {
    /// A person on a device.
    Person {
        /// Their rights.
        grants: Grants,
        /// The device's present actor.
        actor: ActorId,
    },
    /// The server itself: jobs, imports, corrections.
    Server {
        /// The node's actor.
        actor: ActorId,
    },
}

impl Author {
    /// The actor that writes.
    pub const fn actor(&self) -> ActorId {
        match self {
            Self::Person { actor, .. } | Self::Server { actor } => *actor,
        }
    }

    /// The person, unless it is the server itself.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person { grants, .. } => Some(grants.person),
            Self::Server { .. } => None,
        }
    }
}

/// Why a command is refused; nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Refusal {
    /// The person lacks a permission here.
    #[error("this needs the permission {}", permission.code())]
    NotPermitted {
        /// The permission.
        permission: Permission,
    },
    /// The document is not here (never was, or left with a changed right).
    #[error("document {document} is not here")]
    UnknownDocument {
        /// The document.
        document: DocumentId,
    },
    /// A document with this id exists already.
    #[error("document {document} exists already")]
    AlreadyExists {
        /// The document.
        document: DocumentId,
    },
    /// A rule of the domain says no.
    #[error("{rule}: {detail}")]
    Rule {
        /// Stable code of the rule, for example `transition_not_allowed`.
        rule: String,
        /// What to know about it, for example the names of unanswered steps.
        detail: String,
    },
    /// A value is missing, too long or out of range.
    #[error("{field} {problem}")]
    Value {
        /// The field.
        field: String,
        /// What is wrong, for example `is empty`.
        problem: String,
    },
    /// A defect: the command wrote what the document's field table does not know.
    #[error("the document cannot hold this: {detail}")]
    Structure {
        /// Where and what.
        detail: String,
    },
}

crate::tagged!(Refusal, "code");

impl Refusal {
    /// The stable code, the same on a device, on the server and in the API: a rule's own, or the kind's.
    pub fn code(&self) -> &str {
        match self {
            Self::NotPermitted { .. } => "not_permitted",
            Self::UnknownDocument { .. } => "unknown_document",
            Self::AlreadyExists { .. } => "already_exists",
            Self::Rule { rule, .. } => rule,
            Self::Value { .. } => "value",
            Self::Structure { .. } => "structure",
        }
    }

    /// A rule of the domain says no.
    pub fn rule(rule: &str, detail: impl Into<String>) -> Self {
        Self::Rule { rule: rule.to_owned(), detail: detail.into() }
    }

    /// A value is missing, too long or out of range.
    pub fn value(field: &str, problem: impl Into<String>) -> Self {
        Self::Value { field: field.to_owned(), problem: problem.into() }
    }
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        match error {
            EditError::WrongValue(field) => {
                Self::Value { field, problem: "is too long or of another type".to_owned() }
            }
            EditError::ServerTooOld(field) => Self::rule("server_too_old", field),
            EditError::NotTheirs(_, permission) => Self::NotPermitted { permission },
            EditError::UnknownField(_) | EditError::MissingContainer(_) | EditError::Automerge(_) => {
                Self::Structure { detail: error.to_string() }
            }
        }
    }
}

/// What a command made, in the order it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A change of a document.
    Change {
        /// The document.
        document: DocumentId,
        /// Its kind.
        kind: DocumentKind,
        /// Raw bytes of the change.
        bytes: Vec<u8>,
    },
    /// A record.
    Record(Record),
}

impl Item {
    /// The document it belongs to.
    pub const fn document(&self) -> DocumentId {
        match self {
            Self::Change { document, .. } => *document,
            Self::Record(record) => record.document,
        }
    }
}

/// A document a command needs, and whether it may have to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
}

/// The documents of one command while it runs.
#[derive(Debug)]
pub struct Workspace {
    author: Author,
    now: Timestamp,
    next_record_seq: u64,
    schema: u8,
    aggregates: BTreeMap<DocumentId, Aggregate>,
    /// Those that begin here.
    begun: BTreeSet<DocumentId>,
    items: Vec<Item>,
}

/// What is to be stored after a command.
#[derive(Debug)]
pub struct Outcome {
    /// Changes and records, in order.
    pub items: Vec<Item>,
    /// The documents as they are now, with their new records.
    pub aggregates: BTreeMap<DocumentId, Aggregate>,
    /// The next free record sequence number of the author's actor.
    pub next_record_seq: u64,
}

impl Workspace {
    /// A workspace with the aggregates a command named in `documents()`, as far as they exist here.
    pub fn new(
        author: Author,
        now: Timestamp,
        next_record_seq: u64,
        aggregates: impl IntoIterator<Item = Aggregate>,
    ) -> Self {
        let aggregates = aggregates.into_iter().map(|aggregate| (aggregate.id, aggregate)).collect();
        let (begun, items) = (BTreeSet::new(), Vec::new());
        Self { author, now, next_record_seq, schema: step::SCHEMA, aggregates, begun, items }
    }

    /// The same for a server that knows schema steps up to `schema`: fields that came later are not written.
    #[must_use]
    pub const fn for_server(mut self, schema: u8) -> Self {
        self.schema = schema;
        self
    }

    /// The author's time.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Who executes the command.
    pub const fn author(&self) -> &Author {
        &self.author
    }

    /// A document that is here.
    pub fn aggregate(&self, id: DocumentId) -> Result<&Aggregate, Refusal> {
        self.aggregates.get(&id).ok_or(Refusal::UnknownDocument { document: id })
    }

    /// A document of this kind that is here.
    pub fn aggregate_of(&self, id: DocumentId, kind: DocumentKind) -> Result<&Aggregate, Refusal> {
        let aggregate = self.aggregate(id)?;
        if aggregate.document.kind() == kind {
            Ok(aggregate)
        } else {
            Err(Refusal::UnknownDocument { document: id })
        }
    }

    /// Refuses unless the author may use `permission` on this document. The server may do everything.
    pub fn require(&self, permission: Permission, touch: Touch) -> Result<(), Refusal> {
        let aggregate = self.aggregate_of(touch.document, touch.kind)?;
        let Author::Person { grants, .. } = &self.author else { return Ok(()) };
        if grants.allow(permission, &features::scopes(aggregate)) {
            Ok(())
        } else {
            Err(Refusal::NotPermitted { permission })
        }
    }

    /// Refuses everybody but the server itself, whatever their rights are.
    pub fn require_server(&self, touch: Touch) -> Result<(), Refusal> {
        self.aggregate_of(touch.document, touch.kind)?;
        match &self.author {
            Author::Person { .. } => Err(Refusal::NotPermitted { permission: Permission::ServerWrite }),
            Author::Server { .. } => Ok(()),
        }
    }

    /// Refuses unless the author holds `permission` at all (before a document exists).
    pub fn require_somewhere(&self, permission: Permission) -> Result<(), Refusal> {
        match &self.author {
            Author::Person { grants, .. } if !grants.hold(permission) => {
                Err(Refusal::NotPermitted { permission })
            }
            Author::Person { .. } | Author::Server { .. } => Ok(()),
        }
    }

    /// Begins a new document.
    pub fn create(&mut self, id: DocumentId, kind: DocumentKind) -> Result<(), Refusal> {
        if self.aggregates.contains_key(&id) {
            return Err(Refusal::AlreadyExists { document: id });
        }
        self.aggregates.insert(id, Aggregate::new(id, kind));
        self.begun.insert(id);
        Ok(())
    }

    /// Edits a document through the one door.
    pub fn edit<T>(
        &mut self,
        id: DocumentId,
        edit: impl FnOnce(&mut Edit) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let (actor, now, schema) = (self.author.actor(), self.now, self.schema);
        let kept = self.kept_fields(id);
        let aggregate = self.aggregates.get_mut(&id).ok_or(Refusal::UnknownDocument { document: id })?;
        let kind = aggregate.document.kind();
        let (value, changes) = aggregate.document.edit(actor, now, |door| {
            door.limit_to(schema);
            door.keep(kept);
            edit(door)
        })?;
        self.items.extend(changes.into_iter().map(|bytes| Item::Change { document: id, kind, bytes }));
        Ok(value)
    }

    /// The fields of this document that rules keep from the author, which the server asks of each write as well.
    fn kept_fields(&self, id: DocumentId) -> Vec<&'static Field> {
        let (Author::Person { grants, .. }, Some(aggregate)) = (&self.author, self.aggregates.get(&id))
        else {
            return Vec::new();
        };
        if !grants.have_field_rules() {
            return Vec::new();
        }
        let (kind, scopes) = (aggregate.document.kind(), features::scopes(aggregate));
        let begins = self.begun.contains(&id);
        let is_theirs = |field: &&Field| match begins {
            true => grants.begin_with_field(kind, field),
            false => grants.write_field(kind, field, &scopes),
        };
        kind.fields().fields.iter().filter(|field| !is_theirs(field)).collect()
    }

    /// States a fact about a document. Stating it again (a replay) changes nothing.
    pub fn state<T: Serialize>(
        &mut self,
        id: RecordId,
        document: DocumentId,
        kind: RecordKind,
        fact: &T,
    ) -> Result<(), Refusal> {
        let record = Record {
            id,
            kind: kind.code().to_owned(),
            document,
            author: self.author.person(),
            actor: self.author.actor(),
            seq: self.next_record_seq,
            at: self.now,
            payload: Record::payload_of(fact),
        };
        let aggregate = self.aggregates.get_mut(&document).ok_or(Refusal::UnknownDocument { document })?;
        if !kind.owners().contains(&aggregate.document.kind()) {
            return Err(Refusal::UnknownDocument { document });
        }
        if aggregate.records.contains_key(&id) {
            return Ok(());
        }
        self.next_record_seq += 1;
        aggregate.records.insert(id, record.clone());
        self.items.push(Item::Record(record));
        Ok(())
    }

    /// What is to be stored.
    pub fn finish(self) -> Outcome {
        Outcome { items: self.items, aggregates: self.aggregates, next_record_seq: self.next_record_seq }
    }
}
