//! More about the work: one text that everybody may write in at once.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::{FieldEdit, WorkOrder};
use yew::prelude::*;

use super::long_text::{LongText, writing};
use crate::engine_client::use_engine;
use crate::locale::t;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Description(props: &Props) -> Html {
    let engine = use_engine();
    let id = props.order.id;
    let editable = engine.may_write(DocumentKind::WorkOrder, "description");
    let oncommit = writing(&engine, id, FieldEdit::Description);
    let (label, placeholder) = (t!("description"), t!("description-placeholder"));
    html! {
        <LongText id="description" {label} {placeholder} text={props.order.description.clone()} {editable} {oncommit} />
    }
}
