//! Two thousand work orders: a year of finished work, and what is open today.

use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::comment;
use shared_model::features::cost::{self, CostEntry, CostKind};
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::work_order::{
    self, AttachedChecklist, NewWorkOrder, Origin, PartUsed, Priority, Status, WorkType,
};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::permission::Role;
use shared_model::units::{Currency, Money, Quantity};

use super::checklists::Template;
use super::content::{CHECKLISTS, EQUIPMENT};
use super::machines::Machine;
use super::stock::Stock;
use super::{Crew, Deed, Dice, Phase};

/// How far the work orders are, and how many of each.
const PLAN: [(Status, usize); 7] = [
    (Status::Closed, 1_790),
    (Status::Verified, 30),
    (Status::Completed, 60),
    (Status::OnHold, 10),
    (Status::InProgress, 16),
    (Status::Assigned, 60),
    (Status::New, 34),
];

/// What people say when they finish.
const REMARKS: [&str; 6] = [
    "Done, ran it for ten minutes, all quiet.",
    "Old part was worn more than expected, keep an eye on it.",
    "Could not reach the lower bolt, needs the short spanner next time.",
    "Guard refitted and tested.",
    "Cleaned the area and took the waste oil to the store.",
    "Operator says it happens mostly after a cold start.",
];

/// Why work waits.
const HOLDS: [&str; 4] = [
    "Waiting for the part",
    "Line is running, access at 22:00",
    "Needs a second person",
    "Waiting for the permit",
];

/// Everything work orders refer to.
pub struct Plant<'a> {
    pub crew: &'a Crew,
    pub machines: &'a [Machine],
    pub templates: &'a [Template],
    pub stock: &'a Stock,
}

/// One work order on its way.
struct Order<'a> {
    id: DocumentId,
    machine: &'a Machine,
    technician: PersonId,
    supervisor: PersonId,
    /// Who may have asked for it.
    requester: Option<PersonId>,
    created: Timestamp,
    checklist: Option<AttachedChecklist>,
}

/// All work orders, oldest first.
pub fn orders(plant: &Plant<'_>, now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) {
    for (status, count) in PLAN {
        for index in 0..count {
            order(plant, status, index, now, dice, deeds);
        }
    }
}

fn order(
    plant: &Plant<'_>,
    status: Status,
    index: usize,
    now: Timestamp,
    dice: &mut Dice,
    deeds: &mut Vec<Deed>,
) {
    let machine = dice.pick(plant.machines);
    let technicians = plant.crew.with_role(Role::Technician, machine.site);
    let contractors = plant.crew.with_role(Role::Contractor, machine.site);
    let outside = status != Status::New && index % 9 == 4;
    let supervisors = plant.crew.with_role(Role::Supervisor, machine.site);
    let requesters = plant.crew.with_role(Role::Requester, machine.site);
    let finished = matches!(status, Status::Closed | Status::Verified | Status::Completed);
    let age_minutes = match status {
        Status::Closed => dice.between(8 * 1_440, 365 * 1_440),
        Status::Verified | Status::Completed => dice.between(2 * 1_440, 8 * 1_440),
        _ => dice.between(60, 6 * 1_440),
    };
    let order = Order {
        id: dice.document(),
        machine,
        technician: *dice.pick(if outside { &contractors } else { &technicians }),
        supervisor: *dice.pick(&supervisors),
        requester: requesters.first().copied().filter(|_| index % 4 == 1),
        created: now.plus_millis(-age_minutes * MINUTE_MS),
        checklist: checklist_for(plant, machine, status, index, dice),
    };
    let written = created(&order, status, now, dice);
    deeds.push(written);
    if finished {
        finish(plant, &order, status, dice, deeds);
    } else {
        begin(&order, status, now, dice, deeds);
    }
}

fn checklist_for(
    plant: &Plant<'_>,
    machine: &Machine,
    status: Status,
    index: usize,
    dice: &mut Dice,
) -> Option<AttachedChecklist> {
    let wanted = match status {
        Status::Closed => index.is_multiple_of(10),
        _ => index % 3 != 2,
    };
    if !wanted {
        return None;
    }
    let title = EQUIPMENT[machine.equipment].checklist?;
    let list = CHECKLISTS.iter().position(|list| list.title == title)?;
    let occasion = usize::try_from(dice.between(0, 4)).unwrap_or(0);
    let template = plant.templates.get(occasion * CHECKLISTS.len() + list)?;
    Some(AttachedChecklist { key: dice.key(), ..template.list.clone() })
}

