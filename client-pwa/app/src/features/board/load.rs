//! Who has how much to do, and what they are doing now.

use std::collections::BTreeMap;
use std::rc::Rc;

use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::identity::PersonId;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features::work_order::orders;
use crate::hooks::use_watched;
use crate::locale::t;
use crate::row_store::Table;
use crate::sorting::sort_by_key;
use crate::widgets::avatar;

const SHOWN: usize = 5;

#[derive(Clone, Properties)]
pub struct Props {
    pub table: Rc<Table>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.table, &other.table)
    }
}

#[derive(Default)]
struct PersonLoad {
    open: usize,
    /// What they work on.
    now: Option<String>,
}

#[component]
pub fn Load(props: &Props) -> Html {
    let engine = use_engine();
    let directory = use_watched(engine.directory());
    let mut people: BTreeMap<PersonId, PersonLoad> = BTreeMap::new();
    for (_, order) in orders(&props.table).filter(|(_, order)| order.status.is_open()) {
        for person in &order.people {
            let load = people.entry(*person).or_default();
            load.open += 1;
            if order.status == Status::InProgress && (load.now.is_none() || order.timers.contains_key(person))
            {
                load.now = Some(job(order));
            }
        }
    }
    let most = people.values().map(|load| load.open).max().unwrap_or(1).max(1);
    let mut people: Vec<_> = people.into_iter().collect();
    sort_by_key(&mut people, |(_, load)| std::cmp::Reverse(load.open));
    if people.is_empty() {
        return html! {};
    }
    let card = |(person, load): &(PersonId, PersonLoad)| {
        let name = directory.person(*person);
        html! {
            <div class="load__p" key={person.to_string()}>
                { avatar(&name.clone(), "av--28") }
                <span style="min-inline-size:0">
                    <span class="row row--between"><b class="clip w-med">{ name }</b><span class="t-12 muted num nowrap">{ t!("load-open", count = load.open) }</span></span>
                    <span class="bar" style={format!("--v:{}%", load.open * 100 / most)} aria-hidden="true"><i></i></span>
                    <span class="t-12 muted clip" style="display:block">{ load.now.clone().map_or_else(|| t!("load-free"), AttrValue::from) }</span>
                </span>
            </div>
        }
    };
    html! { <section class="load" aria-label={t!("load")}>{ for people.iter().take(SHOWN).map(card) }</section> }
}

fn job(order: &WorkOrderSummary) -> String {
    order.asset_tag.as_ref().map_or_else(|| order.number.clone(), |tag| format!("{tag} · {}", order.number))
}
