//! Makes what honest devices push: work orders with a ten-item checklist and some fifteen fields, and edits of one field.
//! The same seed makes the same words.

use std::collections::HashMap;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared_model::features::Command;
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::work_order::{
    self, AssetLink, AttachedChecklist, FieldEdit, NewWorkOrder, Origin, Priority, WorkType,
};
use shared_model::identity::{ActorId, CommandId, DocumentId, uuid_v7};
use shared_model::instant::{DAY_MS, HOUR_MS, Timestamp};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{OutboxEntry, PushedCommand};
use shared_model::units::Quantity;
use shared_model::workspace::{Aggregate, Author, Workspace};
use sync_server::clock::Clock;
use sync_server::random;

const SEED: u64 = 7;
const CHECKLIST_KEY: &str = "c0";
const MACHINES: [&str; 8] =
    ["Conveyor", "Feed pump", "Gearbox", "Air compressor", "Chiller", "Palletiser", "Exhaust fan", "Boiler"];
const FAULTS: [&str; 8] = [
    "leaks oil",
    "runs hot",
    "is noisy",
    "trips on overload",
    "vibrates",
    "lost pressure",
    "does not start",
    "needs its yearly service",
];
const STEPS: [&str; 10] = [
    "Isolate and lock out",
    "Check the guard",
    "Check the oil level",
    "Measure the bearing temperature",
    "Look for leaks",
    "Tighten the bolts",
    "Grease the bearings",
    "Check the belt tension",
    "Test run",
    "Clean the area",
];

/// One device's hand, with the documents it holds.
pub struct Maker {
    author: Author,
    now: Timestamp,
    next_record_seq: u64,
    dice: SmallRng,
    /// The documents as they are on the device.
    pub documents: HashMap<DocumentId, Aggregate>,
    edits: i64,
}

impl Maker {
    /// A person's hand under a fresh actor; hands of one tenant have different numbers.
    pub fn new(grants: Grants, number: u64) -> Self {
        let actor = ActorId::from_bytes(random::bytes());
        Self {
            author: Author::Person { grants, actor },
            now: Clock::System.now(),
            next_record_seq: 1,
            dice: SmallRng::seed_from_u64(SEED + number),
            documents: HashMap::new(),
            edits: 0,
        }
    }

    /// A work order nobody has written down yet.
    pub fn new_work_order(&mut self) -> Command {
        let machine = MACHINES[self.dice.random_range(0..MACHINES.len())];
        let fault = FAULTS[self.dice.random_range(0..FAULTS.len())];
        let number: u32 = self.dice.random_range(1..400);
        let due = self.now.plus_millis(self.dice.random_range(-5..28) * DAY_MS);
        let asset = AssetLink {
            id: self.document(),
            tag: format!("P-{number:03}"),
            name: format!("{machine} {number}"),
        };
        let new = NewWorkOrder {
            id: self.document(),
            title: format!("{machine} {number} {fault}"),
            description: format!(
                "Reported by the operator of P-{number:03} at the start of the shift: {fault}."
            ),
            work_type: WorkType::Corrective,
            priority: Priority::Medium,
            origin: Origin::Manual,
            external: None,
            requester: None,
            site: Some(asset.id),
            location: Some(asset.id),
            assets: vec![asset],
            people: Vec::new(),
            teams: Vec::new(),
            tags: vec![format!("line-{}", number % 9)],
            planned_start: Some(due.plus_millis(-4 * HOUR_MS)),
            due: Some(due),
            estimated_minutes: Some(i64::from(number % 16) * 15),
            checklists: vec![checklist()],
            assigned_event: None,
        };
        Command::WorkOrder(work_order::Command::Create(Box::new(new)))
    }

    /// Executes a command here and returns what the device pushes.
    pub fn make(&mut self, command: &Command) -> PushedCommand {
        let touched = command.documents();
        let present: Vec<Aggregate> =
            touched.iter().filter_map(|touch| self.documents.remove(&touch.document)).collect();
        let mut workspace = Workspace::new(self.author.clone(), self.now, self.next_record_seq, present);
        command.execute(&mut workspace).unwrap();
        let outcome = workspace.finish();
        self.next_record_seq = outcome.next_record_seq;
        self.documents.extend(outcome.aggregates);
        let intent = serde_json::to_vec(command).unwrap();
        OutboxEntry::of_items(CommandId::from_uuid(self.uuid()), intent, outcome.items).command
    }

    /// Creates work orders.
    pub fn create(&mut self, count: usize) -> Vec<PushedCommand> {
        (0..count)
            .map(|_| {
                let command = self.new_work_order();
                self.make(&command)
            })
            .collect()
    }

    /// Edits one field of documents picked at random; every edit changes something.
    pub fn edit(&mut self, count: usize) -> Vec<PushedCommand> {
        let ids: Vec<DocumentId> = self.documents.keys().copied().collect();
        (0..count)
            .map(|_| {
                let id = ids[self.dice.random_range(0..ids.len())];
                let command = self.one_edit(id);
                self.make(&command)
            })
            .collect()
    }

    /// Edits one field of one document after the other, from the first again after the last.
    pub fn edit_in_turn(&mut self, count: usize) -> Vec<PushedCommand> {
        let mut ids: Vec<DocumentId> = self.documents.keys().copied().collect();
        ids.sort_unstable();
        let turns = ids.iter().cycle().take(count);
        turns
            .map(|id| {
                let command = self.one_edit(*id);
                self.make(&command)
            })
            .collect()
    }

    /// One edit of one field.
    pub fn one_edit(&mut self, id: DocumentId) -> Command {
        self.edits += 1;
        let edits = match self.edits % 3 {
            0 => {
                return Command::WorkOrder(work_order::Command::Answer {
                    id,
                    checklist: CHECKLIST_KEY.to_owned(),
                    step: "s3".to_owned(),
                    answer: Some(Quantity::from_thousandths(self.edits).to_string()),
                    remark: None,
                    reading: None,
                });
            }
            1 => vec![FieldEdit::EstimatedMinutes(Some(self.edits))],
            _ => vec![FieldEdit::Due(Some(self.now.plus_millis(self.edits * HOUR_MS)))],
        };
        Command::WorkOrder(work_order::Command::Edit { id, edits })
    }

    fn document(&mut self) -> DocumentId {
        DocumentId::from_uuid(self.uuid())
    }

    fn uuid(&mut self) -> uuid::Uuid {
        let tail: [u8; 10] = self.dice.random();
        uuid_v7(Clock::System.now(), tail)
    }
}

fn checklist() -> AttachedChecklist {
    let steps = STEPS.iter().enumerate().map(|(place, label)| Step {
        key: format!("s{place}"),
        label: (*label).to_owned(),
        field: match place {
            3 => StepField::Number { unit: "°C".to_owned(), min: None, max: None },
            1 | 4 => StepField::PassFail,
            _ => StepField::Check,
        },
        required: place == 0,
        condition: None,
        follow_up: place == 4,
        risk: None,
    });
    AttachedChecklist {
        key: CHECKLIST_KEY.to_owned(),
        template: None,
        version: 1,
        title: "Service".to_owned(),
        steps: steps.collect(),
    }
}
