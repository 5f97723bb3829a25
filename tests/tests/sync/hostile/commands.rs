//! Commands as wholes: their size, their ids, and that everything in one has one fate.

use maintainpro_tests::hand::{create_part, create_work_order, new_document, new_record};
use shared_model::document::{Document, DocumentKind, genesis};
use shared_model::identity::DocumentId;
use shared_model::sync_protocol::PushedCommand;

use super::craft::{Craft, DELETE, Key, Op, first_character, genesis_id, null, string};
use super::scene::{Scene, add_remark, change, command};
use super::{Case, Chapter, play};

const KIND: DocumentKind = DocumentKind::WorkOrder;

pub(super) const COMMANDS: Chapter = Chapter::of_technician(
    "Commands",
    &[
        Case::command("a command with nothing in it", "rejected empty_command", |_| command(Vec::new())),
        Case::command("an intent of 300 KiB", "rejected command_too_long", |scene| PushedCommand {
            intent: vec![b' '; 300 * 1024].into(),
            ..good(scene)
        }),
        Case::command("changes of 300 KiB together", "rejected command_too_long", |scene| {
            let filler = || change(scene.order, KIND, vec![0; 60 * 1024]);
            command((0..5).map(|_| filler()).collect())
        }),
        Case::command("30,000 empty changes", "rejected too_many_changes", |scene| {
            command((0..30_000).map(|_| change(scene.order, KIND, Vec::new())).collect())
        }),
        Case::command("5,000 characters deleted 21 times", "rejected too_many_operations", |scene| {
            let (text, first) =
                (genesis_id(&scene.document, "description"), first_character(&scene.document, "description"));
            let gone =
                Op { key: Key::Element(first), ..Op::on(Some(text), "", DELETE, null()) }.over([first]);
            let bytes = scene.craft(&vec![gone; 5_000]).bytes();
            command((0..21).map(|_| change(scene.order, KIND, bytes.clone())).collect())
        }),
        Case::command("257 changes in one command", "rejected too_many_changes", |scene| {
            command(vec![good(scene).items.remove(0); 257])
        }),
        Case::command("65 documents in one command", "rejected too_many_documents", |scene| {
            let begun = (0..65).flat_map(|_| begun(scene, new_document(), KIND).items);
            command(begun.collect())
        }),
        Case::command("the id of a command of Ann's", "rejected command_id_taken", |scene| PushedCommand {
            id: scene.ann_command,
            ..good(scene)
        }),
        Case::command("a good change and a bad one", "rejected not_a_chunk", |scene| {
            let mut both = good(scene);
            both.items.push(change(scene.order, KIND, b"bad".to_vec()));
            both
        }),
        Case::command("a good record and a bad change", "rejected not_a_chunk", |scene| {
            let mut both = scene.eve.clone().make(&add_remark(new_record(), scene.mine));
            both.items.push(change(scene.order, KIND, b"bad".to_vec()));
            both
        }),
        Case::command("a new work order and a part Eve may not write", "rejected not_permitted", |scene| {
            let mut eve = scene.presumptuous();
            let mut both = eve.make(&create_work_order(new_document(), "Both or none"));
            both.items.extend(eve.make(&create_part(new_document(), "X-1")).items);
            both
        }),
        Case::command("two changes in the wrong order", "missing deps", |scene| {
            let (first, second) = two(scene);
            command(vec![second, first])
        }),
        Case::command("the second of two changes", "missing deps", |scene| command(vec![two(scene).1])),
        Case::command("a change of a document next door", "missing deps", |scene| {
            let document = &scene.next_door.documents[&scene.their_order].document;
            let bytes = Craft::after(document, scene.eve.actor, &[Op::put("due", null())]).bytes();
            command(vec![change(scene.their_order, KIND, bytes)])
        }),
        Case::command("a document next door begun anew", "rejected not_permitted", |scene| {
            begun(scene, scene.their_order, DocumentKind::Part)
        }),
        Case::command("Ann's work order begun anew as a part", "rejected wrong_document_kind", |scene| {
            begun(scene, scene.order, DocumentKind::Part)
        }),
        Case::command("a work order with the id nought", "accepted", |scene| {
            begun(scene, DocumentId::from_bytes([0; 16]), KIND)
        }),
        Case::command("a change that another Automerge document holds", "missing deps", |scene| {
            let bytes = scene.craft(&[Op::put("due", null())]).bytes();
            command(vec![change(new_document(), KIND, bytes)])
        }),
        Case::command(
            "a genesis of another kind for Ann's work order",
            "rejected wrong_document_kind",
            |scene| command(vec![change(scene.order, DocumentKind::Part, genesis::bytes(KIND).to_vec())]),
        ),
    ],
);

/// What Eve may do.
fn good(scene: &Scene) -> PushedCommand {
    command(vec![change(scene.order, KIND, scene.craft(&[Op::put("due", null())]).bytes())])
}

/// Two changes that build upon each other.
fn two(scene: &Scene) -> (shared_model::sync_protocol::PushedItem, shared_model::sync_protocol::PushedItem) {
    let first = scene.craft(&[Op::put("due", null())]);
    let bytes = first.bytes();
    let mut later = scene.document.clone();
    later.apply(vec![automerge::Change::from_bytes(bytes.clone()).unwrap()]).unwrap();
    let second = Craft::after(&later, scene.eve.actor, &[Op::put("location", null())]).bytes();
    (change(scene.order, KIND, bytes), change(scene.order, KIND, second))
}

/// The first change of a document that is not there.
fn begun(scene: &Scene, id: DocumentId, kind: DocumentKind) -> PushedCommand {
    let key = if kind == DocumentKind::Part { "number" } else { "title" };
    let bytes = Craft::after(&Document::new(kind), scene.eve.actor, &[Op::put(key, string("x"))]).bytes();
    command(vec![change(id, kind, bytes)])
}

#[tokio::test]
async fn commands_as_wholes() {
    play(&COMMANDS).await;
}
