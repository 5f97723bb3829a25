//! Who is in the story, what they may do, and what they do.

use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::work_order::{
    AttachedChecklist, FieldEdit, NewWorkOrder, Origin, PartUsed, Priority, Status, WorkType,
};
use shared_model::features::{Command, comment, cost, labour_entry, part, storeroom, work_order};
use shared_model::identity::{DocumentId, PersonId, RecordId, uuid_v7};
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::units::{Currency, Money, Quantity};
use shared_model::workspace::Aggregate;

use super::happening::Happening;
use super::world::World;
use crate::device;

/// The people, their rights, and the places of the story.
pub struct Cast {
    pub people: Vec<Grants>,
    pub sites: Vec<DocumentId>,
    pub storeroom: DocumentId,
    pub part: DocumentId,
    pub directory_version: u64,
    lines: u32,
}

impl Cast {
    pub fn new(rng: &mut SmallRng) -> Self {
        let mut document = || DocumentId::from_bytes(rng.random());
        let sites = vec![document(), document()];
        let (storeroom, part) = (document(), document());
        let grants = |number: u8, role: Role, limit: GrantLimit| Grants {
            person: PersonId::from_bytes([number; 16]),
            grants: role.grants(limit),
        };
        let people = vec![
            grants(1, Role::Manager, GrantLimit::Organisation),
            grants(2, Role::Technician, GrantLimit::Site(sites[0])),
            grants(3, Role::Technician, GrantLimit::Site(sites[1])),
            grants(4, Role::Contractor, GrantLimit::Own),
            grants(5, Role::Technician, GrantLimit::Organisation),
        ];
        Self { people, sites, storeroom, part, directory_version: 1, lines: 0 }
    }

    pub fn grants_of(&self, person: PersonId) -> &Grants {
        self.people.iter().find(|grants| grants.person == person).unwrap()
    }

    /// A line that nobody else ever types.
    fn line(&mut self) -> String {
        self.lines += 1;
        format!("<line {}>", self.lines)
    }
}

impl World {
    /// What stands in the log when the story begins.
    pub fn furnish(&mut self) {
        let (storeroom, part, site) = (self.cast.storeroom, self.cast.part, self.cast.sites[0]);
        let commands = [
            Command::Storeroom(storeroom::Command::Create(Box::new(storeroom::NewStoreroom {
                id: storeroom,
                name: "Main".to_owned(),
                site: Some(site),
                location: None,
                fields: Vec::new(),
            }))),
            Command::Part(part::Command::Create(Box::new(part::NewPart {
                id: part,
                number: "P-1".to_owned(),
                name: "Bearing".to_owned(),
                unit: "pc".to_owned(),
                fields: Vec::new(),
            }))),
        ];
        for command in commands {
            self.execute_as_server(&command);
        }
        for _ in 0..4 {
            let command = self.new_work_order();
            self.execute_as_server(&command);
        }
    }

    fn execute_as_server(&mut self, command: &Command) {
        let (now, node) = (self.time(), self.nodes[0].actor);
        let id = shared_model::identity::CommandId::from_bytes(self.rng.random());
        self.log.execute(now, node, id, command);
    }

    /// A person does something on their device, which may be out of reach, but not switched off.
    pub fn person_acts(&mut self, device: usize) {
        if self.devices[device].acts_left == 0 {
            return;
        }
        self.devices[device].acts_left -= 1;
        self.later(300..=5_000, Happening::Acts { device });
        let Some(command) = self.idea(device) else { return };
        let now = self.device_time(device);
        let rng = &mut self.rng;
        let Some(running) = &mut self.devices[device].device else { return };
        match running.execute(now, &mut || rng.random(), &command) {
            Ok(Some((id, saved))) => {
                let entry = running.store.outbox.last().unwrap();
                self.model.saved(device, id, &command, entry);
                self.note(&format!("{command:?}"));
                if self.unlucky(40) {
                    return self.kill(device);
                }
                self.device_handles(device, saved);
            }
            Ok(None) => {}
            Err(refusal) => self.note(&refusal.to_string()),
        }
    }

