//! What is accepted, refused and compensated, seen from the pusher's side.

mod bounds;

use automerge::transaction::Transactable;

use super::*;
use crate::document::{genesis, step};
use crate::features::work_order::{
    self, FieldEdit, NewWorkOrder, Origin, Priority, Status, StatusEvent, WorkType,
};
use crate::features::{Command, comment, row};
use crate::identity::{CommandId, RecordId};
use crate::instant::Timestamp;
use crate::permission::{GrantLimit, Role};
use crate::record::RecordKind;
use crate::workspace::{Author, Item, Workspace};

const SERVER: ActorId = ActorId::from_bytes([0xee; 16]);

fn id(byte: u8) -> [u8; 16] {
    [byte; 16]
}

fn person(byte: u8, role: Role, limit: GrantLimit) -> Grants {
    Grants { person: PersonId::from_bytes(id(byte)), grants: role.grants(limit) }
}

/// A device with a copy of its own.
struct Device {
    grants: Grants,
    actor: ActorId,
    copy: BTreeMap<DocumentId, Aggregate>,
    next_seq: u64,
}

impl Device {
    fn new(grants: Grants, actor: u8) -> Self {
        Self { grants, actor: ActorId::from_bytes(id(actor)), copy: BTreeMap::new(), next_seq: 1 }
    }

    fn execute(&mut self, command: &Command) -> PushedCommand {
        let author = Author::Person { grants: self.grants.clone(), actor: self.actor };
        let copies: Vec<Aggregate> = self.copy.values().cloned().collect();
        let mut workspace =
            Workspace::new(author, Timestamp::from_millis(1_800_000_000_000), self.next_seq, copies);
        command.execute(&mut workspace).expect("the device allows it");
        let outcome = workspace.finish();
        self.next_seq = outcome.next_record_seq;
        self.copy = outcome.aggregates;
        let items = outcome.items.into_iter().map(|item| match item {
            Item::Change { document, kind, bytes } => {
                PushedItem::Change { document, kind, bytes: bytes.into() }
            }
            Item::Record(record) => PushedItem::Record { bytes: record.encode().into() },
        });
        PushedCommand {
            id: CommandId::from_bytes(id(9)),
            intent: serde_json::to_vec(command).unwrap().into(),
            items: items.collect(),
        }
    }
}

#[derive(Default)]
struct Server(BTreeMap<DocumentId, Aggregate>);

impl Server {
    fn judge(&self, grants: &Grants, command: &PushedCommand, standing: ActorStanding) -> Verdict {
        let numbering = crate::gate::Numbering::Exact;
        let submitter = Submitter {
            grants: Some(grants),
            device: None,
            server_actor: SERVER,
            numbering,
            given_back: false,
            unowned: false,
        };
        let standing = actors_of(command).into_iter().map(|actor| (actor, standing)).collect();
        judge(command, &submitter, &standing, &self.0)
    }

    fn push(&mut self, device: &Device, command: &PushedCommand) -> Box<Accepted> {
        match self.judge(&device.grants, command, ActorStanding::Own) {
            Verdict::Accepted(accepted) => {
                let after = accepted
                    .touched
                    .values()
                    .map(|touched| (touched.aggregate.id, touched.aggregate.clone()));
                self.0.extend(after);
                accepted
            }
            other => panic!("refused: {other:?}"),
        }
    }
}

fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Rejected { code, .. } => code,
        Verdict::Accepted(_) => "accepted",
        Verdict::MissingDeps(_) => "missing_deps",
    }
}

fn new_order(byte: u8, people: Vec<PersonId>) -> Command {
    Command::WorkOrder(work_order::Command::Create(Box::new(NewWorkOrder {
        id: DocumentId::from_bytes(id(byte)),
        title: "Replace seal".to_owned(),
        description: "Leaks onto the base plate".to_owned(),
        work_type: WorkType::Corrective,
        priority: Priority::Medium,
        origin: Origin::Manual,
        external: None,
        requester: None,
        site: Some(DocumentId::from_bytes(id(0xa1))),
        location: None,
        assets: Vec::new(),
        people,
        teams: Vec::new(),
        tags: Vec::new(),
        planned_start: None,
        due: None,
        estimated_minutes: None,
        checklists: Vec::new(),
        assigned_event: Some(RecordId::from_bytes(id(byte.wrapping_add(100)))),
    })))
}

