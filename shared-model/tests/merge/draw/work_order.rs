//! Commands about work orders.

use shared_model::document::DocumentKind;
use shared_model::features::checklist::{Condition, Step, StepField};
use shared_model::features::work_order::{
    AssetLink, AttachedChecklist, Command, CorrectedStatus, Correction, Failure, FieldEdit, NewWorkOrder,
    Notice, NoticeKind, Origin, PartUsed, Priority, ReadingPlace, Status, WorkOrder, WorkType,
};
use shared_model::features::{Command as Any, View};
use shared_model::identity::DocumentId;
use shared_model::units::Quantity;

use super::Draw;

fn order(draw: &mut Draw<'_>) -> Option<WorkOrder> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    match draw.view(id) {
        View::WorkOrder(order) => Some(*order),
        _ => None,
    }
}

/// A step of every type. The check is shown only when the first step failed, the time only with two choices.
pub fn steps() -> Vec<Step> {
    let condition = |key: &str| match key {
        "s3" => Some(("s0", "fail")),
        "s6" => Some(("s5", "oil\nwater")),
        _ => None,
    };
    let step = |key: &str, field| Step {
        key: key.to_owned(),
        label: format!("Step {key}"),
        field,
        required: key == "s0" || key == "s7",
        condition: condition(key)
            .map(|(step, answer)| Condition { step: step.to_owned(), answer: answer.to_owned() }),
        follow_up: false,
        risk: None,
    };
    let choice = |options: &[&str], many| StepField::Choice {
        options: options.iter().map(|o| (*o).to_owned()).collect(),
        many,
    };
    vec![
        step("s0", StepField::PassFail),
        step("s1", StepField::Number { unit: "bar".to_owned(), min: Some(Quantity::ZERO), max: None }),
        step("s2", StepField::Text),
        step("s3", StepField::Check),
        step("s4", StepField::MeterReading { unit: "h".to_owned() }),
        step("s5", choice(&["oil", "water", "air"], true)),
        step("s6", StepField::DateTime),
        step("s7", StepField::Section),
        step("s8", choice(&["left", "right"], false)),
        step("s9", StepField::Instruction),
    ]
}

fn checklist(draw: &mut Draw<'_>) -> AttachedChecklist {
    let key = draw.key();
    AttachedChecklist { key, template: None, version: 1, title: "Round".to_owned(), steps: steps() }
}

fn asset_link(draw: &mut Draw<'_>) -> Option<AssetLink> {
    let id = draw.any(DocumentKind::Asset)?;
    Some(AssetLink { id, tag: draw.word(), name: draw.word() })
}

pub fn create(draw: &mut Draw<'_>) -> Option<Any> {
    let new = NewWorkOrder {
        id: draw.document(),
        title: draw.word(),
        description: draw.retyped(""),
        work_type: draw.one_of(WorkType::ALL),
        priority: draw.one_of(Priority::ALL),
        origin: draw.one_of(Origin::ALL),
        external: draw.maybe("x-1".to_owned()),
        requester: Some(draw.person()),
        site: draw.any(DocumentKind::Location),
        location: draw.any(DocumentKind::Location),
        assets: asset_link(draw).into_iter().collect(),
        people: vec![draw.person()],
        teams: vec![],
        tags: vec![draw.name()],
        planned_start: None,
        due: Some(draw.time()),
        estimated_minutes: Some(60),
        checklists: vec![checklist(draw)],
        assigned_event: Some(draw.record()),
    };
    Some(Any::WorkOrder(Command::Create(Box::new(new))))
}

