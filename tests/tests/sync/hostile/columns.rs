//! The columns of a change: bombs, and encodings that Automerge would not write back as they came.

use super::craft::{
    ACTION, Craft, EXPAND, INSERT, KEY_ACTOR, KEY_COUNTER, KEY_NAME, MARK_NAME, OBJECT_ACTOR, OBJECT_COUNTER,
    Op, PREDECESSOR_ACTOR, PREDECESSOR_COUNT, PREDECESSOR_COUNTER, PUT, VALUE, VALUE_TYPE, genesis_id, null,
    prefixed, runs, signed, unsigned,
};
use super::envelope::due;
use super::scene::Scene;
use super::{Case, Chapter, play};

pub(super) const COLUMNS: Chapter = Chapter::of_technician(
    "Columns",
    &[
        Case::change("100,000 operations in 100 bytes", "rejected too_many_operations", |scene| {
            bomb(scene, 100_000)
        }),
        Case::change("2³² operations in 100 bytes", "rejected too_many_operations", |scene| {
            bomb(scene, u32::MAX.into())
        }),
        Case::change("5,001 operations", "rejected too_many_operations", |scene| bomb(scene, 5_001)),
        Case::change("a bomb of keys", "rejected too_many_operations", |scene| {
            with(scene, KEY_NAME, &run(i64::MAX, &prefixed(b"due")))
        }),
        Case::change("a bomb of insertions", "rejected too_many_operations", |scene| {
            with(scene, INSERT, &unsigned(u64::MAX))
        }),
        Case::change("a bomb of actions", "rejected too_many_operations", |scene| {
            with(scene, ACTION, &run(i64::MAX, &[1]))
        }),
        Case::change("a bomb of values", "rejected too_many_operations", |scene| {
            with(scene, VALUE_TYPE, &run(i64::MAX, &[0]))
        }),
        Case::change("a bomb of groups", "rejected too_many_operations", |scene| {
            with(scene, PREDECESSOR_COUNT, &run(i64::MAX, &[0]))
        }),
        Case::change("a bomb of predecessors", "rejected too_many_operations", |scene| {
            with(scene, PREDECESSOR_ACTOR, &run(i64::MAX, &[0]))
        }),
        Case::change("a bomb of nothing", "rejected too_many_operations", |scene| {
            with(scene, OBJECT_COUNTER, &[signed(0), unsigned(u64::MAX)].concat())
        }),
        Case::change("a bomb of single values", "rejected too_many_operations", |scene| {
            with(scene, KEY_COUNTER, &run(i64::MIN, &[1]))
        }),
        Case::change("one group of 2⁴⁰ predecessors", "rejected unequal_columns", |scene| {
            group(scene, &run(-1, &unsigned(1 << 40)), 4_000)
        }),
        Case::change("a group of fewer than there are", "rejected unequal_columns", |scene| {
            group(scene, &run(-1, &[1]), 2)
        }),
        Case::change("a group of more than there are", "rejected unequal_columns", |scene| {
            group(scene, &run(-1, &[3]), 2)
        }),
        Case::change("a compressed column", "rejected compressed_column", |scene| {
            let compress = |change: &mut Craft| change.columns[0].0 |= 0b1000;
            due(scene).with(compress).bytes()
        }),
        Case::change("a column nobody knows", "rejected column", |scene| with(scene, 0x80, &[0x7f, 1])),
        Case::change("a column far beyond all others", "rejected column", |scene| {
            with(scene, 0x7f00, &[0x7f, 1])
        }),
        Case::change("a mark that expands", "rejected column", |scene| with(scene, EXPAND, &[0, 1])),
        Case::change("a mark with a name", "rejected column", |scene| {
            with(scene, MARK_NAME, &run(-1, &prefixed(b"bold")))
        }),
        Case::change("columns out of order", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.columns.swap(0, 1)).bytes()
        }),
        Case::change("a column twice", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.columns.insert(1, change.columns[0].clone())).bytes()
        }),
        Case::change("an empty column", "rejected not_canonical", |scene| {
            let add = |change: &mut Craft| {
                change.columns.push((VALUE, Vec::new()));
                change.columns.sort_by_key(|(code, _)| *code);
            };
            due(scene).with(add).bytes()
        }),
        Case::change("two keys for one operation", "rejected unequal_columns", |scene| {
            with(scene, KEY_NAME, &run(2, &prefixed(b"due")))
        }),
        Case::change("two insertions for one operation", "rejected unequal_columns", |scene| {
            with(scene, INSERT, &unsigned(2))
        }),
        Case::change("two actions for one of everything else", "rejected unequal_columns", |scene| {
            with(scene, ACTION, &run(2, &[1]))
        }),
        Case::change("two values for one operation", "rejected unequal_columns", |scene| {
            with(scene, VALUE_TYPE, &run(2, &[0]))
        }),
        Case::change("two groups for one operation", "rejected unequal_columns", |scene| {
            with(scene, PREDECESSOR_COUNT, &run(2, &[0]))
        }),
        Case::change("no keys", "rejected operation", |scene| with(scene, KEY_NAME, &[])),
        Case::change("no insertions", "rejected unequal_columns", |scene| with(scene, INSERT, &[])),
        Case::change("no actions", "rejected unequal_columns", |scene| with(scene, ACTION, &[])),
        Case::change("no values", "rejected unequal_columns", |scene| with(scene, VALUE_TYPE, &[])),
        Case::change("no groups", "rejected unequal_columns", |scene| with(scene, PREDECESSOR_COUNT, &[])),
        Case::change("a value that nobody names", "rejected unequal_columns", |scene| {
            with(scene, VALUE, &[1])
        }),
        Case::change("a run of one", "rejected not_canonical", |scene| {
            twice(scene, ACTION, &[run(1, &[1]), run(1, &[1])].concat())
        }),
        Case::change("equal values one by one", "rejected not_canonical", |scene| {
            twice(scene, ACTION, &run(-2, &[1, 1]))
        }),
        Case::change("single values in two runs", "rejected not_canonical", |scene| {
            twice(scene, ACTION, &[run(-1, &[1]), run(-1, &[1])].concat())
        }),
        Case::change("a column of nothing written out", "rejected not_canonical", |scene| {
            twice(scene, KEY_ACTOR, &[signed(0), unsigned(2)].concat())
        }),
        Case::change("false in two runs", "rejected not_canonical", |scene| twice(scene, INSERT, &[1, 0, 1])),
        Case::change("an actor that no operation names", "rejected not_canonical", |scene| {
            let ann = scene.ann.actor.as_bytes().to_vec();
            due(scene).with(|change| change.others.push(ann)).bytes()
        }),
        Case::change("an actor nobody has heard of", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.others.push(vec![9; 16])).bytes()
        }),
        Case::change("the author among the others", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.others.push(change.actor.clone())).bytes()
        }),
        Case::change("another actor of 17 bytes", "rejected actor_length", |scene| {
            tag(scene).with(|change| change.others[0].push(7)).bytes()
        }),
        Case::change("an actor beyond the list", "rejected malformed", |scene| {
            tag(scene).column(OBJECT_ACTOR, &run(-1, &unsigned(2))).bytes()
        }),
        Case::change("an actor far beyond the list", "rejected malformed", |scene| {
            tag(scene).column(OBJECT_ACTOR, &run(-1, &unsigned(u64::MAX))).bytes()
        }),
        Case::change("half an object", "rejected operation", |scene| {
            due(scene).column(OBJECT_COUNTER, &run(-1, &unsigned(3))).bytes()
        }),
        Case::change("an object with the number nought", "rejected counter_range", |scene| object(scene, 0)),
        Case::change("an object beyond 32 bits", "rejected counter_range", |scene| object(scene, 1 << 32)),
        Case::change("an object beyond 63 bits", "rejected counter_range", |scene| object(scene, u64::MAX)),
        Case::change("differences that overflow", "rejected counter_range", |scene| {
            let extremes = runs([Some(signed(i64::MAX)), Some(signed(1))].into_iter());
            let change = due(scene).column(PREDECESSOR_COUNT, &run(-1, &[2]));
            change.column(PREDECESSOR_ACTOR, &run(2, &[0])).column(PREDECESSOR_COUNTER, &extremes).bytes()
        }),
    ],
);

