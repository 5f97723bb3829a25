//! Running one command on this device: the rules, the document edits, and the gate on this device's own bytes, so
//! that nothing is saved that the server would refuse for its structure. Pure.

use std::collections::BTreeMap;

use shared_model::document::Document;
use shared_model::features::Command;
use shared_model::gate::{self, Binding, Verdict};
use shared_model::identity::{CommandId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::replica;
use shared_model::sync_protocol::OutboxEntry;
use shared_model::workspace::{Aggregate, Author, Item, Outcome, Refusal};

/// What a command made; to be stored in one transaction.
#[derive(Debug)]
pub struct Executed {
    /// For the outbox; `None` when there was nothing to do.
    pub entry: Option<OutboxEntry>,
    /// The documents it changed, as they are now.
    pub changed: BTreeMap<DocumentId, Aggregate>,
    /// The next free record number of the actor.
    pub next_record_seq: u64,
}

/// Runs a command over the documents it names, as far as they are here, for a server that knows schema steps up to
/// `schema`.
pub fn execute(
    command_id: CommandId,
    command: &Command,
    author: &Author,
    now: Timestamp,
    next_record_seq: u64,
    schema: u8,
    held: &BTreeMap<DocumentId, Aggregate>,
) -> Result<Executed, Refusal> {
    let outcome = replica::replay(command, held, author, now, next_record_seq, schema)?;
    check(&outcome.items, held)?;
    let Outcome { items, mut aggregates, next_record_seq } = outcome;
    if items.is_empty() {
        return Ok(Executed { entry: None, changed: BTreeMap::new(), next_record_seq });
    }
    let intent = serde_json::to_vec(command).unwrap_or_default();
    let entry = OutboxEntry::of_items(command_id, intent, items);
    gate::check_command(&entry.command)
        .map_err(|refused| Refusal::rule("too_much_at_once", refused.to_string()))?;
    aggregates.retain(|id, _| entry.documents.contains(id));
    Ok(Executed { entry: Some(entry), changed: aggregates, next_record_seq })
}

/// Passes the changes and records through the gate, each upon what came before it.
fn check(items: &[Item], held: &BTreeMap<DocumentId, Aggregate>) -> Result<(), Refusal> {
    let mut documents: BTreeMap<DocumentId, Document> = BTreeMap::new();
    for item in items {
        let refused = |error: gate::Refused| Refusal::Structure { detail: error.to_string() };
        match item {
            Item::Record(record) => drop(gate::check_record(&record.encode()).map_err(refused)?),
            Item::Change { document: id, kind, bytes } => {
                let document = documents.entry(*id).or_insert_with(|| {
                    held.get(id).map_or_else(|| Document::new(*kind), |aggregate| aggregate.document.clone())
                });
                if let Verdict::New(checked) =
                    gate::check_change(document, bytes, |_| Binding::Device).map_err(refused)?
                {
                    let applied = document.apply(vec![checked.change]);
                    applied.map_err(|error| Refusal::Structure { detail: error.to_string() })?;
                }
            }
        }
    }
    Ok(())
}

/// A refusal as the code and the detail that *needs attention* shows.
pub fn refusal_code(refusal: &Refusal) -> (String, String) {
    let detail = match refusal {
        Refusal::NotPermitted { permission } => permission.code().to_owned(),
        Refusal::UnknownDocument { document } | Refusal::AlreadyExists { document } => document.to_string(),
        Refusal::Value { field, problem } => format!("{field} {problem}"),
        Refusal::Rule { detail, .. } | Refusal::Structure { detail } => detail.clone(),
    };
    (refusal.code().to_owned(), detail)
}

#[cfg(test)]
mod tests {
    use shared_model::document::step;
    use shared_model::features::work_order::{self, FieldEdit, Priority};
    use shared_model::identity::{ActorId, PersonId};
    use shared_model::permission::{GrantLimit, Grants, Role};

    use super::*;

    fn author(role: Role) -> Author {
        let grants =
            Grants { person: PersonId::from_bytes([2; 16]), grants: role.grants(GrantLimit::Organisation) };
        Author::Person { grants, actor: ActorId::from_bytes([3; 16]) }
    }

    fn id() -> DocumentId {
        DocumentId::from_bytes([1; 16])
    }

    fn run(
        role: Role,
        command: &work_order::Command,
        held: &BTreeMap<DocumentId, Aggregate>,
    ) -> Result<Executed, Refusal> {
        run_for_server(step::SCHEMA, role, command, held)
    }

    fn run_for_server(
        schema: u8,
        role: Role,
        command: &work_order::Command,
        held: &BTreeMap<DocumentId, Aggregate>,
    ) -> Result<Executed, Refusal> {
        let command = Command::WorkOrder(command.clone());
        let now = Timestamp::from_millis(1_700_000_000_000);
        execute(CommandId::from_bytes([4; 16]), &command, &author(role), now, 1, schema, held)
    }

    fn create(description: &str) -> work_order::Command {
        let new = serde_json::json!({
            "do": "create", "id": id(), "title": "Pump leaks", "description": description,
            "type": "corrective", "priority": "high", "origin": "manual",
        });
        serde_json::from_value(new).unwrap()
    }

    fn created() -> BTreeMap<DocumentId, Aggregate> {
        run(Role::Technician, &create(""), &BTreeMap::new()).unwrap().changed
    }

    #[test]
    fn what_a_command_made_passes_the_gate() {
        let executed = run(Role::Technician, &create("At the seal"), &BTreeMap::new()).unwrap();
        let entry = executed.entry.unwrap();
        assert_eq!(entry.documents, [id()]);
        assert!(!entry.command.items.is_empty());
        assert_eq!(executed.changed.keys().copied().collect::<Vec<_>>(), [id()]);
    }

    #[test]
    fn long_texts_are_split_and_still_pass() {
        let text = "ärger ".repeat(3_000);
        let executed = run(Role::Technician, &create(&text), &BTreeMap::new()).unwrap();
        assert!(executed.entry.unwrap().command.items.len() > 5);
    }

    #[test]
    fn a_refused_command_leaves_nothing() {
        let edits = vec![FieldEdit::Priority(Priority::Low)];
        let edit = work_order::Command::Edit { id: id(), edits };
        assert!(matches!(
            run(Role::Technician, &edit, &BTreeMap::new()),
            Err(Refusal::UnknownDocument { .. })
        ));
        assert!(matches!(run(Role::Requester, &edit, &created()), Err(Refusal::NotPermitted { .. })));
    }

    #[test]
    fn a_field_the_server_does_not_know_yet_is_refused_here() {
        let edits = vec![FieldEdit::Resolution("New seal".into())];
        let resolve = work_order::Command::Edit { id: id(), edits };
        let refusal = run_for_server(0, Role::Technician, &resolve, &created()).unwrap_err();
        assert_eq!(refusal_code(&refusal), ("server_too_old".to_owned(), "resolution".to_owned()));
        let executed = run_for_server(1, Role::Technician, &resolve, &created()).unwrap();
        assert_eq!(executed.entry.unwrap().command.items.len(), 2, "the step, and what was written");
    }

    #[test]
    fn writing_what_stands_there_is_nothing_to_send() {
        let edits = vec![FieldEdit::Priority(Priority::High)];
        let executed =
            run(Role::Technician, &work_order::Command::Edit { id: id(), edits }, &created()).unwrap();
        assert!(executed.entry.is_none() && executed.changed.is_empty());
    }
}
