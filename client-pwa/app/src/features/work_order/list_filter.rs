//! Which work orders a list shows, and in which order.

use std::rc::Rc;

use shared_model::features::work_order::{Priority, WorkOrderSummary, WorkType};
use shared_model::identity::PersonId;
use shared_model::instant::Timestamp;

use super::due::{DueState, due_state};
use super::rows::{order, orders};
use crate::row_store::{Entry, Table};
use crate::sorting::sort_by;

/// A saved view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Open,
    Overdue,
    Mine,
    Unassigned,
    Conflicts,
    Done,
    All,
}

impl View {
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Overdue, Self::Mine, Self::Unassigned, Self::Conflicts, Self::Done, Self::All];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "view-open",
            Self::Overdue => "view-overdue",
            Self::Mine => "view-mine",
            Self::Unassigned => "view-unassigned",
            Self::Conflicts => "view-conflicts",
            Self::Done => "view-done",
            Self::All => "view-all",
        }
    }

    fn holds(self, order: &WorkOrderSummary, me: PersonId, now: Timestamp) -> bool {
        let open = order.status.is_open();
        match self {
            Self::Open => open,
            Self::Overdue => due_state(order, now) == DueState::Breached,
            Self::Mine => open && order.people.contains(&me),
            Self::Unassigned => open && order.people.is_empty() && order.teams.is_empty(),
            Self::Conflicts => !order.conflicts.is_empty(),
            Self::Done => !open,
            Self::All => true,
        }
    }
}

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Number,
    Title,
    Asset,
    Status,
    Priority,
    Due,
}

/// Everything that decides what is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub view: View,
    pub work_type: Option<WorkType>,
    pub priority: Option<Priority>,
    pub column: Column,
    pub descending: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self { view: View::Open, work_type: None, priority: None, column: Column::Due, descending: false }
    }
}

impl Filter {
    /// What the view and the filters hold, in order. The search picks from it: a letter more sorts nothing anew.
    pub fn apply(&self, table: &Table, me: PersonId, now: Timestamp) -> Vec<Rc<Entry>> {
        let holds = |order: &WorkOrderSummary| {
            self.view.holds(order, me, now)
                && self.work_type.is_none_or(|wanted| order.work_type == wanted)
                && self.priority.is_none_or(|wanted| order.priority == wanted)
        };
        let chosen = orders(table).filter(|(_, order)| holds(order));
        let mut found: Vec<Rc<Entry>> = chosen.map(|(entry, _)| entry.clone()).collect();
        self.sort(&mut found);
        found
    }

    fn sort(&self, found: &mut Vec<Rc<Entry>>) {
        sort_by(found, |a, b| {
            let (Some(a), Some(b)) = (order(a), order(b)) else { return std::cmp::Ordering::Equal };
            let by_column = match self.column {
                Column::Number => a.number.cmp(&b.number),
                Column::Title => a.title.cmp(&b.title),
                Column::Asset => a.asset_tag.cmp(&b.asset_tag),
                Column::Status => a.status.cmp(&b.status),
                Column::Priority => b.priority.cmp(&a.priority),
                // What has no date comes last, whichever way the dates run.
                Column::Due => match (a.due, b.due) {
                    (Some(first), Some(second)) => first.cmp(&second),
                    (first, second) => {
                        return first.is_none().cmp(&second.is_none()).then(a.number.cmp(&b.number));
                    }
                },
            };
            let by_column = if self.descending { by_column.reverse() } else { by_column };
            by_column.then_with(|| a.number.cmp(&b.number))
        });
    }
}

/// How many a view holds, without search and other filters.
pub fn count(table: &Table, view: View, me: PersonId, now: Timestamp) -> usize {
    orders(table).filter(|(_, order)| view.holds(order, me, now)).count()
}