pub fn edit(draw: &mut Draw<'_>) -> Option<Any> {
    let order = order(draw)?;
    let mut edits = vec![field(draw, &order)?, field(draw, &order)?];
    // A schema step cuts an edit in two unless it comes first; the model knows commands of one change.
    edits.sort_by_key(|edit| !matches!(edit, FieldEdit::Resolution(_)));
    // Each text once an edit: the whole text after the edit is what the person left in the box.
    let same_text = |pair: &[FieldEdit]| {
        matches!(
            pair,
            [FieldEdit::Description(_), FieldEdit::Description(_)]
                | [FieldEdit::Resolution(_), FieldEdit::Resolution(_)]
        )
    };
    (!same_text(&edits)).then_some(Any::WorkOrder(Command::Edit { id: order.id, edits }))
}

impl Draw<'_> {
    /// What somebody types into the description of the first work order.
    pub fn description(&mut self) -> Any {
        let id = self.ids_of(DocumentKind::WorkOrder)[0];
        let View::WorkOrder(order) = self.view(id) else { panic!("it is a work order") };
        let edits = vec![FieldEdit::Description(self.reworded(&order.description))];
        Any::WorkOrder(Command::Edit { id, edits })
    }
}

fn field(draw: &mut Draw<'_>, order: &WorkOrder) -> Option<FieldEdit> {
    Some(match draw.below(18) {
        0 => FieldEdit::Title(draw.word()),
        1 | 2 => FieldEdit::Description(draw.reworded(&order.description)),
        3 => FieldEdit::Type(draw.one_of(WorkType::ALL)),
        4 => FieldEdit::Priority(draw.one_of(Priority::ALL)),
        5 => {
            let at = draw.time();
            FieldEdit::PlannedStart(draw.maybe(at))
        }
        6 => {
            let at = draw.time();
            FieldEdit::Due(draw.maybe(at))
        }
        7 => FieldEdit::EstimatedMinutes(draw.maybe(90)),
        8 => FieldEdit::Place(draw.any(DocumentKind::Location), draw.any(DocumentKind::Location)),
        9 => FieldEdit::AddAsset(asset_link(draw)?),
        10 => FieldEdit::RemoveAsset(draw.pick(&order.assets)?.id),
        11 => FieldEdit::AddTag(draw.name()),
        12 => FieldEdit::RemoveTag(draw.name()),
        13 => {
            let word = draw.word();
            FieldEdit::Custom(draw.name(), draw.maybe(word))
        }
        14 => {
            let (start, end) = (draw.time(), draw.time());
            FieldEdit::Downtime(draw.maybe(start), draw.maybe(end))
        }
        15 | 16 => FieldEdit::Resolution(draw.reworded(&order.resolution)),
        _ => {
            let mode = draw.one_of(&["FTS", "ELP", "VIB"]).to_owned();
            FieldEdit::Failure(Failure {
                mode: draw.maybe(mode),
                cause: Some(draw.name()),
                ..Failure::default()
            })
        }
    })
}

pub fn assign(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    let adds = draw.below(2) == 0;
    let (people, teams) = (vec![draw.person()], if draw.below(3) == 0 { vec![draw.team()] } else { vec![] });
    let event = draw.record();
    Some(Any::WorkOrder(if adds {
        Command::Assign {
            id,
            add_people: people,
            remove_people: vec![],
            add_teams: teams,
            remove_teams: vec![],
            event,
        }
    } else {
        Command::Assign {
            id,
            add_people: vec![],
            remove_people: people,
            add_teams: vec![],
            remove_teams: teams,
            event,
        }
    }))
}

pub fn change_status(draw: &mut Draw<'_>) -> Option<Any> {
    let order = order(draw)?;
    let next: Vec<Status> = Status::ALL.iter().copied().filter(|to| order.status.may_become(*to)).collect();
    let to = draw.pick(&next)?;
    let event = draw.record();
    let labour = Some(draw.record());
    let reason = Some("because".to_owned());
    Some(Any::WorkOrder(Command::ChangeStatus { id: order.id, event, to, reason, labour }))
}

pub fn attach(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    Some(Any::WorkOrder(Command::AttachChecklist { id, checklist: checklist(draw) }))
}

