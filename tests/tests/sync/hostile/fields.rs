//! The field table: what a work order may hold, whoever writes it.

use super::craft::{DELETE, Id, MAKE_MAP, MAKE_TEXT, Op, PUT, Value, genesis_id, id_at, int, null, string};
use super::scene::{Scene, change, command};
use super::{Case, Chapter, play};
use shared_model::document::DocumentKind;

/// The value `true`.
const YES: Value = (2, Vec::new());

pub(super) const FIELDS: Chapter = Chapter::of_technician(
    "Fields, values and objects",
    &[
        Case::change("a field without a name", "rejected unknown_field", |scene| put(scene, "", string("x"))),
        Case::change("a field nobody knows", "rejected unknown_field", |scene| {
            put(scene, "kind", string("x"))
        }),
        Case::change("a field in capitals", "rejected unknown_field", |scene| {
            put(scene, "Title", string("x"))
        }),
        Case::change("a field with a space", "rejected unknown_field", |scene| {
            put(scene, "title ", string("x"))
        }),
        Case::change("a price in a work order", "rejected unknown_field", |scene| put(scene, "cost", int(1))),
        Case::change("JavaScript's favourite field", "rejected unknown_field", |scene| {
            put(scene, "__proto__", string("x"))
        }),
        Case::change("a field of another kind", "rejected unknown_field", |scene| {
            put(scene, "number", string("P-7"))
        }),
        Case::change("a tag without a name", "rejected unknown_field", |scene| tag(scene, "")),
        Case::change("a tag with a space", "rejected unknown_field", |scene| tag(scene, "a b")),
        Case::change("a tag with a slash", "rejected unknown_field", |scene| tag(scene, "a/b")),
        Case::change("a tag with an accent", "rejected unknown_field", |scene| tag(scene, "é")),
        Case::change("a tag with a nought", "rejected unknown_field", |scene| tag(scene, "a\0")),
        Case::change("a tag of 65 characters", "rejected unknown_field", |scene| {
            tag(scene, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
        }),
        Case::change("a title that is a number", "rejected wrong_type", |scene| put(scene, "title", int(1))),
        Case::change("a title that is true", "rejected wrong_type", |scene| put(scene, "title", YES)),
        Case::change("a title of bytes", "rejected wrong_type", |scene| {
            put(scene, "title", (7, b"bytes".to_vec()))
        }),
        Case::change("minutes that are a text", "rejected wrong_type", |scene| {
            put(scene, "estimated_minutes", string("90"))
        }),
        Case::change("minutes without a sign", "rejected wrong_type", |scene| {
            put(scene, "estimated_minutes", (3, vec![90]))
        }),
        Case::change("minutes that count", "rejected wrong_type", |scene| {
            put(scene, "estimated_minutes", (8, vec![1]))
        }),
        Case::change("minutes with a fraction", "rejected wrong_type", |scene| {
            put(scene, "estimated_minutes", (5, 1.5_f64.to_le_bytes().to_vec()))
        }),
        Case::change("minutes that are no number", "rejected wrong_type", |scene| {
            put(scene, "estimated_minutes", (5, f64::NAN.to_le_bytes().to_vec()))
        }),
        Case::change("a due date that is a number", "rejected wrong_type", |scene| put(scene, "due", int(1))),
        Case::change("a value of a type nobody knows", "rejected wrong_type", |scene| {
            put(scene, "priority", (12, b"unknown".to_vec()))
        }),
        Case::change("a title of 201 characters", "rejected wrong_type", |scene| {
            put(scene, "title", string(&"t".repeat(201)))
        }),
        Case::change("a title of 60,000 characters", "rejected wrong_type", |scene| {
            put(scene, "title", string(&"t".repeat(60_000)))
        }),
        Case::change("a priority of 33 characters", "rejected wrong_type", |scene| {
            put(scene, "priority", string(&"p".repeat(33)))
        }),
        Case::change("a site whose name is longer than an id", "rejected wrong_type", |scene| {
            put(scene, "site", string(&"s".repeat(37)))
        }),
        Case::change("a map for a title", "rejected wrong_type", |scene| {
            one(scene, Op::on(None, "title", MAKE_MAP, null()))
        }),
        Case::change("a text for a tag", "rejected wrong_type", |scene| {
            one(scene, Op::on(Some(genesis_id(&scene.document, "tags")), "a", MAKE_TEXT, null()))
        }),
        Case::change("a string for a checklist", "rejected wrong_type", |scene| {
            one(scene, Op::on(Some(genesis_id(&scene.document, "checklists")), "k9", PUT, string("x")))
        }),
        Case::change("a text for a checklist", "rejected wrong_type", |scene| {
            one(scene, Op::on(Some(genesis_id(&scene.document, "checklists")), "k9", MAKE_TEXT, null()))
        }),
        Case::change("another map of tags beside the first", "rejected fixed_container", |scene| {
            one(scene, Op::on(None, "tags", MAKE_MAP, null()))
        }),
        Case::change("another map of tags in place of the first", "rejected fixed_container", |scene| {
            replaced(scene, "tags", MAKE_MAP)
        }),
        Case::change("the map of tags deleted", "rejected fixed_container", |scene| {
            replaced(scene, "tags", DELETE)
        }),
        Case::change("nothing in place of the map of tags", "rejected fixed_container", |scene| {
            replaced(scene, "tags", PUT)
        }),
        Case::change("another description in place of the first", "rejected fixed_container", |scene| {
            replaced(scene, "description", MAKE_TEXT)
        }),
        Case::change("the description deleted", "rejected fixed_container", |scene| {
            replaced(scene, "description", DELETE)
        }),
        Case::change("a string in place of the description", "rejected fixed_container", |scene| {
            put(scene, "description", string("x"))
        }),
        Case::change("the checklists deleted", "rejected fixed_container", |scene| {
            replaced(scene, "checklists", DELETE)
        }),
        Case::change("other answers beside the first", "rejected fixed_container", |scene| {
            answers(scene, MAKE_MAP, &[])
        }),
        Case::change("other answers in place of the first", "rejected fixed_container", |scene| {
            answers(scene, MAKE_MAP, &[id_at(&scene.document, &["checklists", "k1", "answers"])])
        }),
        Case::change("the answers deleted", "rejected fixed_container", |scene| {
            answers(scene, DELETE, &[id_at(&scene.document, &["checklists", "k1", "answers"])])
        }),
        Case::change("nothing in place of the answers", "rejected fixed_container", |scene| {
            answers(scene, PUT, &[id_at(&scene.document, &["checklists", "k1", "answers"])])
        }),
        Case::change("a field that a checklist does not have", "rejected unknown_field", |scene| {
            let item = id_at(&scene.document, &["checklists", "k1"]);
            one(scene, Op::on(Some(item), "price", PUT, int(1)))
        }),
        Case::change("an answer of 60,000 characters", "rejected wrong_type", |scene| {
            let answers = id_at(&scene.document, &["checklists", "k1", "answers"]);
            one(scene, Op::on(Some(answers), "s1", PUT, string(&"a".repeat(60_000))))
        }),
        Case::change("a map inside the answers", "rejected wrong_type", |scene| {
            let answers = id_at(&scene.document, &["checklists", "k1", "answers"]);
            one(scene, Op::on(Some(answers), "s1", MAKE_MAP, null()))
        }),
        Case::command("a work order that says it is an asset", "rejected wrong_document_kind", |scene| {
            let bytes = scene.craft(&[Op::put("due", null())]).bytes();
            command(vec![change(scene.order, DocumentKind::Asset, bytes)])
        }),
    ],
);

fn one(scene: &Scene, op: Op) -> Vec<u8> {
    scene.craft(&[op]).bytes()
}

fn put(scene: &Scene, key: &'static str, value: Value) -> Vec<u8> {
    one(scene, Op::put(key, value))
}

fn tag(scene: &Scene, key: &'static str) -> Vec<u8> {
    one(scene, Op::on(Some(genesis_id(&scene.document, "tags")), key, PUT, YES))
}

/// Does this where a container of genesis stands.
fn replaced(scene: &Scene, key: &'static str, action: u64) -> Vec<u8> {
    one(scene, Op::on(None, key, action, null()).over([genesis_id(&scene.document, key)]))
}

/// Does this where the answers of a checklist stand.
fn answers(scene: &Scene, action: u64, over: &[Id]) -> Vec<u8> {
    let item = id_at(&scene.document, &["checklists", "k1"]);
    one(scene, Op::on(Some(item), "answers", action, null()).over(over.iter().copied()))
}

#[tokio::test]
async fn fields_of_documents() {
    play(&FIELDS).await;
}
