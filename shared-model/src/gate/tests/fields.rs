//! Attacks on the field table: what a document of a kind may hold, whoever writes it.

use super::craft::{Craft, DELETE, MAKE_MAP, MAKE_TEXT, Op, PUT, genesis_id, id_at, int, null, string};
use super::*;
use crate::gate::WriteKind;
use crate::permission::Permission;

const YES: u64 = 2;

fn one(document: &Document, op: Op) -> Vec<u8> {
    Craft::after(document, BOB, &[op]).bytes()
}

#[test]
fn unknown_keys() {
    let document = work_order();
    for key in ["", "kind", "Title", "title ", "cost", "__proto__"] {
        refused(&document, &one(&document, Op::put(key, string("x"))), "unknown_field", Harm::Applies);
    }
}

#[test]
fn item_keys() {
    let document = work_order();
    let tags = genesis_id(&document, "tags");
    let tag = |key| one(&document, Op::on(Some(tags), key, PUT, (YES, Vec::new())));
    passes(&document, &tag("A-z_09"));
    passes(&document, &tag("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    for key in
        ["", "a b", "a/b", "é", "a\0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
    {
        refused(&document, &tag(key), "unknown_field", Harm::Applies);
    }
}

#[test]
fn wrong_types() {
    let document = work_order();
    let float = (5, 1.5_f64.to_le_bytes().to_vec());
    for (key, value) in [
        ("title", int(1)),
        ("title", (YES, Vec::new())),
        ("title", (7, b"bytes".to_vec())),
        ("estimated_minutes", string("90")),
        ("estimated_minutes", (3, vec![90])),
        ("estimated_minutes", (8, vec![1])),
        ("estimated_minutes", float),
        ("due", int(1)),
        ("priority", (12, b"unknown".to_vec())),
    ] {
        refused(&document, &one(&document, Op::put(key, value)), "wrong_type", Harm::Applies);
    }
}

#[test]
fn too_long_strings() {
    let document = work_order();
    passes(&document, &one(&document, Op::put("title", string(&"t".repeat(200)))));
    for (key, length) in [("title", 201), ("priority", 33), ("site", 37), ("title", 60_000)] {
        let bytes = one(&document, Op::put(key, string(&"t".repeat(length))));
        refused(&document, &bytes, "wrong_type", Harm::Applies);
    }
}

#[test]
fn objects_where_values_belong() {
    let document = work_order();
    refused(&document, &one(&document, Op::on(None, "title", MAKE_MAP, null())), "wrong_type", Harm::Applies);
    let tags = genesis_id(&document, "tags");
    refused(
        &document,
        &one(&document, Op::on(Some(tags), "a", MAKE_TEXT, null())),
        "wrong_type",
        Harm::Applies,
    );
}

#[test]
fn values_where_objects_belong() {
    let document = work_order();
    let checklists = genesis_id(&document, "checklists");
    refused(
        &document,
        &one(&document, Op::on(Some(checklists), "k2", PUT, string("x"))),
        "wrong_type",
        Harm::Applies,
    );
    refused(
        &document,
        &one(&document, Op::on(Some(checklists), "k2", MAKE_TEXT, null())),
        "wrong_type",
        Harm::Applies,
    );
}

#[test]
fn genesis_container_replaced() {
    let document = work_order();
    for key in ["tags", "description", "checklists"] {
        let over = [genesis_id(&document, key)];
        let shape = if key == "description" { MAKE_TEXT } else { MAKE_MAP };
        for op in [
            Op::on(None, key, shape, null()),
            Op::on(None, key, shape, null()).over(over),
            Op::on(None, key, DELETE, null()).over(over),
            Op::put(key, null()).over(over),
            Op::put(key, string("x")),
        ] {
            // What everybody wrote under it would be gone.
            refused(&document, &one(&document, op), "fixed_container", Harm::Applies);
        }
    }
}

#[test]
fn container_inside_an_item_replaced() {
    let document = work_order();
    let item = id_at(&document, &["checklists", "k1"]);
    let answers = id_at(&document, &["checklists", "k1", "answers"]);
    for op in [
        Op::on(Some(item), "answers", MAKE_MAP, null()),
        Op::on(Some(item), "answers", MAKE_MAP, null()).over([answers]),
        Op::on(Some(item), "answers", DELETE, null()).over([answers]),
        Op::on(Some(item), "answers", PUT, null()).over([answers]),
    ] {
        refused(&document, &one(&document, op), "fixed_container", Harm::Applies);
    }
}

#[test]
fn items_come_and_go() {
    let document = work_order();
    let checklists = genesis_id(&document, "checklists");
    let item = id_at(&document, &["checklists", "k1"]);
    let draft = Craft::after(&document, BOB, &[]);
    let ops = [
        Op::on(Some(checklists), "k1", DELETE, null()).over([item]),
        Op::on(Some(checklists), "k2", MAKE_MAP, null()),
        Op::on(Some(draft.id(1)), "answers", MAKE_MAP, null()),
        Op::on(Some(draft.id(2)), "s1", PUT, string("pass")),
    ];
    let checked = passes(&document, &Craft::after(&document, BOB, &ops).bytes());
    let writes: Vec<_> = checked
        .writes
        .iter()
        .map(|write| (write.path.join("/"), write.kind, write.field.permission))
        .collect();
    let expected = [
        ("checklists/k1", WriteKind::Delete, Permission::WorkOrderEdit),
        ("checklists/k2", WriteKind::Make, Permission::WorkOrderEdit),
        // The map comes with the list; what is put into it is work.
        ("checklists/k2/answers", WriteKind::Make, Permission::WorkOrderEdit),
        ("checklists/k2/answers/s1", WriteKind::Put, Permission::WorkOrderExecute),
    ];
    assert_eq!(writes, expected.map(|(path, kind, permission)| (path.to_owned(), kind, permission)));
}

#[test]
fn write_into_a_removed_item_passes() {
    let mut document = work_order();
    let answers = id_at(&document, &["checklists", "k1", "answers"]);
    document.edit::<_, EditError>(ALICE, NOW, |door| door.remove(&["checklists", "k1"])).unwrap();
    let late = Op::on(Some(answers), "s1", PUT, string("pass"));
    let checked = passes(&document, &one(&document, late));
    assert_eq!(checked.writes[0].path, ["checklists", "k1", "answers", "s1"]);
}

#[test]
fn same_key_in_another_kind() {
    let document = Document::new(DocumentKind::Part);
    passes(&document, &one(&document, Op::put("number", string("P-7"))));
    refused(&document, &one(&document, Op::put("title", string("P-7"))), "unknown_field", Harm::Applies);
}
