//! The costliest that honest devices and hostile peers can say in one message, all the way that it goes: read from the
//! frame, judged on copies of large documents (gate, rights, merge, rules), and read anew for lists, screens and scopes.
//!
//! What it takes is held against [`MOST_BYTES`] by `tests/tests/worst_messages.rs`; how long it takes is told by
//! `cargo xtask bench messages`, because a test has no time.

use std::collections::{BTreeMap, HashMap};

use automerge::hydrate::{Map, Value};
use shared_model::document::{Document, DocumentKind, Edit, EditError};
use shared_model::features::{row, scopes, view};
use shared_model::gate::{self, LIMITS, Numbering};
use shared_model::identity::{ActorId, CommandId, DeviceId, DocumentId, PersonId};
use shared_model::ingest::{ActorStanding, Submitter, Verdict, actors_of, judge};
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::sync_protocol::{DeviceFrame, MAX_FRAME_BYTES, PushedCommand, PushedItem};
use shared_model::workspace::Aggregate;

use super::craft::{self, Craft, Key, Op};
use super::gate::{ANN, EVE, SERVER, attacks, write};
use super::{door, records};

/// Most memory that one message may take on top of the documents it is for.
pub const MOST_BYTES: usize = super::MAX_BYTES;
/// As long as a text may be that somebody types.
const LONG: usize = 20_000;
/// Operations of a hostile change: as many as one may have.
const FULL: u64 = LIMITS.operations as u64;
/// The document that everything is about.
const ORDER: DocumentId = DocumentId::from_bytes([1; 16]);

/// A message and what it is about.
pub struct Message {
    /// What is in it.
    pub name: &'static str,
    /// How the first of its commands that is not accepted is answered; `accepted` when all are.
    answer: &'static str,
    commands: Vec<PushedCommand>,
    documents: BTreeMap<DocumentId, Aggregate>,
}

impl Message {
    fn new(
        name: &'static str,
        answer: &'static str,
        document: &Document,
        commands: Vec<Vec<PushedItem>>,
    ) -> Self {
        let order = Aggregate { id: ORDER, document: document.clone(), records: BTreeMap::new() };
        let commands = commands.into_iter().zip(1..).map(|(items, number)| PushedCommand {
            id: CommandId::from_bytes([number; 16]),
            intent: Vec::new().into(),
            items,
        });
        Self { name, answer, commands: commands.collect(), documents: BTreeMap::from([(ORDER, order)]) }
    }

    /// One command with these changes.
    fn of(name: &'static str, answer: &'static str, document: &Document, changes: Vec<Vec<u8>>) -> Self {
        Self::new(
            name,
            answer,
            document,
            vec![changes.into_iter().map(|bytes| change(ORDER, bytes)).collect()],
        )
    }

    /// Is it to be answered so? How each known attack is answered, the gate's own tests hold.
    pub fn is_answered_by(&self, answer: &str) -> bool {
        self.answer.is_empty() || answer == self.answer
    }

    /// The bytes on the wire.
    pub fn frame(&self) -> Vec<u8> {
        let frame = DeviceFrame::Push { commands: self.commands.clone() }.encode();
        assert!(frame.len() <= MAX_FRAME_BYTES, "{}: a frame of {} bytes", self.name, frame.len());
        frame
    }

    /// Reads and judges it as the server does, each command upon what the ones before it left; the answer.
    pub fn judge(&self, frame: &[u8]) -> String {
        let person = PersonId::from_bytes([3; 16]);
        let grants = Grants { person, grants: Role::Admin.grants(GrantLimit::Organisation) };
        let submitter = Submitter {
            grants: Some(&grants),
            device: Some(DeviceId::from_bytes([4; 16])),
            server_actor: SERVER,
            numbering: Numbering::Exact,
            given_back: false,
            unowned: false,
        };
        let mut documents = self.documents.clone();
        let door::Taken { commands, sent_back } = door::take(grants.clone(), frame);
        let mut answer = if sent_back == 0 { "accepted" } else { "retry" }.to_owned();
        for command in commands {
            let standing: BTreeMap<ActorId, ActorStanding> =
                actors_of(&command).into_iter().map(|actor| (actor, ActorStanding::Own)).collect();
            let said = match judge(&command, &submitter, &standing, &documents) {
                Verdict::Accepted(accepted) => {
                    for (id, touched) in accepted.touched {
                        let after = touched.aggregate;
                        drop((view(&after), row(&after), scopes(&after)));
                        documents.insert(id, after);
                    }
                    continue;
                }
                Verdict::MissingDeps(_) => "missing_deps".to_owned(),
                Verdict::Rejected { code, .. } => code,
            };
            if answer == "accepted" {
                answer = said;
            }
        }
        answer
    }
}

fn change(document: DocumentId, bytes: Vec<u8>) -> PushedItem {
    PushedItem::Change { document, kind: DocumentKind::WorkOrder, bytes: bytes.into() }
}

