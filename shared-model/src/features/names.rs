//! What a command names beside the documents it works on: the ids it brings into being, and what it refers to.
//! A device may refer to what comes later or is gone; where everything is at hand, that can be asked.

use super::Command;
use crate::document::DocumentKind;
use crate::identity::{DocumentId, PersonId, RecordId, TeamId};

/// Everything a command names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Documents it begins.
    pub documents: Vec<DocumentId>,
    /// Records it may state.
    pub records: Vec<RecordId>,
    /// What it refers to.
    pub references: Vec<Reference>,
}

/// One thing a command refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The field that names it.
    pub field: &'static str,
    /// What it is.
    pub target: Target,
}

/// What can be referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A document of a kind.
    Document(DocumentKind, DocumentId),
    /// A person of the organisation.
    Person(PersonId),
    /// A team of the organisation.
    Team(TeamId),
}

impl Names {
    /// The command begins this document.
    pub(super) fn begin(&mut self, document: DocumentId) {
        self.documents.push(document);
    }

    /// The command may state records with these ids.
    pub(super) fn state(&mut self, records: impl IntoIterator<Item = RecordId>) {
        self.records.extend(records);
    }

    /// The field names documents of this kind.
    pub(super) fn refer(
        &mut self,
        field: &'static str,
        kind: DocumentKind,
        documents: impl IntoIterator<Item = DocumentId>,
    ) {
        let target = |id| Target::Document(kind, id);
        self.references.extend(documents.into_iter().map(|id| Reference { field, target: target(id) }));
    }

    /// The field names people.
    pub(super) fn people(&mut self, field: &'static str, people: impl IntoIterator<Item = PersonId>) {
        let reference = |id| Reference { field, target: Target::Person(id) };
        self.references.extend(people.into_iter().map(reference));
    }

    /// The field names teams.
    pub(super) fn teams(&mut self, field: &'static str, teams: impl IntoIterator<Item = TeamId>) {
        let reference = |id| Reference { field, target: Target::Team(id) };
        self.references.extend(teams.into_iter().map(reference));
    }

    /// Site and location, as most nouns have them.
    pub(super) fn place(&mut self, site: Option<DocumentId>, location: Option<DocumentId>) {
        self.refer("site", DocumentKind::Location, site);
        self.refer("location", DocumentKind::Location, location);
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Document(kind, id) => write!(f, "{} {id}", kind.code()),
            Self::Person(id) => write!(f, "person {id}"),
            Self::Team(id) => write!(f, "team {id}"),
        }
    }
}

impl Command {
    /// Everything the command names beside [`Command::documents`].
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        match self {
            Self::WorkOrder(command) => command.name(&mut names),
            Self::LabourEntry(command) => command.name(&mut names),
            Self::Comment(command) => command.name(&mut names),
            Self::Asset(command) => command.name(&mut names),
            Self::Location(command) => command.name(&mut names),
            Self::Part(command) => command.name(&mut names),
            Self::Storeroom(command) => command.name(&mut names),
            Self::StockMovement(command) => command.name(&mut names),
            Self::MeterReading(command) => command.name(&mut names),
            Self::Checklist(command) => command.name(&mut names),
            Self::Cost(command) => command.name(&mut names),
            // A key inside the document is all it makes up.
            Self::Conflict(_) => {}
        }
        names
    }
}
