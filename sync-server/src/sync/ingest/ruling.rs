//! Judging a batch on a blocking thread: each command upon what the ones before it left, each by itself inside
//! `catch_unwind`, so that bytes that trip Automerge up harm nobody else.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use shared_model::features::{self, Names, Reference, View, view};
use shared_model::identity::{ActorId, CommandId, DocumentId, RecordId};
use shared_model::ingest::{
    Accepted, AcceptedItem, ActorStanding, DOCUMENT_DELETED, ItemFact, Submitter, Verdict, actors_of,
    refuse_deleted,
};
use shared_model::instant::Timestamp;
use shared_model::permission::{Grants, Scope};
use shared_model::record::RecordKind;
use shared_model::sync_protocol::{CommandResult, OutboxEntry, PushedCommand, PushedItem};
use shared_model::workspace::{Aggregate, Author, Workspace};

use super::lane::Job;
use super::scrutiny::{Earlier, Id, Scrutiny, Taken};
use super::{Judge, RecordSeqs, Scribes, Sender, Task, TypedCommand};
use crate::directory::actors::ActorOwner;
use crate::document_store::{Stored, StoredState};
use crate::projection::Written;

/// The code of a refusal whose detail begins with the field that names what is not there.
pub(crate) const UNKNOWN_REFERENCE: &str = "unknown_reference";

/// Sequence numbers reserved for the records of a typed command before it is known how many it makes.
const RECORD_SEQS_PER_COMMAND: u64 = 16;

/// A batch and everything it is judged by.
#[derive(Clone)]
pub(super) struct Docket {
    pub(super) jobs: Vec<Arc<Job>>,
    pub(super) now: Timestamp,
    pub(super) server_actor: ActorId,
    /// The actors of those who give commands here.
    pub(super) scribes: Arc<Scribes>,
    /// What is known about whatever those commands name.
    pub(super) scrutiny: Scrutiny,
    /// Numbers for records of the node's actors.
    pub(super) record_seqs: Arc<RecordSeqs>,
    pub(super) judge: Judge,
    /// Commands that are in the feed already.
    pub(super) earlier: HashMap<CommandId, Earlier>,
    /// Who stands behind actors; `None` inside: nobody ever may.
    pub(super) owners: HashMap<ActorId, Option<ActorOwner>>,
    pub(super) documents: BTreeMap<DocumentId, Stored>,
    /// Documents that are named and were deleted.
    pub(super) deleted: BTreeSet<DocumentId>,
    /// The documents that own the records named.
    pub(super) record_owners: HashMap<RecordId, DocumentId>,
}

/// A command to store.
#[derive(Debug)]
pub(super) struct AcceptedCommand {
    pub(super) job: usize,
    pub(super) id: CommandId,
    pub(super) intent: Vec<u8>,
    pub(super) items: Vec<AcceptedItem>,
    pub(super) touched: Vec<TouchedScopes>,
}

/// Where a document belonged before and after a command.
#[derive(Clone, Debug)]
pub(super) struct TouchedScopes {
    pub(super) document: DocumentId,
    pub(super) before: Vec<Scope>,
    pub(super) after: Vec<Scope>,
}

/// What became of a batch.
pub(super) struct Ruling {
    pub(super) now: Timestamp,
    pub(super) jobs: Vec<Arc<Job>>,
    /// Documents as they are after every accepted command; those with version 0 are new.
    pub(super) documents: BTreeMap<DocumentId, Stored>,
    /// The same, read, as far as accepted commands changed them.
    pub(super) views: BTreeMap<DocumentId, View>,
    /// Where they belong then.
    pub(super) scopes: BTreeMap<DocumentId, Vec<Scope>>,
    pub(super) accepted: Vec<AcceptedCommand>,
    /// Commands that hold nothing new, with what they hold.
    pub(super) held: Vec<(usize, Vec<AcceptedItem>)>,
    pub(super) results: Vec<(usize, CommandResult)>,
    /// Commands whose judgement panicked.
    pub(super) panicked: Vec<(usize, &'static str, String)>,
    /// Commands that have to wait for another one of this batch.
    pub(super) postponed: Vec<usize>,
    /// Actors used for the first time.
    pub(super) bindings: HashMap<ActorId, ActorOwner>,
}

impl Ruling {
    /// The documents whose version the accepted commands raise.
    pub(super) fn raised(&self) -> BTreeSet<DocumentId> {
        self.accepted.iter().flat_map(AcceptedCommand::raises).collect()
    }

