//! Numbers, dependencies and names that do not follow from the past of a document.

use automerge::ChangeHash;
use shared_model::document::DocumentKind;
use shared_model::identity::ActorId;
use shared_model::sync_protocol::PushedCommand;

use super::craft::{
    Craft, DELETE, Id, Key, MAKE_MAP, Op, PUT, first_character, genesis_id, id_at, null, string,
};
use super::envelope::due;
use super::scene::{Scene, change, command};
use super::{Case, Chapter, GENESIS_ACTOR, play};

const STRANGER: ActorId = ActorId::from_bytes([7; 16]);

pub(super) const PAST: Chapter = Chapter::of_technician(
    "The past of a change",
    &[
        Case::change("a start one too high", "rejected start_op", |scene| moved(scene, 1)),
        Case::change("a start one too low", "rejected start_op", |scene| moved(scene, -1)),
        Case::change("a start from the beginning", "rejected start_op", |scene| started(scene, 1)),
        Case::change("a start that leaves no numbers to anybody", "rejected start_op", |scene| {
            started(scene, u64::from(u32::MAX) - 1)
        }),
        Case::change("change nought of an actor", "rejected seq_gap", |scene| numbered(scene, 0)),
        Case::change("a first change that says it is the second", "rejected seq_gap", |scene| {
            numbered(scene, 2)
        }),
        Case::change("a first change that says it is the last", "rejected seq_gap", |scene| {
            numbered(scene, u64::MAX)
        }),
        Case::command("a number the actor has used", "rejected seq_taken", |scene| {
            own(scene, |change| change.seq -= 1)
        }),
        Case::command("the actor's first number again", "rejected seq_taken", |scene| {
            own(scene, |change| change.seq = 1)
        }),
        Case::command("a number left out", "rejected seq_gap", |scene| own(scene, |change| change.seq += 1)),
        Case::command("an actor's changes that fork", "rejected seq_gap", |scene| {
            let document = &scene.eve.documents[&scene.own.unwrap()].document;
            let first =
                document.changes_since(&[]).into_iter().find(|made| made.seq() == 1 && !is_genesis(made));
            let first = first.unwrap();
            own(scene, |change| {
                change.deps = vec![first.hash()];
                change.start_op = first.max_op() + 1;
            })
        }),
        Case::change("a dependency nobody has", "missing deps", |scene| {
            due(scene).with(|change| change.deps.push(ChangeHash([0xff; 32]))).bytes()
        }),
        Case::change("256 dependencies nobody has", "missing deps", |scene| {
            let hashes = (0..=255).map(|byte| ChangeHash([byte; 32]));
            due(scene).with(|change| change.deps = hashes.collect()).bytes()
        }),
        Case::change("no dependencies", "rejected no_dependencies", |scene| {
            let alter = |change: &mut Craft| {
                change.deps.clear();
                change.start_op = 1;
            };
            due(scene).with(alter).bytes()
        }),
        Case::change("an object that Ann never made", "rejected unknown_object", |scene| {
            inside(scene, (500, scene.ann.actor))
        }),
        Case::change("an object that genesis never made", "rejected unknown_object", |scene| {
            inside(scene, (500, GENESIS_ACTOR))
        }),
        Case::change("an object of an actor nobody knows", "rejected unknown_object", |scene| {
            inside(scene, (3, STRANGER))
        }),
        Case::change("a title as an object", "rejected unknown_object", |scene| {
            inside(scene, id_at(&scene.document, &["title"]))
        }),
        Case::change("an object before it is made", "rejected unknown_object", |scene| {
            let checklists = genesis_id(&scene.document, "checklists");
            let second = scene.craft(&[]).id(1);
            let fill = Op::on(Some(second), "title", PUT, string("x"));
            scene.craft(&[fill, Op::on(Some(checklists), "k9", MAKE_MAP, null())]).bytes()
        }),
        Case::change("an object that was made beside", "rejected unknown_object", |scene| {
            let made = id_at(&scene.document, &["checklists", "k2"]);
            let tag = id_at(&scene.document, &["tags", "noise"]);
            let op = Op::on(Some(made), "title", PUT, string("x"));
            scene.craft(&[op]).with(|change| blind(scene, change, tag)).bytes()
        }),
        Case::change("a value that was written beside", "rejected unknown_predecessor", |scene| {
            let made = id_at(&scene.document, &["checklists", "k2"]);
            let tag = id_at(&scene.document, &["tags", "noise"]);
            let tags = genesis_id(&scene.document, "tags");
            let op = Op::on(Some(tags), "noise", PUT, (1, Vec::new())).over([tag]);
            scene.craft(&[op]).with(|change| blind(scene, change, made)).bytes()
        }),
        Case::change("a predecessor that Ann never wrote", "rejected unknown_predecessor", |scene| {
            over(scene, (500, scene.ann.actor))
        }),
        Case::change("a predecessor that genesis never wrote", "rejected unknown_predecessor", |scene| {
            over(scene, (500, GENESIS_ACTOR))
        }),
        Case::change("a predecessor of an actor nobody knows", "rejected unknown_predecessor", |scene| {
            over(scene, (3, STRANGER))
        }),
        Case::change("an operation that overwrites itself", "rejected unknown_predecessor", |scene| {
            over(scene, scene.craft(&[]).id(0))
        }),
        Case::change("a predecessor at another key", "rejected wrong_predecessor", |scene| {
            let title = id_at(&scene.document, &["title"]);
            scene.craft(&[Op::put("due", null()).over([title])]).bytes()
        }),
        Case::change("a predecessor in another object", "rejected wrong_predecessor", |scene| {
            let title = id_at(&scene.document, &["title"]);
            let tags = genesis_id(&scene.document, "tags");
            scene.craft(&[Op::on(Some(tags), "title", PUT, (2, Vec::new())).over([title])]).bytes()
        }),
        Case::change("a deletion overwritten", "rejected wrong_predecessor", |scene| {
            let tags = genesis_id(&scene.document, "tags");
            let leak = id_at(&scene.document, &["tags", "leak"]);
            let deleted = scene.craft(&[]).id(0);
            let ops = [
                Op::on(Some(tags), "leak", DELETE, null()).over([leak]),
                Op::on(Some(tags), "leak", PUT, (2, Vec::new())).over([deleted]),
            ];
            scene.craft(&ops).bytes()
        }),
        Case::change("after a character that Ann never wrote", "rejected unknown_element", |scene| {
            after(scene, (500, scene.ann.actor))
        }),
        Case::change("after a title", "rejected unknown_element", |scene| {
            after(scene, id_at(&scene.document, &["title"]))
        }),
        Case::change("after the text itself", "rejected unknown_element", |scene| {
            after(scene, genesis_id(&scene.document, "description"))
        }),
        Case::change("after a character of an actor nobody knows", "rejected unknown_element", |scene| {
            after(scene, (3, STRANGER))
        }),
        Case::change(
            "a character deleted in the name of its neighbour",
            "rejected wrong_predecessor",
            |scene| {
                let (counter, actor) = first_character(&scene.document, "description");
                deleted(scene, (counter, actor), (counter + 1, actor))
            },
        ),
        Case::change("a character deleted in the name of a title", "rejected wrong_predecessor", |scene| {
            let first = first_character(&scene.document, "description");
            deleted(scene, first, id_at(&scene.document, &["title"]))
        }),
    ],
);

