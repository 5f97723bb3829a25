//! What commands about work orders must leave behind.

use shared_model::document::FieldValue;
use shared_model::features::View;
use shared_model::features::work_order::{Command, FieldEdit, NewWorkOrder, Status, WorkOrder};
use shared_model::identity::{DocumentId, RecordId};
use shared_model::units::Quantity;

use super::checklist::meaning;
use super::{Fact, Scribe};

pub fn apply(scribe: &mut Scribe<'_>, command: &Command) {
    match command {
        Command::Create(new) => create(scribe, new),
        Command::Edit { id, edits } => edits.iter().for_each(|edit| field(scribe, *id, edit)),
        Command::Assign { id, add_people, remove_people, add_teams, remove_teams, event } => {
            remove_people.iter().for_each(|person| scribe.remove(*id, &format!("people/{person}")));
            remove_teams.iter().for_each(|team| scribe.remove(*id, &format!("teams/{team}")));
            add_people.iter().for_each(|person| scribe.add(*id, "people", person));
            add_teams.iter().for_each(|team| scribe.add(*id, "teams", team));
            let anybody = has_any(scribe, *id, "people/") || has_any(scribe, *id, "teams/");
            match shown(scribe, *id).status {
                Status::New if anybody => scribe.fact(*id, *event, Fact::Status(Status::Assigned)),
                Status::Assigned if !anybody => scribe.fact(*id, *event, Fact::Status(Status::New)),
                _ => {}
            }
        }
        Command::ChangeStatus { id, event, to, labour, .. } => {
            scribe.fact(*id, *event, Fact::Status(*to));
            labour.iter().for_each(|labour| stop_timer(scribe, *id, *labour));
        }
        Command::CorrectStatus { id, event, to } => scribe.fact(*id, *event, Fact::Status(*to)),
        Command::Correct(correction) => {
            let id = correction.id;
            correction.unassign.iter().for_each(|person| scribe.remove(id, &format!("people/{person}")));
            if let Some(status) = &correction.status {
                scribe.fact(id, status.event, Fact::Status(status.to));
            }
            for (record, notice) in &correction.notices {
                scribe.fact(id, *record, Fact::Notice(notice.detail.clone()));
            }
        }
        Command::SettleNotice { id, record, notice } => scribe.fact(*id, *record, Fact::Settled(*notice)),
        Command::AttachChecklist { id, checklist } => {
            scribe.insert(*id, &format!("checklists/{}", checklist.key));
        }
        Command::Answer { id, checklist, step, answer, remark, reading } => {
            if let Some(text) = answer {
                assert!(meaning(step, text).is_some(), "{step} took {text:?}");
            }
            scribe.put_str(*id, &format!("checklists/{checklist}/answers/{step}"), answer.as_deref());
            if remark.is_some() {
                scribe.put_str(*id, &format!("checklists/{checklist}/remarks/{step}"), remark.as_deref());
            }
            if let (Some(place), Some(value)) = (reading, answer) {
                let value = Quantity::parse(value).expect("drawn readings are numbers").thousandths();
                scribe.fact(place.asset, place.id, Fact::Reading(place.meter.clone(), value));
            }
        }
        Command::UsePart { id, part } => {
            scribe.insert(*id, &format!("parts/{}", part.key));
            if let (Some(storeroom), Some(movement), Some(catalogue)) =
                (part.storeroom, part.movement, part.part)
            {
                scribe.fact(storeroom, movement, Fact::Movement(catalogue, -part.quantity.thousandths()));
            }
        }
        Command::StartTimer { id } => {
            let path = timer(scribe);
            if !matches!(scribe.seen(*id, &path).as_slice(), [FieldValue::Timestamp(_)]) {
                scribe.put_time(*id, &path, Some(scribe.scene.now));
            }
        }
        Command::StopTimer { id, labour } => stop_timer(scribe, *id, *labour),
    }
}

