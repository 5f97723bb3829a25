//! What commands that state facts, and settled conflicts, must leave behind.

use std::collections::BTreeMap;

use shared_model::features::cost::{CostEntry, Price, Rate};
use shared_model::features::work_order::Status;
use shared_model::features::{comment, conflict, cost, labour_entry, meter_reading, stock_movement};
use shared_model::identity::{DocumentId, PersonId, RecordId};

use super::Scribe;

/// What a record states, as far as people would miss it.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    Status(Status),
    /// Person, minutes, what was done.
    Labour(PersonId, i64, Option<String>),
    Comment(String),
    /// Part and signed thousandths.
    Movement(DocumentId, i64),
    /// Meter and thousandths.
    Reading(String, i64),
    Cost(CostEntry),
    Price(Price),
    Rate(Rate),
    /// Its details.
    Notice(String),
    /// The notice.
    Settled(RecordId),
}

pub fn labour(scribe: &mut Scribe<'_>, command: &labour_entry::Command) {
    match command {
        labour_entry::Command::Add { id, work_order, entry } => {
            scribe.fact(*work_order, *id, Fact::Labour(entry.person, entry.minutes, entry.note.clone()));
        }
    }
}

pub fn comment(scribe: &mut Scribe<'_>, command: &comment::Command) {
    match command {
        comment::Command::Add { id, document, text, .. } => {
            scribe.fact(*document, *id, Fact::Comment(text.clone()));
        }
    }
}

pub fn meter(scribe: &mut Scribe<'_>, command: &meter_reading::Command) {
    match command {
        meter_reading::Command::Add { id, asset, reading } => {
            scribe.fact(*asset, *id, Fact::Reading(reading.meter.clone(), reading.value.thousandths()));
        }
    }
}

pub fn cost(scribe: &mut Scribe<'_>, command: &cost::Command) {
    match command {
        cost::Command::Enter { id, document, entry, .. } => {
            scribe.fact(*document, *id, Fact::Cost(entry.clone()));
        }
        cost::Command::SetPrice { id, part, price } => {
            scribe.fact(*part, *id, Fact::Price(*price));
        }
        cost::Command::SetRate { id, site, rate } => {
            scribe.fact(*site, *id, Fact::Rate(*rate));
        }
    }
}

pub fn stock(scribe: &mut Scribe<'_>, command: &stock_movement::Command) {
    use stock_movement::Command as C;
    match command {
        C::Receive(movement) | C::Return(movement) => {
            let fact = Fact::Movement(movement.part, movement.quantity.thousandths());
            scribe.fact(movement.storeroom, movement.id, fact);
        }
        C::Issue(movement) | C::Scrap(movement) => {
            let fact = Fact::Movement(movement.part, -movement.quantity.thousandths());
            scribe.fact(movement.storeroom, movement.id, fact);
        }
        C::Transfer { out, into, from, to, part, quantity, .. } => {
            scribe.fact(*from, *out, Fact::Movement(*part, -quantity.thousandths()));
            scribe.fact(*to, *into, Fact::Movement(*part, quantity.thousandths()));
        }
        C::Count { id, storeroom, part, counted, saw, .. } => {
            let saw = saw.expect("drawn counts name the balance they saw");
            let adjustment = counted.thousandths() - saw.thousandths();
            scribe.fact(*storeroom, *id, Fact::Movement(*part, adjustment));
        }
    }
}

pub fn conflict(scribe: &mut Scribe<'_>, command: &conflict::Command) {
    match command {
        conflict::Command::Settle { document, field, value, decision, .. } => {
            let seen = scribe.seen(*document, field);
            if seen.windows(2).any(|pair| pair[0] != pair[1]) {
                assert!(seen.contains(value), "{value:?} is settled, {seen:?} stood there");
                scribe.write(*document, field, Some(value.clone()));
                scribe.insert(*document, &format!("decisions/{decision}"));
            }
        }
    }
}

/// The balances of a storeroom by part.
pub fn balances(facts: impl Iterator<Item = Fact>) -> BTreeMap<DocumentId, i64> {
    let mut balances = BTreeMap::new();
    for fact in facts {
        if let Fact::Movement(part, quantity) = fact {
            *balances.entry(part).or_insert(0) += quantity;
        }
    }
    balances
}