fn is_genesis(change: &automerge::Change) -> bool {
    change.actor_id().to_bytes() == GENESIS_ACTOR.as_bytes()
}

fn started(scene: &Scene, start_op: u64) -> Vec<u8> {
    due(scene).with(|change| change.start_op = start_op).bytes()
}

fn moved(scene: &Scene, by: i64) -> Vec<u8> {
    started(scene, due(scene).start_op.saturating_add_signed(by))
}

fn numbered(scene: &Scene, seq: u64) -> Vec<u8> {
    due(scene).with(|change| change.seq = seq).bytes()
}

/// A change of Eve's own work order, altered.
fn own(scene: &Scene, alter: impl FnOnce(&mut Craft)) -> PushedCommand {
    let own = scene.own.unwrap();
    let document = &scene.eve.documents[&own].document;
    let bytes = Craft::after(document, scene.eve.actor, &[Op::put("due", null())]).with(alter).bytes();
    command(vec![change(own, DocumentKind::WorkOrder, bytes)])
}

/// The change builds only upon the branch on which this operation was made.
fn blind(scene: &Scene, change: &mut Craft, seen: Id) {
    let automerge = scene.document.automerge();
    let id = automerge::ObjId::Id(seen.0, automerge::ActorId::from(seen.1.as_bytes().as_slice()), 0);
    let head = automerge.hash_for_opid(&id).unwrap();
    change.deps = vec![head];
    change.start_op = automerge.get_change_meta_by_hash(&head).unwrap().max_op + 1;
}

fn inside(scene: &Scene, object: Id) -> Vec<u8> {
    scene.craft(&[Op::on(Some(object), "a", PUT, (2, Vec::new()))]).bytes()
}

fn over(scene: &Scene, predecessor: Id) -> Vec<u8> {
    scene.craft(&[Op::put("title", string("x")).over([predecessor])]).bytes()
}

fn after(scene: &Scene, element: Id) -> Vec<u8> {
    let description = genesis_id(&scene.document, "description");
    scene.craft(&[Op::insert(description, Key::Element(element), "x")]).bytes()
}

fn deleted(scene: &Scene, element: Id, predecessor: Id) -> Vec<u8> {
    let description = genesis_id(&scene.document, "description");
    let op = Op { key: Key::Element(element), ..Op::on(Some(description), "", DELETE, null()) };
    scene.craft(&[op.over([predecessor])]).bytes()
}

#[tokio::test]
async fn pasts_of_changes() {
    play(&PAST).await;
}
