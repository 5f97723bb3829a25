//! A device without a disk or a network: documents, and parcels that wait for what they build upon.

use std::collections::BTreeMap;

use automerge::Change;
use shared_model::document::DocumentKind;
use shared_model::features::{Command, record_is_readable};
use shared_model::gate::{self, Binding};
use shared_model::identity::{ActorId, DocumentId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::workspace::{Aggregate, Author, Item, Refusal, Workspace};

/// Something a command made, on its way to a device.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// What kind of document it belongs to.
    pub kind: DocumentKind,
    /// The change or record.
    pub item: Item,
}

pub struct Replica {
    pub person: PersonId,
    pub aggregates: BTreeMap<DocumentId, Aggregate>,
    actor: ActorId,
    next_record_seq: u64,
    waiting: Vec<Parcel>,
}

impl Replica {
    pub fn new(number: u8) -> Self {
        Self {
            person: PersonId::from_bytes([number + 1; 16]),
            aggregates: BTreeMap::new(),
            actor: ActorId::from_bytes([number + 0x41; 16]),
            next_record_seq: 0,
            waiting: Vec::new(),
        }
    }

    fn author(&self, server: bool) -> Author {
        if server {
            return Author::Server { actor: self.actor };
        }
        let grants = Role::Admin.grants(GrantLimit::Organisation);
        Author::Person { grants: Grants { person: self.person, grants }, actor: self.actor }
    }

    /// Runs a command here; what it made is to be sent to the others.
    pub fn run(&mut self, command: &Command, server: bool, now: Timestamp) -> Result<Vec<Parcel>, Refusal> {
        let touched = command.documents();
        let present = touched.iter().filter_map(|touch| self.aggregates.get(&touch.document).cloned());
        let mut workspace = Workspace::new(self.author(server), now, self.next_record_seq, present);
        command.execute(&mut workspace)?;
        let outcome = workspace.finish();
        self.next_record_seq = outcome.next_record_seq;
        self.aggregates.extend(outcome.aggregates);
        let kind_of = |item: &Item| self.aggregates[&item.document()].document.kind();
        Ok(outcome.items.into_iter().map(|item| Parcel { kind: kind_of(&item), item }).collect())
    }

    /// Takes parcels in; those that build upon something not here yet wait for it.
    pub fn receive(&mut self, parcels: impl IntoIterator<Item = Parcel>) {
        self.waiting.extend(parcels);
        loop {
            let before = self.waiting.len();
            for parcel in std::mem::take(&mut self.waiting) {
                if let Some(parcel) = self.take_in(parcel) {
                    self.waiting.push(parcel);
                }
            }
            if self.waiting.len() == before {
                return;
            }
        }
    }

    /// How many parcels still wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn take_in(&mut self, parcel: Parcel) -> Option<Parcel> {
        let id = parcel.item.document();
        let aggregate = self.aggregates.entry(id).or_insert_with(|| Aggregate::new(id, parcel.kind));
        match &parcel.item {
            Item::Record(record) => {
                let record = gate::check_record(&record.encode()).expect("an honest record passes the gate");
                assert!(record_is_readable(&record), "{record:?}");
                aggregate.records.insert(record.id, record);
            }
            Item::Change { bytes, .. } => {
                let change = Change::from_bytes(bytes.clone()).unwrap();
                if !aggregate.document.missing(change.deps()).is_empty() {
                    return Some(parcel);
                }
                let verdict = gate::check_change(&aggregate.document, bytes, |_| Binding::Device);
                assert!(verdict.is_ok(), "an honest change passes the gate: {verdict:?}");
                aggregate.document.apply(vec![change]).unwrap();
            }
        }
        None
    }
}
