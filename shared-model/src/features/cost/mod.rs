//! Money: what work cost, what parts cost and what an hour costs, as immutable records that only people with `cost:read` receive. No
//! document and no row ever holds an amount, because a shared document cannot be redacted.

mod commands;
mod rate;
#[cfg(test)]
mod tests;
mod total;

pub use commands::Command;
pub use rate::{LabourCost, Rate, cost_lines, labour_costs, priced_by, rates};
pub use total::{WorkOrderCost, work_order_cost};

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::identity::{ActorId, PersonId, RecordId};
use crate::input::{MAX_EXTERNAL_BYTES, check_bytes, check_note};
use crate::instant::Timestamp;
use crate::record::RecordKind;
use crate::units::Money;
use crate::workspace::{Aggregate, Refusal};

codes! {
    /// What the money was spent on.
    CostKind {
        /// Hours of people.
        Labour = "labour",
        /// Parts and material.
        Part = "part",
        /// Work by others.
        Service = "service",
        /// Anything else.
        Other = "other",
    }
}

/// The fact behind a [`RecordKind::CostEntry`] record: money spent on a work order or an asset. A correction is
/// a further entry; a negative amount is a credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostEntry {
    /// How much.
    pub money: Money,
    /// On what.
    pub kind: CostKind,
    /// A remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its identity in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<String>,
}

impl CostEntry {
    /// Refuses remarks without end.
    pub fn check(&self) -> Result<(), Refusal> {
        check_note(self.note.as_deref())?;
        let external = self.external.as_deref().unwrap_or_default();
        check_bytes("external", external, MAX_EXTERNAL_BYTES)
    }
}

/// The fact behind a [`RecordKind::Price`] record: what one unit of a part costs from a moment on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    /// For one unit of the part.
    pub money: Money,
    /// From when on.
    pub from: Timestamp,
}

impl Price {
    /// Refuses a price below nothing.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.money.minor < 0 {
            return Err(Refusal::value("price", "must not be below nothing"));
        }
        Ok(())
    }
}

/// One line of what a work order or an asset cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostLine {
    /// The record.
    pub id: RecordId,
    /// How much.
    pub money: Money,
    /// On what.
    pub kind: CostKind,
    /// A remark.
    pub note: Option<String>,
    /// Its identity in another system.
    pub external: Option<String>,
    /// Who entered it; `None`: the server.
    pub author: Option<PersonId>,
    /// With which actor.
    pub actor: ActorId,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// What was spent on one kind of thing in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostSum {
    /// On what.
    pub kind: CostKind,
    /// How much.
    pub money: Money,
}

/// The sums of these lines, kind by kind; amounts of two currencies are never added.
pub fn cost_sums(lines: &[CostLine]) -> Vec<CostSum> {
    let of_kind = |kind: CostKind| {
        let amounts = lines.iter().filter(move |line| line.kind == kind).map(|line| line.money);
        Money::totals(amounts).into_iter().map(move |money| CostSum { kind, money })
    };
    CostKind::ALL.iter().copied().flat_map(of_kind).collect()
}

/// What a document cost, in order of writing. Empty where the records may not be read.
pub fn costs(aggregate: &Aggregate) -> Vec<CostLine> {
    let lines = aggregate.records_of(RecordKind::CostEntry).filter_map(|record| {
        let entry: CostEntry = record.read()?;
        Some(CostLine {
            id: record.id,
            money: entry.money,
            kind: entry.kind,
            note: entry.note,
            external: entry.external,
            author: record.author,
            actor: record.actor,
            at: record.at,
        })
    });
    lines.collect()
}

/// All prices of a part, oldest first. Empty where the records may not be read.
pub fn prices(aggregate: &Aggregate) -> Vec<Price> {
    let mut prices: Vec<(Timestamp, RecordId, Price)> = aggregate
        .records_of(RecordKind::Price)
        .filter_map(|record| record.read::<Price>().map(|price| (price.from, record.id, price)))
        .collect();
    prices.sort_by_key(|(from, id, _)| (*from, *id));
    prices.into_iter().map(|(_, _, price)| price).collect()
}

/// The price of a part at a moment.
pub fn price_at(aggregate: &Aggregate, at: Timestamp) -> Option<Price> {
    prices(aggregate).into_iter().rfind(|price| price.from <= at)
}
