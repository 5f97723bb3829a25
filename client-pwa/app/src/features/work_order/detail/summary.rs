//! What is to be done, how it stands, and on what.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::{AssetLink, FieldEdit, WorkOrder};
use yew::prelude::*;
use yew_router::prelude::*;

use super::versions::{other_versions, versions_of};
use crate::engine_client::use_engine;
use crate::features::work_order::commands::edit;
use crate::features::work_order::{due_chip, priority_chip, status_chip};
use crate::hooks::{use_draft, use_now};
use crate::locale::t;
use crate::route::Route;
use crate::widgets::{TextField, icon_sized, icon_with};

const CLOCK_MS: u32 = 30_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Summary(props: &Props) -> Html {
    let order = &props.order;
    let now = use_now(CLOCK_MS);
    html! {
        <section class="stack" style="--gap:.625rem" aria-label={t!("summary")}>
            <Title order={order.clone()} />
            { versions_of(order, "title") }
            <div class="row row--wrap" style="--gap:.5rem">
                { status_chip(order.status, "is-pill is-lg") }
                { priority_chip(order.priority, "is-pill is-lg") }
                { due_chip(order.status, order.due, order.completed_at(), now, "is-pill is-lg") }
            </div>
            { versions_of(order, "priority") }
            { for order.assets.iter().map(asset_card) }
            { other_versions(order) }
        </section>
    }
}

#[component]
fn Title(props: &Props) -> Html {
    let engine = use_engine();
    let editing = use_state(|| false);
    let id = props.order.id;
    let saved = AttrValue::from(props.order.title.clone());
    let oncommit = {
        let engine = engine.clone();
        Callback::from(move |title: String| {
            if !title.trim().is_empty() {
                engine.execute(edit(id, FieldEdit::Title(title)));
            }
        })
    };
    let draft = use_draft(&saved, oncommit);
    if *editing {
        let onleave = {
            let (editing, commit) = (editing.clone(), draft.commit.clone());
            Callback::from(move |()| {
                commit.emit(());
                editing.set(false);
            })
        };
        return html! {
            <TextField id="work-order-title" label={t!("field-title")} value={draft.value} oninput={draft.oninput} unsent={draft.unsent} {onleave} />
        };
    }
    let start = {
        let editing = editing.clone();
        Callback::from(move |_: MouseEvent| editing.set(true))
    };
    html! {
        <div class="row row--top">
            <h2 class="detail__title grow">{ &props.order.title }</h2>
            if engine.may_write(DocumentKind::WorkOrder, "title") {
                <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("edit-title")} onclick={start}>{ icon_sized("pencil", 20) }</button>
            }
        </div>
    }
}

fn asset_card(asset: &AssetLink) -> Html {
    html! {
        <Link<Route> key={asset.id.to_string()} to={Route::Asset { id: asset.id }} classes="card row detail__asset">
            <span class="empty__art" style="margin:0;inline-size:2.75rem;block-size:2.75rem;border-radius:10px">{ icon_sized("component", 24) }</span>
            <span class="grow">
                <span class="t-16 w-str clip" style="display:block">{ &asset.tag }</span>
                <span class="t-14 muted clip" style="display:block">{ &asset.name }</span>
            </span>
            { icon_with("chevron-right", 20, "muted") }
        </Link<Route>>
    }
}
