//! How each command about a work order runs: authorise, decide, write.

use super::items::{asset_item, checklist_item, part_item};
use super::{AttachedChecklist, FieldEdit, NewWorkOrder, ReadingPlace};
use crate::document::DocumentKind;
use crate::features::checklist::{Answer, StepField, check_steps};
use crate::features::work_order::Priority;
use crate::features::work_order::document::{PartUsed, read};
use crate::features::work_order::rules::{check_estimate, check_title, check_transition};
use crate::features::work_order::status::{Status, StatusEvent, frontier};
use crate::features::{Command, labour_entry, meter_reading, stock_movement};
use crate::identity::{DocumentId, PersonId, RecordId, TeamId};
use crate::input::{MAX_TEXT_CHARS, check_chars, check_key, check_moment, check_present, same_key};
use crate::instant::MINUTE_MS;
use crate::permission::Permission;
use crate::record::RecordKind;
use crate::units::Quantity;
use crate::workspace::{Author, Refusal, Workspace};

pub(super) fn create(workspace: &mut Workspace, new: &NewWorkOrder) -> Result<(), Refusal> {
    check_title(&new.title)?;
    check_chars("description", &new.description, MAX_TEXT_CHARS)?;
    check_moment("planned_start", new.planned_start)?;
    check_moment("due", new.due)?;
    check_estimate(new.estimated_minutes)?;
    new.tags.iter().try_for_each(|tag| check_key("tag", tag))?;
    new.checklists.iter().try_for_each(check_checklist)?;
    let requester = requester(workspace, new)?;
    workspace.create(new.id, DocumentKind::WorkOrder)?;
    workspace.edit(new.id, |edit| {
        edit.put_str(&["title"], Some(new.title.trim()))?;
        edit.put_str(&["type"], Some(new.work_type.code()))?;
        // Without it the priority is this one.
        if new.priority != Priority::Medium || edit.may_write(&["priority"]) {
            edit.put_str(&["priority"], Some(new.priority.code()))?;
        }
        edit.put_str(&["origin"], Some(new.origin.code()))?;
        edit.put_str(&["external"], new.external.as_deref())?;
        edit.put_str(&["requester"], requester.map(|id| id.to_string()).as_deref())?;
        edit.put_str(&["site"], new.site.map(|id| id.to_string()).as_deref())?;
        edit.put_str(&["location"], new.location.map(|id| id.to_string()).as_deref())?;
        edit.put_timestamp(&["planned_start"], new.planned_start)?;
        edit.put_timestamp(&["due"], new.due)?;
        edit.put_int(&["estimated_minutes"], new.estimated_minutes)?;
        for asset in &new.assets {
            edit.insert_item(&["assets", &asset.id.to_string()], &asset_item(asset))?;
        }
        for person in &new.people {
            edit.put(&["people", &person.to_string()], true)?;
        }
        for team in &new.teams {
            edit.put(&["teams", &team.to_string()], true)?;
        }
        for tag in &new.tags {
            edit.put(&["tags", tag], true)?;
        }
        for checklist in &new.checklists {
            edit.insert_item(&["checklists", &checklist.key], &checklist_item(checklist))?;
        }
        if !new.description.is_empty() {
            edit.set_text(&["description"], &new.description)?;
        }
        Ok(())
    })?;
    let assigned = !new.people.is_empty() || !new.teams.is_empty();
    match new.assigned_event {
        Some(event) if assigned => state_event(workspace, new.id, event, Status::Assigned, None, false),
        _ => Ok(()),
    }
}

/// Who asked for the work. Whoever may only ask asks for themselves, and so goes on seeing what became of it.
fn requester(workspace: &Workspace, new: &NewWorkOrder) -> Result<Option<PersonId>, Refusal> {
    let Author::Person { grants, .. } = workspace.author() else { return Ok(new.requester) };
    if grants.hold(Permission::WorkOrderEdit) {
        return Ok(new.requester);
    }
    match new.requester {
        Some(other) if other != grants.person => Err(Refusal::value("requester", "is somebody else")),
        _ => Ok(Some(grants.person)),
    }
}