/// The same value so many times.
fn run(length: i64, value: &[u8]) -> Vec<u8> {
    [signed(length), value.to_vec()].concat()
}

/// Every column says `rows` times the same.
fn bomb(scene: &Scene, rows: i64) -> Vec<u8> {
    due(scene)
        .column(KEY_NAME, &run(rows, &prefixed(b"due")))
        .column(INSERT, &unsigned(rows.unsigned_abs()))
        .column(ACTION, &run(rows, &[1]))
        .column(VALUE_TYPE, &run(rows, &[0]))
        .column(PREDECESSOR_COUNT, &run(rows, &[0]))
        .bytes()
}

fn with(scene: &Scene, code: u32, column: &[u8]) -> Vec<u8> {
    due(scene).column(code, column).bytes()
}

/// The same with two operations that are alike.
fn twice(scene: &Scene, code: u32, column: &[u8]) -> Vec<u8> {
    scene.craft(&[Op::put("due", null()), Op::put("due", null())]).column(code, column).bytes()
}

fn group(scene: &Scene, counts: &[u8], predecessors: i64) -> Vec<u8> {
    due(scene)
        .column(PREDECESSOR_COUNT, counts)
        .column(PREDECESSOR_ACTOR, &run(predecessors, &[0]))
        .column(PREDECESSOR_COUNTER, &run(predecessors, &[1]))
        .bytes()
}

/// A change that names another actor, that of genesis.
fn tag(scene: &Scene) -> Craft {
    let tags = genesis_id(&scene.document, "tags");
    scene.craft(&[Op::on(Some(tags), "a", PUT, (2, Vec::new()))])
}

fn object(scene: &Scene, counter: u64) -> Vec<u8> {
    tag(scene).column(OBJECT_COUNTER, &run(-1, &unsigned(counter))).bytes()
}

#[tokio::test]
async fn columns_of_changes() {
    play(&COLUMNS).await;
}
