//! What has just happened, read off the difference between two states of the rows.

use std::rc::Rc;

use shared_model::features::work_order::{Status, WorkOrderSummary};
use shared_model::identity::{DocumentId, PersonId};
use shared_model::instant::Timestamp;

use crate::features::work_order::{order, orders};
use crate::row_store::{Entry, Table};

/// Kept and shown.
pub const KEPT: usize = 40;
/// More changes at once than people make are a load, not news.
const MOST_AT_ONCE: usize = 30;
const FIRST_SHOWN: usize = 14;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Arrived,
    Status(Status),
    Assigned(PersonId),
    Note,
    Conflict,
    Settled,
    Changed,
}

/// One line of the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: DocumentId,
    pub number: String,
    pub title: String,
    pub what: Happening,
    pub at: Timestamp,
}

/// The feed of this page.
#[derive(Default)]
pub struct Feed {
    seen: Option<Rc<Table>>,
    /// Latest first.
    pub events: Vec<Event>,
}

impl Feed {
    /// Takes in the next state of the rows. What comes while they are `loading` is no news.
    pub fn take_in(&mut self, table: &Rc<Table>, now: Timestamp, loading: bool) {
        match self.seen.replace(table.clone()) {
            _ if loading => self.events = latest(table),
            Some(before) if before.loaded && !Rc::ptr_eq(&before, table) => {
                let mut news = differences(&before, table, now);
                if news.len() <= MOST_AT_ONCE {
                    news.append(&mut self.events);
                    news.truncate(KEPT);
                    self.events = news;
                }
            }
            Some(_) if !self.events.is_empty() => {}
            _ => self.events = latest(table),
        }
    }
}

/// The work orders touched last, before anything happens.
fn latest(table: &Table) -> Vec<Event> {
    let mut rows: Vec<&WorkOrderSummary> = orders(table).map(|(_, order)| order).collect();
    rows.sort_by_key(|order| std::cmp::Reverse(order.updated_at));
    let rows = rows.into_iter().take(FIRST_SHOWN).filter(|order| order.updated_at.as_millis() > 0);
    rows.map(|order| event(order, Happening::Status(order.status), order.updated_at)).collect()
}

fn event(order: &WorkOrderSummary, what: Happening, at: Timestamp) -> Event {
    Event { id: order.id, number: order.number.clone(), title: order.title.clone(), what, at }
}

fn differences(before: &Table, after: &Table, now: Timestamp) -> Vec<Event> {
    let mut known = before.iter().peekable();
    let mut events = Vec::new();
    for entry in after.iter() {
        while known.next_if(|old| old.id < entry.id).is_some() {}
        let old = known.next_if(|old| old.id == entry.id);
        if !old.is_some_and(|old| Rc::ptr_eq(old, entry)) {
            events.extend(difference(old, entry, now));
        }
    }
    events
}

fn difference(old: Option<&Rc<Entry>>, new: &Entry, now: Timestamp) -> Vec<Event> {
    let Some(new) = order(new) else { return Vec::new() };
    let Some(old) = old.and_then(|old| order(old)) else { return vec![event(new, Happening::Arrived, now)] };
    let mut what = Vec::new();
    if new.conflicts.len() > old.conflicts.len() {
        what.push(Happening::Conflict);
    } else if new.conflicts.len() < old.conflicts.len() {
        what.push(Happening::Settled);
    }
    if new.status != old.status {
        what.push(Happening::Status(new.status));
    }
    let added = new.people.iter().filter(|person| !old.people.contains(person));
    what.extend(added.map(|person| Happening::Assigned(*person)));
    if new.comments > old.comments {
        what.push(Happening::Note);
    }
    if what.is_empty()
        && (new.priority, new.due, &new.title, new.steps_answered)
            != (old.priority, old.due, &old.title, old.steps_answered)
    {
        what.push(Happening::Changed);
    }
    what.into_iter().map(|what| event(new, what, now)).collect()
}