    /// Where a document belongs after every accepted command.
    pub(super) fn scopes_of(&self, document: DocumentId) -> &[Scope] {
        self.scopes.get(&document).map_or(&[], Vec::as_slice)
    }

    /// The documents this writes, as they will be once it is stored. Nobody looks whether the others have moved
    /// meanwhile: passed on from batch to batch, one of them would never be read again on a busy node.
    pub(super) fn foreseen(&self) -> BTreeMap<DocumentId, Stored> {
        let mut foreseen = BTreeMap::new();
        for id in self.raised() {
            if let Some(stored) = self.documents.get(&id) {
                let mut stored = stored.clone();
                stored.state.version += 1;
                // The rows are those from before: others are being written, and are known once that is done.
                stored.written = Written::default();
                foreseen.insert(id, stored);
            }
        }
        foreseen
    }

    /// The documents that accepted commands add to without raising their version: nobody looks whether they moved.
    pub(super) fn unwatched(&self) -> Vec<DocumentId> {
        let raised = self.raised();
        let touched = self.accepted.iter().flat_map(|command| &command.touched);
        let touched: BTreeSet<DocumentId> = touched.map(|touched| touched.document).collect();
        touched.difference(&raised).copied().collect()
    }

    /// Adds what became of other commands of the same batch, which have nothing in common with these.
    pub(super) fn joined(mut self, other: Self) -> Self {
        self.documents.extend(other.documents);
        self.views.extend(other.views);
        self.scopes.extend(other.scopes);
        self.accepted.extend(other.accepted);
        self.accepted.sort_by_key(|command| command.job);
        self.held.extend(other.held);
        self.results.extend(other.results);
        self.panicked.extend(other.panicked);
        self.postponed.extend(other.postponed);
        self.postponed.sort_unstable();
        self.bindings.extend(other.bindings);
        self
    }

    /// The documents that accepted commands touch, as they leave them.
    pub(super) fn touched(&mut self) -> BTreeMap<DocumentId, Stored> {
        let touched = self.accepted.iter().flat_map(|command| &command.touched);
        let touched: BTreeSet<DocumentId> = touched.map(|touched| touched.document).collect();
        touched.into_iter().filter_map(|id| Some((id, self.documents.remove(&id)?))).collect()
    }
}

/// Judges these commands of the docket in order.
pub(super) fn rule(docket: Docket, jobs: Vec<usize>) -> Ruling {
    let mut bench = Bench::new(docket);
    jobs.into_iter().for_each(|job| bench.hear(job));
    bench.close()
}

struct Bench {
    docket: Docket,
    aggregates: BTreeMap<DocumentId, Aggregate>,
    states: BTreeMap<DocumentId, (StoredState, Written)>,
    seen: HashSet<CommandId>,
    ruling: Ruling,
}

enum Heard {
    Settled(CommandResult),
    /// Another command of this batch comes first.
    Postponed,
    Accepted(Box<Accepted>, PushedCommand),
}

impl Heard {
    fn of(verdict: Verdict, command: PushedCommand) -> Self {
        match verdict {
            Verdict::Accepted(accepted) => Self::Accepted(accepted, command),
            Verdict::MissingDeps(hashes) => Self::Settled(CommandResult::MissingDeps {
                hashes: hashes.into_iter().map(Into::into).collect(),
            }),
            Verdict::Rejected { code, detail } => Self::Settled(CommandResult::Rejected { code, detail }),
        }
    }
}

impl Bench {
    fn new(mut docket: Docket) -> Self {
        let mut aggregates = BTreeMap::new();
        let mut states = BTreeMap::new();
        for (id, stored) in std::mem::take(&mut docket.documents) {
            aggregates.insert(id, stored.aggregate);
            states.insert(id, (stored.state, stored.written));
        }
        let ruling = Ruling {
            now: docket.now,
            jobs: docket.jobs.clone(),
            documents: BTreeMap::new(),
            views: BTreeMap::new(),
            scopes: BTreeMap::new(),
            accepted: Vec::new(),
            held: Vec::new(),
            results: Vec::new(),
            panicked: Vec::new(),
            postponed: Vec::new(),
            bindings: HashMap::new(),
        };
        Self { docket, aggregates, states, seen: HashSet::new(), ruling }
    }

