//! The row of a storeroom: what stock lists and pickers show.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::document::{StockRule, Storeroom, read};
use crate::identity::{DocumentId, PersonId};
use crate::instant::Timestamp;
use crate::units::Quantity;
use crate::workspace::Aggregate;

/// One part in a storeroom: how it is kept and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLine {
    /// The part.
    pub part: DocumentId,
    /// Where in the room it lies.
    pub bin: Option<String>,
    /// There should never be less.
    pub min: Option<Quantity>,
    /// There should never be more.
    pub max: Option<Quantity>,
    /// At this quantity it is ordered again.
    pub reorder_point: Option<Quantity>,
    /// How many there are: the sum of the movements. Below zero, somebody has to look.
    pub balance: Quantity,
}

impl StockLine {
    /// Is it time to order?
    pub fn is_low(&self) -> bool {
        self.reorder_point.or(self.min).is_some_and(|least| self.balance <= least)
    }
}

/// One storeroom in a list; the same row in PostgreSQL and on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreroomSummary {
    /// The document.
    pub id: DocumentId,
    /// What people call it.
    pub name: String,
    /// A short code.
    pub code: Option<String>,
    /// The site.
    pub site: Option<DocumentId>,
    /// The location.
    pub location: Option<DocumentId>,
    /// It drives around.
    pub van: bool,
    /// Who keeps it.
    pub keeper: Option<PersonId>,
    /// Every part that has a rule or a movement here.
    pub stock: Vec<StockLine>,
    /// Fields with more than one value, waiting for somebody to choose.
    pub conflicts: Vec<String>,
    /// When the document was last edited; movements do not count.
    pub updated_at: Timestamp,
}

/// The row of a storeroom.
pub fn summarise(aggregate: &Aggregate) -> StoreroomSummary {
    StoreroomSummary::of(&read(aggregate))
}

impl StoreroomSummary {
    /// The row of a storeroom that was read already.
    pub fn of(storeroom: &Storeroom) -> Self {
        Self {
            id: storeroom.id,
            name: storeroom.name.clone(),
            code: storeroom.code.clone(),
            site: storeroom.site,
            location: storeroom.location,
            van: storeroom.van,
            keeper: storeroom.keeper,
            stock: stock(storeroom),
            conflicts: storeroom.conflicts.iter().map(|conflict| conflict.field.clone()).collect(),
            updated_at: storeroom.updated_at,
        }
    }
}

fn stock(storeroom: &Storeroom) -> Vec<StockLine> {
    let rules: BTreeMap<DocumentId, &StockRule> =
        storeroom.rules.iter().map(|rule| (rule.part, rule)).collect();
    let parts: BTreeSet<DocumentId> = rules.keys().chain(storeroom.balances.keys()).copied().collect();
    let line = |part: DocumentId| {
        let rule = rules.get(&part);
        StockLine {
            part,
            bin: rule.and_then(|rule| rule.bin.clone()),
            min: rule.and_then(|rule| rule.min),
            max: rule.and_then(|rule| rule.max),
            reorder_point: rule.and_then(|rule| rule.reorder_point),
            balance: storeroom.balances.get(&part).copied().unwrap_or_default(),
        }
    };
    parts.into_iter().map(line).collect()
}
