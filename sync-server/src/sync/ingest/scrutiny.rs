//! What a command is held against that somebody gives here, beyond what holds for every command. A device may refer to
//! what comes later or is gone, and may say again what it said; here everything is at hand, so whatever is referred to
//! must be there and readable, and an id that is taken must have been taken by this very command.

use std::collections::{BTreeMap, HashMap, HashSet};

use shared_model::document::DocumentKind;
use shared_model::features::{self, Names, Reference, Target};
use shared_model::identity::{DocumentId, OrganisationId, PersonId, RecordId, TeamId};
use shared_model::permission::{Grants, Scope};
use shared_model::workspace::Aggregate;
use sqlx::PgConnection;

use super::queries;
use crate::{directory, document_store};

/// What was asked for by whom, and the feed rows it became.
#[derive(Clone, Debug)]
pub(super) struct Earlier {
    pub(super) author: Option<PersonId>,
    pub(super) seqs: Vec<i64>,
    pub(super) intent: Vec<u8>,
}

/// What the database says about the names of a batch.
#[derive(Clone, Debug, Default)]
pub(super) struct Scrutiny {
    /// Documents that are there, with what made them; the server itself may have.
    pub(super) documents: HashMap<DocumentId, Option<Earlier>>,
    /// Records that are there, with what stated them.
    pub(super) records: HashMap<RecordId, Option<Earlier>>,
    /// Kind and scopes of documents that are referred to.
    places: HashMap<DocumentId, (DocumentKind, Vec<Scope>)>,
    people: HashSet<PersonId>,
    teams: HashSet<TeamId>,
}

/// Has somebody taken an id that a command makes up?
pub(super) enum Taken {
    /// Nobody.
    No,
    /// A command of the same batch, which has to be stored first.
    Now,
    /// An earlier command.
    By(Id, Option<Earlier>),
}

/// An id that a command makes up.
#[derive(Clone, Copy, Debug)]
pub(super) enum Id {
    Document(DocumentId),
    Record(RecordId),
}

impl Scrutiny {
    /// Reads whatever is known about these names.
    pub(super) async fn read(
        connection: &mut PgConnection,
        organisation: OrganisationId,
        names: &[Names],
    ) -> sqlx::Result<Self> {
        let mut scrutiny = Self::default();
        if names.is_empty() {
            return Ok(scrutiny);
        }
        let documents: Vec<_> = names.iter().flat_map(|names| names.documents.iter().copied()).collect();
        let records: Vec<_> = names.iter().flat_map(|names| names.records.iter().copied()).collect();
        let (mut referred, mut people, mut teams) = (Vec::new(), Vec::new(), Vec::new());
        for reference in names.iter().flat_map(|names| &names.references) {
            match reference.target {
                Target::Document(_, id) => referred.push(id),
                Target::Person(id) => people.push(id),
                Target::Team(id) => teams.push(id),
            }
        }
        scrutiny.documents = queries::begun_by(connection, organisation, &documents).await?;
        scrutiny.records = queries::stated_by(connection, organisation, &records).await?;
        scrutiny.places = document_store::places(connection, organisation, &referred).await?;
        scrutiny.people = directory::known_people(connection, organisation, &people).await?;
        scrutiny.teams = directory::known_teams(connection, organisation, &teams).await?;
        Ok(scrutiny)
    }

    /// Has somebody taken an id that is to be fresh?
    pub(super) fn taken(&self, names: &Names, present: &BTreeMap<DocumentId, Aggregate>) -> Taken {
        for id in &names.documents {
            match self.documents.get(id) {
                Some(earlier) => return Taken::By(Id::Document(*id), earlier.clone()),
                None if present.contains_key(id) => return Taken::Now,
                None => {}
            }
        }
        for id in &names.records {
            match self.records.get(id) {
                Some(earlier) => return Taken::By(Id::Record(*id), earlier.clone()),
                None if present.values().any(|aggregate| aggregate.records.contains_key(id)) => {
                    return Taken::Now;
                }
                None => {}
            }
        }
        Taken::No
    }

    /// The first thing named that is not there for somebody with these rights. What they may not read is as good as
    /// missing.
    pub(super) fn missing<'a>(
        &self,
        names: &'a Names,
        grants: &Grants,
        present: &BTreeMap<DocumentId, Aggregate>,
    ) -> Option<&'a Reference> {
        let is_there = |reference: &&Reference| match reference.target {
            Target::Document(kind, id) => {
                let readable = |found: DocumentKind, scopes: &[Scope]| {
                    found == kind && grants.read_document(kind, scopes)
                };
                // A document that names itself is a matter of its own rules.
                names.documents.contains(&id)
                    || match (present.get(&id), self.places.get(&id)) {
                        (Some(aggregate), _) => {
                            readable(aggregate.document.kind(), &features::scopes(aggregate))
                        }
                        (None, Some((found, scopes))) => readable(*found, scopes),
                        (None, None) => false,
                    }
            }
            Target::Person(id) => self.people.contains(&id),
            Target::Team(id) => self.teams.contains(&id),
        };
        names.references.iter().find(|reference| !is_there(reference))
    }
}
