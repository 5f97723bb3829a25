//! However a batch is divided, the same becomes of it.

use std::sync::Arc;

use shared_model::features::Command;
use shared_model::features::part::{self, FieldEdit, NewPart};
use shared_model::identity::{ActorId, CommandId, DeviceId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::sync_protocol::{CommandResult, OutboxEntry, PushedCommand};
use shared_model::workspace::{Aggregate, Author, Item, Workspace};

use super::*;
use crate::sync::ingest::lane::{Job, submission};
use crate::sync::ingest::scrutiny::Scrutiny;
use crate::sync::ingest::{RecordSeqs, Scribes};
use crate::sync::{Sender, TypedCommand};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn sender(n: u8) -> Sender {
    let grants = Role::Manager.grants(GrantLimit::Organisation);
    let grants = Some(Grants { person: PersonId::from_bytes([n; 16]), grants });
    Sender { grants, device: Some(DeviceId::from_bytes([n; 16])), ..Sender::default() }
}

const fn part_id(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

/// One who works, with what they know.
struct Hand {
    author: Author,
    aggregates: BTreeMap<DocumentId, Aggregate>,
}

impl Hand {
    fn new(person: u8, actor: u8) -> Self {
        let author = Author::Person {
            grants: sender(person).grants.unwrap(),
            actor: ActorId::from_bytes([actor; 16]),
        };
        Self { author, aggregates: BTreeMap::new() }
    }

    fn does(&mut self, id: u8, command: &Command) -> PushedCommand {
        let here = self.aggregates.values().cloned();
        let mut workspace = Workspace::new(self.author.clone(), NOW, u64::from(id), here);
        command.execute(&mut workspace).unwrap();
        let outcome = workspace.finish();
        self.aggregates.extend(outcome.aggregates);
        pushed(id, outcome.items)
    }

    fn creates(&mut self, id: u8, part: DocumentId) -> PushedCommand {
        let (number, unit) = ("6204".to_owned(), "pc".to_owned());
        let new = NewPart { id: part, number, name: "Bearing".to_owned(), unit, fields: Vec::new() };
        self.does(id, &Command::Part(part::Command::Create(Box::new(new))))
    }

    fn renames(&mut self, id: u8, part: DocumentId) -> PushedCommand {
        let edits = vec![FieldEdit::Name(format!("Bearing {id}"))];
        self.does(id, &Command::Part(part::Command::Edit { id: part, edits }))
    }
}

fn pushed(id: u8, items: Vec<Item>) -> PushedCommand {
    OutboxEntry::of_items(CommandId::from_bytes([id; 16]), Vec::new(), items).command
}

fn docket(batch: Vec<(u8, Task)>) -> Docket {
    let jobs: Vec<Arc<Job>> =
        batch.into_iter().flat_map(|(person, task)| submission(sender(person), vec![task]).0).collect();
    Docket {
        jobs,
        now: NOW,
        server_actor: ActorId::from_bytes([99; 16]),
        scribes: Arc::new(Scribes::new()),
        scrutiny: Scrutiny::default(),
        record_seqs: Arc::new(RecordSeqs::default()),
        judge: shared_model::ingest::judge,
        earlier: HashMap::new(),
        owners: HashMap::new(),
        documents: BTreeMap::new(),
        deleted: BTreeSet::new(),
        record_owners: HashMap::new(),
    }
}

fn batch() -> Vec<(u8, Task)> {
    let mut batch = Vec::new();
    let mut push = |person, command: &PushedCommand| batch.push((person, Task::Pushed(command.clone())));
    for person in 1..=6_u8 {
        let mut hand = Hand::new(person, person);
        for n in 0..3 {
            let (first, part) = (person * 20 + n * 3, part_id(person * 10 + n));
            push(person, &hand.creates(first, part));
            let renamed = hand.renames(first + 1, part);
            push(person, &renamed);
            push(person, &renamed);
        }
    }
    // Upon somebody else's document of the same batch, and upon one that nobody has.
    let (mut one, mut two) = (Hand::new(7, 7), Hand::new(7, 17));
    let mut absent = Hand::new(7, 27);
    absent.creates(200, part_id(250));
    push(1, &one.creates(201, part_id(201)));
    push(7, &one.renames(202, part_id(201)));
    push(7, &two.creates(203, part_id(203)));
    push(7, &absent.renames(204, part_id(250)));
    // An actor that two people say is theirs, on documents of their own.
    let (mut mine, mut yours) = (Hand::new(8, 88), Hand::new(9, 88));
    push(8, &mine.creates(205, part_id(205)));
    push(9, &yours.creates(206, part_id(206)));
    batch
}

/// What became of a batch, in a form to compare.
#[derive(Debug, PartialEq)]
struct Told {
    accepted: Vec<(usize, CommandId, Vec<Vec<u8>>)>,
    held: BTreeSet<usize>,
    results: Vec<(usize, CommandResult)>,
    postponed: Vec<usize>,
    bindings: BTreeSet<ActorId>,
    documents: BTreeMap<DocumentId, (Vec<u8>, i64)>,
    views: BTreeSet<DocumentId>,
}

fn told(mut ruling: Ruling) -> Told {
    assert!(ruling.panicked.is_empty());
    ruling.results.sort_by_key(|(job, _)| *job);
    let accepted = ruling.accepted.iter().map(|command| {
        let items = command.items.iter().map(|item| item.item_id.clone());
        (command.job, command.id, items.collect())
    });
    let documents = ruling.documents.iter().map(|(id, stored)| {
        let bytes = stored.aggregate.document.save();
        (*id, (bytes, stored.state.change_count))
    });
    Told {
        accepted: accepted.collect(),
        held: ruling.held.iter().map(|(job, _)| *job).collect(),
        results: ruling.results,
        postponed: ruling.postponed,
        bindings: ruling.bindings.into_keys().collect(),
        documents: documents.collect(),
        views: ruling.views.into_keys().collect(),
    }
}

#[test]
fn judged_side_by_side_the_same_becomes_of_a_batch() {
    let docket = docket(batch());
    let alone = told(ruling::rule(docket.clone(), (0..docket.jobs.len()).collect()));
    assert_eq!((alone.accepted.len(), alone.postponed.len()), (39, 18), "{alone:#?}");
    assert!(alone.results.len() >= 3, "{:?}", alone.results);
    for most in 2..=7 {
        let panels = split(&docket, most);
        assert_eq!(panels.len(), most);
        let (small, large) = (panels.iter().map(|panel| panel.jobs.len()).min(), panels[0].jobs.len());
        assert!(small.is_some_and(|small| small * 3 >= large), "{panels:?}");
        let rulings = parts(docket.clone(), panels).into_iter().map(Part::rule);
        assert_eq!(told(rulings.reduce(Ruling::joined).unwrap()), alone, "{most}");
    }
}

#[test]
fn what_is_about_one_document_stays_together() {
    let mut hand = Hand::new(1, 1);
    let mut batch = vec![(1, Task::Pushed(hand.creates(1, part_id(1))))];
    batch.extend((2..40).map(|id| (1, Task::Pushed(hand.renames(id, part_id(1))))));
    assert_eq!(split(&docket(batch.clone()), 4).len(), 1);

    // And what is typed here is held against all the rest.
    let typed = TypedCommand { id: CommandId::from_bytes([250; 16]), commands: Vec::new(), at: None };
    batch.push((2, Task::Typed(Box::new(typed))));
    assert!(split(&docket(batch), 4).is_empty());
}

#[test]
fn every_command_is_on_one_panel() {
    let docket = docket(batch());
    let count = docket.jobs.len();
    let mut heard: Vec<usize> = divide(docket).into_iter().flat_map(|part| part.jobs).collect();
    heard.sort_unstable();
    assert_eq!(heard, (0..count).collect::<Vec<_>>());
    assert_eq!(divide(self::docket(Vec::new())).len(), 1, "somebody answers for nothing, too");
}
