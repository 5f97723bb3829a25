//! Attacks on columns and on the form of operations.

use super::craft::{
    ACTION, Craft, DELETE, EXPAND, INCREMENT, INSERT, KEY_ACTOR, KEY_COUNTER, KEY_NAME, Key, MAKE_LIST,
    MAKE_MAP, MARK, MARK_NAME, OBJECT_COUNTER, Op, PREDECESSOR_ACTOR, PREDECESSOR_COUNT, PREDECESSOR_COUNTER,
    PUT, VALUE, VALUE_TYPE, chunk, genesis_id, int, null, prefixed, runs, signed, string, unsigned,
};
use super::*;
use crate::gate::{LIMITS, change_weight};

/// A put of `due`: one operation, no predecessor.
fn due(document: &Document) -> Craft {
    Craft::after(document, BOB, &[Op::put("due", null())])
}

fn run(length: i64, value: &[u8]) -> Vec<u8> {
    [signed(length), value.to_vec()].concat()
}

/// Every column says `rows` times the same, in a few bytes.
fn bomb(document: &Document, rows: u32) -> Vec<u8> {
    let rows = i64::from(rows);
    due(document)
        .column(KEY_NAME, &run(rows, &prefixed(b"due")))
        .column(INSERT, &unsigned(rows.unsigned_abs()))
        .column(ACTION, &run(rows, &[1]))
        .column(VALUE_TYPE, &run(rows, &[0]))
        .column(PREDECESSOR_COUNT, &run(rows, &[0]))
        .bytes()
}

#[test]
fn operation_bomb() {
    let document = work_order();
    let bytes = bomb(&document, 100_000);
    assert!(bytes.len() < 160);
    refused(&document, &bytes, "too_many_operations", Harm::Applies);
    // Not tried without the gate: this one would fill the machine.
    let bytes = bomb(&document, u32::MAX);
    assert_eq!(check(&document, &bytes).unwrap_err().code(), "too_many_operations");
}

#[test]
fn operation_bomb_at_the_limit() {
    let document = work_order();
    let start = due(&document).start_op;
    let chain = |rows: usize| {
        let before = |row: u64| row.checked_sub(1).map(|row| (start + row, BOB));
        let puts = (0..rows as u64).map(|row| Op::put("due", null()).over(before(row)));
        Craft::after(&document, BOB, &puts.collect::<Vec<_>>()).bytes()
    };
    let full = chain(LIMITS.operations);
    assert_eq!(passes(&document, &full).change.len(), LIMITS.operations);
    // Each but the first overwrites the one before it.
    assert_eq!(change_weight(&full), 2 * LIMITS.operations - 1);
    refused(&document, &chain(LIMITS.operations + 1), "too_many_operations", Harm::Applies);
}

#[test]
fn values_beside_each_other() {
    let document = work_order();
    refused(&document, &bomb(&document, 2), "operation", Harm::Applies);
    refused(&document, &bomb(&document, 5_000), "operation", Harm::Applies);
    let own = |row| due(&document).id(row);
    let put = || Op::put("due", null());
    let gone = |row| Op::on(None, "due", DELETE, null()).over([own(row)]);
    for honest in [
        vec![put(), put().over([own(0)])],
        vec![put(), gone(0), put()],
        vec![put(), Op::put("location", null()), put().over([own(0)])],
    ] {
        passes(&document, &Craft::after(&document, BOB, &honest).bytes());
    }
    // The second deletion is of the first value, not of the one that stands.
    let beside = [put(), put().over([own(0)]), gone(0), put()];
    refused(&document, &Craft::after(&document, BOB, &beside).bytes(), "operation", Harm::Applies);
}

#[test]
fn what_a_change_weighs_is_known_without_unfolding_it() {
    let document = work_order();
    let mut copy = document.clone();
    let text = "word ".repeat(500);
    let edits = copy.edit::<_, EditError>(BOB, NOW, |door| door.set_text(&["description"], &text)).unwrap().1;
    for bytes in edits {
        let change = automerge::Change::from_bytes(bytes.clone()).unwrap().decode();
        let each = change.operations.iter().map(|operation| 1 + operation.pred.len());
        assert_eq!(change_weight(&bytes), each.sum::<usize>());
    }
    // What is refused at the first look makes no work.
    for bytes in [bomb(&document, 5_001), bomb(&document, u32::MAX), b"none".to_vec(), Vec::new()] {
        assert_eq!(change_weight(&bytes), 0);
    }
    let literal = due(&document).column(ACTION, &[signed(-3), vec![1, 3, 1]].concat()).bytes();
    assert_eq!(change_weight(&literal), 3);
}