    fn hear(&mut self, index: usize) {
        let job = Arc::clone(&self.docket.jobs[index]);
        let id = job.task.id();
        let author = job.sender.grants.as_ref().map(|grants| grants.person);
        if let Some(earlier) = self.docket.earlier.get(&id) {
            // What a device sends again is the same; what is typed again may be something else.
            let is_other = match &job.task {
                Task::Typed(typed) => job.sender.caller().is_some() && !typed.is_asked_by(&earlier.intent),
                Task::Pushed(_) => false,
            };
            let result = if earlier.author != author {
                rejected("command_id_taken", "another person's command has this id")
            } else if is_other {
                rejected("command_id_reused", "another command of yours has this id")
            } else {
                duplicate(&earlier.seqs)
            };
            self.ruling.results.push((index, result));
            return;
        }
        if !self.seen.insert(id) {
            self.ruling.postponed.push(index);
            return;
        }
        let begun = Instant::now();
        let heard = catch_unwind(AssertUnwindSafe(|| match &job.task {
            Task::Pushed(command) => self.judge(command.clone(), &job.sender),
            Task::Typed(typed) => self.execute(typed, &job.sender),
        }));
        job.judged_for(begun.elapsed());
        match heard {
            Ok(Heard::Settled(result)) => self.ruling.results.push((index, result)),
            Ok(Heard::Postponed) => self.ruling.postponed.push(index),
            Ok(Heard::Accepted(accepted, command)) => self.accept(index, *accepted, command, &job.sender),
            Err(panic) => {
                let detail = panic_message(panic.as_ref());
                self.ruling.panicked.push((index, "judge_panicked", detail));
            }
        }
    }

    fn judge(&self, command: PushedCommand, sender: &Sender) -> Heard {
        let owner = owner_of(sender);
        let standing: BTreeMap<ActorId, ActorStanding> =
            actors_of(&command).into_iter().map(|actor| (actor, self.standing(actor, owner))).collect();
        let is_deleted = |id| self.docket.deleted.contains(&id);
        if let Some(verdict) = refuse_deleted(&command, is_deleted) {
            return Heard::of(verdict, command);
        }
        if let Some(id) = self.foreign_record(&command) {
            return Heard::Settled(rejected("record_id_reused", &id.to_string()));
        }
        let submitter = Submitter {
            grants: sender.grants.as_ref(),
            device: sender.device,
            server_actor: self.docket.server_actor,
            numbering: sender.numbering,
            given_back: sender.given_back,
            unowned: sender.unowned,
        };
        let verdict = (self.docket.judge)(&command, &submitter, &standing, &self.aggregates);
        Heard::of(verdict, command)
    }

    fn standing(&self, actor: ActorId, owner: ActorOwner) -> ActorStanding {
        if actor == self.docket.server_actor {
            return if owner == ActorOwner::Server { ActorStanding::Own } else { ActorStanding::Foreign };
        }
        match self.docket.owners.get(&actor) {
            None => ActorStanding::Free,
            Some(Some(bound)) if *bound == owner => ActorStanding::Own,
            Some(_) => ActorStanding::Foreign,
        }
    }

    /// A record whose id another document's record has.
    fn foreign_record(&self, command: &PushedCommand) -> Option<RecordId> {
        command.items.iter().find_map(|item| {
            let PushedItem::Record { bytes } = item else { return None };
            let record = shared_model::record::Record::decode(bytes).ok()?;
            let owner = self.docket.record_owners.get(&record.id)?;
            (*owner != record.document).then_some(record.id)
        })
    }

