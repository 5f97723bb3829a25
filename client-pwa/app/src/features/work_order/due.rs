//! How a due date stands: in time, soon, over, or met.

use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::instant::{HOUR_MS, Timestamp};
use yew::prelude::*;

use crate::locale::{day, due_text, t};
use crate::widgets::icon;

const SOON_MS: i64 = 2 * HOUR_MS;

/// How a due date stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueState {
    /// Nothing is asked.
    None,
    /// Time enough.
    Ok,
    /// Within two hours.
    AtRisk,
    /// Past, and the work is open.
    Breached,
    /// Done in time.
    Met,
    /// Done late.
    Late,
    /// The clock stands while work is on hold.
    Paused,
}

impl DueState {
    /// The value of `data-sla`.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::None | Self::Ok => "ok",
            Self::AtRisk => "at-risk",
            Self::Breached | Self::Late => "breached",
            Self::Met => "met",
            Self::Paused => "paused",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::None | Self::Ok => "clock",
            Self::AtRisk => "hourglass",
            Self::Breached | Self::Late => "clock-alert",
            Self::Met => "check",
            Self::Paused => "circle-pause",
        }
    }
}

/// How the due date of a work order stands.
pub fn due_state(order: &WorkOrderSummary, now: Timestamp) -> DueState {
    state(order.status, order.due, order.completed_at, now)
}

fn state(status: Status, due: Option<Timestamp>, completed: Option<Timestamp>, now: Timestamp) -> DueState {
    let Some(due) = due else { return DueState::None };
    match status {
        Status::Cancelled => DueState::None,
        Status::Completed | Status::Verified | Status::Closed => match completed {
            Some(at) if at > due => DueState::Late,
            _ => DueState::Met,
        },
        Status::New | Status::Assigned | Status::InProgress | Status::OnHold if due < now => {
            DueState::Breached
        }
        Status::OnHold => DueState::Paused,
        Status::New | Status::Assigned | Status::InProgress if due.millis_since(now) <= SOON_MS => {
            DueState::AtRisk
        }
        Status::New | Status::Assigned | Status::InProgress => DueState::Ok,
    }
}

/// The due date as icon and words; nothing when there is none.
pub fn due_chip(
    status: Status,
    due: Option<Timestamp>,
    completed: Option<Timestamp>,
    now: Timestamp,
    class: &'static str,
) -> Html {
    let state = state(status, due, completed, now);
    let (Some(due), true) = (due, state != DueState::None) else { return html! {} };
    let text = match state {
        DueState::Met => t!("due-met"),
        DueState::Late => t!("due-late"),
        DueState::Paused => day(due),
        DueState::None | DueState::Ok | DueState::AtRisk | DueState::Breached => due_text(due, now),
    };
    html! {
        <span class={classes!("sla", class)} data-sla={state.attribute()}>{ icon(state.icon()) }{ text }</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_millis(hours * HOUR_MS)
    }

    #[test]
    fn due_dates_stand_as_people_expect() {
        let open = |status, due| state(status, Some(at(due)), None, at(100));
        assert_eq!(open(Status::Assigned, 99), DueState::Breached);
        assert_eq!(open(Status::OnHold, 99), DueState::Breached);
        assert_eq!(open(Status::OnHold, 101), DueState::Paused);
        assert_eq!(open(Status::InProgress, 102), DueState::AtRisk);
        assert_eq!(open(Status::New, 103), DueState::Ok);
        assert_eq!(open(Status::Cancelled, 1), DueState::None);
        assert_eq!(state(Status::Closed, Some(at(5)), Some(at(5)), at(100)), DueState::Met);
        assert_eq!(state(Status::Completed, Some(at(5)), Some(at(6)), at(100)), DueState::Late);
        assert_eq!(state(Status::New, None, None, at(100)), DueState::None);
    }
}
