//! What the board shows: work orders by column, filtered and sorted, with the figures above them.

use std::rc::Rc;

use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::instant::Timestamp;

use crate::features::work_order::{DueState, due_state, order, orders};
use crate::row_store::{Entry, Search, Table};
use crate::sorting::sort_by;

/// The open columns, left to right.
pub const COLUMNS: [Status; 5] =
    [Status::New, Status::Assigned, Status::InProgress, Status::OnHold, Status::Completed];

/// A saved view of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Everyone,
    AtRisk,
    Overdue,
    Unassigned,
    Conflicts,
}

impl View {
    pub const ALL: [Self; 5] =
        [Self::Everyone, Self::AtRisk, Self::Overdue, Self::Unassigned, Self::Conflicts];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Everyone => "board-everyone",
            Self::AtRisk => "board-at-risk",
            Self::Overdue => "filter-overdue",
            Self::Unassigned => "view-unassigned",
            Self::Conflicts => "view-conflicts",
        }
    }

    fn holds(self, order: &WorkOrderSummary, state: DueState) -> bool {
        match self {
            Self::Everyone => true,
            Self::AtRisk => state == DueState::AtRisk,
            Self::Overdue => state == DueState::Breached,
            Self::Unassigned => order.status.is_open() && order.people.is_empty() && order.teams.is_empty(),
            Self::Conflicts => !order.conflicts.is_empty(),
        }
    }
}

/// The board at one moment.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    columns: [Vec<Rc<Entry>>; 5],
    pub verified: Vec<Rc<Entry>>,
    pub open: usize,
    pub overdue: usize,
    pub at_risk: usize,
    pub conflicts: usize,
}

impl Picture {
    /// Sorts every work order into its column: the most urgent first, then the soonest due.
    pub fn of(table: &Table, view: View, search: &Search, now: Timestamp) -> Self {
        let mut picture = Self::default();
        for (entry, order) in orders(table) {
            let state = due_state(order, now);
            picture.open += usize::from(order.status.is_open());
            picture.overdue += usize::from(state == DueState::Breached);
            picture.at_risk += usize::from(state == DueState::AtRisk);
            picture.conflicts += usize::from(!order.conflicts.is_empty());
            if !view.holds(order, state) || !entry.matches(search) {
                continue;
            }
            if let Some(column) = COLUMNS.iter().position(|status| *status == order.status) {
                picture.columns[column].push(entry.clone());
            } else if order.status == Status::Verified {
                picture.verified.push(entry.clone());
            }
        }
        for column in picture.columns.iter_mut().chain(std::iter::once(&mut picture.verified)) {
            sort_by(column, |a, b| match (order(a), order(b)) {
                (Some(a), Some(b)) => rank(a).cmp(&rank(b)),
                _ => std::cmp::Ordering::Equal,
            });
        }
        picture
    }

    /// The cards of a column.
    pub fn column(&self, status: Status) -> &[Rc<Entry>] {
        COLUMNS.iter().position(|each| *each == status).map_or(&self.verified, |at| &self.columns[at])
    }
}

/// Open work by urgency; finished work by when it was finished, latest first.
fn rank(order: &WorkOrderSummary) -> (std::cmp::Reverse<i64>, bool, Option<Timestamp>, &str) {
    if order.status.is_open() {
        (std::cmp::Reverse(order.priority as i64), order.due.is_none(), order.due, &order.number)
    } else {
        let at = order.completed_at.unwrap_or(order.updated_at);
        (std::cmp::Reverse(at.as_millis()), false, None, &order.number)
    }
}