pub fn answer(draw: &mut Draw<'_>) -> Option<Any> {
    let order = order(draw)?;
    let checklist = order.checklists.first()?.key.clone();
    let (step, answer) = draw.one_of(&[
        ("s0", Some("pass")),
        ("s0", Some("fail")),
        ("s0", None),
        ("s1", Some("2.5")),
        ("s1", Some("-3")),
        ("s2", Some("oil on the floor")),
        ("s3", Some("checked")),
        ("s4", Some("12706.5")),
        ("s4", None),
        ("s5", Some("oil")),
        ("s5", Some("oil\nwater")),
        ("s5", None),
        ("s6", Some("1800000000000")),
        ("s6", Some("1800000060000")),
        ("s8", Some("left")),
        ("s8", Some("right")),
        // Nobody can answer so: the model would see it if it were taken.
        ("s5", Some("sand")),
        ("s6", Some("tomorrow")),
        ("s7", Some("checked")),
        ("s8", Some("left\nright")),
        ("s9", Some("pass")),
    ]);
    let reading = (step == "s4" && answer.is_some()).then(|| reading_place(draw)).flatten();
    let remark = draw.word();
    let (step, answer) = (step.to_owned(), answer.map(str::to_owned));
    Some(Any::WorkOrder(Command::Answer {
        id: order.id,
        checklist,
        step,
        answer,
        remark: draw.maybe(remark),
        reading,
    }))
}

/// A meter that is there: a reading for none is an answer and nothing else.
fn reading_place(draw: &mut Draw<'_>) -> Option<ReadingPlace> {
    let asset = draw.any(DocumentKind::Asset)?;
    let View::Asset(read) = draw.view(asset) else { return None };
    let meter = draw.pick(&read.meters)?.key;
    Some(ReadingPlace { id: draw.record(), asset, meter })
}

pub fn use_part(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    let part: Option<DocumentId> = draw.any(DocumentKind::Part);
    let storeroom = draw.any(DocumentKind::Storeroom);
    let part = PartUsed {
        key: draw.key(),
        part,
        storeroom: storeroom.and_then(|room| draw.maybe(room)),
        movement: Some(draw.record()),
        number: "P-1".to_owned(),
        name: draw.word(),
        quantity: draw.quantity(),
        unit: "pcs".to_owned(),
    };
    Some(Any::WorkOrder(Command::UsePart { id, part }))
}

pub fn start_timer(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::WorkOrder(Command::StartTimer { id: draw.any(DocumentKind::WorkOrder)? }))
}

pub fn stop_timer(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    Some(Any::WorkOrder(Command::StopTimer { id, labour: draw.record() }))
}

pub fn correct_status(draw: &mut Draw<'_>) -> Option<Any> {
    let id = draw.any(DocumentKind::WorkOrder)?;
    let event = draw.record();
    Some(Any::WorkOrder(Command::CorrectStatus { id, event, to: draw.one_of(Status::ALL) }))
}

pub fn correct(draw: &mut Draw<'_>) -> Option<Any> {
    let order = order(draw)?;
    let (event, to) = (draw.record(), draw.one_of(Status::ALL));
    let person = draw.pick(&order.people);
    let notice = Notice {
        kind: draw.one_of(NoticeKind::ALL),
        event: order.history.last().map(|line| line.event),
        person,
        to: Some(draw.person()),
        detail: draw.word(),
    };
    Some(Any::WorkOrder(Command::Correct(Correction {
        id: order.id,
        status: draw.maybe(CorrectedStatus { event, to }),
        unassign: person.into_iter().collect(),
        notices: vec![(draw.record(), notice)],
    })))
}

pub fn settle_notice(draw: &mut Draw<'_>) -> Option<Any> {
    let order = order(draw)?;
    let open: Vec<_> = order.open_notices().map(|line| line.id).collect();
    let notice = draw.pick(&open)?;
    Some(Any::WorkOrder(Command::SettleNotice { id: order.id, record: draw.record(), notice }))
}