    /// One more line at the end of a text, typed over what the screen showed: now and then not yet all of it.
    fn typed(&mut self, text: String, line: &str) -> TextEdit {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let unseen = self.rng.random_range(0..lines.len() * 4 + 1).checked_sub(lines.len() * 3);
        let seen: String = match unseen {
            Some(unseen) => {
                lines.iter().enumerate().filter(|(at, _)| *at != unseen).map(|(_, line)| *line).collect()
            }
            None => text,
        };
        TextEdit { text: format!("{seen}{line}\n"), base: Some(seen) }
    }

    /// What a person might do on this device now.
    fn idea(&mut self, device: usize) -> Option<Command> {
        let ids: Vec<DocumentId> = {
            let documents = &self.devices[device].store().documents;
            let orders = documents.iter().filter(|(_, copy)| copy.kind == DocumentKind::WorkOrder);
            orders.map(|(id, _)| *id).collect()
        };
        // Everybody works on the first one most of all.
        let hot = self.rng.random_bool(0.4).then(|| ids.first()).flatten();
        let Some(id) = hot.or_else(|| ids.choose(&mut self.rng)).copied() else {
            return Some(self.new_work_order());
        };
        let order = self.devices[device].device.as_mut()?.aggregate(id)?.clone();
        let line = self.cast.line();
        let act = match self.model.skew && self.rng.random_bool(0.3) {
            // What an older node does not understand.
            true => 36,
            false => self.rng.random_range(0..100),
        };
        Some(match act {
            0..8 => self.new_work_order(),
            8..20 => self.remark(id, line),
            20..36 => {
                edit(id, FieldEdit::Description(self.typed(work_order::read(&order).description, &line)))
            }
            36..42 => edit(id, FieldEdit::Resolution(self.typed(work_order::read(&order).resolution, &line))),
            42..48 => edit(id, FieldEdit::Title(format!("Title {line}"))),
            48..56 => {
                let priority = *Priority::ALL.choose(&mut self.rng)?;
                edit(id, FieldEdit::Priority(priority))
            }
            56..60 => edit(id, FieldEdit::AddTag(line.replace(['<', '>', ' '], ""))),
            60..64 => {
                let site = *self.cast.sites.choose(&mut self.rng)?;
                edit(id, FieldEdit::Place(Some(site), None))
            }
            64..72 => self.assignment(id, &order),
            72..80 => self.step(id, &order),
            80..86 => {
                let person = self.devices[device].whose.person;
                self.labour(id, person, line)
            }
            86..92 => self.checklist(id, &order, line),
            92..96 => self.parts(id),
            _ => self.money(id),
        })
    }

    fn record(&mut self) -> RecordId {
        let (now, rng) = (self.time(), &mut self.rng);
        RecordId::from_uuid(uuid_v7(now, device::random_tail(&mut || rng.random())))
    }

    fn new_work_order(&mut self) -> Command {
        let (now, line) = (self.time(), self.cast.line());
        let rng = &mut self.rng;
        let id = DocumentId::from_uuid(uuid_v7(now, device::random_tail(&mut || rng.random())));
        let site = self.cast.sites.choose(rng).copied();
        let person = self.cast.people.choose(rng).map(|grants| grants.person);
        let event = self.record();
        Command::WorkOrder(work_order::Command::Create(Box::new(NewWorkOrder {
            id,
            title: format!("Work {line}"),
            description: format!("{line}\n"),
            work_type: WorkType::Corrective,
            priority: Priority::Medium,
            origin: Origin::Manual,
            external: None,
            requester: None,
            site,
            location: None,
            assets: Vec::new(),
            people: person.into_iter().collect(),
            teams: Vec::new(),
            tags: Vec::new(),
            planned_start: None,
            due: None,
            estimated_minutes: None,
            checklists: Vec::new(),
            assigned_event: Some(event),
        })))
    }

