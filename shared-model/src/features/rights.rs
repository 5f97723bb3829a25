//! The permission matrix: what every command takes, and where. Commands ask for no rights themselves; [`Command::execute`]
//! asks for those that stand here, on a device as on the server. What single writes take stands in the field tables and
//! beside the kinds of records, because bytes that a device made may be anything.

use super::stock_movement::{self, MovementKind};
use super::work_order::{self, FieldEdit};
use super::{Command, asset, checklist, comment, conflict, cost, labour_entry, location, meter_reading};
use super::{part, storeroom};
use crate::document::DocumentKind;
use crate::identity::DocumentId;
use crate::permission::Permission;
use crate::workspace::{Refusal, Touch, Workspace};

/// What a command takes before any rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// This permission on a document that is there.
    On(Permission, Touch),
    /// This permission wherever it reaches: what is to begin belongs nowhere yet.
    Somewhere(Permission),
    /// No permission is enough: only the server does this to a document.
    ServerOnly(Touch),
}

impl Command {
    /// What the command takes in this workspace. The state of a document may decide: reopening work takes more than going on.
    pub fn rights(&self, workspace: &Workspace) -> Vec<Right> {
        match self {
            Self::WorkOrder(command) => of_work_order(command, workspace),
            Self::LabourEntry(command) => of_labour_entry(command, workspace),
            Self::StockMovement(command) => of_stock_movement(command),
            Self::Cost(command) => of_cost(command),
            Self::Conflict(command) => of_conflict(command),
            Self::Comment(comment::Command::Add { document, kind, .. }) => {
                vec![on(Permission::CommentWrite, *document, *kind)]
            }
            Self::Asset(command) => vec![match command {
                asset::Command::Create(_) => Right::Somewhere(Permission::AssetEdit),
                asset::Command::Edit { id, .. } | asset::Command::Move { id, .. } => {
                    on(Permission::AssetEdit, *id, DocumentKind::Asset)
                }
            }],
            Self::Location(command) => vec![match command {
                location::Command::Create(_) => Right::Somewhere(Permission::LocationEdit),
                location::Command::Edit { id, .. } | location::Command::Move { id, .. } => {
                    on(Permission::LocationEdit, *id, DocumentKind::Location)
                }
            }],
            Self::Part(command) => vec![match command {
                part::Command::Create(_) => Right::Somewhere(Permission::PartEdit),
                part::Command::Edit { id, .. } => on(Permission::PartEdit, *id, DocumentKind::Part),
            }],
            Self::Storeroom(command) => vec![match command {
                storeroom::Command::Create(_) => Right::Somewhere(Permission::PartEdit),
                storeroom::Command::Edit { id, .. } => on(Permission::PartEdit, *id, DocumentKind::Storeroom),
            }],
            Self::MeterReading(meter_reading::Command::Add { asset, .. }) => {
                vec![on(Permission::WorkOrderExecute, *asset, DocumentKind::Asset)]
            }
            Self::Checklist(command) => vec![match command {
                checklist::Command::Create(_) => Right::Somewhere(Permission::ChecklistEdit),
                checklist::Command::Edit { id, .. }
                | checklist::Command::SaveVersion { id, .. }
                | checklist::Command::Publish { id, .. }
                | checklist::Command::Retire { id } => {
                    on(Permission::ChecklistEdit, *id, DocumentKind::ChecklistTemplate)
                }
            }],
        }
    }

    /// Refuses unless the author of this workspace may do it.
    pub(super) fn authorise(&self, workspace: &Workspace) -> Result<(), Refusal> {
        self.rights(workspace).iter().try_for_each(|right| match right {
            Right::On(permission, touch) => workspace.require(*permission, *touch),
            Right::Somewhere(permission) => workspace.require_somewhere(*permission),
            Right::ServerOnly(touch) => workspace.require_server(*touch),
        })
    }
}

const fn on(permission: Permission, document: DocumentId, kind: DocumentKind) -> Right {
    Right::On(permission, Touch { document, kind })
}