#[test]
fn bomb_in_one_column_only() {
    let document = work_order();
    let huge = i64::MAX;
    for (code, bytes) in [
        (KEY_NAME, run(huge, &prefixed(b"due"))),
        (INSERT, unsigned(u64::MAX)),
        (ACTION, run(huge, &[1])),
        (VALUE_TYPE, run(huge, &[0])),
        (PREDECESSOR_COUNT, run(huge, &[0])),
        (PREDECESSOR_ACTOR, run(huge, &[0])),
        (OBJECT_COUNTER, [signed(0), unsigned(u64::MAX)].concat()),
        (KEY_COUNTER, run(i64::MIN, &[1])),
    ] {
        let bytes = due(&document).column(code, &bytes).bytes();
        let code = check(&document, &bytes).unwrap_err().code();
        assert_eq!(code, "too_many_operations");
    }
}

#[test]
fn predecessor_bomb() {
    let document = work_order();
    let bytes = due(&document)
        .column(PREDECESSOR_COUNT, &run(-1, &unsigned(1 << 40)))
        .column(PREDECESSOR_ACTOR, &run(4_000, &[0]))
        .column(PREDECESSOR_COUNTER, &run(4_000, &[1]))
        .bytes();
    assert_eq!(check(&document, &bytes).unwrap_err().code(), "unequal_columns");
}

#[test]
fn compressed_column() {
    let document = work_order();
    let mut change = due(&document);
    change.columns.iter_mut().find(|(code, _)| *code == ACTION).unwrap().0 |= 0b1000;
    refused(&document, &change.bytes(), "compressed_column", Harm::Refuses);
}

#[test]
fn unknown_columns() {
    let document = work_order();
    for code in [0x03, 0x22, 0x35, 0x80, 0xb2] {
        let bytes = due(&document).column(code, &[0x7f, 1]).bytes();
        refused(&document, &bytes, "column", Harm::Unloadable);
    }
    let bytes = due(&document).column(0x7f00, &[0x7f, 1]).bytes();
    refused(&document, &bytes, "column", Harm::Refuses);
}

#[test]
fn mark_columns() {
    let document = work_order();
    refused(&document, &due(&document).column(EXPAND, &[0, 1]).bytes(), "column", Harm::Applies);
    let name = due(&document).column(MARK_NAME, &run(-1, &prefixed(b"bold"))).bytes();
    refused(&document, &name, "column", Harm::Applies);
}

#[test]
fn columns_out_of_order() {
    let document = work_order();
    let bytes = due(&document).with(|change| change.columns.swap(0, 1)).bytes();
    refused(&document, &bytes, "not_canonical", Harm::Refuses);
}

#[test]
fn column_twice() {
    let document = work_order();
    let bytes = due(&document).with(|change| change.columns.insert(1, change.columns[0].clone())).bytes();
    refused(&document, &bytes, "not_canonical", Harm::Unloadable);
}

#[test]
fn empty_column() {
    let document = work_order();
    let bytes = due(&document)
        .with(|change| {
            change.columns.push((VALUE, Vec::new()));
            change.columns.sort_by_key(|(code, _)| *code);
        })
        .bytes();
    refused(&document, &bytes, "not_canonical", Harm::Unloadable);
}

#[test]
fn columns_of_unequal_length() {
    let document = work_order();
    let two = [
        (KEY_NAME, run(2, &prefixed(b"due"))),
        (INSERT, unsigned(2)),
        (ACTION, run(2, &[1])),
        (VALUE_TYPE, run(2, &[0])),
        (PREDECESSOR_COUNT, run(2, &[0])),
    ];
    for (code, bytes) in two {
        let bytes = due(&document).column(code, &bytes).bytes();
        let refused = check(&document, &bytes).unwrap_err();
        assert_eq!(refused.code(), "unequal_columns", "column {code:#x}");
    }
}

#[test]
fn missing_columns() {
    let document = work_order();
    for (code, expected, harm) in [
        (KEY_NAME, "operation", Harm::Refuses),
        (INSERT, "unequal_columns", Harm::Refuses),
        (ACTION, "unequal_columns", Harm::Unloadable),
        (VALUE_TYPE, "unequal_columns", Harm::Refuses),
        (PREDECESSOR_COUNT, "unequal_columns", Harm::Refuses),
    ] {
        refused(&document, &due(&document).column(code, &[]).bytes(), expected, harm);
    }
}

#[test]
fn group_counts_and_group_columns_disagree() {
    let document = work_order();
    for count in [1, 3] {
        let bytes = due(&document)
            .column(PREDECESSOR_COUNT, &run(-1, &[count]))
            .column(PREDECESSOR_ACTOR, &run(2, &[0]))
            .column(PREDECESSOR_COUNTER, &run(2, &[1]))
            .bytes();
        assert_eq!(check(&document, &bytes).unwrap_err().code(), "unequal_columns");
    }
}

