//! The status of a work order, told a second time from the prose of the protocol: one event after the other, each after
//! those it names; of several that could be next, the one with the smallest count, then the smallest id.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::features::work_order::{Status, StatusEvent, WorkOrder};
use shared_model::identity::RecordId;
use shared_model::record::RecordKind;
use shared_model::workspace::Aggregate;

use crate::model::{Fact, Model};

/// What may follow what, written down once more.
const ALLOWED: [(&str, &str); 8] = [
    ("new", "assigned in_progress cancelled"),
    ("assigned", "new in_progress on_hold completed cancelled"),
    ("in_progress", "on_hold completed cancelled"),
    ("on_hold", "in_progress completed cancelled"),
    ("completed", "verified in_progress"),
    ("verified", "closed in_progress"),
    ("closed", ""),
    ("cancelled", ""),
];

/// Every event that somebody stated is there as it was stated, and leads where the prose says.
pub fn follows_the_events(model: &Model, aggregate: &Aggregate, order: &WorkOrder) {
    let events: BTreeMap<RecordId, StatusEvent> = aggregate
        .records_of(RecordKind::StatusEvent)
        .map(|record| (record.id, record.read().expect("a status event")))
        .collect();
    let stated = model.facts.iter().filter(|((document, _), _)| *document == order.id);
    let stated = stated.filter_map(|((_, id), fact)| match fact {
        Fact::Status(to) => Some((*id, *to)),
        _ => None,
    });
    let kept: BTreeMap<RecordId, Status> = events.iter().map(|(id, event)| (*id, event.to)).collect();
    assert_eq!(kept, stated.collect::<BTreeMap<_, _>>());

    let (status, superseded) = told_again(&events);
    assert_eq!(order.status, status);
    let shown = order.history.iter().filter(|line| line.superseded).map(|line| line.event);
    assert_eq!(shown.collect::<BTreeSet<_>>(), superseded);
    assert_eq!(order.history.len(), events.len());
}

fn told_again(events: &BTreeMap<RecordId, StatusEvent>) -> (Status, BTreeSet<RecordId>) {
    let mut told: BTreeMap<RecordId, usize> = BTreeMap::new();
    let (mut status, mut superseded) = (Status::New, BTreeSet::new());
    while told.len() < events.len() {
        let could_be_next = events.iter().filter(|(id, event)| {
            !told.contains_key(id)
                && event.saw.iter().all(|named| told.contains_key(named) || !events.contains_key(named))
        });
        let (count, id) = could_be_next
            .map(|(id, event)| {
                (1 + event.saw.iter().filter_map(|named| told.get(named)).max().unwrap_or(&0), *id)
            })
            .min()
            .expect("honest devices make no circle");
        told.insert(id, count);
        let event = &events[&id];
        let (_, next) = ALLOWED.iter().find(|(from, _)| *from == status.code()).expect("all are listed");
        if event.correction || next.split(' ').any(|to| to == event.to.code()) {
            status = event.to;
        } else {
            superseded.insert(id);
        }
    }
    (status, superseded)
}