fn create(scribe: &mut Scribe<'_>, new: &NewWorkOrder) {
    let id = new.id;
    scribe.put_str(id, "title", Some(&new.title));
    scribe.put_str(id, "type", Some(new.work_type.code()));
    scribe.put_str(id, "priority", Some(new.priority.code()));
    scribe.put_str(id, "origin", Some(new.origin.code()));
    scribe.put_str(id, "external", new.external.as_deref());
    scribe.put_id(id, "requester", new.requester);
    scribe.put_id(id, "site", new.site);
    scribe.put_id(id, "location", new.location);
    scribe.put_time(id, "planned_start", new.planned_start);
    scribe.put_time(id, "due", new.due);
    scribe.put_int(id, "estimated_minutes", new.estimated_minutes);
    new.assets.iter().for_each(|asset| scribe.insert(id, &format!("assets/{}", asset.id)));
    new.people.iter().for_each(|person| scribe.add(id, "people", person));
    new.teams.iter().for_each(|team| scribe.add(id, "teams", team));
    new.tags.iter().for_each(|tag| scribe.add(id, "tags", tag));
    new.checklists.iter().for_each(|list| scribe.insert(id, &format!("checklists/{}", list.key)));
    scribe.text(id, "description", "", &new.description);
    if let Some(event) = new.assigned_event
        && !(new.people.is_empty() && new.teams.is_empty())
    {
        scribe.fact(id, event, Fact::Status(Status::Assigned));
    }
}

fn field(scribe: &mut Scribe<'_>, id: DocumentId, edit: &FieldEdit) {
    match edit {
        FieldEdit::Title(title) => scribe.put_str(id, "title", Some(title)),
        FieldEdit::Description(edit) => {
            let before = shown(scribe, id).description.clone();
            scribe.text(id, "description", &before, &edit.text);
        }
        FieldEdit::Resolution(edit) => {
            let before = shown(scribe, id).resolution.clone();
            scribe.text(id, "resolution", &before, &edit.text);
        }
        FieldEdit::Type(work_type) => scribe.put_str(id, "type", Some(work_type.code())),
        FieldEdit::Priority(priority) => scribe.put_str(id, "priority", Some(priority.code())),
        FieldEdit::PlannedStart(at) => scribe.put_time(id, "planned_start", *at),
        FieldEdit::Due(at) => scribe.put_time(id, "due", *at),
        FieldEdit::EstimatedMinutes(minutes) => scribe.put_int(id, "estimated_minutes", *minutes),
        FieldEdit::Place(site, location) => {
            scribe.put_id(id, "site", *site);
            scribe.put_id(id, "location", *location);
        }
        FieldEdit::AddAsset(asset) => scribe.insert(id, &format!("assets/{}", asset.id)),
        FieldEdit::RemoveAsset(asset) => scribe.remove(id, &format!("assets/{asset}")),
        FieldEdit::AddTag(tag) => scribe.add(id, "tags", tag),
        FieldEdit::RemoveTag(tag) => scribe.remove(id, &format!("tags/{tag}")),
        FieldEdit::Custom(key, value) => scribe.put_str(id, &format!("custom/{key}"), value.as_deref()),
        FieldEdit::Downtime(start, end) => {
            scribe.put_time(id, "downtime_start", *start);
            scribe.put_time(id, "downtime_end", *end);
        }
        FieldEdit::Failure(failure) => {
            scribe.put_str(id, "failure_mode", failure.mode.as_deref());
            scribe.put_str(id, "failure_mechanism", failure.mechanism.as_deref());
            scribe.put_str(id, "failure_cause", failure.cause.as_deref());
            scribe.put_str(id, "failure_detection", failure.detection.as_deref());
            scribe.put_str(id, "failure_impact", failure.impact.as_deref());
        }
    }
}

fn timer(scribe: &Scribe<'_>) -> String {
    format!("timers/{}", scribe.scene.person)
}

fn stop_timer(scribe: &mut Scribe<'_>, id: DocumentId, labour: RecordId) {
    let path = timer(scribe);
    if let [FieldValue::Timestamp(started)] = scribe.seen(id, &path).as_slice() {
        let minutes = (scribe.scene.now.millis_since(*started) + 59_999) / 60_000;
        scribe.put_time(id, &path, None);
        scribe.fact(id, labour, Fact::Labour(scribe.scene.person, minutes, None));
    }
}

fn shown<'s>(scribe: &'s Scribe<'_>, id: DocumentId) -> &'s WorkOrder {
    match &scribe.scene.before[&id] {
        View::WorkOrder(order) => order,
        other => panic!("{other:?} is not a work order"),
    }
}

fn has_any(scribe: &Scribe<'_>, id: DocumentId, prefix: &str) -> bool {
    let paths: Vec<String> = scribe
        .model
        .fields
        .keys()
        .filter(|(d, p)| *d == id && p.starts_with(prefix))
        .map(|(_, p)| p.clone())
        .collect();
    paths.iter().any(|path| !scribe.seen(id, path).is_empty())
}
