//! Who is to do it: people to add and to take away.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::work_order::WorkOrder;
use shared_model::identity::PersonId;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::assign_items;
use crate::hooks::use_watched;
use crate::locale::t;
use crate::widgets::{Menu, avatar, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub order: Rc<WorkOrder>,
}

#[component]
pub fn Assignees(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let order = &props.order;
    let may = engine.may_write(DocumentKind::WorkOrder, "people");
    let items = assign_items(&engine, &directory, order.id, &order.people, &order.teams);
    let person = |id: &PersonId| {
        let name = directory.person(*id);
        html! { <li key={id.to_string()} class="row" style="--gap:.5rem">{ avatar(&name.clone(), "av--28") }{ name }</li> }
    };
    let team = |id: &shared_model::identity::TeamId| {
        html! { <li key={id.to_string()} class="row" style="--gap:.5rem">{ icon("users") }{ directory.team(*id) }</li> }
    };
    html! {
        <div class="field">
            <span class="label" id="assignees-label">{ t!("field-assignees") }</span>
            <ul class="stack" style="--gap:.375rem" aria-labelledby="assignees-label">
                { for order.people.iter().map(person) }
                { for order.teams.iter().map(team) }
                if order.people.is_empty() && order.teams.is_empty() { <li class="muted">{ t!("nobody-yet") }</li> }
            </ul>
            if may { <Menu label={t!("assign")} {items} class={classes!("btn")}>{ icon("user-plus") }{ t!("assign") }</Menu> }
        </div>
    }
}