fn of_work_order(command: &work_order::Command, workspace: &Workspace) -> Vec<Right> {
    use work_order::Command as C;
    let kind = DocumentKind::WorkOrder;
    match command {
        // Whoever may only ask does not say who is to do it, nor how.
        C::Create(new) => {
            let assigns = !new.people.is_empty() || !new.teams.is_empty();
            std::iter::once(Permission::WorkOrderCreate)
                .chain(assigns.then_some(Permission::WorkOrderAssign))
                .map(Right::Somewhere)
                .collect()
        }
        C::Edit { id, edits } => edits.iter().map(|edit| on(of_field(edit), *id, kind)).collect(),
        C::Assign { id, .. } => vec![on(Permission::WorkOrderAssign, *id, kind)],
        C::ChangeStatus { id, event, to, labour, .. } => {
            let order = workspace.aggregate_of(*id, kind).ok();
            // Saying again what was said takes nothing more.
            let step = match order {
                Some(order) if order.records.contains_key(event) => None,
                Some(order) => Some(work_order::read(order).status.permission_to(*to)),
                None => Some(Permission::WorkOrderExecute),
            };
            let labour = labour.map(|_| Permission::WorkOrderExecute);
            step.into_iter().chain(labour).map(|permission| on(permission, *id, kind)).collect()
        }
        C::AttachChecklist { id, .. } => vec![on(Permission::WorkOrderEdit, *id, kind)],
        // The reading that an answer becomes is kept where its author may keep one.
        C::Answer { id, .. } | C::StartTimer { id } | C::StopTimer { id, .. } => {
            vec![on(Permission::WorkOrderExecute, *id, kind)]
        }
        C::UsePart { id, part } => {
            let is_there = |order: &_| work_order::read(order).parts.iter().any(|line| line.key == part.key);
            let storeroom = part
                .storeroom
                .filter(|_| part.movement.is_some() && part.part.is_some())
                .filter(|_| !workspace.aggregate_of(*id, kind).is_ok_and(is_there))
                .map(|room| on(MovementKind::Issue.permission(), room, DocumentKind::Storeroom));
            std::iter::once(on(Permission::WorkOrderExecute, *id, kind)).chain(storeroom).collect()
        }
        C::CorrectStatus { id, .. } => vec![Right::ServerOnly(Touch { document: *id, kind })],
        C::Correct(correction) => vec![Right::ServerOnly(Touch { document: correction.id, kind })],
        C::SettleNotice { id, .. } => vec![on(Permission::ConflictResolve, *id, kind)],
    }
}

const fn of_field(edit: &FieldEdit) -> Permission {
    match edit {
        FieldEdit::Resolution(_) | FieldEdit::Downtime(..) | FieldEdit::Failure(_) => {
            Permission::WorkOrderExecute
        }
        FieldEdit::Title(_)
        | FieldEdit::Description(_)
        | FieldEdit::Type(_)
        | FieldEdit::Priority(_)
        | FieldEdit::PlannedStart(_)
        | FieldEdit::Due(_)
        | FieldEdit::EstimatedMinutes(_)
        | FieldEdit::Place(..)
        | FieldEdit::AddAsset(_)
        | FieldEdit::RemoveAsset(_)
        | FieldEdit::AddTag(_)
        | FieldEdit::RemoveTag(_)
        | FieldEdit::Custom(..) => Permission::WorkOrderEdit,
    }
}

/// Everybody writes down their own hours; those of others, whoever assigns the work.
fn of_labour_entry(command: &labour_entry::Command, workspace: &Workspace) -> Vec<Right> {
    let labour_entry::Command::Add { work_order, entry, .. } = command;
    let of_another = workspace.author().person().is_some_and(|author| author != entry.person);
    let permissions = [Some(Permission::WorkOrderExecute), of_another.then_some(Permission::WorkOrderAssign)];
    let permissions = permissions.into_iter().flatten();
    permissions.map(|permission| on(permission, *work_order, DocumentKind::WorkOrder)).collect()
}

fn of_stock_movement(command: &stock_movement::Command) -> Vec<Right> {
    use stock_movement::Command as C;
    let moves = |why: MovementKind, room: DocumentId| on(why.permission(), room, DocumentKind::Storeroom);
    match command {
        C::Receive(movement) => vec![moves(MovementKind::Receipt, movement.storeroom)],
        C::Issue(movement) => vec![moves(MovementKind::Issue, movement.storeroom)],
        C::Return(movement) => vec![moves(MovementKind::Return, movement.storeroom)],
        C::Scrap(movement) => vec![moves(MovementKind::Scrap, movement.storeroom)],
        C::Transfer { from, to, .. } => {
            vec![moves(MovementKind::TransferOut, *from), moves(MovementKind::TransferIn, *to)]
        }
        C::Count { storeroom, .. } => vec![moves(MovementKind::CountAdjustment, *storeroom)],
    }
}

fn of_cost(command: &cost::Command) -> Vec<Right> {
    let (document, kind) = match command {
        cost::Command::Enter { document, kind, .. } => (*document, *kind),
        cost::Command::SetPrice { part, .. } => (*part, DocumentKind::Part),
        cost::Command::SetRate { site, .. } => (*site, DocumentKind::Location),
    };
    vec![on(Permission::CostWrite, document, kind)]
}

/// Choosing a value is writing it.
fn of_conflict(command: &conflict::Command) -> Vec<Right> {
    let conflict::Command::Settle { document, kind, field, .. } = command;
    let path: Vec<&str> = field.split('/').collect();
    let written = kind.fields().field(&path).map(|field| field.permission);
    let permissions = std::iter::once(Permission::ConflictResolve).chain(written);
    permissions.map(|permission| on(permission, *document, *kind)).collect()
}
