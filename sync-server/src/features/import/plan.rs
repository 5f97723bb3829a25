//! The commands that turn a row into a closed work order.

use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::features::asset::{self, AssetStatus, Level, NewAsset};
use shared_model::features::cost::{self, CostEntry, CostKind};
use shared_model::features::work_order::{self, AssetLink, NewWorkOrder, Origin, Priority, Status};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::record::RecordKind;
use shared_model::workspace::Aggregate;

use super::excavator::ImportedRow;
use super::identity;
use crate::sync::TypedCommand;

/// An asset that is known by its tag only.
pub(super) fn new_asset(organisation: OrganisationId, tag: &str) -> (AssetLink, TypedCommand) {
    let external = format!("excavator:asset:{tag}");
    let id = identity::document(organisation, &external);
    let link = AssetLink { id, tag: tag.to_owned(), name: format!("Excavator {tag}") };
    let new = NewAsset {
        id,
        tag: link.tag.clone(),
        name: link.name.clone(),
        parent: None,
        site: None,
        location: None,
        fields: vec![
            asset::FieldEdit::Type(Some("Hydraulic excavator".to_owned())),
            asset::FieldEdit::Level(Level::EquipmentUnit),
            asset::FieldEdit::Status(AssetStatus::Operating),
            asset::FieldEdit::External(Some(external)),
        ],
    };
    let create = Command::Asset(asset::Command::Create(Box::new(new)));
    (link, TypedCommand::new(identity::command(id, "import"), create))
}

/// A row that is not here yet.
pub(super) fn new_work_order(id: DocumentId, row: &ImportedRow, asset: &AssetLink) -> TypedCommand {
    let new = NewWorkOrder {
        id,
        title: row.title.clone(),
        description: row.description.clone(),
        work_type: row.work_type,
        priority: Priority::Medium,
        origin: Origin::Import,
        external: Some(row.external.clone()),
        requester: None,
        site: None,
        location: None,
        assets: vec![asset.clone()],
        people: Vec::new(),
        teams: Vec::new(),
        tags: row.tag.iter().cloned().collect(),
        planned_start: Some(row.date),
        due: None,
        estimated_minutes: None,
        checklists: Vec::new(),
        assigned_event: None,
    };
    let mut commands = vec![Command::WorkOrder(work_order::Command::Create(Box::new(new)))];
    commands.extend(enter_cost(id, row));
    commands.push(close(id));
    TypedCommand { id: identity::command(id, "import"), commands, at: Some(row.date) }
}

/// What a work order that is here lacks of its row: a cost or the closing, when an earlier import was cut short.
/// Fields are left as people made them.
pub(super) fn missing(aggregate: &Aggregate, row: &ImportedRow) -> Option<TypedCommand> {
    let has = |kind| aggregate.records_of(kind).next().is_some();
    let mut commands = Vec::new();
    if !has(RecordKind::CostEntry) {
        commands.extend(enter_cost(aggregate.id, row));
    }
    if !has(RecordKind::StatusEvent) {
        commands.push(close(aggregate.id));
    }
    if commands.is_empty() {
        return None;
    }
    let purpose = format!("complete {}", commands.len());
    Some(TypedCommand { id: identity::command(aggregate.id, &purpose), commands, at: Some(row.date) })
}

fn enter_cost(document: DocumentId, row: &ImportedRow) -> Option<Command> {
    let entry = CostEntry {
        money: row.cost?,
        kind: CostKind::Other,
        note: None,
        external: Some(row.external.clone()),
    };
    let id = identity::record(document, "cost");
    Some(Command::Cost(cost::Command::Enter { id, document, kind: DocumentKind::WorkOrder, entry }))
}

fn close(id: DocumentId) -> Command {
    let event = identity::record(id, "closed");
    Command::WorkOrder(work_order::Command::CorrectStatus { id, event, to: Status::Closed })
}
