//! The vocabulary: status, priority and type as icon, word and tone.

use shared_model::features::work_order::{Priority, Status, WorkType};
use yew::prelude::*;

use crate::locale;
use crate::widgets::icon;

/// The word for a status.
pub fn status_label(status: Status) -> AttrValue {
    locale::text(&format!("status-{}", status.code()), None)
}

/// The word for a priority.
pub fn priority_label(priority: Priority) -> AttrValue {
    locale::text(&format!("priority-{}", priority.code()), None)
}

/// The word for a type.
pub fn type_label(work_type: WorkType) -> AttrValue {
    locale::text(&format!("work-type-{}", work_type.code()), None)
}

/// The value of `data-status`, and the end of the icon's name.
pub fn status_attribute(status: Status) -> &'static str {
    match status {
        Status::New => "new",
        Status::Assigned => "assigned",
        Status::InProgress => "in-progress",
        Status::OnHold => "on-hold",
        Status::Completed => "completed",
        Status::Verified | Status::Closed => "verified",
        Status::Cancelled => "cancelled",
    }
}

/// The icon of a status: it fills up as work moves on.
pub fn status_icon(status: Status) -> String {
    format!("st-{}", status_attribute(status))
}

/// A status as icon and word; `class` beside its own.
pub fn status_chip(status: Status, class: &'static str) -> Html {
    html! {
        <span class={classes!("status", class)} data-status={status_attribute(status)}>
            { icon(&status_icon(status)) }{ status_label(status) }
        </span>
    }
}

/// A priority as icon and word; `class` beside its own.
pub fn priority_chip(priority: Priority, class: &'static str) -> Html {
    let code = priority.code();
    html! {
        <span class={classes!("prio", class)} data-prio={code}>
            { icon(&format!("pr-{code}")) }{ priority_label(priority) }
        </span>
    }
}