    fn execute(&self, typed: &TypedCommand, sender: &Sender) -> Heard {
        if let Some(id) = typed.documents().find(|id| self.docket.deleted.contains(id)) {
            return Heard::Settled(rejected(DOCUMENT_DELETED, &id.to_string()));
        }
        let actor = self.docket.scribes.of(sender);
        let names = sender.caller().map(|_| typed.names());
        let author = match &sender.grants {
            Some(grants) => Author::Person { grants: grants.clone(), actor },
            None => Author::Server { actor },
        };
        let now = typed.at.unwrap_or(self.docket.now);
        let mut reserved = RECORD_SEQS_PER_COMMAND;
        let items = loop {
            let first_seq = self.docket.record_seqs.reserve(reserved);
            let present = typed.documents().filter_map(|document| self.present(document, sender, &names));
            let mut workspace = Workspace::new(author.clone(), now, first_seq, present);
            if let Err(refusal) =
                typed.commands.iter().try_for_each(|command| command.execute(&mut workspace))
            {
                return Heard::Settled(rejected(refusal.code(), &refusal.to_string()));
            }
            let outcome = workspace.finish();
            let used = outcome.next_record_seq - first_seq;
            if used <= reserved {
                break outcome.items;
            }
            // The numbers beyond may be somebody else's; executing it again costs less than counting before.
            reserved = used;
        };
        if let (Some((grants, _)), Some(names)) = (sender.caller(), &names)
            && let Some(heard) = self.scrutinise(typed, names, grants)
        {
            return heard;
        }
        if items.is_empty() {
            return Heard::Settled(duplicate(&[]));
        }
        self.judge(OutboxEntry::of_items(typed.id, typed.intent(), items).command, sender)
    }

    /// A document for a command to work on. For those who give commands here, what they may not read is not there,
    /// and what is to be begun is not there yet.
    fn present(&self, id: DocumentId, sender: &Sender, names: &Option<Names>) -> Option<Aggregate> {
        let aggregate = self.aggregates.get(&id)?;
        let is_begun = names.as_ref().is_some_and(|names| names.documents.contains(&id));
        let is_readable = sender.caller().is_none_or(|(grants, _)| {
            grants.read_document(aggregate.document.kind(), &features::scopes(aggregate))
        });
        (is_readable && !is_begun).then(|| aggregate.clone())
    }

    /// Settles a command that makes up ids that are taken, or refers to what is not there.
    fn scrutinise(&self, typed: &TypedCommand, names: &Names, grants: &Grants) -> Option<Heard> {
        let scrutiny = &self.docket.scrutiny;
        match scrutiny.taken(names, &self.aggregates) {
            Taken::Now => return Some(Heard::Postponed),
            Taken::By(id, earlier) => {
                let earlier = earlier.filter(|earlier| earlier.author == Some(grants.person));
                return Some(Heard::Settled(match (earlier, id) {
                    (Some(same), _) if typed.is_asked_by(&same.intent) => duplicate(&same.seqs),
                    (_, Id::Document(id)) => {
                        rejected("already_exists", &format!("document {id} exists already"))
                    }
                    (_, Id::Record(id)) => {
                        rejected("record_id_reused", &format!("record {id} exists already"))
                    }
                }));
            }
            Taken::No => {}
        }
        let Reference { field, target } = scrutiny.missing(names, grants, &self.aggregates)?;
        let detail = format!("{field} names {target}, which does not exist or is not yours to see");
        Some(Heard::Settled(rejected(UNKNOWN_REFERENCE, &detail)))
    }

