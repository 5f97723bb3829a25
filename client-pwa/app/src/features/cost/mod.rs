//! What work or plant cost, for those who may read costs; nobody else's device holds any.

use std::rc::Rc;

use shared_model::features::CostSum;
use shared_model::features::cost::CostKind;
use shared_model::units::Money;
use yew::prelude::*;

use crate::locale::{money, t};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub sums: Rc<Vec<CostSum>>,
}

/// What was spent on each kind of thing, and in all; nothing where nothing was.
#[component]
pub fn CostCard(props: &Props) -> Html {
    if props.sums.is_empty() {
        return html! {};
    }
    let row = |sum: &CostSum| {
        html! { <li class="list__row"><span class="grow t-15">{ kind_label(sum.kind) }</span><b class="num nowrap">{ money(sum.money) }</b></li> }
    };
    let totals = Money::totals(props.sums.iter().map(|sum| sum.money));
    let totals: Vec<String> = totals.into_iter().map(|total| money(total).to_string()).collect();
    html! {
        <section aria-labelledby="h-costs">
            <div class="grouphead"><h2 id="h-costs">{ t!("costs") }</h2><span class="muted">{ totals.join(" + ") }</span></div>
            <ul class="card list" style="border-radius:16px" aria-labelledby="h-costs">{ for props.sums.iter().map(row) }</ul>
        </section>
    }
}

fn kind_label(kind: CostKind) -> AttrValue {
    match kind {
        CostKind::Labour => t!("labour"),
        CostKind::Part => t!("cost-parts"),
        CostKind::Service => t!("cost-services"),
        CostKind::Other => t!("cost-other"),
    }
}
