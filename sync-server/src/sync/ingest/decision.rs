//! What the server itself decides about a batch: facts, and commands that set something right. They go into the feed
//! like everybody else's, in the transaction of what caused them.

use std::collections::{BTreeMap, BTreeSet};

use shared_model::features::Command;
use shared_model::gate::Numbering;
use shared_model::identity::{CommandId, DocumentId, RecordId};
use shared_model::ingest::{Accepted, AcceptedItem, ActorStanding, ItemFact, Submitter, Verdict};
use shared_model::permission::Scope;
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::OutboxEntry;
use shared_model::workspace::{Aggregate, Author, Workspace};

use super::Core;
use super::ruling::Ruling;
use crate::random;

/// Numbers for the records of one command of the server.
const RECORD_SEQS: u64 = 256;

/// Something the server states about documents of a batch.
#[derive(Clone, Debug)]
pub enum Decision {
    /// A fact.
    Fact {
        /// The document.
        document: DocumentId,
        /// What kind of fact it is.
        kind: RecordKind,
        /// The fact, as JSON of the kind's type.
        payload: Vec<u8>,
    },
    /// A command that the server gives itself.
    Command(Command),
}

/// What the decisions came to.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// Their items, as the feed stores them.
    pub(super) items: Vec<AcceptedItem>,
    /// Documents they changed, and not only stated something about.
    pub(super) changed: BTreeSet<DocumentId>,
    /// Where documents of their commands belonged before.
    pub(super) before: BTreeMap<DocumentId, Vec<Scope>>,
}

/// Makes decisions part of the documents.
pub(super) fn adopt(core: &Core, ruling: &mut Ruling, decisions: Vec<Decision>) -> Decided {
    let mut decided = Decided::default();
    for decision in decisions {
        match decision {
            Decision::Fact { document, kind, payload } => {
                decided.items.extend(state(core, ruling, document, kind, payload));
            }
            Decision::Command(command) => match execute(core, ruling, &command) {
                Ok(accepted) => take_in(ruling, &mut decided, accepted),
                // What people sent stands all the same, and the next arrival asks again.
                Err(reason) => tracing::error!(reason, "the server could not set a document right"),
            },
        }
    }
    decided
}

fn state(
    core: &Core,
    ruling: &mut Ruling,
    document: DocumentId,
    kind: RecordKind,
    payload: Vec<u8>,
) -> Option<AcceptedItem> {
    let stored = ruling.documents.get_mut(&document)?;
    let record = Record {
        id: RecordId::from_uuid(random::uuid(ruling.now)),
        kind: kind.code().to_owned(),
        document,
        author: None,
        actor: core.actor(),
        seq: core.record_seqs.reserve(1),
        at: ruling.now,
        payload,
    };
    stored.aggregate.records.insert(record.id, record.clone());
    Some(AcceptedItem::of_record(stored.aggregate.document.kind(), record))
}

/// Executes a command upon the documents as the batch leaves them, and has it judged like everybody's.
fn execute(core: &Core, ruling: &Ruling, command: &Command) -> Result<Accepted, String> {
    let documents: BTreeMap<DocumentId, Aggregate> = command
        .documents()
        .iter()
        .filter_map(|touch| Some((touch.document, ruling.documents.get(&touch.document)?.aggregate.clone())))
        .collect();
    let author = Author::Server { actor: core.actor() };
    let first_seq = core.record_seqs.reserve(RECORD_SEQS);
    let mut workspace = Workspace::new(author, ruling.now, first_seq, documents.values().cloned());
    command.execute(&mut workspace).map_err(|refusal| refusal.code().to_owned())?;
    let (id, intent) = (CommandId::from_uuid(random::uuid(ruling.now)), Vec::new());
    let pushed = OutboxEntry::of_items(id, intent, workspace.finish().items).command;
    let numbering = Numbering::Exact;
    let submitter = Submitter {
        grants: None,
        device: None,
        server_actor: core.actor(),
        numbering,
        given_back: false,
        unowned: false,
    };
    let standing = BTreeMap::from([(core.actor(), ActorStanding::Own)]);
    match (core.judge)(&pushed, &submitter, &standing, &documents) {
        Verdict::Accepted(accepted) => Ok(*accepted),
        Verdict::MissingDeps(_) => Err("missing_past".to_owned()),
        Verdict::Rejected { code, .. } => Err(code),
    }
}

fn take_in(ruling: &mut Ruling, decided: &mut Decided, accepted: Accepted) {
    for (document, after) in accepted.touched {
        let Some(stored) = ruling.documents.get_mut(&document) else { continue };
        let is_change =
            |item: &&AcceptedItem| item.document == document && matches!(item.fact, ItemFact::Change { .. });
        let changes = accepted.items.iter().filter(is_change).count();
        stored.state.change_count += i64::try_from(changes).unwrap_or(0);
        stored.aggregate = after.aggregate;
        if changes > 0 {
            decided.changed.insert(document);
        }
        decided.before.entry(document).or_insert(after.scopes_before);
        ruling.scopes.insert(document, after.scopes_after);
    }
    decided.items.extend(accepted.items.into_iter().filter(|item| !item.known));
}