pub(super) fn edit_fields(
    workspace: &mut Workspace,
    id: DocumentId,
    edits: &[FieldEdit],
) -> Result<(), Refusal> {
    for edit in edits {
        match edit {
            FieldEdit::Title(title) => check_title(title)?,
            FieldEdit::Description(edit) => check_chars("description", &edit.text, MAX_TEXT_CHARS)?,
            FieldEdit::Resolution(edit) => check_chars("resolution", &edit.text, MAX_TEXT_CHARS)?,
            FieldEdit::PlannedStart(at) => check_moment("planned_start", *at)?,
            FieldEdit::Due(at) => check_moment("due", *at)?,
            FieldEdit::EstimatedMinutes(minutes) => check_estimate(*minutes)?,
            FieldEdit::Downtime(start, end) => {
                check_moment("downtime_start", *start)?;
                check_moment("downtime_end", *end)?;
            }
            FieldEdit::AddTag(tag) => check_key("tag", tag)?,
            FieldEdit::Custom(key, _) => check_key("custom", key)?,
            _ => {}
        }
    }
    workspace.edit(id, |door| edits.iter().try_for_each(|edit| edit_field(door, edit)))
}

fn edit_field(door: &mut crate::document::Edit, edit: &FieldEdit) -> Result<(), Refusal> {
    match edit {
        FieldEdit::Title(title) => door.put_str(&["title"], Some(title.trim()))?,
        FieldEdit::Description(edit) => door.edit_text(&["description"], edit)?,
        FieldEdit::Resolution(edit) => door.edit_text(&["resolution"], edit)?,
        FieldEdit::Type(work_type) => door.put_str(&["type"], Some(work_type.code()))?,
        FieldEdit::Priority(priority) => door.put_str(&["priority"], Some(priority.code()))?,
        FieldEdit::PlannedStart(at) => door.put_timestamp(&["planned_start"], *at)?,
        FieldEdit::Due(at) => door.put_timestamp(&["due"], *at)?,
        FieldEdit::EstimatedMinutes(minutes) => door.put_int(&["estimated_minutes"], *minutes)?,
        FieldEdit::Place(site, location) => {
            door.put_str(&["site"], site.map(|id| id.to_string()).as_deref())?;
            door.put_str(&["location"], location.map(|id| id.to_string()).as_deref())?;
        }
        FieldEdit::AddAsset(asset) => {
            door.insert_item(&["assets", &asset.id.to_string()], &asset_item(asset))?;
        }
        FieldEdit::RemoveAsset(asset) => door.remove(&["assets", &asset.to_string()])?,
        FieldEdit::AddTag(tag) => door.put(&["tags", tag], true)?,
        FieldEdit::RemoveTag(tag) => door.remove(&["tags", tag])?,
        FieldEdit::Custom(key, value) => door.put_str(&["custom", key], value.as_deref())?,
        FieldEdit::Downtime(start, end) => {
            door.put_timestamp(&["downtime_start"], *start)?;
            door.put_timestamp(&["downtime_end"], *end)?;
        }
        FieldEdit::Failure(failure) => {
            door.put_str(&["failure_mode"], failure.mode.as_deref())?;
            door.put_str(&["failure_mechanism"], failure.mechanism.as_deref())?;
            door.put_str(&["failure_cause"], failure.cause.as_deref())?;
            door.put_str(&["failure_detection"], failure.detection.as_deref())?;
            door.put_str(&["failure_impact"], failure.impact.as_deref())?;
        }
    }
    Ok(())
}

