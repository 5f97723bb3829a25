//! What has just happened, read off the difference between two states of the rows; who did it stands in the work
//! order itself, which is asked for afterwards.

use std::rc::Rc;

use shared_model::features::work_order::{Priority, Status, WorkOrder, WorkOrderSummary};
use shared_model::identity::{ActorId, DocumentId, PersonId, TeamId};
use shared_model::instant::Timestamp;

use crate::features::work_order::{order, orders};
use crate::row_store::{Entry, Table};
use crate::sorting::sort_by_key;

/// Kept and shown.
const KEPT: usize = 40;
/// More changes at once than people make are a load, not news.
const MOST_AT_ONCE: usize = 30;
const FIRST_SHOWN: usize = 20;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    Arrived,
    Status(Status),
    Assigned(PersonId),
    Unassigned(PersonId),
    TeamAssigned(TeamId),
    Note,
    Labour,
    Part,
    /// Answered steps, and all of them.
    Steps(u32, u32),
    TimerStarted,
    Priority(Priority),
    Due(Option<Timestamp>),
    Conflict,
    Settled,
    Changed,
}

/// Something that happened, before it is known who did it; without `what`: whatever was last.
#[derive(Clone, Debug)]
pub struct Question {
    serial: u64,
    pub id: DocumentId,
    number: String,
    title: String,
    what: Option<Happening>,
    at: Timestamp,
}

/// One line of the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub serial: u64,
    pub id: DocumentId,
    pub number: String,
    pub title: String,
    pub what: Happening,
    pub at: Timestamp,
    /// The person, where a record names them.
    pub author: Option<PersonId>,
    pub actor: Option<ActorId>,
    /// What they said about it.
    pub words: Option<String>,
}

/// The feed of this page.
#[derive(Default)]
pub struct Feed {
    seen: Option<Rc<Table>>,
    serial: u64,
    /// Latest first.
    pub events: Vec<Event>,
}

impl Feed {
    /// Takes in the next state of the rows, and asks who did what is new. What comes while they are `loading` is no
    /// news; afterwards the feed begins with what was touched last.
    pub fn take_in(&mut self, table: &Rc<Table>, now: Timestamp, loading: bool) -> Vec<Question> {
        if loading || !table.loaded {
            return Vec::new();
        }
        let before = self.seen.replace(table.clone());
        let news = before.filter(|before| before.loaded).map(|before| differences(&before, table));
        match news {
            Some(news) if news.len() <= MOST_AT_ONCE => news
                .into_iter()
                .map(|(order, what)| {
                    self.serial += 1;
                    self.question(order, Some(what), now)
                })
                .collect(),
            _ => {
                self.events.clear();
                self.serial += 1;
                latest(table).into_iter().map(|order| self.question(order, None, order.updated_at)).collect()
            }
        }
    }

    fn question(&self, order: &WorkOrderSummary, what: Option<Happening>, at: Timestamp) -> Question {
        let (number, title) = (order.number.clone(), order.title.clone());
        Question { serial: self.serial, id: order.id, number, title, what, at }
    }

    /// Takes in the answer: the work order, unless it has gone meanwhile.
    pub fn answer(&mut self, question: &Question, order: Option<&WorkOrder>) {
        let Question { serial, id, number, title, what, at } = question.clone();
        let what = what.or_else(|| order.map(last)).unwrap_or(Happening::Changed);
        let deed = order.map(|order| deed(order, &what)).unwrap_or_default();
        // The clock of another device may be ahead.
        let at = deed.at.map_or(at, |told| told.min(at));
        let event = Event {
            serial,
            id,
            number,
            title,
            what,
            at,
            author: deed.author,
            actor: deed.actor,
            words: deed.words,
        };
        // What was there at the start came at once, and is told in the order it happened.
        let is_newer = |other: &Event| (other.serial, other.at) > (serial, event.at);
        let place = self.events.partition_point(is_newer);
        self.events.insert(place, event);
        self.events.truncate(KEPT);
    }
}

/// The work orders in hand that were touched last.
fn latest(table: &Table) -> Vec<&WorkOrderSummary> {
    let in_hand = |order: &&WorkOrderSummary| !matches!(order.status, Status::New | Status::Closed);
    let mut rows: Vec<&WorkOrderSummary> = orders(table).map(|(_, order)| order).filter(in_hand).collect();
    sort_by_key(&mut rows, |order| std::cmp::Reverse((order.updated_at, order.completed_at)));
    rows.truncate(FIRST_SHOWN);
    rows
}