    fn remark(&mut self, document: DocumentId, text: String) -> Command {
        let id = self.record();
        Command::Comment(comment::Command::Add { id, document, kind: DocumentKind::WorkOrder, text })
    }

    fn assignment(&mut self, id: DocumentId, order: &Aggregate) -> Command {
        let event = self.record();
        let here = work_order::read(order).people;
        let person = self.cast.people[self.rng.random_range(0..self.cast.people.len())].person;
        let (add_people, remove_people) =
            if here.contains(&person) { (vec![], vec![person]) } else { (vec![person], vec![]) };
        Command::WorkOrder(work_order::Command::Assign {
            id,
            add_people,
            remove_people,
            add_teams: vec![],
            remove_teams: vec![],
            event,
        })
    }

    fn step(&mut self, id: DocumentId, order: &Aggregate) -> Command {
        let from = work_order::read(order).status;
        let ways: Vec<Status> = Status::ALL.iter().copied().filter(|to| from.may_become(*to)).collect();
        let to = ways.choose(&mut self.rng).copied().unwrap_or(Status::InProgress);
        let (event, reason) = (self.record(), Some("because".to_owned()));
        Command::WorkOrder(work_order::Command::ChangeStatus { id, event, to, reason, labour: None })
    }

    fn labour(&mut self, work_order: DocumentId, person: PersonId, line: String) -> Command {
        let id = self.record();
        let entry = labour_entry::LabourEntry { person, minutes: 30, started: None, note: Some(line) };
        Command::LabourEntry(labour_entry::Command::Add { id, work_order, entry })
    }

    fn checklist(&mut self, id: DocumentId, order: &Aggregate, line: String) -> Command {
        let lists = work_order::read(order).checklists;
        let Some(list) = lists.first() else {
            let checklist = AttachedChecklist {
                // As fresh as a device makes it: two lists under one key would hide each other's answers.
                key: format!("c{:016x}", self.rng.random::<u64>()),
                template: None,
                version: 1,
                title: "Weekly".to_owned(),
                steps: vec![Step {
                    key: "s0".to_owned(),
                    label: "Anything odd?".to_owned(),
                    field: StepField::Text,
                    required: false,
                    condition: None,
                    follow_up: false,
                    risk: None,
                }],
            };
            return Command::WorkOrder(work_order::Command::AttachChecklist { id, checklist });
        };
        Command::WorkOrder(work_order::Command::Answer {
            id,
            checklist: list.key.clone(),
            step: "s0".to_owned(),
            answer: Some(line),
            remark: None,
            reading: None,
        })
    }

    fn parts(&mut self, id: DocumentId) -> Command {
        let movement = Some(self.record());
        let part = PartUsed {
            key: format!("p{}", self.rng.random_range(0..1_000_000)),
            part: Some(self.cast.part),
            storeroom: Some(self.cast.storeroom),
            movement,
            number: "P-1".to_owned(),
            name: "Bearing".to_owned(),
            quantity: Quantity::from_thousandths(1_000),
            unit: "pc".to_owned(),
        };
        Command::WorkOrder(work_order::Command::UsePart { id, part })
    }

    fn money(&mut self, document: DocumentId) -> Command {
        let id = self.record();
        let money = Money { minor: self.rng.random_range(1..10_000), currency: Currency::EUR };
        let entry = cost::CostEntry { money, kind: cost::CostKind::Other, note: None, external: None };
        Command::Cost(cost::Command::Enter { id, document, kind: DocumentKind::WorkOrder, entry })
    }
}

fn edit(id: DocumentId, edit: FieldEdit) -> Command {
    Command::WorkOrder(work_order::Command::Edit { id, edits: vec![edit] })
}
