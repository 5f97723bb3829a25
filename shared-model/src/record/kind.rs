//! The registry of record kinds: exhaustive, so that the compiler lists what a new kind needs.

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::permission::Permission;

/// What a record states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A step in the life of a work order.
    StatusEvent,
    /// The number the server gave a work order.
    NumberAssigned,
    /// The server set something right on a work order, or says why it cannot be.
    Notice,
    /// Somebody has dealt with a notice.
    NoticeSettled,
    /// Hours somebody worked.
    LabourEntry,
    /// A remark in a thread.
    Comment,
    /// Money spent.
    CostEntry,
    /// The price of a part from a day on.
    Price,
    /// What an hour of work at a site costs from a moment on.
    LabourRate,
    /// A signed quantity of a part in a storeroom.
    StockMovement,
    /// The server saw a balance below zero.
    StockDiscrepancy,
    /// A value read from a meter of an asset.
    MeterReading,
}

impl RecordKind {
    /// Every kind there is.
    pub const ALL: &[Self] = &[
        Self::StatusEvent,
        Self::NumberAssigned,
        Self::Notice,
        Self::NoticeSettled,
        Self::LabourEntry,
        Self::Comment,
        Self::CostEntry,
        Self::Price,
        Self::LabourRate,
        Self::StockMovement,
        Self::StockDiscrepancy,
        Self::MeterReading,
    ];

    /// The stable code of this kind, in storage and on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::StatusEvent => "status_event",
            Self::NumberAssigned => "number_assigned",
            Self::Notice => "notice",
            Self::NoticeSettled => "notice_settled",
            Self::LabourEntry => "labour_entry",
            Self::Comment => "comment",
            Self::CostEntry => "cost_entry",
            Self::Price => "price",
            Self::LabourRate => "labour_rate",
            Self::StockMovement => "stock_movement",
            Self::StockDiscrepancy => "stock_discrepancy",
            Self::MeterReading => "meter_reading",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The kinds of document that may own such a record.
    pub const fn owners(self) -> &'static [DocumentKind] {
        match self {
            Self::StatusEvent
            | Self::NumberAssigned
            | Self::Notice
            | Self::NoticeSettled
            | Self::LabourEntry => &[DocumentKind::WorkOrder],
            Self::Comment | Self::CostEntry => &[DocumentKind::WorkOrder, DocumentKind::Asset],
            Self::Price => &[DocumentKind::Part],
            Self::LabourRate => &[DocumentKind::Location],
            Self::StockMovement | Self::StockDiscrepancy => &[DocumentKind::Storeroom],
            Self::MeterReading => &[DocumentKind::Asset],
        }
    }

    /// What it takes to read such a record beside reading its document; `None`: nothing more.
    pub const fn read_permission(self) -> Option<Permission> {
        match self {
            Self::CostEntry | Self::Price | Self::LabourRate => Some(Permission::CostRead),
            Self::StatusEvent
            | Self::NumberAssigned
            | Self::Notice
            | Self::NoticeSettled
            | Self::LabourEntry
            | Self::Comment
            | Self::StockMovement
            | Self::StockDiscrepancy
            | Self::MeterReading => None,
        }
    }

    /// What it takes to write such a record. A status event needs more, by the step it takes.
    pub const fn write_permission(self) -> Permission {
        match self {
            Self::StatusEvent => Permission::WorkOrderRead,
            Self::LabourEntry | Self::MeterReading => Permission::WorkOrderExecute,
            Self::NumberAssigned | Self::Notice | Self::StockDiscrepancy => Permission::ServerWrite,
            Self::NoticeSettled => Permission::ConflictResolve,
            Self::Comment => Permission::CommentWrite,
            Self::CostEntry | Self::Price | Self::LabourRate => Permission::CostWrite,
            Self::StockMovement => Permission::StockIssue,
        }
    }

    /// Does such a record need its document's version to rise (folds depend on it)? The lines of a ledger do
    /// not: their balance is a sum.
    pub const fn bumps_document(self) -> bool {
        !matches!(self, Self::StockMovement | Self::StockDiscrepancy)
    }
}
