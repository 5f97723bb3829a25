//! Work far from any network: a device that is away for months, what its person does there, and a notebook of what
//! was typed that knows nothing of changes, heads or merging.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::work_order::{
    self, AttachedChecklist, FieldEdit, NewWorkOrder, PartUsed, Priority, WorkOrder,
};
use shared_model::features::{Command, comment};
use shared_model::identity::{CommandId, DocumentId, PersonId, RecordId};
use shared_model::instant::DAY_MS;
use shared_model::units::Quantity;
use sync_server::clock::Clock;

use crate::device::{Device, DeviceStore, Person};
use crate::hand::{
    create_part, create_storeroom, create_work_order, deliver, edit_work_order, new_document, new_record,
    new_work_order,
};
use crate::headless::{Account, HeadlessDevice};

/// Steps of the checklist that every work order has.
const STEPS: usize = 8;
/// Longer than any homecoming takes.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two things a person does.
const PAUSE_MS: i64 = 30_000;

/// Where the work is.
#[derive(Clone, Debug)]
pub struct Site {
    /// The work orders.
    pub orders: Vec<DocumentId>,
    /// Where the parts are.
    pub storeroom: DocumentId,
    /// The part that is taken again and again.
    pub part: DocumentId,
}

impl Site {
    /// A site with so many work orders, and the commands that write it down.
    pub fn with(orders: usize) -> (Self, Vec<Command>) {
        let (storeroom, part) = (new_document(), new_document());
        let site = Self { orders: (0..orders).map(|_| new_document()).collect(), storeroom, part };
        let mut commands = vec![
            create_storeroom(storeroom, "Main"),
            create_part(part, "6204"),
            deliver(storeroom, part, STOCK),
        ];
        let orders = site.orders.iter().zip(1..);
        commands.extend(orders.map(|(id, number)| {
            let new = new_work_order(*id, &format!("Service {number}"));
            let new = NewWorkOrder { checklists: vec![checklist()], ..new };
            Command::WorkOrder(work_order::Command::Create(Box::new(new)))
        }));
        (site, commands)
    }
}

/// What lies in the storeroom at first.
pub const STOCK: i64 = 100_000;

fn checklist() -> AttachedChecklist {
    let step = |n| Step {
        key: format!("s{n}"),
        label: format!("What does gauge {n} say?"),
        field: StepField::Text,
        required: false,
        condition: None,
        follow_up: false,
        risk: None,
    };
    let steps = (0..STEPS).map(step).collect();
    AttachedChecklist { key: "c1".to_owned(), template: None, version: 1, title: "Gauges".to_owned(), steps }
}

/// What a person typed.
#[derive(Clone, Debug, Default)]
pub struct Notebook {
    /// Remarks, with their work order and text.
    pub remarks: BTreeMap<RecordId, (DocumentId, String)>,
    /// Hours, with their work order and minutes.
    pub hours: BTreeMap<RecordId, (DocumentId, i64)>,
    /// Parts taken, with the work order they were taken for.
    pub taken: BTreeMap<RecordId, DocumentId>,
    /// Lines of descriptions and resolutions.
    pub lines: BTreeSet<(DocumentId, String)>,
    /// The last title of a work order.
    pub titles: BTreeMap<DocumentId, String>,
    /// The last estimate of a work order.
    pub minutes: BTreeMap<DocumentId, i64>,
    /// The last answer to a step.
    pub answers: BTreeMap<(DocumentId, String), String>,
    /// The last value of a custom field.
    pub custom: BTreeMap<(DocumentId, String), String>,
    /// The last priority of a work order.
    pub priorities: BTreeMap<DocumentId, Priority>,
}

impl Notebook {
    /// The next thing to do on a work order, as it stands on the screen: one of many kinds. `number` is another one
    /// each time, and no two people have the same `name`.
    pub fn work(
        &mut self,
        (name, person): (&str, PersonId),
        number: usize,
        site: &Site,
        (id, order): (DocumentId, &WorkOrder),
    ) -> Command {
        let said = format!("{name} {number}");
        match number % 10 {
            1 => {
                let (record, minutes) = (new_record(), 5 + i64::try_from(number % 90).unwrap());
                self.hours.insert(record, (id, minutes));
                let entry = LabourEntry { person, minutes, started: None, note: None };
                Command::LabourEntry(labour_entry::Command::Add { id: record, work_order: id, entry })
            }
            2 => edit(id, FieldEdit::Description(self.line(id, &order.description, &said))),
            3 => edit(id, FieldEdit::Resolution(self.line(id, &order.resolution, &said))),
            4 => self.take(site, id),
            5 => {
                let next = Priority::ALL.iter().copied().find(|other| *other > order.priority);
                let priority = next.unwrap_or(Priority::ALL[0]);
                self.priorities.insert(id, priority);
                edit(id, FieldEdit::Priority(priority))
            }
            6 => {
                self.titles.insert(id, said.clone());
                edit(id, FieldEdit::Title(said))
            }
            7 => {
                let minutes = i64::try_from(number).unwrap();
                self.minutes.insert(id, minutes);
                edit(id, FieldEdit::EstimatedMinutes(Some(minutes)))
            }
            8 => {
                let key = format!("gauge{}", number / 10 % 4);
                self.custom.insert((id, key.clone()), said.clone());
                edit(id, FieldEdit::Custom(key, Some(said)))
            }
            9 if !order.checklists.is_empty() => {
                let step = format!("s{}", number / 10 % STEPS);
                self.answers.insert((id, step.clone()), said.clone());
                let (checklist, answer) = ("c1".to_owned(), Some(said));
                let answer =
                    work_order::Command::Answer { id, checklist, step, answer, remark: None, reading: None };
                Command::WorkOrder(answer)
            }
            _ => {
                let record = new_record();
                self.remarks.insert(record, (id, said.clone()));
                let add = comment::Command::Add { id: record, document: id, kind: ORDER, text: said };
                Command::Comment(add)
            }
        }
    }

