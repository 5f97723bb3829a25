//! What was done: asked for once work has begun, shown whenever somebody has said it.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::{FieldEdit, Status, WorkOrder};
use yew::prelude::*;

use super::long_text::{LongText, writing};
use crate::engine_client::use_engine;
use crate::locale::t;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Resolution(props: &Props) -> Html {
    let engine = use_engine();
    let WorkOrder { id, status, resolution, .. } = &*props.order;
    let asked_for = matches!(status, Status::InProgress | Status::OnHold | Status::Completed);
    if !asked_for && resolution.is_empty() {
        return html! {};
    }
    let id = *id;
    let editable = engine.may_write(DocumentKind::WorkOrder, "resolution");
    let oncommit = writing(&engine, id, FieldEdit::Resolution);
    let (label, placeholder) = (t!("resolution"), t!("resolution-placeholder"));
    html! {
        <LongText id="resolution" {label} {placeholder} text={resolution.clone()} {editable} {oncommit} />
    }
}
