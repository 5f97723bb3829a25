//! A plant in miniature, pure: one document of every kind, and work orders in the states that commands need. Everything in
//! it belongs to one site, one team and one person, so that each limit of a role can be met or missed on its own.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared_model::document::{DocumentKind, Edit, EditError};
use shared_model::features::Command;
use shared_model::identity::{ActorId, CommandId, DocumentId, PersonId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::sync_protocol::{OutboxEntry, PushedCommand};
use shared_model::workspace::{Aggregate, Author, Item, Refusal, Workspace};
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Where the documents belong.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub site: DocumentId,
    pub team: TeamId,
    pub person: PersonId,
}

#[derive(Clone)]
pub struct Scene {
    pub documents: BTreeMap<DocumentId, Aggregate>,
    /// What made them, in order; `true`: by the server itself.
    pub log: Vec<(bool, PushedCommand)>,
    /// Who is judged.
    pub me: PersonId,
    /// Somebody else of the organisation, who prepared it all.
    pub other: PersonId,
    place: Place,
    named: BTreeMap<String, Uuid>,
    actors: [ActorId; 2],
    record_seqs: [u64; 2],
    seed: u64,
    count: u64,
}

impl Scene {
    /// Two scenes with different seeds share no id.
    pub fn new(seed: u64, place: Place, me: PersonId, other: PersonId) -> Self {
        let mut scene = Self {
            documents: BTreeMap::new(),
            log: Vec::new(),
            me,
            other,
            place,
            named: BTreeMap::new(),
            actors: [ActorId::from_bytes([0; 16]); 2],
            record_seqs: [1; 2],
            seed,
            count: 0,
        };
        scene.actors = [(); 2].map(|()| scene.actor());
        scene.prepare();
        scene
    }

    /// The document with this name.
    pub fn id(&self, name: &str) -> DocumentId {
        DocumentId::from_uuid(self.uuid(name))
    }

    /// The id with this name.
    pub fn uuid(&self, name: &str) -> Uuid {
        *self.named.get(name).unwrap_or_else(|| panic!("nothing is called {name}"))
    }

    /// An id that nothing has.
    pub fn fresh(&mut self) -> Uuid {
        self.count += 1;
        let low = 0x8000_0000_0000_0000 | self.count;
        Uuid::from_u64_pair(0x0190_0000_0000_7000 | (self.seed << 16), low)
    }

    pub fn actor(&mut self) -> ActorId {
        ActorId::from_bytes(*self.fresh().as_bytes())
    }

    fn call(&mut self, name: &str) -> Uuid {
        let id = self.fresh();
        self.named.insert(name.to_owned(), id);
        id
    }

    fn prepare(&mut self) {
        let site = self.place.site;
        for name in ["site_document", "asset", "part", "storeroom", "second", "template", "notice"] {
            self.call(name);
        }
        self.does(
            &json!({ "on": "location", "do": "create", "id": self.uuid("site_document"), "name": "Hall" }),
        );
        self.does(&json!({ "on": "asset", "do": "create", "id": self.uuid("asset"), "tag": "P-7",
            "name": "Pump", "site": site, "fields": [
                { "field": "meter", "value": { "key": "m1", "name": "Hours", "unit": "h" } }] }));
        self.does(&json!({ "on": "part", "do": "create", "id": self.uuid("part"), "number": "6204",
            "name": "Bearing", "unit": "pcs" }));
        for name in ["storeroom", "second"] {
            self.does(&json!({ "on": "storeroom", "do": "create", "id": self.uuid(name), "name": name,
                "site": site }));
        }
        self.does(&json!({ "on": "checklist", "do": "create", "id": self.uuid("template"), "title": "Round",
            "version": { "key": "v0", "steps": steps() } }));
        self.does(&json!({ "on": "checklist", "do": "save_version", "id": self.uuid("template"),
            "version": { "key": "v1", "steps": steps() } }));
        self.does(
            &json!({ "on": "checklist", "do": "publish", "id": self.uuid("template"), "version": "v1" }),
        );
        for (name, status) in [
            ("order", None),
            ("new", None),
            ("started", Some("in_progress")),
            ("held", Some("in_progress")),
            ("completed", Some("completed")),
            ("completed_too", Some("completed")),
            ("verified", Some("verified")),
            ("unwanted", None),
        ] {
            self.order(name, status);
        }
        let (order, notice) = (self.uuid("order"), self.uuid("notice"));
        self.server_does(&json!({ "on": "work_order", "do": "correct", "id": order, "unassign": [],
            "notices": [[notice, { "kind": "impossible_step" }]] }));
        let me = self.me.to_string();
        let started = self.id("started");
        self.writes(started, |door| door.put_timestamp(&["timers", &me], Some(NOW)));
        self.dispute(self.id("order"), "title");
        self.dispute(self.id("order"), "failure_mode");
        self.dispute(self.id("asset"), "name");
    }