fn edit(byte: u8, edits: Vec<FieldEdit>) -> Command {
    Command::WorkOrder(work_order::Command::Edit { id: DocumentId::from_bytes(id(byte)), edits })
}

fn start(byte: u8, event: u8) -> Command {
    Command::WorkOrder(work_order::Command::ChangeStatus {
        id: DocumentId::from_bytes(id(byte)),
        event: RecordId::from_bytes(id(event)),
        to: Status::InProgress,
        reason: None,
        labour: None,
    })
}

fn supervisor() -> Grants {
    person(1, Role::Supervisor, GrantLimit::Organisation)
}

#[test]
fn what_a_device_wrote_is_accepted_once_and_known_the_second_time() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, Vec::new()));
    let accepted = server.push(&device, &created);
    assert!(accepted.touched.values().all(|touched| touched.created) && !accepted.is_duplicate());
    let again = server.push(&device, &created);
    assert!(again.is_duplicate());
    let order = DocumentId::from_bytes(id(5));
    assert_eq!(row(&server.0[&order]), row(&device.copy[&order]));
}

/// The directory that said whose it was is lost with the backup: whoever made it may come and say so.
#[test]
fn what_is_given_back_without_its_owner_binds_nobody() {
    let mut device = Device::new(supervisor(), 1);
    let created = device.execute(&new_order(5, Vec::new()));
    let bound = |unowned| {
        let submitter = Submitter {
            grants: Some(&device.grants),
            device: None,
            server_actor: SERVER,
            numbering: crate::gate::Numbering::Isolated,
            given_back: true,
            unowned,
        };
        match judge(&created, &submitter, &BTreeMap::new(), &BTreeMap::new()) {
            Verdict::Accepted(accepted) => accepted.actors.len(),
            refused => panic!("{refused:?}"),
        }
    };
    assert_eq!((bound(false), bound(true)), (1, 0));
}

#[test]
fn out_of_order_pushes_name_what_is_missing() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, vec![PersonId::from_bytes(id(2))]));
    let edited = device.execute(&edit(5, vec![FieldEdit::Priority(Priority::High)]));
    let started = device.execute(&start(5, 77));
    assert_eq!(code(&server.judge(&device.grants, &edited, ActorStanding::Own)), "missing_deps");
    server.push(&device, &created);
    server.push(&device, &started);
    server.push(&device, &edited);
}

#[test]
fn every_operation_needs_its_right() {
    let (mut boss, mut server) = (Device::new(supervisor(), 1), Server::default());
    let contractor = person(3, Role::Contractor, GrantLimit::Own);
    for (order, people) in [(5, vec![contractor.person]), (6, Vec::new())] {
        let created = boss.execute(&new_order(order, people));
        server.push(&boss, &created);
    }

    // A modified client that edits what its person may only execute, or may not even see.
    for (order, expected) in [(5, "not_permitted"), (6, "not_permitted")] {
        let mut forger = Device::new(supervisor(), 3);
        forger.copy = server.0.clone();
        let pushed = forger.execute(&edit(order, vec![FieldEdit::Priority(Priority::Critical)]));
        assert_eq!(code(&server.judge(&contractor, &pushed, ActorStanding::Free)), expected);
    }
    let mut honest = Device::new(contractor, 4);
    honest.copy = server.0.clone();
    let started = honest.execute(&start(5, 88));
    server.push(&honest, &started);
}

#[test]
fn work_done_before_a_reassignment_still_lands() {
    let (mut boss, mut server) = (Device::new(supervisor(), 1), Server::default());
    let contractor = person(3, Role::Contractor, GrantLimit::Own);
    let created = boss.execute(&new_order(5, vec![contractor.person]));
    server.push(&boss, &created);
    let mut offline = Device::new(contractor.clone(), 4);
    offline.copy = server.0.clone();
    let order = DocumentId::from_bytes(id(5));

    let taken_away = boss.execute(&Command::WorkOrder(work_order::Command::Assign {
        id: order,
        add_people: Vec::new(),
        remove_people: vec![contractor.person],
        add_teams: Vec::new(),
        remove_teams: Vec::new(),
        event: RecordId::from_bytes(id(0x70)),
    }));
    server.push(&boss, &taken_away);

    let said = offline.execute(&Command::Comment(comment::Command::Add {
        id: RecordId::from_bytes(id(0x71)),
        document: order,
        kind: DocumentKind::WorkOrder,
        text: "Seal changed, old one in the bin".to_owned(),
    }));
    let timed = offline.execute(&Command::WorkOrder(work_order::Command::StartTimer { id: order }));
    server.push(&offline, &said);
    server.push(&offline, &timed);

    // Somebody who never had a right gets none from the past.
    let stranger = person(8, Role::Contractor, GrantLimit::Own);
    let mut forger = Device::new(contractor, 8);
    forger.copy = server.0.clone();
    forger.grants.person = stranger.person;
    forger.grants.grants = supervisor().grants;
    let pushed = forger.execute(&edit(5, vec![FieldEdit::Priority(Priority::Low)]));
    assert_eq!(code(&server.judge(&stranger, &pushed, ActorStanding::Free)), "not_permitted");
}

