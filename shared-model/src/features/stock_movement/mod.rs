//! The stock ledger: signed quantities of parts in storerooms, as immutable records. Stock is their sum; a draw
//! below zero that was made offline is a physical fact, accepted and shown as a discrepancy.

mod commands;
#[cfg(test)]
mod tests;

pub use commands::{Command, Movement};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::identity::{ActorId, DocumentId, PersonId, RecordId};
use crate::input::check_note;
use crate::instant::Timestamp;
use crate::permission::Permission;
use crate::record::RecordKind;
use crate::units::Quantity;
use crate::workspace::{Aggregate, Refusal, Workspace};

/// Movements of a part that its screen shows; the ledger keeps all.
pub const RECENT_PER_PART: usize = 8;
/// Most of a part that one movement moves, in thousandths of its unit: a billion units. A balance is a sum of 64 bits,
/// which nobody may push over its edge for all others.
pub const MAX_MOVED_THOUSANDTHS: u64 = 1_000_000_000_000;

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
    /// The balance that the person who counted was shown; the quantity is what they counted less this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Quantity>,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The fact behind a [`RecordKind::StockDiscrepancy`] record, written by the server: a movement took a balance
/// below zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockDiscrepancy {
    /// The part.
    pub part: DocumentId,
    /// The balance after the movement.
    pub balance: Quantity,
    /// The movement.
    pub movement: RecordId,
}

/// One line of a storeroom's ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementLine {
    /// The record.
    pub id: RecordId,
    /// What moved, and why.
    pub movement: StockMovement,
    /// Who moved it; `None`: the server.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
    /// When, by the device's clock.
    pub at: Timestamp,
}

impl StockMovement {
    /// A movement without any further word.
    pub const fn new(kind: MovementKind, part: DocumentId, quantity: Quantity) -> Self {
        Self { kind, part, quantity, work_order: None, counterpart: None, saw: None, note: None }
    }

    /// Taking `quantity` of a part for a work order.
    pub fn issue(part: DocumentId, quantity: Quantity, work_order: DocumentId) -> Self {
        Self { work_order: Some(work_order), ..Self::new(MovementKind::Issue, part, quantity.negated()) }
    }

    /// Refuses a quantity with the wrong sign, nothing (only a count may find that nothing changed), more than can be,
    /// and remarks without end.
    pub fn check(&self) -> Result<(), Refusal> {
        let fits = match self.kind {
            MovementKind::Issue | MovementKind::TransferOut | MovementKind::Scrap => {
                self.quantity < Quantity::ZERO
            }
            MovementKind::Receipt | MovementKind::Return | MovementKind::TransferIn => {
                self.quantity > Quantity::ZERO
            }
            MovementKind::CountAdjustment => true,
        };
        if !fits {
            return Err(Refusal::value("quantity", "is nothing, or has the wrong sign for this movement"));
        }
        if self.quantity.thousandths().unsigned_abs() > MAX_MOVED_THOUSANDTHS {
            return Err(Refusal::value("quantity", "is more than anybody can move"));
        }
        check_note(self.note.as_deref())
    }
}

impl MovementKind {
    /// What it takes to state such a movement.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Issue | Self::Return => Permission::StockIssue,
            Self::Receipt | Self::TransferOut | Self::TransferIn | Self::CountAdjustment | Self::Scrap => {
                Permission::StockAdjust
            }
        }
    }
}

/// States a movement in a storeroom. A balance below zero does not stop it: what was taken is gone.
pub fn state(
    workspace: &mut Workspace,
    id: RecordId,
    storeroom: DocumentId,
    movement: &StockMovement,
) -> Result<(), Refusal> {
    movement.check()?;
    workspace.state(id, storeroom, RecordKind::StockMovement, movement)
}

/// The ledger of a storeroom, in order of writing.
pub fn movements(aggregate: &Aggregate) -> Vec<MovementLine> {
    let lines = aggregate.records_of(RecordKind::StockMovement).filter_map(|record| {
        let movement: StockMovement = record.read()?;
        Some(MovementLine {
            id: record.id,
            movement,
            author: record.author,
            actor: record.actor,
            at: record.at,
        })
    });
    lines.collect()
}

/// How many of each part that ever moved there are in a storeroom.
pub fn balances(aggregate: &Aggregate) -> BTreeMap<DocumentId, Quantity> {
    balances_of(&movements(aggregate))
}

/// The sums of a ledger.
pub fn balances_of(ledger: &[MovementLine]) -> BTreeMap<DocumentId, Quantity> {
    let mut balances: BTreeMap<DocumentId, Quantity> = BTreeMap::new();
    for MovementLine { movement, .. } in ledger {
        let balance = balances.entry(movement.part).or_default();
        *balance = balance.plus(movement.quantity);
    }
    balances
}

/// The last movements of every part in a ledger, latest first.
pub fn recent(ledger: Vec<MovementLine>) -> Vec<MovementLine> {
    let mut kept: BTreeMap<DocumentId, usize> = BTreeMap::new();
    let mut recent: Vec<MovementLine> = ledger.into_iter().rev().collect();
    recent.retain(|line| {
        let kept = kept.entry(line.movement.part).or_default();
        *kept += 1;
        *kept <= RECENT_PER_PART
    });
    recent
}
