//! More about the work: one text that everybody may write in at once.

use std::rc::Rc;

use shared_model::features::work_order::{FieldEdit, WorkOrder};
use shared_model::permission::Permission;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::commands::edit;
use crate::locale::t;
use crate::widgets::TextArea;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Description(props: &Props) -> Html {
    let engine = use_engine();
    let id = props.order.id;
    let may = engine.may(Permission::WorkOrderEdit);
    let oncommit = Callback::from(move |text: String| engine.execute(edit(id, FieldEdit::Description(text))));
    let lines = props.order.description.lines().count().clamp(2, 12);
    html! {
        <section class="stack" style="--gap:.375rem">
            <label class="grouphead" for="description" style="padding-block-end:.125rem">{ t!("description") }</label>
            if may {
                <TextArea id="description" saved={props.order.description.clone()} {oncommit} rows={lines as u32 + 1} placeholder={t!("description-placeholder")} />
            } else {
                <p id="description" class="prose">{ &props.order.description }</p>
            }
        </section>
    }
}