#[test]
fn actors_authors_and_record_ids_belong_to_one_person() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, vec![PersonId::from_bytes(id(2))]));
    assert_eq!(code(&server.judge(&device.grants, &created, ActorStanding::Foreign)), "foreign_actor");
    let other = person(7, Role::Supervisor, GrantLimit::Organisation);
    assert_eq!(code(&server.judge(&other, &created, ActorStanding::Free)), "foreign_author");
    server.push(&device, &created);

    let mut second = Device::new(supervisor(), 2);
    second.copy = server.0.clone();
    let mut reused = second.execute(&start(5, 55));
    let started = device.execute(&start(5, 55));
    server.push(&device, &started);
    reused.items.retain(|item| matches!(item, PushedItem::Record { .. }));
    assert_eq!(code(&server.judge(&second.grants, &reused, ActorStanding::Own)), "record_id_reused");
}

#[test]
fn whoever_creates_work_may_not_close_it_in_the_same_breath() {
    let requester = person(6, Role::Requester, GrantLimit::Own);
    let server = Server::default();
    for (to, correction) in [(Status::Closed, false), (Status::Closed, true), (Status::InProgress, false)] {
        let mut device = Device::new(requester.clone(), 6);
        let mut created = device.execute(&new_order(5, Vec::new()));
        let forged = Record {
            id: RecordId::from_bytes(id(0x61)),
            kind: RecordKind::StatusEvent.code().to_owned(),
            document: DocumentId::from_bytes(id(5)),
            author: Some(requester.person),
            actor: device.actor,
            seq: 1,
            at: Timestamp::from_millis(1_800_000_000_000),
            payload: Record::payload_of(&StatusEvent { to, saw: Vec::new(), reason: None, correction }),
        };
        assert_eq!(code(&server.judge(&requester, &created, ActorStanding::Free)), "accepted");
        created.items.push(PushedItem::Record { bytes: forged.encode().into() });
        assert_eq!(code(&server.judge(&requester, &created, ActorStanding::Free)), "not_permitted", "{to:?}");
    }
}

#[test]
fn a_refused_part_refuses_the_whole_command_and_changes_nothing() {
    let (mut device, server) = (Device::new(supervisor(), 1), Server::default());
    let mut created = device.execute(&new_order(5, Vec::new()));
    created.items.push(PushedItem::Record { bytes: vec![1, 2, 3].into() });
    assert_eq!(code(&server.judge(&device.grants, &created, ActorStanding::Own)), "record");
    assert!(server.0.is_empty());
    created.items.clear();
    assert_eq!(code(&server.judge(&device.grants, &created, ActorStanding::Own)), "empty_command");
    created.items.push(PushedItem::Record { bytes: vec![0; 300_000].into() });
    assert_eq!(code(&server.judge(&device.grants, &created, ActorStanding::Own)), "command_too_long");
}

