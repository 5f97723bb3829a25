//! What the board shows: work orders by column, sorted, in a view, with the figures above them.

use std::rc::Rc;

use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::instant::Timestamp;

use crate::features::work_order::{DueState, due_state, order, orders};
use crate::row_store::{Entries, Entry, Table};
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

/// The board at one moment, before anything is searched for.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What the view holds, column after column.
    pub cards: Entries,
    pub open: usize,
    pub overdue: usize,
    pub at_risk: usize,
    pub conflicts: usize,
}

impl Picture {
    /// Counts all work and picks what a view holds from the sorted cards.
    pub fn of(sorted: &[Rc<Entry>], view: View, now: Timestamp) -> Self {
        let mut picture = Self::default();
        let mut cards = Vec::new();
        for entry in sorted {
            let Some(order) = order(entry) else { continue };
            let state = due_state(order, now);
            picture.open += usize::from(order.status.is_open());
            picture.overdue += usize::from(state == DueState::Breached);
            picture.at_risk += usize::from(state == DueState::AtRisk);
            picture.conflicts += usize::from(order.status <= Status::Verified && !order.conflicts.is_empty());
            if view.holds(order, state) {
                cards.push(entry.clone());
            }
        }
        picture.cards = Rc::new(cards);
        picture
    }
}

/// Every work order in its column: the most urgent first, then the soonest due. What is closed or cancelled has a
/// place on the board only while somebody searches, and costs its sorting only then.
pub fn sorted(table: &Table, searching: bool) -> Vec<Rc<Entry>> {
    let shown = |order: &WorkOrderSummary| searching || order.status <= Status::Verified;
    let chosen = orders(table).filter(|(_, order)| shown(order));
    let mut cards: Vec<Rc<Entry>> = chosen.map(|(entry, _)| entry.clone()).collect();
    sort_by(&mut cards, |a, b| match (order(a), order(b)) {
        (Some(a), Some(b)) => place(a.status).cmp(&place(b.status)).then_with(|| rank(a).cmp(&rank(b))),
        _ => std::cmp::Ordering::Equal,
    });
    cards
}

/// The cards of each open column, and last what is finished: sorted cards lie in this order.
pub fn columns(cards: &[Rc<Entry>]) -> [&[Rc<Entry>]; COLUMNS.len() + 1] {
    let mut left = cards;
    std::array::from_fn(|column| {
        let end =
            left.partition_point(|entry| order(entry).is_some_and(|order| place(order.status) <= column));
        let (these, rest) = left.split_at(end);
        left = rest;
        these
    })
}

fn place(status: Status) -> usize {
    COLUMNS.iter().position(|each| *each == status).unwrap_or(COLUMNS.len())
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