/// Every message.
pub fn messages() -> Vec<Message> {
    let document = large();
    let mut all = honest(&document);
    all.extend(hostile(&document));
    all.extend(known_attacks());
    all
}

/// What a work order holds at most that somebody filled to the limits of every field: long texts, custom fields, lists
/// with answers, and a history of edits.
fn large() -> Document {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let text = "The gland of pump 7 drips. ".repeat(LONG / 27 + 1);
    let text: String = text.chars().take(LONG).collect();
    write(&mut document, ANN, |door| {
        door.set_text(&["description"], &text)?;
        door.set_text(&["resolution"], &text)?;
        (0..100).try_for_each(|n| door.put_str(&["custom", &format!("f{n}")], Some(&"x".repeat(2_000))))
    });
    for number in 0..8 {
        write(&mut document, ANN, |door| checklist(door, number));
    }
    for minutes in 0..500 {
        write(&mut document, ANN, |door| door.put_int(&["estimated_minutes"], Some(minutes)));
    }
    document
}

/// A checklist with as many steps as one may have, each answered at length.
fn checklist(door: &mut Edit, number: usize) -> Result<(), EditError> {
    let key = format!("c{number}");
    let empty = || Value::Map(Map::default());
    let steps = format!("[{}]", "{\"key\":\"s1\",\"label\":\"Look\"},".repeat(1_000).trim_end_matches(','));
    let entries = [
        ("title", Value::from("Service")),
        ("steps", Value::from(steps.as_str())),
        ("answers", empty()),
        ("remarks", empty()),
    ];
    door.insert_item(&["checklists", &key], &Value::from(HashMap::from(entries)))?;
    (0..100).try_for_each(|step| {
        door.put_str(&["checklists", &key, "answers", &format!("s{step}")], Some(&"y".repeat(500)))
    })
}

/// As many changes as one command may have.
fn fill(changes: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut operations = 0;
    let fits = |bytes: &Vec<u8>| {
        operations += gate::change_weight(bytes);
        operations <= LIMITS.command_weight
    };
    stuff(changes.take(LIMITS.command_changes).take_while(fits))
}

/// As many as the bytes of one command hold.
fn stuff(changes: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut size = 0;
    let fits = |bytes: &Vec<u8>| {
        size += bytes.len();
        size <= LIMITS.command_bytes
    };
    changes.take_while(fits).collect()
}

fn honest(document: &Document) -> Vec<Message> {
    let rewritten = |letter: &str, texts: &[&str]| {
        let text = letter.repeat(LONG);
        write(&mut document.clone(), EVE, |door| {
            texts.iter().try_for_each(|field| door.set_text(&[field], &text))
        })
    };
    let mut filled = document.clone();
    // No device writes more at once than a change may hold.
    let fields = (0..4)
        .flat_map(|part| {
            write(&mut filled, EVE, |door| {
                let (text, mut keys) = ("z".repeat(2_000), (0..25).map(|n| format!("f{}", part * 25 + n)));
                keys.try_for_each(|key| door.put_str(&["custom", &key], Some(&text)))
            })
        })
        .collect();
    let mut again = document.clone();
    let edits = (0..250)
        .flat_map(|minutes| {
            write(&mut again, EVE, |door| door.put_int(&["estimated_minutes"], Some(-minutes)))
        })
        .collect();
    vec![
        Message::of(
            "one field of the largest work order",
            "accepted",
            document,
            write(&mut document.clone(), EVE, |door| door.put_str(&["title"], Some("Pump 7"))),
        ),
        Message::of("a long text written anew", "accepted", document, rewritten("z", &["description"])),
        Message::of(
            "both long texts written anew at once",
            "too_many_operations",
            document,
            rewritten("z", &["description", "resolution"]),
        ),
        Message::of(
            "a long text of four bytes a letter",
            "accepted",
            document,
            rewritten("🔧", &["description"]),
        ),
        Message::of("every custom field", "accepted", document, fields),
        Message::of("250 edits in one command", "accepted", document, edits),
        Message::new("an edit in each of 64 commands", "retry", document, one_by_one(document)),
    ]
}

/// As many commands as may wait, each with one edit.
fn one_by_one(document: &Document) -> Vec<Vec<PushedItem>> {
    let mut edited = document.clone();
    let edit = |minutes: i64| {
        let changes =
            write(&mut edited, EVE, |door| door.put_int(&["estimated_minutes"], Some(1_000 + minutes)));
        changes.into_iter().map(|bytes| change(ORDER, bytes)).collect()
    };
    (0..64).map(edit).collect()
}

