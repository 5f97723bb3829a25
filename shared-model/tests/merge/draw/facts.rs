//! Commands that state facts, and those that settle conflicts.

use shared_model::document::DocumentKind;
use shared_model::features::cost::{CostEntry, CostKind, Price, Rate};
use shared_model::features::labour_entry::LabourEntry;
use shared_model::features::meter_reading::MeterReading;
use shared_model::features::stock_movement::{Command as Stock, Movement, balances};
use shared_model::features::{
    Command as Any, View, comment, conflict, cost as money, labour_entry, meter_reading,
};
use shared_model::identity::DocumentId;
use shared_model::units::{Currency, Money};

use super::Draw;

pub fn labour(draw: &mut Draw<'_>) -> Option<Any> {
    let work_order = draw.any(DocumentKind::WorkOrder)?;
    let minutes = 1 + i64::try_from(draw.below(600)).unwrap();
    let entry = LabourEntry { person: draw.person(), minutes, started: None, note: None };
    Some(Any::LabourEntry(labour_entry::Command::Add { id: draw.record(), work_order, entry }))
}

fn thread(draw: &mut Draw<'_>) -> Option<(DocumentId, DocumentKind)> {
    let kind = draw.one_of(&[DocumentKind::WorkOrder, DocumentKind::Asset]);
    Some((draw.any(kind)?, kind))
}

pub fn comment(draw: &mut Draw<'_>) -> Option<Any> {
    let (document, kind) = thread(draw)?;
    let text = format!("{} says the {}", draw.name(), draw.word());
    Some(Any::Comment(comment::Command::Add { id: draw.record(), document, kind, text }))
}

fn movement(draw: &mut Draw<'_>) -> Option<Movement> {
    Some(Movement {
        id: draw.record(),
        storeroom: draw.any(DocumentKind::Storeroom)?,
        part: draw.any(DocumentKind::Part)?,
        quantity: draw.quantity(),
        work_order: draw.any(DocumentKind::WorkOrder),
        note: draw.maybe("by hand".to_owned()),
    })
}

pub fn receive(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::StockMovement(Stock::Receive(movement(draw)?)))
}

pub fn issue(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::StockMovement(Stock::Issue(movement(draw)?)))
}

pub fn give_back(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::StockMovement(Stock::Return(movement(draw)?)))
}

pub fn scrap(draw: &mut Draw<'_>) -> Option<Any> {
    Some(Any::StockMovement(Stock::Scrap(movement(draw)?)))
}

pub fn transfer(draw: &mut Draw<'_>) -> Option<Any> {
    let rooms = draw.ids_of(DocumentKind::Storeroom);
    let [from, to, ..] = rooms.as_slice() else { return None };
    Some(Any::StockMovement(Stock::Transfer {
        out: draw.record(),
        into: draw.record(),
        from: *from,
        to: *to,
        part: draw.any(DocumentKind::Part)?,
        quantity: draw.quantity(),
        note: None,
    }))
}

pub fn count(draw: &mut Draw<'_>) -> Option<Any> {
    let storeroom = draw.any(DocumentKind::Storeroom)?;
    let part = draw.any(DocumentKind::Part)?;
    let balance = balances(&draw.replica.aggregates[&storeroom]).get(&part).copied().unwrap_or_default();
    let (id, counted) = (draw.record(), draw.quantity());
    Some(Any::StockMovement(Stock::Count { id, storeroom, part, counted, saw: Some(balance), note: None }))
}

pub fn reading(draw: &mut Draw<'_>) -> Option<Any> {
    let asset = draw.any(DocumentKind::Asset)?;
    let View::Asset(read) = draw.view(asset) else { return None };
    let meter = draw.pick(&read.meters)?;
    let reading =
        MeterReading { meter: meter.key, value: draw.quantity(), unit: meter.unit, work_order: None };
    Some(Any::MeterReading(meter_reading::Command::Add { id: draw.record(), asset, reading }))
}

fn amount(draw: &mut Draw<'_>) -> Money {
    Money { minor: i64::try_from(draw.below(100_000)).unwrap(), currency: Currency::AUD }
}

pub fn cost(draw: &mut Draw<'_>) -> Option<Any> {
    let (document, kind) = thread(draw)?;
    let (note, external) = (draw.word(), draw.key());
    let entry = CostEntry {
        money: amount(draw),
        kind: draw.one_of(CostKind::ALL),
        note: draw.maybe(note),
        external: draw.maybe(external),
    };
    Some(Any::Cost(money::Command::Enter { id: draw.record(), document, kind, entry }))
}

pub fn price(draw: &mut Draw<'_>) -> Option<Any> {
    let part = draw.any(DocumentKind::Part)?;
    let price = Price { money: amount(draw), from: draw.time() };
    Some(Any::Cost(money::Command::SetPrice { id: draw.record(), part, price }))
}

pub fn rate(draw: &mut Draw<'_>) -> Option<Any> {
    let site = draw.any(DocumentKind::Location)?;
    let person = draw.person();
    let rate = Rate { person: draw.maybe(person), money: amount(draw), from: draw.time() };
    Some(Any::Cost(money::Command::SetRate { id: draw.record(), site, rate }))
}

/// Somebody keeps one of the values they are shown, on any document of the device.
pub fn settle(draw: &mut Draw<'_>) -> Option<Any> {
    let mut open = Vec::new();
    for aggregate in draw.replica.aggregates.values() {
        let conflicts = aggregate.document.conflicts();
        open.extend(
            conflicts.into_iter().map(|conflict| (aggregate.id, aggregate.document.kind(), conflict)),
        );
    }
    let (document, kind, conflict) = draw.pick(&open)?;
    let value = draw.pick(&conflict.values)?.value;
    let decision = draw.key();
    Some(Any::Conflict(conflict::Command::Settle { document, kind, field: conflict.field, value, decision }))
}
