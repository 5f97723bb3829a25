//! A text about the work that everybody who may can write in at once.

use shared_model::document::TextEdit;
use yew::prelude::*;

use crate::widgets::TextArea;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: &'static str,
    pub label: AttrValue,
    pub placeholder: AttrValue,
    pub text: String,
    pub editable: bool,
    pub oncommit: Callback<TextEdit>,
}

#[component]
pub fn LongText(props: &Props) -> Html {
    let Props { id, label, placeholder, text, .. } = props.clone();
    let lines = u32::try_from(text.lines().count().clamp(2, 12)).unwrap_or(2);
    html! {
        <section class="stack" style="--gap:.375rem">
            <label class="grouphead" for={id} style="padding-block-end:.125rem">{ label }</label>
            if props.editable {
                <TextArea {id} saved={text} oncommit={props.oncommit.clone()} rows={lines + 1} {placeholder} />
            } else {
                <p {id} class="prose">{ text }</p>
            }
        </section>
    }
}
