//! What work or plant cost, for those who may read costs; nobody else's device holds any.

use std::rc::Rc;

use shared_model::features::CostLine;
use shared_model::features::cost::CostKind;
use shared_model::units::Money;
use yew::prelude::*;

use crate::locale::{money, t};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub lines: Rc<Vec<CostLine>>,
}

/// The sum of each kind of cost, and of all; nothing where there is none.
#[component]
pub fn CostCard(props: &Props) -> Html {
    let lines = &props.lines;
    if lines.is_empty() {
        return html! {};
    }
    let row = |(kind, sum): (CostKind, Money)| {
        html! {
            <li key={format!("{}{}", kind.code(), sum.currency.code())} class="list__row">
                <span class="grow t-15">{ kind_label(kind) }</span><b class="num nowrap">{ money(sum) }</b>
            </li>
        }
    };
    let kinds = CostKind::ALL.iter().flat_map(|kind| {
        let sums = sums(lines.iter().filter(|line| line.kind == *kind));
        sums.into_iter().map(|sum| (*kind, sum))
    });
    let totals: Vec<AttrValue> = sums(lines.iter()).into_iter().map(money).collect();
    html! {
        <section aria-labelledby="h-costs">
            <div class="grouphead"><h2 id="h-costs">{ t!("costs") }</h2><span class="muted">{ totals.join(" + ") }</span></div>
            <ul class="card list" style="border-radius:16px" aria-labelledby="h-costs">{ for kinds.map(row) }</ul>
        </section>
    }
}

/// One sum for each currency; amounts of two are never added.
fn sums<'a>(lines: impl Iterator<Item = &'a CostLine>) -> Vec<Money> {
    let mut sums: Vec<Money> = Vec::new();
    for CostLine { money: Money { minor, currency }, .. } in lines {
        let same = |sum: &&mut Money| sum.currency == *currency;
        match sums.iter_mut().find(same) {
            Some(sum) => sum.minor = sum.minor.saturating_add(*minor),
            None => sums.push(Money { minor: *minor, currency: *currency }),
        }
    }
    sums
}

fn kind_label(kind: CostKind) -> AttrValue {
    match kind {
        CostKind::Labour => t!("labour"),
        CostKind::Part => t!("cost-parts"),
        CostKind::Service => t!("cost-services"),
        CostKind::Other => t!("cost-other"),
    }
}
