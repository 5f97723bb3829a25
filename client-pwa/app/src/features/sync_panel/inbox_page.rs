//! Work that its authors cannot send any more, for whoever decides: take each change over, or decline it. It is asked of
//! the server, so there is nothing to see here without a network.

use serde::Deserialize;
use shared_model::document::DocumentKind;
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::change_row::command_text;
use crate::engine_client::use_engine;
use crate::features;
use crate::hooks::use_watched;
use crate::locale::{day_and_time, t};
use crate::row_store::use_rows;
use crate::session::{self, ApiProblem};
use crate::shell::Page;
use crate::widgets::{Empty, Skeleton, Toast, icon, use_toast};

const PATH: &str = "/api/deposits";

#[derive(Clone, PartialEq, Deserialize)]
struct Held {
    id: String,
    person_name: String,
    device_name: String,
    documents: Vec<DocumentId>,
    command: Option<Asked>,
    made_at: String,
}

/// What a command does; its words are found by this.
#[derive(Clone, PartialEq, Deserialize)]
struct Asked {
    on: String,
    r#do: String,
    /// Of a note: nobody takes over what they have not read.
    text: Option<String>,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Held>,
}

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Vec<Held>>, AttrValue>;

async fn read() -> Answer {
    let text = session::ask("GET", PATH, None).await.map_err(|problem| words(&problem))?;
    let list = serde_json::from_slice::<List>(text.as_bytes());
    list.map(|list| Some(list.items)).map_err(|_| t!("inbox-unreachable"))
}

fn words(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "earlier_first" => t!("inbox-earlier-first"),
        "already_accepted" | "already_declined" => t!("inbox-decided"),
        "forbidden" | "not_permitted" | "not_found" => t!("inbox-not-permitted"),
        "" | "try_again" | "not_signed_in" | "session_replayed" => t!("inbox-unreachable"),
        _ => t!("inbox-does-not-fit"),
    }
}

#[component]
pub fn InboxPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let busy = use_state(|| false);
    let toast = use_toast();
    {
        let answer = answer.setter();
        use_effect_with((), move |()| spawn_local(async move { answer.set(read().await) }));
    }
    let decide = {
        let (answer, busy) = (answer.setter(), busy.clone());
        Callback::from(move |path: String| {
            let (answer, setter, toast) = (answer.clone(), busy.setter(), toast.clone());
            busy.set(true);
            spawn_local(async move {
                if let Err(problem) = session::ask("POST", &path, None).await {
                    toast.show(Toast::new("circle-alert", words(&problem)));
                }
                answer.set(read().await);
                setter.set(false);
            });
        })
    };
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(held)) if held.is_empty() => {
            html! { <Empty icon="inbox" title={t!("inbox-empty")} text={t!("inbox-empty-text")} /> }
        }
        Ok(Some(held)) => html! {
            <ul class="card list" aria-label={t!("inbox")}>
                { for held.iter().map(|held| html! { <HeldRow key={held.id.clone()} held={held.clone()} decide={decide.clone()} busy={*busy} /> }) }
            </ul>
        },
    };
    html! { <Page title={t!("inbox")} subtitle={t!("inbox-subtitle")}>{ body }</Page> }
}

#[derive(Clone, PartialEq, Properties)]
struct RowProps {
    held: Held,
    decide: Callback<String>,
    busy: bool,
}

#[component]
fn HeldRow(props: &RowProps) -> Html {
    let engine = use_engine();
    // A page that is opened first of all is there before the rows that name things are.
    use_rows(DocumentKind::WorkOrder);
    use_watched(engine.sync());
    let held = &props.held;
    let code = held.command.as_ref().map_or_else(String::new, |asked| format!("{}.{}", asked.on, asked.r#do));
    let about = held.documents.iter().find_map(|id| engine.rows().find(*id));
    let about = about.map(|entry| features::name(&entry.row));
    let at = Timestamp::from_millis(js_sys::Date::parse(&held.made_at) as i64);
    let answer = |decision: &str, class: &'static str, symbol: &'static str, label: AttrValue| {
        let path = format!("{PATH}/{}/{decision}", held.id);
        let onclick = props.decide.reform(move |_: MouseEvent| path.clone());
        html! { <button type="button" class={classes!("btn", class)} {onclick} disabled={props.busy}>{ icon(symbol) }{ label }</button> }
    };
    html! {
        <li class="list__row" style="flex-wrap:wrap">
            <span class="grow" style="min-inline-size:14rem">
                <b class="t-16" style="display:block">{ command_text(&code) }if let Some(about) = about { <>{ " · " }{ about }</> }</b>
                <span class="t-14 muted" style="display:block">
                    { &held.person_name }{ " · " }{ &held.device_name }{ " · " }<time>{ day_and_time(at) }</time>
                </span>
                if let Some(text) = held.command.as_ref().and_then(|asked| asked.text.as_ref()) { <p class="prose">{ text }</p> }
            </span>
            <span class="row">
                { answer("decline", "", "x", t!("inbox-decline")) }
                { answer("accept", "btn--primary", "check", t!("inbox-accept")) }
            </span>
        </li>
    }
}
