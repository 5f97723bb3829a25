//! A person's hand on a device: makes commands as a device makes them, without storing or sending anything.

use std::collections::BTreeMap;

use shared_model::document::{DocumentKind, EditError};
use shared_model::features::asset::NewAsset;
use shared_model::features::work_order::{
    FieldEdit, NewWorkOrder, Origin, Priority, Status, StatusEvent, WorkType, frontier,
};
use shared_model::features::{Command, asset, part, stock_movement, storeroom, work_order};
use shared_model::identity::{ActorId, CommandId, DocumentId, OrganisationId, PersonId, RecordId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::{CommandResult, OutboxEntry, PushedCommand};
use shared_model::units::Quantity;
use shared_model::workspace::{Aggregate, Author, Item, Workspace};
use sync_server::clock::Clock;
use sync_server::random;
use sync_server::sync::{Sender, SyncNode};

use crate::server::TestServer;

/// A person with a device and what they have there.
#[derive(Clone)]
pub struct Hand {
    /// Their organisation.
    pub organisation: OrganisationId,
    /// Who they are to the server.
    pub sender: Sender,
    /// What they write under.
    pub actor: ActorId,
    /// Their copies of documents.
    pub documents: BTreeMap<DocumentId, Aggregate>,
    next_record_seq: u64,
}

impl Hand {
    /// Signs in on a new device.
    pub async fn sign_in(server: &TestServer, organisation: &str, email: &str) -> Self {
        let signed_in = server.client().sign_in(organisation, email).await;
        let grants = Grants { person: signed_in.person.id, grants: signed_in.grants };
        let sender = Sender { grants: Some(grants), device: Some(signed_in.device.id), ..Sender::default() };
        let (organisation, actor) = (signed_in.organisation.id, ActorId::from_bytes(random::bytes()));
        Self { organisation, sender, actor, documents: BTreeMap::new(), next_record_seq: 1 }
    }

    /// The person.
    pub fn person(&self) -> PersonId {
        self.grants().person
    }

    fn grants(&self) -> &Grants {
        self.sender.grants.as_ref().unwrap()
    }

    /// The same person at the same device after a restart of the app: a fresh actor, the same documents.
    pub fn restarted(&self) -> Self {
        Self { actor: ActorId::from_bytes(random::bytes()), next_record_seq: 1, ..self.clone() }
    }

    /// Takes over what another device has of a document.
    pub fn receive(&mut self, from: &Self, document: DocumentId) {
        self.documents.insert(document, from.documents[&document].clone());
    }

    /// Executes a command here and returns what a device would push.
    pub fn make(&mut self, command: &Command) -> PushedCommand {
        let author = Author::Person { grants: self.grants().clone(), actor: self.actor };
        let touched = command.documents();
        let present = touched.iter().filter_map(|touch| self.documents.get(&touch.document)).cloned();
        let mut workspace = Workspace::new(author, now(), self.next_record_seq, present);
        command.execute(&mut workspace).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
        let outcome = workspace.finish();
        self.next_record_seq = outcome.next_record_seq;
        self.documents.extend(outcome.aggregates);
        let intent = serde_json::to_vec(command).unwrap();
        OutboxEntry::of_items(CommandId::from_uuid(new_uuid()), intent, outcome.items).command
    }

    /// A status event as an old or dishonest app makes it: no rule is asked.
    pub fn state_status(&mut self, order: DocumentId, to: Status) -> PushedCommand {
        let aggregate = self.documents.get_mut(&order).unwrap();
        let event = StatusEvent { to, saw: frontier(aggregate), reason: None, correction: false };
        let record = Record {
            id: new_record(),
            kind: RecordKind::StatusEvent.code().to_owned(),
            document: order,
            author: Some(self.sender.grants.as_ref().unwrap().person),
            actor: self.actor,
            seq: self.next_record_seq,
            at: now(),
            payload: Record::payload_of(&event),
        };
        self.next_record_seq += 1;
        aggregate.records.insert(record.id, record.clone());
        let items = vec![Item::Record(record)];
        OutboxEntry::of_items(CommandId::from_uuid(new_uuid()), Vec::new(), items).command
    }

    /// Due date and planned start as an old or dishonest app writes them: no rule is asked.
    pub fn write_times(&mut self, order: DocumentId, at: Timestamp) -> PushedCommand {
        let document = &mut self.documents.get_mut(&order).unwrap().document;
        let written = document.edit::<_, EditError>(self.actor, now(), |door| {
            door.put_timestamp(&["due"], Some(at))?;
            door.put_timestamp(&["planned_start"], Some(at))
        });
        let change = |bytes| Item::Change { document: order, kind: DocumentKind::WorkOrder, bytes };
        let items = written.unwrap().1.into_iter().map(change).collect();
        OutboxEntry::of_items(CommandId::from_uuid(new_uuid()), Vec::new(), items).command
    }

    /// Pushes commands through a node's ingest.
    pub async fn push(&self, node: &SyncNode, commands: Vec<PushedCommand>) -> Vec<CommandResult> {
        node.submit(self.organisation, &self.sender, commands).await
    }

    /// Makes a command and pushes it; it must be accepted. Returns its sequence numbers.
    pub async fn act(&mut self, node: &SyncNode, command: &Command) -> Vec<u64> {
        let pushed = self.make(command);
        accepted(self.push(node, vec![pushed]).await.remove(0))
    }
}

/// The sequence numbers of an accepted command.
pub fn accepted(result: CommandResult) -> Vec<u64> {
    match result {
        CommandResult::Accepted { seqs, .. } => seqs,
        other => panic!("not accepted: {other:?}"),
    }
}

/// The code of a rejected command.
pub fn rejected(result: &CommandResult) -> &str {
    match result {
        CommandResult::Rejected { code, .. } => code,
        other => panic!("not rejected: {other:?}"),
    }
}

fn now() -> Timestamp {
    Clock::System.now()
}

fn new_uuid() -> uuid::Uuid {
    random::uuid(now())
}

/// A fresh document.
pub fn new_document() -> DocumentId {
    DocumentId::from_uuid(new_uuid())
}

/// A fresh record.
pub fn new_record() -> RecordId {
    RecordId::from_uuid(new_uuid())
}

/// A new work order with a title.
pub fn new_work_order(id: DocumentId, title: &str) -> NewWorkOrder {
    NewWorkOrder {
        id,
        title: title.to_owned(),
        description: String::new(),
        work_type: WorkType::Corrective,
        priority: Priority::Medium,
        origin: Origin::Manual,
        external: None,
        requester: None,
        site: None,
        location: None,
        assets: Vec::new(),
        people: Vec::new(),
        teams: Vec::new(),
        tags: Vec::new(),
        planned_start: None,
        due: None,
        estimated_minutes: None,
        checklists: Vec::new(),
        assigned_event: None,
    }
}

/// Write a work order down.
pub fn create_work_order(id: DocumentId, title: &str) -> Command {
    Command::WorkOrder(work_order::Command::Create(Box::new(new_work_order(id, title))))
}

/// Change fields of a work order.
pub fn edit_work_order(id: DocumentId, edits: Vec<FieldEdit>) -> Command {
    Command::WorkOrder(work_order::Command::Edit { id, edits })
}

/// Take a work order's next step.
pub fn change_status(id: DocumentId, to: Status) -> Command {
    let event = new_record();
    Command::WorkOrder(work_order::Command::ChangeStatus { id, event, to, reason: None, labour: None })
}

/// Write an asset down.
pub fn create_asset(id: DocumentId, tag: &str) -> Command {
    let new = NewAsset {
        id,
        tag: tag.to_owned(),
        name: format!("Pump {tag}"),
        parent: None,
        site: None,
        location: None,
        fields: Vec::new(),
    };
    Command::Asset(asset::Command::Create(Box::new(new)))
}

/// Write a part into the catalogue.
pub fn create_part(id: DocumentId, number: &str) -> Command {
    let (number, name, unit) = (number.to_owned(), "Bearing".to_owned(), "pcs".to_owned());
    Command::Part(part::Command::Create(Box::new(part::NewPart {
        id,
        number,
        name,
        unit,
        fields: Vec::new(),
    })))
}

/// Set a storeroom up.
pub fn create_storeroom(id: DocumentId, name: &str) -> Command {
    let new =
        storeroom::NewStoreroom { id, name: name.to_owned(), site: None, location: None, fields: Vec::new() };
    Command::Storeroom(storeroom::Command::Create(Box::new(new)))
}

/// Take parts out of a storeroom.
pub fn issue(storeroom: DocumentId, part: DocumentId, units: i64) -> Command {
    Command::StockMovement(stock_movement::Command::Issue(movement(storeroom, part, units)))
}

/// Bring parts into a storeroom.
pub fn deliver(storeroom: DocumentId, part: DocumentId, units: i64) -> Command {
    Command::StockMovement(stock_movement::Command::Receive(movement(storeroom, part, units)))
}

fn movement(storeroom: DocumentId, part: DocumentId, units: i64) -> stock_movement::Movement {
    let quantity = Quantity::whole(units);
    stock_movement::Movement { id: new_record(), storeroom, part, quantity, work_order: None, note: None }
}
