//! What people do with stock: they receive, issue, return, transfer, count and scrap it. Quantities are given as
//! people say them, more than nothing; the sign is the command's matter.

use serde::{Deserialize, Serialize};

use super::{MovementKind, StockMovement, balances, state};
use crate::document::DocumentKind;
use crate::features::names::Names;
use crate::identity::{DocumentId, RecordId};
use crate::units::Quantity;
use crate::workspace::{Refusal, Touch, Workspace};

/// What moves where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Movement {
    /// Id of the record.
    pub id: RecordId,
    /// The storeroom.
    pub storeroom: DocumentId,
    /// The part.
    pub part: DocumentId,
    /// How much, more than nothing.
    pub quantity: Quantity,
    /// The work order it is for, if any. The work order's own list of parts is written by its `use_part`.
    #[serde(default)]
    pub work_order: Option<DocumentId>,
    /// A remark.
    #[serde(default)]
    pub note: Option<String>,
}

/// A command about stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum Command {
    /// Take a delivery in.
    Receive(Movement),
    /// Hand parts out.
    Issue(Movement),
    /// Take parts back.
    Return(Movement),
    /// Throw parts away.
    Scrap(Movement),
    /// Send parts to another storeroom.
    Transfer {
        /// Id of the record in the storeroom they leave.
        out: RecordId,
        /// Id of the record in the storeroom they come to.
        into: RecordId,
        /// The storeroom they leave.
        from: DocumentId,
        /// The storeroom they come to.
        to: DocumentId,
        /// The part.
        part: DocumentId,
        /// How much, more than nothing.
        quantity: Quantity,
        /// A remark.
        #[serde(default)]
        note: Option<String>,
    },
    /// Say how many there really are.
    Count {
        /// Id of the record.
        id: RecordId,
        /// The storeroom.
        storeroom: DocumentId,
        /// The part.
        part: DocumentId,
        /// How many there are.
        counted: Quantity,
        /// The balance the person was shown while counting, so that a replay states the same fact; `None`: the
        /// present one.
        #[serde(default)]
        saw: Option<Quantity>,
        /// A remark.
        #[serde(default)]
        note: Option<String>,
    },
}

crate::tagged!(Command, "do");

impl Command {
    /// The documents the command reads or writes.
    pub fn documents(&self) -> Vec<Touch> {
        let room = |id: &DocumentId| Touch { document: *id, kind: DocumentKind::Storeroom };
        match self {
            Self::Receive(movement)
            | Self::Issue(movement)
            | Self::Return(movement)
            | Self::Scrap(movement) => vec![room(&movement.storeroom)],
            Self::Transfer { from, to, .. } => vec![room(from), room(to)],
            Self::Count { storeroom, .. } => vec![room(storeroom)],
        }
    }

    /// What it names beside them.
    pub(in crate::features) fn name(&self, names: &mut Names) {
        let part = match self {
            Self::Receive(movement)
            | Self::Issue(movement)
            | Self::Return(movement)
            | Self::Scrap(movement) => {
                names.state([movement.id]);
                names.refer("work_order", DocumentKind::WorkOrder, movement.work_order);
                movement.part
            }
            Self::Transfer { out, into, part, .. } => {
                names.state([*out, *into]);
                *part
            }
            Self::Count { id, part, .. } => {
                names.state([*id]);
                *part
            }
        };
        names.refer("part", DocumentKind::Part, [part]);
    }

    /// Runs the command, whose rights have been asked for, or refuses it and changes nothing.
    pub(in crate::features) fn execute(&self, workspace: &mut Workspace) -> Result<(), Refusal> {
        for touch in self.documents() {
            workspace.aggregate_of(touch.document, touch.kind)?;
        }
        match self {
            Self::Receive(movement) => run(workspace, MovementKind::Receipt, movement, movement.quantity),
            Self::Issue(movement) => {
                run(workspace, MovementKind::Issue, movement, movement.quantity.negated())
            }
            Self::Return(movement) => run(workspace, MovementKind::Return, movement, movement.quantity),
            Self::Scrap(movement) => {
                run(workspace, MovementKind::Scrap, movement, movement.quantity.negated())
            }
            Self::Transfer { out, into, from, to, part, quantity, note } => {
                if from == to {
                    return Err(Refusal::value("to", "is the storeroom the parts leave"));
                }
                let leg = |kind, quantity, counterpart: &DocumentId| StockMovement {
                    counterpart: Some(*counterpart),
                    note: note.clone(),
                    ..StockMovement::new(kind, *part, quantity)
                };
                state(workspace, *out, *from, &leg(MovementKind::TransferOut, quantity.negated(), to))?;
                state(workspace, *into, *to, &leg(MovementKind::TransferIn, *quantity, from))
            }
            Self::Count { id, storeroom, part, counted, saw, note } => {
                if *counted < Quantity::ZERO {
                    return Err(Refusal::value("counted", "must not be below nothing"));
                }
                let present =
                    balances(workspace.aggregate(*storeroom)?).get(part).copied().unwrap_or_default();
                let saw = saw.unwrap_or(present);
                let quantity = counted.plus(saw.negated());
                let adjustment = StockMovement {
                    saw: Some(saw),
                    note: note.clone(),
                    ..StockMovement::new(MovementKind::CountAdjustment, *part, quantity)
                };
                state(workspace, *id, *storeroom, &adjustment)
            }
        }
    }
}

fn run(
    workspace: &mut Workspace,
    kind: MovementKind,
    movement: &Movement,
    quantity: Quantity,
) -> Result<(), Refusal> {
    let fact = StockMovement {
        work_order: movement.work_order,
        note: movement.note.clone(),
        ..StockMovement::new(kind, movement.part, quantity)
    };
    state(workspace, movement.id, movement.storeroom, &fact)
}