    fn accept(&mut self, job: usize, accepted: Accepted, command: PushedCommand, sender: &Sender) {
        if accepted.is_duplicate() {
            self.ruling.held.push((job, accepted.items));
            return;
        }
        let owner = owner_of(sender);
        for actor in &accepted.actors {
            if *actor != self.docket.server_actor && !self.docket.owners.contains_key(actor) {
                self.docket.owners.insert(*actor, Some(owner));
                self.ruling.bindings.insert(*actor, owner);
            }
        }
        let mut touched = Vec::with_capacity(accepted.touched.len());
        for (document, after) in accepted.touched {
            let new_changes = accepted.items.iter().filter(|item| is_new_change(item, document)).count();
            let (state, _) = self.states.entry(document).or_insert_with(unstored);
            state.change_count += i64::try_from(new_changes).unwrap_or(0);
            self.aggregates.insert(document, after.aggregate);
            self.ruling.scopes.insert(document, after.scopes_after.clone());
            touched.push(TouchedScopes { document, before: after.scopes_before, after: after.scopes_after });
        }
        let (id, intent) = (command.id, command.intent.into());
        self.ruling.accepted.push(AcceptedCommand { job, id, intent, items: accepted.items, touched });
    }

    fn close(mut self) -> Ruling {
        for (id, aggregate) in self.aggregates {
            let (state, written) = self.states.remove(&id).unwrap_or_else(unstored);
            self.ruling.documents.insert(id, Stored { aggregate, state, written });
        }
        let raised = self.ruling.raised();
        let documents = &self.ruling.documents;
        let read = |id: DocumentId| Some((id, view(&documents.get(&id)?.aggregate)));
        self.ruling.views = raised.into_iter().filter_map(read).collect();
        self.ruling
    }
}

impl AcceptedCommand {
    /// The documents whose version this command raises.
    pub(super) fn raises(&self) -> BTreeSet<DocumentId> {
        let raises = |item: &&AcceptedItem| {
            !item.known
                && match &item.fact {
                    ItemFact::Change { .. } => true,
                    ItemFact::Record(record) => record.kind().is_none_or(RecordKind::bumps_document),
                }
        };
        self.items.iter().filter(raises).map(|item| item.document).collect()
    }
}

/// What is known of a document that is not there yet.
fn unstored() -> (StoredState, Written) {
    (StoredState::default(), Written::nothing())
}

fn is_new_change(item: &AcceptedItem, document: DocumentId) -> bool {
    !item.known && item.document == document && matches!(item.fact, ItemFact::Change { .. })
}

/// Whose actors a submitter may write under.
fn owner_of(sender: &Sender) -> ActorOwner {
    match (&sender.grants, sender.device) {
        (Some(grants), Some(device)) => ActorOwner::Person(grants.person, device),
        _ => ActorOwner::Server,
    }
}

pub(super) fn duplicate(seqs: &[i64]) -> CommandResult {
    CommandResult::Duplicate { seqs: seqs.iter().map(|seq| seq.unsigned_abs()).collect() }
}

pub(super) fn rejected(code: &str, detail: &str) -> CommandResult {
    CommandResult::Rejected { code: code.to_owned(), detail: detail.to_owned() }
}

pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "not a text".to_owned())
}

#[cfg(test)]
mod tests {
    use shared_model::document::DocumentKind;

    use super::*;

    #[test]
    fn only_what_a_batch_writes_is_foreseen() {
        let id = DocumentId::from_bytes([1; 16]);
        let state = StoredState { version: 19, ..StoredState::default() };
        let written = Written::default();
        let read = Stored { aggregate: Aggregate::new(id, DocumentKind::Part), state, written };
        let ruling = rule(
            Docket {
                jobs: Vec::new(),
                now: Timestamp::default(),
                server_actor: ActorId::from_bytes([2; 16]),
                scribes: Arc::new(Scribes::new()),
                scrutiny: Scrutiny::default(),
                record_seqs: Arc::default(),
                judge: shared_model::ingest::judge,
                earlier: HashMap::new(),
                owners: HashMap::new(),
                documents: BTreeMap::from([(id, read)]),
                deleted: BTreeSet::new(),
                record_owners: HashMap::new(),
            },
            Vec::new(),
        );
        assert!(ruling.documents.contains_key(&id));
        assert!(ruling.foreseen().is_empty(), "another node may write it at any time");
    }
}
