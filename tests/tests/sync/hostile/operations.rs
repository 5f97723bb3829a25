//! Operations that no document of ours needs, or that Automerge stores in another form than it read.

use super::craft::{
    DELETE, INCREMENT, Key, MAKE_LIST, MAKE_MAP, MARK, Op, PUT, VALUE_TYPE, Value, genesis_id, int, null,
    signed, string, unsigned,
};
use super::envelope::due;
use super::scene::Scene;
use super::{Case, Chapter, play};

pub(super) const OPERATIONS: Chapter = Chapter::of_technician(
    "Operations",
    &[
        Case::change("operations from nought", "rejected counter_range", |scene| start(scene, 0)),
        Case::change("operations to the end of 32 bits", "rejected counter_range", |scene| {
            start(scene, u32::MAX.into())
        }),
        Case::change("operations beyond 32 bits", "rejected counter_range", |scene| start(scene, 1 << 32)),
        Case::change("operations beyond 64 bits", "rejected counter_range", |scene| start(scene, u64::MAX)),
        Case::change("a list", "rejected action", |scene| act(scene, MAKE_LIST, null())),
        Case::change("a counter's step", "rejected action", |scene| act(scene, INCREMENT, int(1))),
        Case::change("a table", "rejected action", |scene| act(scene, 6, null())),
        Case::change("a mark", "rejected action", |scene| act(scene, MARK, null())),
        Case::change("an action nobody knows", "rejected action", |scene| act(scene, 8, null())),
        Case::change("an action beyond every number", "rejected action", |scene| {
            act(scene, u64::MAX, null())
        }),
        Case::change("a deletion of nothing", "rejected operation", |scene| act(scene, DELETE, null())),
        Case::change("a value beside another of the same change", "rejected operation", |scene| {
            scene.craft(&[Op::put("due", null()), Op::put("due", null())]).bytes()
        }),
        Case::change("a map with a value", "rejected operation", |scene| {
            let checklists = genesis_id(&scene.document, "checklists");
            one(scene, Op::on(Some(checklists), "k9", MAKE_MAP, int(5)))
        }),
        Case::change("a deletion with a value", "rejected operation", |scene| {
            let own = scene.craft(&[]).id(0);
            let ops = [Op::put("due", null()), Op::on(None, "due", DELETE, int(5)).over([own])];
            scene.craft(&ops).bytes()
        }),
        Case::change("nothing, in three bytes", "rejected not_canonical", |scene| {
            one(scene, Op::put("due", (0, vec![1, 2, 3])))
        }),
        Case::change("true, in one byte", "rejected not_canonical", |scene| {
            one(scene, Op::put("due", (2, vec![1])))
        }),
        Case::change("a value in more bytes than it needs", "rejected not_canonical", |scene| {
            one(scene, Op::put("estimated_minutes", (4, vec![0x81, 0x00])))
        }),
        Case::change("two numbers for one value", "rejected malformed", |scene| {
            one(scene, Op::put("estimated_minutes", (4, vec![1, 1])))
        }),
        Case::change("a value longer than the bytes there are", "rejected length", |scene| {
            let claimed = [signed(-1), unsigned(100 << 4 | 6)].concat();
            due(scene).column(VALUE_TYPE, &claimed).bytes()
        }),
        Case::change("a string that is no text", "rejected malformed", |scene| {
            one(scene, Op::put("title", (6, vec![0xc0, 0x80])))
        }),
        Case::change("an insertion into a map", "rejected operation", |scene| {
            one(scene, Op { insert: true, ..Op::put("due", null()) })
        }),
        Case::change("a position in a map", "rejected operation", |scene| {
            one(scene, Op::insert(genesis_id(&scene.document, "tags"), Key::Head, "x"))
        }),
        Case::change("a key in a text", "rejected operation", |scene| {
            one(scene, Op::on(Some(genesis_id(&scene.document, "description")), "x", PUT, string("y")))
        }),
        Case::change("a character replaced", "rejected operation", |scene| {
            text(scene, |op| Op { insert: false, ..op })
        }),
        Case::change("two characters at once", "rejected operation", |scene| {
            text(scene, |op| Op { value: string("two"), ..op })
        }),
        Case::change("a character of nothing", "rejected operation", |scene| {
            text(scene, |op| Op { value: string(""), ..op })
        }),
        Case::change("a number for a character", "rejected operation", |scene| {
            text(scene, |op| Op { value: int(1), ..op })
        }),
        Case::change("a map for a character", "rejected operation", |scene| {
            text(scene, |op| Op { action: MAKE_MAP, value: null(), ..op })
        }),
        Case::change("the beginning of a text deleted", "rejected operation", |scene| {
            text(scene, |op| Op { action: DELETE, insert: false, value: null(), ..op })
        }),
        Case::change("a character inserted over something", "rejected operation", |scene| {
            text(scene, |op| op.over([genesis_id(&scene.document, "description")]))
        }),
        Case::change("5,001 characters in one change", "rejected too_many_operations", |scene| {
            typed(scene, 5_001)
        }),
        Case::change("70,000 characters in one change", "rejected change_too_long", |scene| {
            typed(scene, 70_000)
        }),
        Case::change("predecessors out of order", "rejected operation", |scene| over(scene, [9, 8])),
        Case::change("a predecessor twice", "rejected operation", |scene| over(scene, [8, 8])),
    ],
);

fn one(scene: &Scene, op: Op) -> Vec<u8> {
    scene.craft(&[op]).bytes()
}

fn start(scene: &Scene, start_op: u64) -> Vec<u8> {
    due(scene).with(|change| change.start_op = start_op).bytes()
}

fn act(scene: &Scene, action: u64, value: Value) -> Vec<u8> {
    one(scene, Op::on(None, "due", action, value))
}

/// An insertion at the beginning of the description, altered.
fn text(scene: &Scene, alter: impl FnOnce(Op) -> Op) -> Vec<u8> {
    let description = genesis_id(&scene.document, "description");
    one(scene, alter(Op::insert(description, Key::Head, "x")))
}

/// So many different characters typed at the beginning of the description.
fn typed(scene: &Scene, count: u64) -> Vec<u8> {
    let description = genesis_id(&scene.document, "description");
    let draft = scene.craft(&[]);
    let after = |row: u64| row.checked_sub(1).map_or(Key::Head, |before| Key::Element(draft.id(before)));
    let character = |row: u64| ["a", "b", "c"][(row % 3) as usize];
    let ops: Vec<Op> = (0..count).map(|row| Op::insert(description, after(row), character(row))).collect();
    scene.craft(&ops).bytes()
}

fn over(scene: &Scene, counters: [u64; 2]) -> Vec<u8> {
    one(scene, Op::put("title", string("x")).over(counters.map(|counter| (counter, scene.ann.actor))))
}

#[tokio::test]
async fn operations_of_changes() {
    play(&OPERATIONS).await;
}
