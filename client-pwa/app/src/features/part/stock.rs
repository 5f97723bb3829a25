//! How many of a part lie where, from the rows of storerooms.

use std::collections::BTreeMap;

use shared_model::features::Row;
use shared_model::features::storeroom::{StockLine, StoreroomSummary};
use shared_model::identity::DocumentId;
use shared_model::units::Quantity;

use crate::row_store::Table;
use crate::sorting::sort_by_key;

/// A part in one storeroom.
#[derive(Clone, Debug, PartialEq)]
pub struct StockPlace {
    pub room: DocumentId,
    pub name: String,
    pub bin: Option<String>,
    pub min: Option<Quantity>,
    pub max: Option<Quantity>,
    pub balance: Quantity,
    pub low: bool,
}

impl StockPlace {
    /// More was taken than was there.
    pub fn is_below_zero(&self) -> bool {
        self.balance < Quantity::ZERO
    }
}

/// How a part stands over all storerooms, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StockState {
    /// More was taken somewhere than was there: somebody has to count.
    BelowZero,
    Out,
    Reorder,
    InStock,
    /// No storeroom keeps it.
    NotKept,
}

/// A part over all storerooms.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    pub places: Vec<StockPlace>,
    pub balance: Quantity,
    pub min: Quantity,
    pub max: Quantity,
}

impl Stock {
    pub fn of(places: Vec<StockPlace>) -> Self {
        let sum =
            |each: fn(&StockPlace) -> Quantity| places.iter().map(each).fold(Quantity::ZERO, Quantity::plus);
        Self {
            balance: sum(|place| place.balance),
            min: sum(|place| place.min.unwrap_or(Quantity::ZERO)),
            max: sum(|place| place.max.unwrap_or(Quantity::ZERO)),
            places,
        }
    }

    /// How it stands.
    pub fn state(&self) -> StockState {
        if self.places.is_empty() {
            StockState::NotKept
        } else if self.places.iter().any(StockPlace::is_below_zero) {
            StockState::BelowZero
        } else if self.balance <= Quantity::ZERO {
            StockState::Out
        } else if self.places.iter().any(|place| place.low) {
            StockState::Reorder
        } else {
            StockState::InStock
        }
    }
}

/// The storeroom of a row.
pub fn storeroom(row: &Row) -> Option<&StoreroomSummary> {
    match row {
        Row::Storeroom(room) => Some(room),
        _ => None,
    }
}

fn place(room: &StoreroomSummary, line: &StockLine) -> StockPlace {
    StockPlace {
        room: room.id,
        name: room.name.clone(),
        bin: line.bin.clone(),
        min: line.min,
        max: line.max,
        balance: line.balance,
        low: line.is_low(),
    }
}

/// Where a part lies, the fullest place first.
pub fn places_of(rooms: &Table, part: DocumentId) -> Vec<StockPlace> {
    let rooms = rooms.iter().filter_map(|entry| storeroom(&entry.row));
    let mut places: Vec<_> = rooms
        .flat_map(|room| room.stock.iter().filter(|line| line.part == part).map(|line| place(room, line)))
        .collect();
    sort_by_key(&mut places, |place| std::cmp::Reverse(place.balance));
    places
}

/// Every part that lies somewhere.
pub fn all(rooms: &Table) -> BTreeMap<DocumentId, Stock> {
    let mut places: BTreeMap<DocumentId, Vec<StockPlace>> = BTreeMap::new();
    for room in rooms.iter().filter_map(|entry| storeroom(&entry.row)) {
        for line in &room.stock {
            places.entry(line.part).or_default().push(place(room, line));
        }
    }
    places.into_iter().map(|(part, places)| (part, Stock::of(places))).collect()
}

/// A part no storeroom keeps.
pub fn none() -> Stock {
    Stock::of(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lying(balance: i64, low: bool) -> StockPlace {
        StockPlace {
            room: DocumentId::from_bytes([1; 16]),
            name: "Main".to_owned(),
            bin: None,
            min: Some(Quantity::whole(2)),
            max: None,
            balance: Quantity::whole(balance),
            low,
        }
    }

    #[test]
    fn the_worst_place_decides_but_an_empty_shelf_is_not_out_of_stock() {
        assert_eq!(Stock::of(vec![lying(0, true), lying(5, false)]).state(), StockState::Reorder);
        assert_eq!(Stock::of(vec![lying(0, true)]).state(), StockState::Out);
        assert_eq!(Stock::of(vec![lying(-1, true), lying(3, true)]).state(), StockState::BelowZero);
        assert_eq!(Stock::of(vec![lying(0, true), lying(0, true)]).state(), StockState::Out);
        assert_eq!(Stock::of(vec![lying(5, false)]).state(), StockState::InStock);
        assert_eq!(none().state(), StockState::NotKept);
    }
}
