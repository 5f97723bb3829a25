//! What an hour of work costs, and what the hours of a work order come to. A rate belongs to a site: the directory
//! names people, but only documents own records.

use serde::{Deserialize, Serialize};

use super::{CostKind, CostLine, costs};
use crate::document::DocumentKind;
use crate::features::labour_entry::{LabourLine, labour};
use crate::identity::{DocumentId, PersonId, RecordId};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::units::Money;
use crate::workspace::{Aggregate, Refusal};

/// Minutes of an hour.
const HOUR: i128 = 60;

/// The fact behind a [`RecordKind::LabourRate`] record: what an hour of work at a site costs from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Whose hours; `None`: everybody's who has no rate of their own there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// For one hour.
    pub money: Money,
    /// From when on.
    pub from: Timestamp,
}

impl Rate {
    /// Refuses a rate below nothing.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.money.minor < 0 {
            return Err(Refusal::value("rate", "must not be below nothing"));
        }
        Ok(())
    }

    /// What so many minutes come to, to the nearest minor unit; half a unit counts as one.
    fn of_minutes(&self, minutes: i64) -> Money {
        let minor = (i128::from(minutes) * i128::from(self.money.minor) + HOUR / 2).div_euclid(HOUR);
        Money { minor: i64::try_from(minor).unwrap_or(i64::MAX), currency: self.money.currency }
    }
}

/// All rates of a site, oldest first. Empty where the records may not be read.
pub fn rates(site: &Aggregate) -> Vec<Rate> {
    let mut rates: Vec<(Timestamp, RecordId, Rate)> = site
        .records_of(RecordKind::LabourRate)
        .filter_map(|record| record.read::<Rate>().map(|rate| (rate.from, record.id, rate)))
        .collect();
    rates.sort_by_key(|(from, id, _)| (*from, *id));
    rates.into_iter().map(|(_, _, rate)| rate).collect()
}

/// The rate of a person at a moment: the last one of their own, else the last one for everybody.
fn rate_at(rates: &[Rate], person: PersonId, at: Timestamp) -> Option<Rate> {
    let last = |of: Option<PersonId>| rates.iter().rfind(|rate| rate.person == of && rate.from <= at);
    last(Some(person)).or_else(|| last(None)).copied()
}

/// What one labour entry comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabourCost {
    /// The labour entry.
    pub id: RecordId,
    /// Who worked.
    pub person: PersonId,
    /// How long, in minutes.
    pub minutes: i64,
    /// When the work was done: when the timer was started, else when the hours were written down.
    pub at: Timestamp,
    /// The rate in force then, for an hour; `None`: there was none.
    pub rate: Option<Money>,
    /// What the minutes come to at that rate.
    pub money: Option<Money>,
}

/// The hours of a work order at the rates of its site. A pure function of both documents: it does not matter whether
/// the hours or the rate arrived first.
pub fn labour_costs(order: &Aggregate, site: Option<&Aggregate>) -> Vec<LabourCost> {
    let rates = site.map(rates).unwrap_or_default();
    let cost = |line: LabourLine| {
        let at = line.started.unwrap_or(line.at);
        let rate = rate_at(&rates, line.person, at);
        LabourCost {
            id: line.id,
            person: line.person,
            minutes: line.minutes,
            at,
            rate: rate.map(|rate| rate.money),
            money: rate.map(|rate| rate.of_minutes(line.minutes)),
        }
    };
    labour(order).into_iter().map(cost).collect()
}

/// The document whose rates the hours of this one cost: the site of a work order.
pub fn priced_by(aggregate: &Aggregate) -> Option<DocumentId> {
    let is_order = aggregate.document.kind() == DocumentKind::WorkOrder;
    aggregate.document.peek("site").filter(|_| is_order)
}

/// All that a document cost: what was entered, then its hours at the rates of [`priced_by`]; hours without a rate are
/// left out.
pub fn cost_lines(aggregate: &Aggregate, rates: Option<&Aggregate>) -> Vec<CostLine> {
    let mut lines = costs(aggregate);
    lines.extend(labour_cost_lines(aggregate, rates));
    lines
}

fn labour_cost_lines(order: &Aggregate, site: Option<&Aggregate>) -> Vec<CostLine> {
    let hours = labour(order).into_iter().zip(labour_costs(order, site));
    let line = |(line, cost): (LabourLine, LabourCost)| {
        Some(CostLine {
            id: line.id,
            money: cost.money?,
            kind: CostKind::Labour,
            note: line.note,
            external: None,
            author: line.author,
            actor: line.actor,
            at: cost.at,
        })
    };
    hours.filter_map(line).collect()
}
