//! The stock ledger: signed quantities of parts in storerooms, as immutable records. Stock is their sum; a draw
//! below zero that was made offline is a physical fact, accepted and shown as a discrepancy.

use serde::{Deserialize, Serialize};

use crate::features::work_order::codes;
use crate::identity::{DocumentId, RecordId};
use crate::permission::Permission;
use crate::record::RecordKind;
use crate::units::Quantity;
use crate::workspace::{Refusal, Workspace};

codes! {
    /// Why a quantity moved.
    MovementKind {
        /// Delivered.
        Receipt = "receipt",
        /// Taken for work.
        Issue = "issue",
        /// Brought back from work.
        Return = "return",
        /// Sent to another storeroom.
        TransferOut = "transfer_out",
        /// Come from another storeroom.
        TransferIn = "transfer_in",
        /// Counted.
        CountAdjustment = "count_adjustment",
        /// Thrown away.
        Scrap = "scrap",
    }
}

/// The fact behind a [`RecordKind::StockMovement`] record, owned by the storeroom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockMovement {
    /// Why.
    pub kind: MovementKind,
    /// The part.
    pub part: DocumentId,
    /// Signed: what leaves the storeroom is negative.
    pub quantity: Quantity,
    /// The work order it was taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_order: Option<DocumentId>,
    /// The other storeroom of a transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart: Option<DocumentId>,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl StockMovement {
    /// Taking `quantity` of a part for a work order.
    pub fn issue(part: DocumentId, quantity: Quantity, work_order: DocumentId) -> Self {
        Self {
            kind: MovementKind::Issue,
            part,
            quantity: quantity.negated(),
            work_order: Some(work_order),
            counterpart: None,
            note: None,
        }
    }

    /// What it takes to state this movement.
    pub const fn permission(&self) -> Permission {
        match self.kind {
            MovementKind::Issue | MovementKind::Return => Permission::StockIssue,
            MovementKind::Receipt
            | MovementKind::TransferOut
            | MovementKind::TransferIn
            | MovementKind::CountAdjustment
            | MovementKind::Scrap => Permission::StockAdjust,
        }
    }
}

/// States a movement in a storeroom. A storeroom that is not on this device does not stop the work: the
/// movement is refused only where the author may not move stock at all.
pub fn state(
    workspace: &mut Workspace,
    id: RecordId,
    storeroom: DocumentId,
    movement: &StockMovement,
) -> Result<(), Refusal> {
    workspace.require(movement.permission(), storeroom)?;
    if movement.quantity == Quantity::ZERO {
        return Err(Refusal::value("quantity", "must not be nothing"));
    }
    let leaves = matches!(
        movement.kind,
        MovementKind::Issue | MovementKind::TransferOut | MovementKind::Scrap
    );
    let comes = matches!(
        movement.kind,
        MovementKind::Receipt | MovementKind::Return | MovementKind::TransferIn
    );
    if (leaves && movement.quantity > Quantity::ZERO) || (comes && movement.quantity < Quantity::ZERO) {
        return Err(Refusal::value("quantity", "has the wrong sign for this movement"));
    }
    workspace.state(id, storeroom, RecordKind::StockMovement, movement)
}