#[test]
fn runs_that_automerge_would_write_otherwise() {
    let document = work_order();
    let ops = [Op::put("due", null()), Op::put("location", null())];
    let change = Craft::after(&document, BOB, &ops);
    passes(&document, &change.bytes());
    for action in [
        [run(1, &[1]), run(1, &[1])].concat(),
        run(-2, &[1, 1]),
        [run(-1, &[1]), run(-1, &[1])].concat(),
        [run(1, &[1]), run(-1, &[1])].concat(),
    ] {
        let bytes = change.clone().column(ACTION, &action).bytes();
        refused(&document, &bytes, "not_canonical", Harm::Unloadable);
    }
    // Nulls written out where there is no column at all.
    let nulls = change.clone().column(KEY_ACTOR, &[signed(0), unsigned(2)].concat());
    refused(&document, &nulls.bytes(), "not_canonical", Harm::Unloadable);
    let inserts = change.column(INSERT, &[1, 0, 1]);
    refused(&document, &inserts.bytes(), "not_canonical", Harm::Unloadable);
}

#[test]
fn unused_actor() {
    let document = work_order();
    let bytes = due(&document).with(|change| change.others.push(ALICE.as_bytes().to_vec())).bytes();
    refused(&document, &bytes, "not_canonical", Harm::Unloadable);
    // One that nobody has heard of.
    let bytes = due(&document).with(|change| change.others.push(vec![9; 16])).bytes();
    refused(&document, &bytes, "not_canonical", Harm::Panics);
}

#[test]
fn author_among_the_other_actors() {
    let document = work_order();
    let bytes = due(&document).with(|change| change.others.push(BOB.as_bytes().to_vec())).bytes();
    refused(&document, &bytes, "not_canonical", Harm::Unloadable);
}

#[test]
fn actor_index_out_of_range() {
    let document = work_order();
    let tags = genesis_id(&document, "tags");
    let change = Craft::after(&document, BOB, &[Op::on(Some(tags), "a", PUT, (2, Vec::new()))]);
    passes(&document, &change.bytes());
    for index in [2, 1 << 20, u64::MAX] {
        let bytes = change.clone().column(super::craft::OBJECT_ACTOR, &run(-1, &unsigned(index))).bytes();
        assert_eq!(check(&document, &bytes).unwrap_err().code(), "malformed");
    }
    let bytes = change.column(super::craft::OBJECT_ACTOR, &run(-1, &unsigned(2))).bytes();
    expect(&document, &bytes, Harm::Panics);
}

#[test]
fn counters_beyond_32_bits() {
    let document = work_order();
    let tags = genesis_id(&document, "tags");
    let change = Craft::after(&document, BOB, &[Op::on(Some(tags), "a", PUT, (2, Vec::new()))]);
    for (counter, harm) in [(0, Harm::Unloadable), (1 << 32, Harm::Panics), (u64::MAX, Harm::Panics)] {
        let bytes = change.clone().column(OBJECT_COUNTER, &run(-1, &unsigned(counter))).bytes();
        refused(&document, &bytes, "counter_range", harm);
    }
    let bytes = change.column(OBJECT_COUNTER, &run(-1, &unsigned(1 << 32))).bytes();
    expect(&document, &bytes, Harm::Panics);
}

#[test]
fn differences_that_overflow() {
    let document = work_order();
    let extremes = runs([Some(signed(i64::MAX)), Some(signed(1))].into_iter());
    let bytes = due(&document)
        .column(PREDECESSOR_COUNT, &run(-1, &[2]))
        .column(PREDECESSOR_ACTOR, &run(2, &[0]))
        .column(PREDECESSOR_COUNTER, &extremes)
        .bytes();
    refused(&document, &bytes, "counter_range", Harm::Panics);
}

#[test]
fn actions_of_other_documents() {
    let document = work_order();
    for (action, value, harm) in [
        (MAKE_LIST, null(), Harm::Applies),
        (INCREMENT, int(1), Harm::Applies),
        (6, null(), Harm::Applies),
        (MARK, null(), Harm::Unloadable),
        (8, null(), Harm::Refuses),
    ] {
        let bytes = Craft::after(&document, BOB, &[Op::on(None, "due", action, value)]).bytes();
        refused(&document, &bytes, "action", harm);
    }
}

#[test]
fn delete_of_nothing() {
    let document = work_order();
    let bytes = Craft::after(&document, BOB, &[Op::on(None, "due", DELETE, null())]).bytes();
    refused(&document, &bytes, "operation", Harm::Unloadable);
}

#[test]
fn values_where_none_can_be() {
    let document = work_order();
    let checklists = genesis_id(&document, "checklists");
    let make = Op::on(Some(checklists), "k2", MAKE_MAP, int(5));
    let bytes = Craft::after(&document, BOB, &[make]).bytes();
    refused(&document, &bytes, "operation", Harm::Applies);
    let own = Craft::after(&document, BOB, &[]).id(0);
    let ops = [Op::put("due", null()), Op::on(None, "due", DELETE, int(5)).over([own])];
    let bytes = Craft::after(&document, BOB, &ops).bytes();
    refused(&document, &bytes, "operation", Harm::Unloadable);
}