fn differences<'a>(before: &Table, after: &'a Table) -> Vec<(&'a WorkOrderSummary, Happening)> {
    let mut known = before.iter().peekable();
    let mut news = Vec::new();
    for entry in after.iter() {
        while known.next_if(|old| old.id < entry.id).is_some() {}
        let old = known.next_if(|old| old.id == entry.id);
        if !old.is_some_and(|old| Rc::ptr_eq(old, entry))
            && let Some(new) = order(entry)
        {
            news.extend(difference(old, new).into_iter().map(|what| (new, what)));
        }
    }
    news
}

fn difference(old: Option<&Rc<Entry>>, new: &WorkOrderSummary) -> Vec<Happening> {
    let Some(old) = old.and_then(|old| order(old)) else { return vec![Happening::Arrived] };
    let fresh = |what: Happening, is_new: bool| is_new.then_some(what);
    let mut what: Vec<Happening> = [
        fresh(Happening::Conflict, new.conflicts.len() > old.conflicts.len()),
        fresh(Happening::Settled, new.conflicts.len() < old.conflicts.len()),
        fresh(Happening::Status(new.status), new.status != old.status),
        fresh(Happening::Note, new.comments > old.comments),
        fresh(Happening::Labour, new.labour_minutes > old.labour_minutes),
        fresh(Happening::Part, new.parts_used > old.parts_used),
        fresh(Happening::Steps(new.steps_answered, new.steps_total), new.steps_answered > old.steps_answered),
        fresh(Happening::TimerStarted, new.timers.len() > old.timers.len()),
        fresh(Happening::Priority(new.priority), new.priority != old.priority),
        fresh(Happening::Due(new.due), new.due != old.due),
    ]
    .into_iter()
    .flatten()
    .collect();
    what.extend(new.people.iter().filter(|id| !old.people.contains(id)).map(|id| Happening::Assigned(*id)));
    what.extend(old.people.iter().filter(|id| !new.people.contains(id)).map(|id| Happening::Unassigned(*id)));
    what.extend(new.teams.iter().filter(|id| !old.teams.contains(id)).map(|id| Happening::TeamAssigned(*id)));
    if what.is_empty() && (&new.title, new.steps_answered) != (&old.title, old.steps_answered) {
        what.push(Happening::Changed);
    }
    what
}

/// What happened to a work order last, as far as it is a fact of its own.
fn last(order: &WorkOrder) -> Happening {
    let status = order.history.last().map(|line| (line.at, Happening::Status(line.to)));
    let note = order.comments.last().map(|line| (line.at, Happening::Note));
    let labour = order.labour.last().map(|line| (line.at, Happening::Labour));
    // Completing work enters its labour too: the step is the news.
    let latest = [labour, note, status].into_iter().flatten().max_by_key(|(at, _)| *at);
    // Edits know their time to the second.
    let is_newer = |at: Timestamp| at.as_millis() / 1000 >= order.edited_at.as_millis() / 1000;
    latest.filter(|(at, _)| is_newer(*at)).map_or(Happening::Changed, |(_, what)| what)
}

#[derive(Default)]
struct Deed {
    author: Option<PersonId>,
    actor: Option<ActorId>,
    at: Option<Timestamp>,
    words: Option<String>,
}

/// Who did it, when, and in which words; for an edit, who edited last.
fn deed(order: &WorkOrder, what: &Happening) -> Deed {
    let record = match what {
        Happening::Status(to) => order.history.iter().rev().find(|line| line.to == *to).map(|line| Deed {
            author: line.author,
            actor: Some(line.actor),
            at: Some(line.at),
            words: line.reason.clone(),
        }),
        Happening::Note => order.comments.last().map(|line| Deed {
            author: line.author,
            actor: Some(line.actor),
            at: Some(line.at),
            words: Some(line.text.clone()),
        }),
        Happening::Labour => order.labour.last().map(|line| Deed {
            author: line.author,
            actor: Some(line.actor),
            at: Some(line.at),
            words: line.note.clone(),
        }),
        _ => None,
    };
    let edit = || Deed { actor: order.edited_by, at: Some(order.edited_at), ..Deed::default() };
    record.unwrap_or_else(edit)
}