/// Changes that go on from one another, each with the operations that it makes from where it starts.
fn chain(document: &Document, ops: impl Fn(u64) -> Vec<Op>) -> impl Iterator<Item = Vec<u8>> {
    let mut next = Craft::after(document, EVE, &[]);
    // What a change says of its operations does not depend on what was there before.
    let fresh = Document::new(DocumentKind::WorkOrder);
    std::iter::from_fn(move || {
        let made = ops(next.start_op);
        let Craft { deps, seq, start_op, .. } = next.clone();
        let bytes = Craft { deps, seq, start_op, ..Craft::after(&fresh, EVE, &made) }.bytes();
        next.deps = vec![gate::change_hash(&bytes).unwrap()];
        (next.seq, next.start_op) = (seq + 1, start_op + made.len() as u64);
        Some(bytes)
    })
}

fn hostile(document: &Document) -> Vec<Message> {
    let text = craft::genesis_id(document, "description");
    let (first, by) = craft::first_character(document, "description");
    let deletions = |_| {
        let deleted = |n| {
            let id = (first + n, by);
            Op { key: Key::Element(id), ..Op::on(Some(text), "", craft::DELETE, craft::null()) }.over([id])
        };
        (0..FULL).map(deleted).collect()
    };
    let nothing = |_| vec![Op::put("due", craft::null()); FULL as usize];
    let beside = |_| vec![Op::put("due", craft::null())];
    let over = |start: u64| {
        let put = |n: u64| Op::put("due", craft::null()).over((n > 0).then(|| (start + n - 1, EVE)));
        (0..FULL).map(put).collect()
    };
    let letters = |start: u64| {
        let after = |n: u64| if n == 0 { Key::Head } else { Key::Element((start + n - 1, EVE)) };
        (0..FULL).map(|n| Op::insert(text, after(n), "a")).collect()
    };
    let moved = |_| vec![Op::put("site", craft::string("0191f0a0-0000-7000-8000-000000000000"))];
    let tags = |start: u64| {
        let tag = |n| Box::leak(format!("t{}", start + n).into_boxed_str());
        let tags = craft::genesis_id(document, "tags");
        (0..FULL).map(|n| Op::on(Some(tags), tag(n), craft::PUT, (2, Vec::new()))).collect()
    };
    let facts = records::seeds().into_iter().cycle().take(1_000);
    let facts = facts.map(|bytes| PushedItem::Record { bytes: bytes.into() }).collect();
    let full = |name, answer, changes| Message::of(name, answer, document, changes);
    let mut going_on = chain(document, deletions);
    let heavy = |_| fill(going_on.by_ref()).into_iter().map(|bytes| change(ORDER, bytes)).collect();
    let heavies = (0..8).map(heavy).collect();
    let endless = |changes: &[Vec<u8>]| stuff(changes.iter().cloned().cycle());
    let (deleted, written) = (fill(chain(document, deletions)), fill(chain(document, letters)));
    let put = fill(chain(document, nothing));
    vec![
        full("letters deleted again and again", "too_many_changes", endless(&deleted)),
        full("letters deleted again and again, as often as it goes", "accepted", deleted),
        Message::new("letters deleted again and again, in each of 8 commands", "retry", document, heavies),
        full("nothing put in one place", "too_many_changes", endless(&put)),
        full("nothing put beside nothing", "operation", put),
        full("nothing put over nothing, as often as it goes", "accepted", fill(chain(document, over))),
        full("nothing put beside nothing, a change each", "accepted", fill(chain(document, beside))),
        full("letters without end", "too_many_operations", endless(&written)),
        full("letters, as many as it goes", "accepted", written),
        full("tags without end", "accepted", fill(chain(document, tags))),
        full("moves from site to site", "accepted", fill(chain(document, moved))),
        Message::new(
            "as many new documents as it goes",
            "accepted",
            document,
            vec![everywhere(LIMITS.command_documents - 1)],
        ),
        Message::new("new documents without end", "too_many_documents", document, vec![everywhere(1_500)]),
        Message::new("facts about documents nobody has", "foreign_author", document, vec![facts]),
    ]
}

/// Each begins a document.
fn everywhere(count: usize) -> Vec<PushedItem> {
    let fresh = Document::new(DocumentKind::WorkOrder);
    let bytes = Craft::after(&fresh, EVE, &[Op::put("due", craft::null())]).bytes();
    let at = |n: usize| {
        let mut id = [9; 16];
        id[..8].copy_from_slice(&n.to_le_bytes());
        change(DocumentId::from_bytes(id), bytes.clone())
    };
    (0..count).map(at).collect()
}

/// One of every kind of attack on a small document, each as often as it fits.
fn known_attacks() -> Vec<Message> {
    let order = super::gate::work_order();
    let all = attacks(&order).into_iter().map(|bytes| {
        let times = (LIMITS.command_bytes / bytes.len()).min(LIMITS.command_changes);
        let items = std::iter::repeat_with(|| change(ORDER, bytes.clone())).take(times).collect();
        Message::new("a known attack, again and again", "", &order, vec![items])
    });
    all.collect()
}
