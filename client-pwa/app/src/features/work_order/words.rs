//! The vocabulary: status, priority and type as icon, word and tone.

use shared_model::features::work_order::{Priority, Status, WorkType};
use yew::prelude::*;

use crate::locale;
use crate::widgets::Icon;

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

#[derive(Clone, PartialEq, Properties)]
pub struct StatusProps {
    pub status: Status,
    #[prop_or_default]
    pub class: Classes,
}

/// A status as icon and word.
#[component]
pub fn StatusChip(props: &StatusProps) -> Html {
    html! {
        <span class={classes!("status", props.class.clone())} data-status={status_attribute(props.status)}>
            <Icon name={status_icon(props.status)} />{ status_label(props.status) }
        </span>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct PriorityProps {
    pub priority: Priority,
    #[prop_or_default]
    pub class: Classes,
}

/// A priority as icon and word.
#[component]
pub fn PriorityChip(props: &PriorityProps) -> Html {
    let code = props.priority.code();
    html! {
        <span class={classes!("prio", props.class.clone())} data-prio={code}>
            <Icon name={format!("pr-{code}")} />{ priority_label(props.priority) }
        </span>
    }
}