    fn line(&mut self, id: DocumentId, seen: &str, said: &str) -> TextEdit {
        let line = format!("<{said}>");
        let text = format!("{seen}{line}\n");
        self.lines.insert((id, line));
        TextEdit::over(seen.to_owned(), text)
    }

    fn take(&mut self, site: &Site, id: DocumentId) -> Command {
        let movement = new_record();
        self.taken.insert(movement, id);
        let part = PartUsed {
            key: format!("p{}", movement.as_uuid().simple()),
            part: Some(site.part),
            storeroom: Some(site.storeroom),
            movement: Some(movement),
            number: "6204".to_owned(),
            name: "Bearing".to_owned(),
            quantity: Quantity::whole(1),
            unit: "pcs".to_owned(),
        };
        Command::WorkOrder(work_order::Command::UsePart { id, part })
    }
}

const ORDER: DocumentKind = DocumentKind::WorkOrder;

fn edit(id: DocumentId, edit: FieldEdit) -> Command {
    edit_work_order(id, vec![edit])
}

/// What falls to a day when edits are spread over days.
pub const fn share(edits: usize, day: usize, days: usize) -> usize {
    edits * (day + 1) / days - edits * day / days
}

/// Switches a device on where there is a network again, and waits until the server has all it brings. Returns it with
/// how long the first half of that took, and the second: what grows with the number of edits shows there.
pub async fn come_home(account: Account, store: DeviceStore) -> (HeadlessDevice, [Duration; 2]) {
    let edits = store.outbox.len();
    let begun = Instant::now();
    let mut device = HeadlessDevice::start_with(account, store, None);
    let mut took = [Duration::ZERO; 2];
    for (half, left) in [edits / 2, 0].into_iter().enumerate() {
        let drained = device.is_within(PATIENCE, |device| device.store.outbox.len() <= left).await;
        assert!(drained, "{:?}", device.look(|device| device.session.status()));
        took[half] = begun.elapsed();
    }
    took[1] -= took[0];
    device.until_settled().await;
    (device, took)
}

/// A device far from any network. The engine starts anew every day, and whenever the power went.
pub struct Away {
    whose: Person,
    clock: Clock,
    rng: SmallRng,
    device: Device,
    /// Where the work is, with what was begun there meanwhile.
    pub site: Site,
    /// What the person typed.
    pub notebook: Notebook,
    /// Every command that was saved.
    pub saved: BTreeSet<CommandId>,
    /// How often the engine was started.
    pub starts: usize,
    numbers: usize,
}

impl Away {
    /// Takes a device along that keeps this.
    pub fn with(whose: Person, store: DeviceStore, site: Site, clock: Clock) -> Self {
        let mut rng = SmallRng::seed_from_u64(90);
        let device = Device::start(whose, store, &mut || rng.random());
        let (notebook, saved) = (Notebook::default(), BTreeSet::new());
        Self { whose, clock, rng, device, site, notebook, saved, starts: 1, numbers: 0 }
    }

    /// So many edits in all, spread over so many days.
    pub fn days(&mut self, days: usize, edits: usize) {
        (0..days).for_each(|day| self.day(share(edits, day, days)));
    }

    /// A night passes, and then a day with so many edits.
    pub fn day(&mut self, edits: usize) {
        self.clock.advance(DAY_MS / 2);
        self.start();
        let begun = new_document();
        self.save(&create_work_order(begun, &format!("Begun as number {}", self.saved.len())));
        self.site.orders.push(begun);
        for _ in 1..edits {
            self.clock.advance(PAUSE_MS);
            self.work();
        }
        let worked = i64::try_from(edits).unwrap() * PAUSE_MS;
        self.clock.advance((DAY_MS / 2 - worked).max(0));
    }

    /// Switches the device off and returns what it keeps.
    pub fn home(self) -> (DeviceStore, Site, Notebook, BTreeSet<CommandId>) {
        (self.device.store, self.site, self.notebook, self.saved)
    }

    fn start(&mut self) {
        let (store, rng) = (std::mem::take(&mut self.device.store), &mut self.rng);
        self.device = Device::start(self.whose, store, &mut || rng.random());
        self.starts += 1;
    }

    fn work(&mut self) {
        let id = *self.site.orders.choose(&mut self.rng).unwrap();
        let order = work_order::read(self.device.aggregate(id).unwrap());
        self.numbers += 1;
        let me = ("away", self.whose.person);
        let command = self.notebook.work(me, self.numbers, &self.site, (id, &order));
        self.save(&command);
    }

    /// Saves a command. Now and then the power goes right after.
    fn save(&mut self, command: &Command) {
        let (now, rng) = (self.clock.now(), &mut self.rng);
        let made = self.device.execute(now, &mut || rng.random(), command);
        let Some((id, saved)) = made.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}")) else {
            panic!("{command:?} changes nothing");
        };
        self.saved.insert(id);
        if self.rng.random_ratio(1, 200) {
            return self.start();
        }
        let (now, rng) = (self.clock.now(), &mut self.rng);
        let heard = self.device.handle(now, &mut || rng.random(), saved);
        assert!(heard.is_empty(), "nobody is there to hear {heard:?}");
    }
}