    fn order(&mut self, name: &str, status: Option<&str>) {
        let Place { site, team, person } = self.place;
        let id = self.call(name);
        self.does(&json!({ "on": "work_order", "do": "create", "id": id, "title": name, "type": "corrective",
            "priority": "medium", "origin": "manual", "site": site, "people": [person], "teams": [team],
            "checklists": [{ "key": "k1", "template": null, "version": 1, "title": "Round", "steps": steps() }] }));
        if let Some(status) = status {
            let event = self.fresh();
            self.server_does(&json!({ "on": "work_order", "do": "correct_status", "id": id, "event": event,
                "to": status }));
        }
    }

    /// Two people write a field at the same time.
    fn dispute(&mut self, id: DocumentId, field: &'static str) {
        let before = self.documents[&id].clone();
        self.writes(id, |door| door.put_str(&[field], Some("ELP")));
        let actor = self.actor();
        let mut theirs = before;
        let written =
            theirs.document.edit::<_, EditError>(actor, NOW, |door| door.put_str(&[field], Some("VIB")));
        let changes = written.unwrap().1;
        let parsed =
            changes.iter().map(|bytes| automerge::Change::from_bytes(bytes.clone()).unwrap()).collect();
        let ours = self.documents.get_mut(&id).unwrap();
        ours.document.apply(parsed).unwrap();
        let kind = ours.document.kind();
        self.note(
            false,
            changes.into_iter().map(|bytes| Item::Change { document: id, kind, bytes }).collect(),
        );
    }

    fn writes<T>(&mut self, id: DocumentId, write: impl FnOnce(&mut Edit) -> Result<T, EditError>) {
        let document = &mut self.documents.get_mut(&id).unwrap().document;
        let kind = document.kind();
        let changes = document.edit::<_, EditError>(self.actors[0], NOW, write).unwrap().1;
        self.note(
            false,
            changes.into_iter().map(|bytes| Item::Change { document: id, kind, bytes }).collect(),
        );
    }

    fn does(&mut self, command: &Value) {
        let actor = self.actors[0];
        self.run(command, &Author::Person { grants: all_rights(self.other), actor }, 0);
    }

    fn server_does(&mut self, command: &Value) {
        let actor = self.actors[1];
        self.run(command, &Author::Server { actor }, 1);
    }

    fn run(&mut self, command: &Value, author: &Author, who: usize) {
        let command = parse(command);
        let outcome = execute(&command, author, self.record_seqs[who], &self.documents, |_| true);
        let outcome = outcome.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
        self.record_seqs[who] = outcome.next_record_seq;
        self.documents.extend(outcome.aggregates);
        self.note(who == 1, outcome.items);
    }

    fn note(&mut self, by_server: bool, items: Vec<Item>) {
        let command = self.pushed(items);
        self.log.push((by_server, command));
    }

    /// A command as a device hands it in.
    pub fn pushed(&mut self, items: Vec<Item>) -> PushedCommand {
        OutboxEntry::of_items(CommandId::from_uuid(self.fresh()), Vec::new(), items).command
    }

    /// What an app makes that asks for no right: the bytes are those of an honest engine, by whoever is judged. Nobody can
    /// make the server's facts honestly; there the author's name is written over.
    pub fn forge(&mut self, command: &Command, server_only: bool) -> Vec<Item> {
        let actor = self.actor();
        let author = match server_only {
            true => Author::Server { actor },
            false => Author::Person { grants: all_rights(self.me), actor },
        };
        let outcome = execute(command, &author, 1, &self.documents, |_| true);
        let mut items = outcome.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}")).items;
        for item in &mut items {
            if let Item::Record(record) = item {
                record.author = Some(self.me);
            }
        }
        items
    }

    /// A document of this kind in the place of the scene.
    pub fn of_kind(&self, kind: DocumentKind) -> DocumentId {
        self.id(match kind {
            DocumentKind::WorkOrder => "order",
            DocumentKind::Asset => "asset",
            DocumentKind::Location => "site_document",
            DocumentKind::Part => "part",
            DocumentKind::Storeroom => "storeroom",
            DocumentKind::ChecklistTemplate => "template",
        })
    }
}

/// Runs a command upon those of these documents that are there for its author.
pub fn execute(
    command: &Command,
    author: &Author,
    record_seq: u64,
    documents: &BTreeMap<DocumentId, Aggregate>,
    is_there: impl Fn(&Aggregate) -> bool,
) -> Result<shared_model::workspace::Outcome, Refusal> {
    let touched = command.documents();
    let present = touched.iter().filter_map(|touch| documents.get(&touch.document));
    let present = present.filter(|aggregate| is_there(aggregate)).cloned();
    let mut workspace = Workspace::new(author.clone(), NOW.plus_millis(60_000), record_seq, present);
    command.execute(&mut workspace)?;
    Ok(workspace.finish())
}

pub fn parse(command: &Value) -> Command {
    serde_json::from_value(command.clone()).unwrap_or_else(|error| panic!("{error}: {command}"))
}

fn all_rights(person: PersonId) -> Grants {
    Grants { person, grants: Role::Admin.grants(GrantLimit::Organisation) }
}

pub fn steps() -> Value {
    json!([
        { "key": "s1", "label": "Is it dry?", "type": "pass_fail" },
        { "key": "s2", "label": "Hours", "type": "meter_reading", "unit": "h" },
    ])
}