#[test]
fn many_heads_are_joined_by_the_server() {
    let (mut device, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = device.execute(&new_order(5, Vec::new()));
    server.push(&device, &created);
    let start = server.0.clone();
    for branch in 0..17_u8 {
        let mut other = Device::new(supervisor(), 20 + branch);
        other.copy = start.clone();
        let tagged = other.execute(&edit(5, vec![FieldEdit::AddTag(format!("t{branch}"))]));
        let accepted = server.push(&other, &tagged);
        let joined = accepted.items.iter().any(|item| item.author.is_none());
        assert_eq!(joined, accepted.items.len() > 1);
    }
    let order = &server.0[&DocumentId::from_bytes(id(5))];
    assert!(order.document.heads().len() <= MAX_HEADS);
    assert_eq!(work_order::read(order).tags.len(), 17);
}

fn resolve(text: &str) -> Command {
    edit(5, vec![FieldEdit::Resolution(text.into())])
}

/// Two devices with the same order, and what each writes into the new field first.
fn two_first_writers() -> (Server, [(Device, PushedCommand); 2]) {
    let (mut ann, mut server) = (Device::new(supervisor(), 1), Server::default());
    let created = ann.execute(&new_order(5, Vec::new()));
    server.push(&ann, &created);
    let mut bob = Device::new(person(2, Role::Technician, GrantLimit::Organisation), 2);
    bob.copy = ann.copy.clone();
    let by_ann = ann.execute(&resolve("Seal replaced\n"));
    let by_bob = bob.execute(&resolve("Bearing greased\n"));
    (server, [(ann, by_ann), (bob, by_bob)])
}

#[test]
fn both_first_writers_of_a_new_field_are_accepted_and_the_step_is_kept_once() {
    let (mut server, pushes) = two_first_writers();
    let kept: Vec<Vec<bool>> = pushes
        .iter()
        .map(|(device, pushed)| {
            let accepted = server.push(device, pushed);
            assert_eq!(
                accepted.actors.iter().copied().collect::<Vec<_>>(),
                [device.actor],
                "no step is bound"
            );
            accepted.items.iter().map(|item| !item.known).collect()
        })
        .collect();
    assert_eq!(kept, [[true, true], [false, true]]);
    let order = work_order::read(&server.0[&DocumentId::from_bytes(id(5))]);
    assert!(order.resolution.contains("Seal replaced") && order.resolution.contains("Bearing greased"));
    assert!(pushes.iter().all(|(device, pushed)| server.push(device, pushed).is_duplicate()));
}

#[test]
fn a_step_of_other_bytes_or_of_another_hand_is_refused() {
    let (server, [(ann, pushed), _]) = two_first_writers();
    let PushedItem::Change { document, kind, bytes } = &pushed.items[0] else { panic!("a step comes first") };
    for at in 0..bytes.len() {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        let item = PushedItem::Change { document: *document, kind: *kind, bytes: bytes.into() };
        let tampered = PushedCommand { items: vec![item, pushed.items[1].clone()], ..pushed.clone() };
        assert_ne!(code(&server.judge(&ann.grants, &tampered, ActorStanding::Own)), "accepted", "byte {at}");
    }
    // The same content under an actor of the device's own, and other content under the step's actor.
    for (actor, key, expected) in [
        (ActorId::from_bytes(id(9)), "resolution", "fixed_container"),
        (step::actor(1), "resolutions", "reserved_actor"),
        (step::actor(2), "resolution", "reserved_actor"),
    ] {
        let mut forged = genesis::document(DocumentKind::WorkOrder);
        forged.set_actor(actor.to_automerge());
        let mut transaction = forged.transaction();
        transaction.put_object(automerge::ROOT, key, automerge::ObjType::Text).unwrap();
        transaction.commit();
        let bytes = forged.get_last_local_change().unwrap().raw_bytes().to_vec();
        let item = PushedItem::Change { document: *document, kind: *kind, bytes: bytes.into() };
        let forged = PushedCommand { items: vec![item], ..pushed.clone() };
        assert_eq!(code(&server.judge(&ann.grants, &forged, ActorStanding::Own)), expected);
    }
}

#[test]
fn nobody_brings_a_step_alone_or_writes_a_record_under_its_name() {
    let (server, [(ann, pushed), _]) = two_first_writers();
    let alone = PushedCommand { items: vec![pushed.items[0].clone()], ..pushed.clone() };
    assert_eq!(code(&server.judge(&ann.grants, &alone, ActorStanding::Own)), "nothing");
    let without = PushedCommand { items: vec![pushed.items[1].clone()], ..pushed.clone() };
    assert_eq!(code(&server.judge(&ann.grants, &without, ActorStanding::Own)), "missing_deps");
    let reader = person(1, Role::Storekeeper, GrantLimit::Organisation);
    assert_eq!(code(&server.judge(&reader, &pushed, ActorStanding::Own)), "not_permitted");

    let mut forger = Device::new(supervisor(), 1);
    (forger.copy, forger.actor) = (server.0.clone(), step::actor(1));
    let started = forger.execute(&start(5, 88));
    assert_eq!(code(&server.judge(&forger.grants, &started, ActorStanding::Free)), "foreign_actor");
}
