//! What the server accepted and then set right: for who did it, and for whoever reads the order.

use std::rc::Rc;

use shared_model::features::Command;
use shared_model::features::work_order::{self, NoticeKind, NoticeLine, WorkOrder};
use shared_model::permission::Permission;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::fresh_id;
use crate::hooks::use_watched;
use crate::locale::{day_and_time, t};
use crate::widgets::icon;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Notices(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let order = &props.order;
    let line = |line: &NoticeLine| {
        let who = directory.author(line.notice.person.or(line.notice.to)).to_string();
        let settle = {
            let (engine, id, notice) = (engine.clone(), order.id, line.id);
            Callback::from(move |_: MouseEvent| {
                let record = fresh_id::record();
                engine.execute(Command::WorkOrder(work_order::Command::SettleNotice { id, record, notice }));
            })
        };
        html! {
            <div key={line.id.to_string()} class="banner" data-tone="amber" role="note">
                { icon("triangle-alert") }
                <div style="flex:1">
                    { text(line.notice.kind, who) }
                    if line.notice.kind == NoticeKind::ChecklistIncomplete { <div class="muted">{ &line.notice.detail }</div> }
                    <div class="muted"><time>{ day_and_time(line.at) }</time></div>
                </div>
                if engine.may(Permission::ConflictResolve) {
                    <button class="btn is-sm" onclick={settle}>{ t!("notice-settle") }</button>
                }
            </div>
        }
    };
    html! { <>{ for order.open_notices().map(line) }</> }
}

fn text(kind: NoticeKind, name: String) -> AttrValue {
    match kind {
        NoticeKind::ChecklistIncomplete => t!("notice-checklist-incomplete", name = name),
        NoticeKind::SelfVerified => t!("notice-self-verified", name = name),
        NoticeKind::ImpossibleStep => t!("notice-impossible-step", name = name),
        NoticeKind::InactiveAssignee => t!("notice-inactive-assignee", name = name),
    }
}
