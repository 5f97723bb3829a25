//! All that a work order cost: what was entered, the hours at their rates, and the sums.

use serde::{Deserialize, Serialize};

use super::{CostLine, LabourCost, costs, labour_costs};
use crate::units::Money;
use crate::workspace::Aggregate;

/// What a work order cost. Only for people with `cost:read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOrderCost {
    /// What was entered, in order of writing.
    pub entries: Vec<CostLine>,
    /// The hours at the rates of the site, in order of writing.
    pub labour: Vec<LabourCost>,
    /// The sum of both, one a currency, in order of their codes.
    pub totals: Vec<Money>,
    /// Minutes that no rate was in force for; they are in no sum.
    pub unrated_minutes: i64,
}

/// What a work order cost, with the site it belongs to as far as that is here.
pub fn work_order_cost(order: &Aggregate, site: Option<&Aggregate>) -> WorkOrderCost {
    let (entries, labour) = (costs(order), labour_costs(order, site));
    let hours = labour.iter().filter_map(|line| line.money);
    let totals = Money::totals(entries.iter().map(|line| line.money).chain(hours));
    let unrated = labour.iter().filter(|line| line.rate.is_none());
    let unrated_minutes = unrated.map(|line| line.minutes).sum();
    WorkOrderCost { entries, labour, totals, unrated_minutes }
}