/// Keys to set or clear in the sets of people and teams.
pub(super) fn assignment(
    add_people: &[PersonId],
    remove_people: &[PersonId],
    add_teams: &[TeamId],
    remove_teams: &[TeamId],
) -> Vec<(&'static str, String, bool)> {
    let people =
        |ids: &[PersonId], on| -> Vec<_> { ids.iter().map(|id| ("people", id.to_string(), on)).collect() };
    let teams =
        |ids: &[TeamId], on| -> Vec<_> { ids.iter().map(|id| ("teams", id.to_string(), on)).collect() };
    [
        people(remove_people, false),
        teams(remove_teams, false),
        people(add_people, true),
        teams(add_teams, true),
    ]
    .concat()
}

pub(super) fn assign(
    workspace: &mut Workspace,
    id: DocumentId,
    changes: &[(&'static str, String, bool)],
    event: RecordId,
) -> Result<(), Refusal> {
    workspace.edit(id, |door| {
        for (set, key, on) in changes {
            if *on {
                door.put(&[set, key], true)?;
            } else {
                door.remove(&[set, key])?;
            }
        }
        Ok(())
    })?;
    let order = read(workspace.aggregate(id)?);
    let anybody = !order.people.is_empty() || !order.teams.is_empty();
    match order.status {
        Status::New if anybody => state_event(workspace, id, event, Status::Assigned, None, false),
        Status::Assigned if !anybody => state_event(workspace, id, event, Status::New, None, false),
        _ => Ok(()),
    }
}

pub(super) fn change_status(
    workspace: &mut Workspace,
    id: DocumentId,
    event: RecordId,
    to: Status,
    reason: Option<&str>,
) -> Result<(), Refusal> {
    let order = read(workspace.aggregate(id)?);
    if order.history.iter().any(|line| line.event == event) {
        return Ok(());
    }
    check_transition(&order, to, reason, workspace.author().person())?;
    state_event(workspace, id, event, to, reason, false)
}

pub(super) fn correct_status(
    workspace: &mut Workspace,
    id: DocumentId,
    event: RecordId,
    to: Status,
) -> Result<(), Refusal> {
    state_event(workspace, id, event, to, None, true)
}

pub(super) fn state_event(
    workspace: &mut Workspace,
    id: DocumentId,
    event: RecordId,
    to: Status,
    reason: Option<&str>,
    correction: bool,
) -> Result<(), Refusal> {
    let saw = frontier(workspace.aggregate(id)?);
    let fact = StatusEvent { to, saw, reason: reason.map(|text| text.trim().to_owned()), correction };
    fact.check()?;
    workspace.state(event, id, RecordKind::StatusEvent, &fact)
}

pub(super) fn attach_checklist(
    workspace: &mut Workspace,
    id: DocumentId,
    checklist: &AttachedChecklist,
) -> Result<(), Refusal> {
    check_checklist(checklist)?;
    let order = read(workspace.aggregate(id)?);
    if let Some(present) = order.checklists.iter().find(|list| list.key == checklist.key) {
        let is_same = (present.template, present.version, &present.title, &present.steps)
            == (checklist.template, checklist.version, &checklist.title, &checklist.steps);
        return same_key(is_same, &checklist.key);
    }
    workspace
        .edit(id, |door| Ok(door.insert_item(&["checklists", &checklist.key], &checklist_item(checklist))?))
}

fn check_checklist(checklist: &AttachedChecklist) -> Result<(), Refusal> {
    check_key("checklist", &checklist.key)?;
    check_present("checklist", &checklist.title)?;
    check_steps(&checklist.steps)
}

/// A step of a checklist of a work order.
pub(super) struct Place<'a> {
    pub(super) id: DocumentId,
    pub(super) checklist: &'a str,
    pub(super) step: &'a str,
}

pub(super) fn answer_step(
    workspace: &mut Workspace,
    place: &Place<'_>,
    answer: Option<&str>,
    remark: Option<&str>,
    reading: Option<&ReadingPlace>,
) -> Result<(), Refusal> {
    let order = read(workspace.aggregate(place.id)?);
    let step = order
        .checklists
        .iter()
        .find(|list| list.key == place.checklist)
        .and_then(|list| list.steps.iter().find(|step| step.key == place.step))
        .ok_or_else(|| Refusal::value("step", "is not in this checklist"))?;
    let parsed = answer.map(|text| Answer::parse(&step.field, text));
    if parsed == Some(None) {
        return Err(Refusal::value(&step.label, "does not take this answer"));
    }
    let read = match (&step.field, parsed.flatten(), reading) {
        (StepField::MeterReading { unit }, Some(Answer::Number(value)), Some(place)) => {
            Some((place, value, unit.clone()))
        }
        _ => None,
    };
    workspace.edit(place.id, |door| {
        door.put_str(&["checklists", place.checklist, "answers", place.step], answer)?;
        if let Some(text) = remark {
            door.put_str(&["checklists", place.checklist, "remarks", place.step], Some(text))?;
        }
        Ok(())
    })?;
    read.map_or(Ok(()), |(meter, value, unit)| keep_reading(workspace, place.id, meter, value, unit))
}

/// Writes an answer down as a reading of the asset's meter. The answer is what was asked for: an asset that is not
/// here, has no such meter or is not the author's to work on does not stop it.
fn keep_reading(
    workspace: &mut Workspace,
    order: DocumentId,
    place: &ReadingPlace,
    value: Quantity,
    unit: String,
) -> Result<(), Refusal> {
    let reading =
        meter_reading::MeterReading { meter: place.meter.clone(), value, unit, work_order: Some(order) };
    let add = meter_reading::Command::Add { id: place.id, asset: place.asset, reading };
    match Command::MeterReading(add).execute(workspace) {
        Err(Refusal::UnknownDocument { .. } | Refusal::NotPermitted { .. } | Refusal::Value { .. }) => Ok(()),
        outcome => outcome,
    }
}

pub(super) fn use_part(workspace: &mut Workspace, id: DocumentId, part: &PartUsed) -> Result<(), Refusal> {
    check_key("part", &part.key)?;
    if part.quantity <= Quantity::ZERO {
        return Err(Refusal::value("quantity", "must be more than nothing"));
    }
    if let Some(present) = read(workspace.aggregate(id)?).parts.iter().find(|line| line.key == part.key) {
        return same_key(present == part, &part.key);
    }
    if let (Some(storeroom), Some(movement), Some(catalogue)) = (part.storeroom, part.movement, part.part) {
        let issue = stock_movement::StockMovement::issue(catalogue, part.quantity, id);
        stock_movement::state(workspace, movement, storeroom, &issue)?;
    }
    workspace.edit(id, |door| Ok(door.insert_item(&["parts", &part.key], &part_item(part))?))
}

fn timer_owner(workspace: &Workspace) -> Result<PersonId, Refusal> {
    workspace.author().person().ok_or_else(|| Refusal::rule("only_people_have_timers", ""))
}

pub(super) fn start_timer(workspace: &mut Workspace, id: DocumentId) -> Result<(), Refusal> {
    let person = timer_owner(workspace)?;
    let now = workspace.now();
    if read(workspace.aggregate(id)?).timers.contains_key(&person) {
        return Ok(());
    }
    workspace.edit(id, |door| Ok(door.put_timestamp(&["timers", &person.to_string()], Some(now))?))
}

pub(super) fn stop_timer(workspace: &mut Workspace, id: DocumentId, labour: RecordId) -> Result<(), Refusal> {
    let person = timer_owner(workspace)?;
    let Some(started) = read(workspace.aggregate(id)?).timers.get(&person).copied() else {
        return Ok(());
    };
    workspace.edit(id, |door| Ok(door.put_timestamp(&["timers", &person.to_string()], None)?))?;
    // A clock that was set back must not make negative hours, and a forgotten timer must still stop; a started
    // minute counts.
    let millis = workspace.now().millis_since(started).max(0);
    let minutes =
        (millis / MINUTE_MS + i64::from(millis % MINUTE_MS > 0)).clamp(1, labour_entry::MAX_MINUTES);
    let entry = labour_entry::LabourEntry { person, minutes, started: Some(started), note: None };
    labour_entry::state(workspace, labour, id, &entry)
}
