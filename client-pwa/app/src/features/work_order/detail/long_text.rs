//! A text about the work that everybody who may can write in at once.

use shared_model::document::TextEdit;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::DocumentId;
use shared_model::input::MAX_TEXT_CHARS;
use yew::prelude::*;

use crate::engine_client::Engine;
use crate::features::work_order::commands::edit;
use crate::hooks::Commit;
use crate::widgets::TextArea;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: &'static str,
    pub label: AttrValue,
    pub placeholder: AttrValue,
    pub text: String,
    pub editable: bool,
    pub oncommit: Callback<Commit>,
}

#[component]
pub fn LongText(props: &Props) -> Html {
    let Props { id, label, placeholder, text, .. } = props.clone();
    let lines = u32::try_from(text.lines().count().clamp(2, 12)).unwrap_or(2);
    html! {
        <section class="stack" style="--gap:.375rem">
            <label class="grouphead" for={id} style="padding-block-end:.125rem">{ label }</label>
            if props.editable {
                <TextArea {id} most={MAX_TEXT_CHARS} saved={text} oncommit={props.oncommit.clone()} rows={lines + 1} {placeholder} />
            } else {
                <p {id} class="prose">{ text }</p>
            }
        </section>
    }
}

/// Writes what was changed into a field of a work order.
pub fn writing(engine: &Engine, order: DocumentId, field: fn(TextEdit) -> FieldEdit) -> Callback<Commit> {
    let engine = engine.clone();
    Callback::from(move |Commit { edit: text, refused }: Commit| {
        let ended = Callback::from(move |is_saved: bool| {
            if !is_saved {
                refused.emit(());
            }
        });
        engine.attempt(edit(order, field(text)), ended);
    })
}
