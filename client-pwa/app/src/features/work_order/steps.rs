//! The steps of the lifecycle in words, and the reason some of them ask for.

use shared_model::features::work_order::Status;
use shared_model::input::MAX_NOTE_CHARS;
use yew::prelude::*;

use crate::browser::UNKEPT;
use crate::locale::t;
use crate::widgets::Dialog;

/// What leads from one status to another.
pub fn step_label(from: Status, to: Status) -> AttrValue {
    match (from, to) {
        (Status::OnHold, Status::InProgress) => t!("step-resume"),
        (Status::Completed | Status::Verified, Status::InProgress) => t!("step-reopen"),
        (_, Status::New) => t!("step-unassign"),
        (_, Status::Assigned) => t!("step-assigned"),
        (_, Status::InProgress) => t!("step-start"),
        (_, Status::OnHold) => t!("step-hold"),
        (_, Status::Completed) => t!("step-complete"),
        (_, Status::Verified) => t!("step-verify"),
        (_, Status::Closed) => t!("step-close"),
        (_, Status::Cancelled) => t!("step-cancel"),
    }
}

/// Does this step ask for a reason?
pub fn needs_reason(from: Status, to: Status) -> bool {
    matches!(to, Status::OnHold | Status::Cancelled)
        || (to == Status::InProgress && matches!(from, Status::Completed | Status::Verified))
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub from: Status,
    pub to: Status,
    pub onconfirm: Callback<String>,
    pub onclose: Callback<()>,
}

/// Asks why before a step is taken.
#[component]
pub fn ReasonDialog(props: &Props) -> Html {
    let reason = use_state(String::new);
    let oninput = {
        let reason = reason.clone();
        Callback::from(move |event: InputEvent| {
            reason.set(event.target_unchecked_into::<web_sys::HtmlTextAreaElement>().value());
        })
    };
    let confirm = {
        let reason = reason.clone();
        props.onconfirm.reform(move |_: MouseEvent| reason.trim().to_owned())
    };
    let back = props.onclose.reform(|_: MouseEvent| ());
    let label = step_label(props.from, props.to);
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={back}>{ t!("back") }</button>
            <button type="button" class="btn btn--primary" disabled={reason.trim().is_empty()} onclick={confirm}>{ label.clone() }</button>
        </>
    };
    html! {
        <Dialog title={label} onclose={props.onclose.clone()} {actions}>
            <div class="field">
                <label class="label" for="reason">{ t!("reason") }</label>
                <textarea id="reason" form={UNKEPT} class="textarea" rows="3" maxlength={MAX_NOTE_CHARS.to_string()} value={(*reason).clone()} {oninput} data-unsent={(!reason.is_empty()).then_some("")} />
            </div>
        </Dialog>
    }
}
