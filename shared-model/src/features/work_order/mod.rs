//! Work orders: what is to be done, to which assets, by whom, and how far it is.
//!
//! The document holds what people edit; status, labour, comments and costs are records beside it.

mod commands;
mod correction;
mod document;
mod notice;
mod rules;
mod status;
mod summary;
#[cfg(test)]
mod tests;

pub use super::conflict::Decision;
pub use commands::{AttachedChecklist, Command, FieldEdit, NewWorkOrder, ReadingPlace};
pub use correction::{Arrival, CorrectedStatus, Correction, MAX_NOTICES, correct};
pub use document::{
    AssetLink, ChecklistExecution, FIELDS, Failure, PartUsed, SCOPE_FIELDS, WorkOrder, number_of,
    provisional_number, read, scopes,
};
pub use notice::{Notice, NoticeKind, NoticeLine, NoticeSettled};
pub use rules::{MAX_DESCRIPTION_CHARS, MAX_TITLE_BYTES, may_write_event};
pub use status::{NumberAssigned, Status, StatusEvent, StatusLine, fold, frontier};
pub use summary::{WorkOrderSummary, summarise};

use serde::{Deserialize, Serialize};

use crate::codes::codes;

codes! {
    /// Why the work is done (EN 13306).
    WorkType {
        /// After a fault.
        Corrective = "corrective",
        /// By plan.
        Preventive = "preventive",
        /// Looking and measuring.
        Inspection = "inspection",
        /// Corrective work that cannot wait.
        Emergency = "emergency",
        /// For the safety of people.
        Safety = "safety",
        /// Of instruments.
        Calibration = "calibration",
    }
}

codes! {
    /// How urgent the work is, least first.
    Priority {
        /// When there is time.
        Low = "low",
        /// The usual.
        Medium = "medium",
        /// Before other work.
        High = "high",
        /// Now.
        Critical = "critical",
    }
}

codes! {
    /// What made the work order.
    Origin {
        /// Somebody wrote it.
        Manual = "manual",
        /// A request.
        Request = "request",
        /// An occurrence of a maintenance plan.
        Plan = "plan",
        /// A sensor.
        Sensor = "sensor",
        /// A failed step of another work order.
        FollowUp = "follow_up",
        /// An import.
        Import = "import",
    }
}
