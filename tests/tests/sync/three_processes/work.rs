//! What each of the writers does: every kind of work on one work order, and stock that leaves and changes two
//! storerooms. One half of the writers goes round the storerooms in one direction, the other half in the other, so
//! that whoever locks in the order of the commands meets somebody who locks against them.

use maintainpro_tests::hand::{
    create_part, create_storeroom, deliver, edit_work_order, issue, new_document, new_record, new_work_order,
};
use shared_model::document::DocumentKind;
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::labour_entry::LabourEntry;
use shared_model::features::work_order::{self, AttachedChecklist, FieldEdit, PartUsed};
use shared_model::features::{Command, comment, labour_entry, stock_movement};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::units::Quantity;

/// Edits of the work order each of the three makes.
pub const EDITS_EACH: usize = 334;
/// The checklist of the work order.
pub const CHECKLIST: &str = "c";
/// Everybody answers it all the time.
pub const CROWDED: &str = "s0";
/// Two answer it at the same time, far from each other.
pub const APART: &str = "s1";
/// More than anybody takes.
const DELIVERED: i64 = 1_500;

/// What is worked on.
#[derive(Clone, Copy)]
pub struct Place {
    pub order: DocumentId,
    rooms: [DocumentId; 2],
    parts: [DocumentId; 2],
}

/// One who works.
#[derive(Clone, Copy)]
pub struct Writer {
    pub name: &'static str,
    /// Whose hours they write down.
    pub person: PersonId,
    /// Which way round the storerooms.
    pub backwards: bool,
}

/// What a writer does.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A command as it is.
    Give(Box<Command>),
    /// A line more in a text, which the writer sends as they see it then.
    Write(String),
}

impl Place {
    pub fn new() -> Self {
        let order = new_document();
        Self { order, rooms: [new_document(), new_document()], parts: [new_document(), new_document()] }
    }

    /// The last document of [`Self::furnish`].
    pub const fn last(&self) -> DocumentId {
        self.rooms[1]
    }

    /// What is there before anybody works.
    pub fn furnish(&self) -> Vec<Command> {
        let mut order = new_work_order(self.order, "Overhaul");
        order.checklists.push(AttachedChecklist {
            key: CHECKLIST.to_owned(),
            template: None,
            version: 1,
            title: "Round".to_owned(),
            steps: [CROWDED, APART].map(text_step).into(),
        });
        let mut commands = vec![Command::WorkOrder(work_order::Command::Create(Box::new(order)))];
        commands.extend(self.parts.iter().zip(["6204", "6205"]).map(|(id, number)| create_part(*id, number)));
        commands.extend(self.rooms.iter().zip(["Main", "Van"]).map(|(id, name)| create_storeroom(*id, name)));
        commands.extend(self.shelves(false).map(|(room, part)| deliver(room, part, DELIVERED)));
        commands
    }

    /// Every part in every storeroom, in the order of a round.
    fn shelves(&self, backwards: bool) -> [(DocumentId, DocumentId); 4] {
        let ([main, van], [small, large]) = (self.rooms, self.parts);
        let mut round = [(main, small), (van, large), (main, large), (van, small)];
        if backwards {
            round.reverse();
        }
        round
    }

    /// An answer to a step of the checklist.
    pub fn answer(&self, step: &str, answer: String) -> Command {
        Command::WorkOrder(work_order::Command::Answer {
            id: self.order,
            checklist: CHECKLIST.to_owned(),
            step: step.to_owned(),
            answer: Some(answer),
            remark: None,
            reading: None,
        })
    }
}

impl Writer {
    /// All that they do, in order: each time something about the work order and something about the stock.
    pub fn deeds(&self, place: &Place) -> Vec<Deed> {
        (0..EDITS_EACH).flat_map(|n| [self.edit(place, n), self.movement(place, n)]).collect()
    }

    fn edit(&self, place: &Place, n: usize) -> Deed {
        let (id, said) = (place.order, format!("{}-{n}", self.name));
        give(match n % 6 {
            0 => edit_work_order(id, vec![FieldEdit::AddTag(said)]),
            1 => return Deed::Write(said),
            2 => {
                let kind = DocumentKind::WorkOrder;
                let add = comment::Command::Add { id: new_record(), document: id, kind, text: said };
                Command::Comment(add)
            }
            3 => {
                let minutes = i64::try_from(n % 50).unwrap() + 1;
                let entry = LabourEntry { person: self.person, minutes, started: None, note: Some(said) };
                let add = labour_entry::Command::Add { id: new_record(), work_order: id, entry };
                Command::LabourEntry(add)
            }
            4 => place.answer(CROWDED, said),
            _ => {
                let (room, part) = place.shelves(self.backwards)[n / 6 % 4];
                let part = PartUsed {
                    key: said,
                    part: Some(part),
                    storeroom: Some(room),
                    movement: Some(new_record()),
                    number: "6204".to_owned(),
                    name: "Bearing".to_owned(),
                    quantity: Quantity::whole(1),
                    unit: "pcs".to_owned(),
                };
                Command::WorkOrder(work_order::Command::UsePart { id, part })
            }
        })
    }

    fn movement(&self, place: &Place, n: usize) -> Deed {
        let (room, part) = place.shelves(self.backwards)[n % 4];
        give(if n % 5 == 4 {
            Command::StockMovement(stock_movement::Command::Transfer {
                out: new_record(),
                into: new_record(),
                from: room,
                to: if room == place.rooms[0] { place.rooms[1] } else { place.rooms[0] },
                part,
                quantity: Quantity::whole(1),
                note: None,
            })
        } else {
            issue(room, part, 1)
        })
    }
}

fn give(command: Command) -> Deed {
    Deed::Give(Box::new(command))
}

fn text_step(key: &str) -> Step {
    Step {
        key: key.to_owned(),
        label: format!("Step {key}"),
        field: StepField::Text,
        required: false,
        condition: None,
        follow_up: false,
        risk: None,
    }
}