#[test]
fn values_of_impossible_length() {
    let document = work_order();
    let null_with_bytes = Craft::after(&document, BOB, &[Op::put("due", (0, vec![1, 2, 3]))]).bytes();
    refused(&document, &null_with_bytes, "not_canonical", Harm::Unloadable);
    let overlong =
        Craft::after(&document, BOB, &[Op::put("estimated_minutes", (4, vec![0x81, 0x00]))]).bytes();
    refused(&document, &overlong, "not_canonical", Harm::Refuses);
    let two = Craft::after(&document, BOB, &[Op::put("estimated_minutes", (4, vec![1, 1]))]).bytes();
    refused(&document, &two, "malformed", Harm::Refuses);
    let short = due(&document).column(VALUE_TYPE, &run(-1, &unsigned(100 << 4 | 6))).bytes();
    refused(&document, &short, "length", Harm::Refuses);
    let left_over = due(&document).column(VALUE, &[1]).bytes();
    refused(&document, &left_over, "unequal_columns", Harm::Unloadable);
    let no_utf8 = Craft::after(&document, BOB, &[Op::put("title", (6, vec![0xc0, 0x80]))]).bytes();
    refused(&document, &no_utf8, "malformed", Harm::Refuses);
}

#[test]
fn insert_into_a_map() {
    let document = work_order();
    let op = Op { insert: true, ..Op::put("due", null()) };
    // What it does to Automerge depends on its debug assertions.
    let bytes = Craft::after(&document, BOB, &[op]).bytes();
    assert_eq!(check(&document, &bytes).unwrap_err().code(), "operation");
}

#[test]
fn positions_in_maps_and_keys_in_texts() {
    let document = work_order();
    let (text, tags) = (genesis_id(&document, "description"), genesis_id(&document, "tags"));
    let in_map = Op::insert(tags, Key::Head, "x");
    // What it does to Automerge depends on its debug assertions.
    let bytes = Craft::after(&document, BOB, &[in_map]).bytes();
    assert_eq!(check(&document, &bytes).unwrap_err().code(), "operation");
    let in_text = Op::on(Some(text), "x", PUT, string("y"));
    refused(&document, &Craft::after(&document, BOB, &[in_text]).bytes(), "operation", Harm::Unloadable);
}

#[test]
fn odd_operations_in_texts() {
    let document = work_order();
    let text = genesis_id(&document, "description");
    let first = Op::insert(text, Key::Head, "x");
    passes(&document, &Craft::after(&document, BOB, std::slice::from_ref(&first)).bytes());
    for (op, harm) in [
        (Op { insert: false, ..first.clone() }, Harm::Unloadable),
        (Op { value: string("two"), ..first.clone() }, Harm::Applies),
        (Op { value: string(""), ..first.clone() }, Harm::Applies),
        (Op { value: int(1), ..first.clone() }, Harm::Applies),
        (Op { action: MAKE_MAP, value: null(), ..first.clone() }, Harm::Applies),
        (Op { action: DELETE, insert: false, value: null(), ..first.clone() }, Harm::Unloadable),
        (Op { predecessors: vec![text], ..first.clone() }, Harm::Unloadable),
    ] {
        refused(&document, &Craft::after(&document, BOB, &[op]).bytes(), "operation", harm);
    }
}

#[test]
fn predecessors_out_of_order() {
    let document = work_order();
    for (predecessors, harm) in [
        ([(9, ALICE), (8, ALICE)], Harm::Unloadable),
        ([(8, ALICE), (8, ALICE)], Harm::Unloadable),
        ([(8, BOB), (8, ALICE)], Harm::Panics),
    ] {
        let bytes =
            Craft::after(&document, SERVER, &[Op::put("title", string("x")).over(predecessors)]).bytes();
        refused(&document, &bytes, "operation", harm);
    }
}

#[test]
fn operation_numbers_at_the_end_of_32_bits() {
    let document = work_order();
    for (start_op, harm) in [
        (0, Harm::Refuses),
        (u64::from(u32::MAX), Harm::Panics),
        (1 << 32, Harm::Refuses),
        (u64::MAX, Harm::Refuses),
    ] {
        let bytes = due(&document).with(|change| change.start_op = start_op).bytes();
        refused(&document, &bytes, "counter_range", harm);
    }
}

#[test]
fn nothing_but_garbage() {
    let document = work_order();
    for length in 0..64 {
        let bytes = chunk(super::craft::CHANGE, &vec![0x55; length]);
        assert!(check(&document, &bytes).is_err());
    }
}