fn created(order: &Order<'_>, status: Status, now: Timestamp, dice: &mut Dice) -> Deed {
    let equipment = &EQUIPMENT[order.machine.equipment];
    let preventive = dice.chance(40);
    let work = if preventive { equipment.services } else { equipment.faults };
    let work_type = match (preventive, dice.between(1, 20)) {
        (true, 1..=3) => WorkType::Inspection,
        (true, _) => WorkType::Preventive,
        (false, 1) => WorkType::Emergency,
        (false, 2) => WorkType::Safety,
        (false, _) => WorkType::Corrective,
    };
    let priority = *dice.pick(&[
        Priority::Low,
        Priority::Medium,
        Priority::Medium,
        Priority::Medium,
        Priority::High,
        Priority::High,
        Priority::Critical,
    ]);
    let requester = order.requester.filter(|_| !preventive);
    let origin = match requester {
        _ if preventive => Origin::Plan,
        Some(_) => Origin::Request,
        None => Origin::Manual,
    };
    let new = NewWorkOrder {
        id: order.id,
        title: (*dice.pick(work)).to_owned(),
        description: format!(
            "Reported at {} {}. Check and put right.",
            order.machine.link.tag, order.machine.link.name
        ),
        work_type,
        priority,
        origin,
        external: None,
        requester,
        site: Some(order.machine.site_id),
        location: Some(order.machine.location),
        assets: vec![order.machine.link.clone()],
        people: if status == Status::New { Vec::new() } else { vec![order.technician] },
        teams: Vec::new(),
        tags: Vec::new(),
        planned_start: None,
        due: due(order, status, now, dice),
        estimated_minutes: Some(dice.between(1, 16) * 15),
        checklists: order.checklist.iter().cloned().collect(),
        assigned_event: Some(dice.record(order.created)),
    };
    let create = Command::WorkOrder(work_order::Command::Create(Box::new(new)));
    dice.deed(Phase::Written, order.created, order.supervisor, vec![create])
}

/// Open work is due from five days ago to four weeks ahead, at four in the afternoon.
fn due(order: &Order<'_>, status: Status, now: Timestamp, dice: &mut Dice) -> Option<Timestamp> {
    let from = match status {
        Status::New if dice.chance(50) => return None,
        Status::Closed | Status::Verified | Status::Completed => {
            return Some(order.created.plus_millis(dice.between(1, 6) * DAY_MS));
        }
        _ => *dice.pick(&[-3, -1, 0, 0, 0, 1, 1, 2, 2, 3, 5, 8, 13, 21, 28]),
    };
    let midnight = now.as_millis().div_euclid(DAY_MS) * DAY_MS;
    Some(Timestamp::from_millis(midnight + from * DAY_MS + 16 * HOUR_MS))
}

fn change(order: &Order<'_>, to: Status, reason: Option<&str>, at: Timestamp, dice: &mut Dice) -> Command {
    Command::WorkOrder(work_order::Command::ChangeStatus {
        id: order.id,
        event: dice.record(at),
        to,
        reason: reason.map(str::to_owned),
        labour: None,
    })
}

/// Work that is open: started, perhaps interrupted.
fn begin(order: &Order<'_>, status: Status, now: Timestamp, dice: &mut Dice, deeds: &mut Vec<Deed>) {
    if !matches!(status, Status::InProgress | Status::OnHold) {
        return;
    }
    let span = now.millis_since(order.created) / 2;
    let started = order.created.plus_millis(span);
    let mut commands = vec![change(order, Status::InProgress, None, started, dice)];
    commands.extend(answers(order, 2, dice));
    deeds.push(dice.deed(Phase::Worked, started, order.technician, commands));
    if status == Status::OnHold {
        let at = started.plus_millis(span / 2);
        let reason = *dice.pick(&HOLDS);
        let hold = change(order, Status::OnHold, Some(reason), at, dice);
        deeds.push(dice.deed(Phase::Judged, at, order.technician, vec![hold]));
    }
}

