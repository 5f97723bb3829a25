//! Accept and compensate: finds what arrived on work orders and does not hold after the merge, and decides what the
//! server states about it. The rules are the model's; they are asked in the transaction that takes the batch in, so that
//! two nodes never both answer.

use std::collections::BTreeMap;

use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::features::work_order::{self as model, Arrival};
use shared_model::identity::{DocumentId, PersonId, RecordId};
use shared_model::permission::Scope;
use shared_model::record::RecordKind;
use sqlx::PgConnection;

use crate::directory;
use crate::projection::{Intake, records_of};
use crate::random;
use crate::sync::ingest::Decision;

/// Who was given a work order by whom.
struct Assigned {
    order: DocumentId,
    person: PersonId,
    by: PersonId,
}

/// Sets right what has to be.
pub(super) async fn decide(
    connection: &mut PgConnection,
    intake: &Intake<'_>,
) -> anyhow::Result<Vec<Decision>> {
    let mut arrivals: BTreeMap<DocumentId, Arrival> = BTreeMap::new();
    for new in records_of(&intake.records, RecordKind::StatusEvent) {
        if new.record.author.is_some() {
            arrivals.entry(new.record.document).or_default().events.insert(new.record.id);
        }
    }
    let assigned = assigned(intake);
    if !assigned.is_empty() {
        let people: Vec<PersonId> = assigned.iter().map(|assigned| assigned.person).collect();
        let inactive = directory::inactive(connection, intake.organisation, &people).await?;
        for Assigned { order, person, by } in assigned {
            if inactive.contains(&person) {
                arrivals.entry(order).or_default().inactive.insert(person, Some(by));
            }
        }
    }
    let mut fresh = || RecordId::from_uuid(random::uuid(intake.now));
    let corrections = arrivals.iter().filter_map(|(order, arrival)| {
        let aggregate = intake.documents.get(order)?;
        model::correct(aggregate, arrival, &mut fresh)
    });
    Ok(corrections
        .map(|correction| Decision::Command(Command::WorkOrder(model::Command::Correct(correction))))
        .collect())
}

/// People in whose scope a command of somebody put a work order.
fn assigned(intake: &Intake<'_>) -> Vec<Assigned> {
    let mut assigned = Vec::new();
    for moved in &intake.moves {
        let is_order = |id| intake.documents.get(id).map(|order| order.document.kind());
        let (Some(by), Some(DocumentKind::WorkOrder)) = (moved.author, is_order(&moved.document)) else {
            continue;
        };
        for scope in moved.after.iter().filter(|scope| !moved.before.contains(scope)) {
            if let Scope::Person(person) = scope {
                assigned.push(Assigned { order: moved.document, person: *person, by });
            }
        }
    }
    assigned
}
