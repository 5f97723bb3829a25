//! What is mine, in the order of the day: overdue, today, upcoming, and what has no date.

use std::cmp::Reverse;
use std::rc::Rc;

use shared_model::features::work_order::{Priority, WorkOrderSummary, WorkType};
use shared_model::identity::{PersonId, TeamId};
use shared_model::instant::Timestamp;

use super::rows::orders;
use crate::clock;
use crate::row_store::{Entry, Search, Table};
use crate::sorting::sort_by;

/// When work is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Overdue,
    Today,
    Upcoming,
    Unscheduled,
}

impl Group {
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Today, Self::Upcoming, Self::Unscheduled];

    fn of(order: &WorkOrderSummary, now: Timestamp, today: i64) -> Self {
        match order.due.or(order.planned_start) {
            None => Self::Unscheduled,
            Some(at) if order.due.is_some_and(|due| due < now) || clock::local_day(at) < today => {
                Self::Overdue
            }
            Some(at) if clock::local_day(at) == today => Self::Today,
            Some(_) => Self::Upcoming,
        }
    }
}

/// Which of my work is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    All,
    Overdue,
    Preventive,
    HighAndUp,
    Running,
}

impl Filter {
    fn holds(self, order: &WorkOrderSummary, group: Group) -> bool {
        match self {
            Self::All => true,
            Self::Overdue => group == Group::Overdue,
            Self::Preventive => order.work_type == WorkType::Preventive,
            Self::HighAndUp => order.priority >= Priority::High,
            Self::Running => order.status == shared_model::features::work_order::Status::InProgress,
        }
    }
}

/// Who looks.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    pub person: PersonId,
    pub teams: Vec<TeamId>,
}

impl Me {
    fn is_mine(&self, order: &WorkOrderSummary) -> bool {
        order.people.contains(&self.person) || order.teams.iter().any(|team| self.teams.contains(team))
    }
}

/// My open work, grouped.
#[derive(Clone, Debug, Default)]
pub struct MyWork {
    groups: [Vec<Rc<Entry>>; 4],
    minutes: [i64; 4],
    /// All of it, and what is overdue, before search and filter.
    pub all: usize,
    pub overdue: usize,
}

impl MyWork {
    /// Picks, groups and sorts.
    pub fn of(table: &Table, me: &Me, search: &Search, filter: Filter, now: Timestamp) -> Self {
        let today = clock::local_day(now);
        let mut mine = Self::default();
        for (entry, order) in orders(table) {
            if !order.status.is_open() || !me.is_mine(order) {
                continue;
            }
            let group = Group::of(order, now, today);
            mine.all += 1;
            mine.overdue += usize::from(group == Group::Overdue);
            if filter.holds(order, group) && entry.matches(search) {
                mine.groups[group as usize].push(entry.clone());
                mine.minutes[group as usize] += order.estimated_minutes.unwrap_or(0);
            }
        }
        for group in &mut mine.groups {
            sort_by(group, |a, b| rank(a).cmp(&rank(b)));
        }
        mine
    }

    /// The work of one group.
    pub fn group(&self, group: Group) -> &[Rc<Entry>] {
        &self.groups[group as usize]
    }

    /// How long the work of one group should take, in minutes.
    pub fn minutes(&self, group: Group) -> i64 {
        self.minutes[group as usize]
    }

    /// Nothing is left after search and filter.
    pub fn is_empty(&self) -> bool {
        self.groups.iter().all(Vec::is_empty)
    }
}

/// What has a date first, by date; then the most urgent.
fn rank(entry: &Entry) -> impl Ord + '_ {
    super::rows::order(entry).map(|order| {
        let at = order.due.or(order.planned_start);
        (Reverse(at.is_some()), at, Reverse(order.priority), order.number.as_str())
    })
}