/// Work that is done: answered, booked, and as far as it went afterwards.
fn finish(plant: &Plant<'_>, order: &Order<'_>, status: Status, dice: &mut Dice, deeds: &mut Vec<Deed>) {
    let done = order.created.plus_millis(dice.between(2, 30) * HOUR_MS);
    let mut commands = Vec::new();
    if status != Status::Closed {
        commands.push(change(order, Status::InProgress, None, done, dice));
    }
    commands.extend(answers(order, usize::MAX, dice));
    commands.push(labour(order, done, dice));
    if dice.chance(30) {
        commands.push(remark(order, done, dice));
    }
    if status == Status::Closed {
        commands.extend(cost(order, done, dice));
        commands.push(Command::WorkOrder(work_order::Command::CorrectStatus {
            id: order.id,
            event: dice.record(done),
            to: Status::Closed,
        }));
        deeds.push(dice.server_deed(Phase::Worked, done, commands));
        return;
    }
    commands.extend(part_used(plant, order, done, dice));
    commands.push(change(order, Status::Completed, None, done, dice));
    deeds.push(dice.deed(Phase::Worked, done, order.technician, commands));
    if status == Status::Verified {
        let at = done.plus_millis(3 * HOUR_MS);
        let verify = change(order, Status::Verified, None, at, dice);
        deeds.push(dice.deed(Phase::Judged, at, order.supervisor, vec![verify]));
    }
}

fn answers(order: &Order<'_>, most: usize, dice: &mut Dice) -> Vec<Command> {
    let Some(list) = &order.checklist else { return Vec::new() };
    let answerable = list.steps.iter().filter(|step| step.field.takes_answer()).take(most);
    let commands = answerable.map(|step| {
        Command::WorkOrder(work_order::Command::Answer {
            id: order.id,
            checklist: list.key.clone(),
            step: step.key.clone(),
            answer: Some(answer(step, order.created, dice)),
            remark: None,
            reading: None,
        })
    });
    commands.collect()
}

fn answer(step: &Step, at: Timestamp, dice: &mut Dice) -> String {
    match &step.field {
        StepField::Check => "checked".to_owned(),
        StepField::PassFail => (if dice.chance(94) { "pass" } else { "fail" }).to_owned(),
        StepField::Number { min, max, .. } => {
            let (min, max) = (min.unwrap_or_default(), max.unwrap_or(Quantity::whole(100)));
            Quantity::from_thousandths(dice.between(min.thousandths(), max.thousandths()) / 100 * 100)
                .to_string()
        }
        StepField::MeterReading { .. } => dice.between(200, 24_000).to_string(),
        StepField::Choice { options, .. } => dice.pick(options).clone(),
        StepField::DateTime => at.as_millis().to_string(),
        StepField::Text | StepField::Section | StepField::Instruction => "Nothing special".to_owned(),
    }
}

fn labour(order: &Order<'_>, at: Timestamp, dice: &mut Dice) -> Command {
    let entry = LabourEntry {
        person: order.technician,
        minutes: dice.between(1, 18) * 10,
        started: None,
        note: None,
    };
    Command::LabourEntry(labour_entry::Command::Add { id: dice.record(at), work_order: order.id, entry })
}

fn remark(order: &Order<'_>, at: Timestamp, dice: &mut Dice) -> Command {
    Command::Comment(comment::Command::Add {
        id: dice.record(at),
        document: order.id,
        kind: DocumentKind::WorkOrder,
        text: (*dice.pick(&REMARKS)).to_owned(),
    })
}

fn cost(order: &Order<'_>, at: Timestamp, dice: &mut Dice) -> Option<Command> {
    if !dice.chance(40) {
        return None;
    }
    let entry = CostEntry {
        money: Money { minor: dice.between(900, 90_000), currency: Currency::GBP },
        kind: CostKind::Part,
        note: None,
        external: None,
    };
    let document = order.id;
    Some(Command::Cost(cost::Command::Enter {
        id: dice.record(at),
        document,
        kind: DocumentKind::WorkOrder,
        entry,
    }))
}

fn part_used(plant: &Plant<'_>, order: &Order<'_>, at: Timestamp, dice: &mut Dice) -> Option<Command> {
    // People from outside take nothing from the store themselves.
    let inside = plant.crew.with_role(Role::Technician, order.machine.site).contains(&order.technician);
    if !inside || !dice.chance(50) {
        return None;
    }
    let storeroom = &plant.stock.storerooms[order.machine.site];
    let part = dice.pick(&storeroom.kept);
    let line = PartUsed {
        key: dice.key(),
        part: Some(part.id),
        storeroom: Some(storeroom.id),
        movement: Some(dice.record(at)),
        number: part.number.clone(),
        name: part.name.clone(),
        quantity: Quantity::whole(1),
        unit: part.unit.clone(),
    };
    Some(Command::WorkOrder(work_order::Command::UsePart { id: order.id, part: line }))
}
