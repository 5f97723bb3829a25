//! The gate: what it refuses costs little, and what it lets pass Automerge applies, saves, loads and gives back.

use std::sync::LazyLock;

use automerge::transaction::Transactable;
use automerge::{ROOT, ReadDoc};
use rand::Rng;
use rand::rngs::SmallRng;
use shared_model::document::{Document, DocumentKind, Edit, EditError};
use shared_model::features::{row, scopes, view};
use shared_model::gate::{Binding, Checked, Numbering, Verdict, check_numbered_change};
use shared_model::identity::{ActorId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::workspace::Aggregate;

use super::craft::{self, Craft, Key, Op};
use super::{Answer, NOUNS, Target, change, golden};

/// An input is the number of a document, one byte, and a change for it.
pub(super) const TARGET: Target = Target { name: "gate", seeds, words: &[], damage, read };

pub(super) const ANN: ActorId = ActorId::from_bytes([0xa1; 16]);
pub(super) const EVE: ActorId = ActorId::from_bytes([0xe5; 16]);
pub(super) const SERVER: ActorId = ActorId::from_bytes([0x55; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A document, and changes for it.
struct Place {
    document: Document,
    changes: Vec<Vec<u8>>,
}

/// First a work order on two branches with honest changes and every known kind of attack; then of every noun what
/// old versions wrote, each change upon those before it.
static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let order = work_order();
    let mut changes = honest(&order);
    changes.extend(attacks(&order));
    let mut places = vec![Place { document: order, changes }];
    for (kind, noun) in NOUNS {
        let whole = Document::load(*kind, &golden(noun, "v1.automerge")).unwrap();
        let mut document = Document::new(*kind);
        for change in whole.changes_since(&document.heads()) {
            let changes = vec![change.raw_bytes().to_vec()];
            places.push(Place { document: document.clone(), changes });
            document.apply(vec![change]).unwrap();
        }
    }
    places
});

/// Every change for any of the documents.
pub(super) fn changes() -> Vec<Vec<u8>> {
    PLACES.iter().flat_map(|place| place.changes.iter().cloned()).collect()
}

pub(super) fn write(
    document: &mut Document,
    actor: ActorId,
    write: impl FnOnce(&mut Edit) -> Result<(), EditError>,
) -> Vec<Vec<u8>> {
    document.edit::<_, EditError>(actor, NOW, write).unwrap().1
}

pub(super) fn work_order() -> Document {
    let mut document = Document::new(DocumentKind::WorkOrder);
    write(&mut document, ANN, |door| {
        door.put_str(&["title"], Some("Pump 7 drips"))?;
        door.set_text(&["description"], "Wet floor")?;
        door.put(&["tags", "leak"], true)
    });
    let mut beside = document.clone();
    write(&mut document, ANN, |door| door.put_str(&["title"], Some("Pump 7 leaks")));
    let branch = write(&mut beside, SERVER, |door| door.put_str(&["title"], Some("Pump 8 leaks")));
    let branch = branch.into_iter().map(|bytes| automerge::Change::from_bytes(bytes).unwrap());
    document.apply(branch.collect()).unwrap();
    document
}

fn honest(order: &Document) -> Vec<Vec<u8>> {
    let by = |text: &str, actor| {
        write(&mut order.clone(), actor, |door| {
            door.set_text(&["description"], text)?;
            door.put_str(&["title"], Some(text))?;
            door.put_int(&["estimated_minutes"], Some(90))?;
            door.put_timestamp(&["due"], Some(NOW))?;
            door.remove(&["tags", "leak"])
        })
    };
    let mut merged = order.clone();
    let joined = merged.merge_heads(SERVER);
    [by("Dry floor. 👩\u{200d}🔧", ANN), by("Wet floor\nIsolated", EVE)]
        .concat()
        .into_iter()
        .chain(joined)
        .collect()
}

/// One of every known kind (`docs/security/automerge-input.md`).
pub(super) fn attacks(order: &Document) -> Vec<Vec<u8>> {
    let craft = |ops: &[Op]| Craft::after(order, EVE, ops);
    let (text, tags) = (craft::genesis_id(order, "description"), craft::genesis_id(order, "tags"));
    let first = craft::first_character(order, "description");
    let title = craft::id_at(order, &["title"]);
    let put = || craft(&[Op::put("due", craft::null())]);
    let run = |count: i64, value: u64| [craft::signed(count), craft::unsigned(value)].concat();
    let on = |action| craft(&[Op::on(Some(tags), "a", action, craft::null())]);
    let deleted = |key| Op { key, ..Op::on(Some(text), "", craft::DELETE, craft::null()) };
    [
        put().column(craft::ACTION, &run(100_000, 1)),
        put().column(craft::ACTION, &run(i64::MAX, 1)),
        put().column(craft::PREDECESSOR_COUNT, &run(-1, 1 << 40)),
        put().column(craft::KEY_NAME, &run(5_000, 0)),
        put().column(craft::INSERT, &craft::unsigned(1 << 40)),
        put().column(craft::EXPAND, &craft::unsigned(1)),
        put().column(0x50, &run(2, 1)),
        put().with(|change| change.columns.reverse()),
        put().with(|change| change.columns.push(change.columns[0].clone())),
        put().with(|change| change.start_op = (1 << 32) - 2),
        put().with(|change| change.start_op = 1),
        put().with(|change| change.seq = 7),
        put().with(|change| change.time = i64::MIN),
        put().with(|change| change.actor.push(1)),
        put().with(|change| change.actor = super::GENESIS_ACTOR.as_bytes().to_vec()),
        put().with(|change| change.others.push(vec![9; 16])),
        put().with(|change| change.deps.clear()),
        put().with(|change| change.message = vec![b'm'; 257]),
        put().with(|change| change.extra = vec![1, 16]),
        on(craft::MAKE_LIST),
        on(craft::MAKE_MAP),
        on(craft::INCREMENT),
        on(craft::MARK),
        on(99),
        craft(&[deleted(Key::Head)]),
        craft(&[deleted(Key::Element(first)).over([first])]),
        craft(&[deleted(Key::Element(first)).over([title])]),
        craft(&[Op::insert(text, Key::Element((u64::from(u32::MAX), ANN)), "a")]),
        craft(&[Op::insert(text, Key::Head, "ab")]),
        craft(&[Op::put("title", craft::int(7)).over([title])]),
        craft(&[Op::put("title", craft::string("x")).over([title, title])]),
        craft(&[Op::put("tags", craft::null()).over([tags])]),
    ]
    .map(|change| change.bytes())
    .into_iter()
    .chain([
        craft::chunk(craft::DOCUMENT, &[0; 64]),
        craft::chunk(craft::COMPRESSED, &[3, 0]),
        craft::chunk(craft::BUNDLE, &[1]),
    ])
    .collect()
}

fn for_place(number: usize, change: &[u8]) -> Vec<u8> {
    [&[u8::try_from(number).unwrap()], change].concat()
}

fn seeds() -> Vec<Vec<u8>> {
    let places = PLACES.iter().enumerate();
    places
        .flat_map(|(number, place)| place.changes.iter().map(move |change| for_place(number, change)))
        .collect()
}

/// A damaged change for the document it was made for, now and then for another one.
fn damage(random: &mut SmallRng, corpus: &[Vec<u8>]) -> Option<Vec<u8>> {
    let number = if random.random() { 0 } else { random.random_range(0..PLACES.len()) };
    let own = |input: &&Vec<u8>| input.first().is_some_and(|place| usize::from(*place) == number);
    let changes: Vec<Vec<u8>> = corpus.iter().filter(own).map(|input| input[1..].to_vec()).collect();
    let damaged = change::damaged(random, &changes)?;
    Some(for_place(if random.random_range(0..16) == 0 { 0 } else { number }, &damaged))
}

fn bind(actor: &ActorId) -> Binding {
    if *actor == SERVER { Binding::Server } else { Binding::Device }
}

fn read(input: &[u8]) -> Answer {
    let Some((number, bytes)) = input.split_first() else { return Ok("nothing".to_owned()) };
    let document = &PLACES[usize::from(*number) % PLACES.len()].document;
    let exact = judged(document, bytes, Numbering::Exact)?;
    let isolated = judged(document, bytes, Numbering::Isolated)?;
    Ok(format!("{exact} {isolated}"))
}

fn judged(document: &Document, bytes: &[u8], numbering: Numbering) -> Answer {
    match check_numbered_change(document, bytes, numbering, bind) {
        Err(refused) => Ok(refused.code().to_owned()),
        Ok(Verdict::Held(hash)) if document.has_change(&hash) => Ok("held".to_owned()),
        Ok(Verdict::Held(_)) => Err("holds a change it does not have".to_owned()),
        Ok(Verdict::New(checked)) => {
            lives(document, bytes, &checked).map_err(|problem| format!("what passes the gate {problem}"))?;
            let fields: Vec<String> =
                checked.writes.iter().map(|write| format!("{:?}", write.kind)).take(3).collect();
            Ok(format!("passes {}", fields.join(" ")))
        }
    }
}

/// The change becomes part of the document, for ever and on every device.
fn lives(document: &Document, bytes: &[u8], checked: &Checked) -> Result<(), String> {
    let mut after = document.clone();
    after.apply(vec![checked.change.clone()]).map_err(|error| format!("is not applied: {error}"))?;
    if !after.has_change(&checked.hash) {
        return Err("is kept as an orphan".to_owned());
    }
    let loaded = Document::load(document.kind(), &after.save())
        .map_err(|error| format!("cannot be loaded: {error}"))?;
    if loaded.heads() != after.heads() {
        return Err("is loaded with other heads".to_owned());
    }
    let stored = loaded.automerge().get_change_by_hash(&checked.hash);
    if stored.is_none_or(|stored| stored.raw_bytes() != bytes) {
        return Err("is given back as other bytes".to_owned());
    }
    // Anybody can go on from here, and every screen can show it.
    let mut next = loaded.automerge().clone();
    let mut transaction = next.transaction();
    transaction.put(ROOT, "next", 1).map_err(|error| format!("leaves no number to anybody: {error}"))?;
    transaction.commit();
    let id = DocumentId::from_bytes([1; 16]);
    let aggregate = Aggregate { id, document: loaded, records: std::collections::BTreeMap::default() };
    drop((row(&aggregate), view(&aggregate), scopes(&aggregate)));
    Ok(())
}
