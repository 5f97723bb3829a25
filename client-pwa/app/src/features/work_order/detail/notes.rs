//! The thread: what people tell each other about the work.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::features::comment::{self, CommentLine, MAX_COMMENT_CHARS};
use shared_model::features::work_order::WorkOrder;
use shared_model::permission::Permission;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::browser::UNKEPT;
use crate::engine_client::use_engine;
use crate::fresh_id;
use crate::hooks::use_watched;
use crate::locale::{capitalised, day_and_time, t};
use crate::widgets::{avatar, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Notes(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let message = |line: &CommentLine| {
        let name = directory.author(line.author);
        let own = line.author == Some(engine.person());
        html! {
            <li key={line.id.to_string()} class="msg">
                { avatar(&name.clone(), "av--32") }
                <div class="msg__by"><b>{ if own { t!("you") } else { name } }</b><time>{ capitalised(&day_and_time(line.at)) }</time></div>
                <p class="prose">{ &line.text }</p>
            </li>
        }
    };
    let count = props.order.comments.len();
    html! {
        <section aria-labelledby="h-notes">
            <div class="grouphead"><h2 id="h-notes">{ t!("notes") }</h2>if count > 0 { <span class="muted">{ count }</span> }</div>
            <div class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem">
                if count > 0 { <ul class="thread" aria-labelledby="h-notes">{ for props.order.comments.iter().map(message) }</ul> }
                if engine.may(Permission::CommentWrite) { <WriteNote order={props.order.clone()} /> }
            </div>
        </section>
    }
}

#[component]
fn WriteNote(props: &Props) -> Html {
    let engine = use_engine();
    let text = use_state(String::new);
    let oninput = {
        let text = text.clone();
        Callback::from(move |event: InputEvent| {
            text.set(event.target_unchecked_into::<HtmlTextAreaElement>().value());
        })
    };
    let add = {
        let (text, document) = (text.clone(), props.order.id);
        Callback::from(move |()| {
            if !text.trim().is_empty() {
                let (id, kind, typed) = (fresh_id::record(), DocumentKind::WorkOrder, text.to_string());
                let note = comment::Command::Add { id, document, kind, text: text.trim().to_owned() };
                let back = text.setter();
                let ended = Callback::from(move |is_saved: bool| {
                    if !is_saved {
                        back.set(typed.clone());
                    }
                });
                engine.attempt(Command::Comment(note), ended);
                text.set(String::new());
            }
        })
    };
    let onclick = add.reform(|_: MouseEvent| ());
    let onkeydown = {
        let add = add.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
                add.emit(());
            }
        })
    };
    let unsent = (!text.is_empty()).then_some("");
    html! {
        <div class="row row--top">
            <label class="grow"><span class="sr">{ t!("write-note") }</span>
                <textarea form={UNKEPT} class="textarea note__text" rows="1" maxlength={MAX_COMMENT_CHARS.to_string()} placeholder={t!("write-note")} value={(*text).clone()} data-unsent={unsent} {oninput} {onkeydown} />
            </label>
            <button type="button" class="btn btn--icon" aria-label={t!("add-note")} disabled={text.trim().is_empty()} {onclick}>{ icon_sized("send", 20) }</button>
        </div>
    }
}
