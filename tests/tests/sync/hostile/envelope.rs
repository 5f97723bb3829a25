//! The envelope of a change: what kind of chunk it is, who wrote it, when, and upon what.

use automerge::Change;
use shared_model::document::{Document, DocumentKind, EditError, genesis, step};
use shared_model::gate::LIMITS;
use shared_model::identity::ActorId;

use super::craft::{
    self, BUNDLE, CHANGE, COMPRESSED, Craft, DOCUMENT, Op, chunk, null, repair, string, unsigned,
};
use super::scene::{NOW, Scene};
use super::{Case, Chapter, GENESIS_ACTOR, play};

pub(super) const ENVELOPE: Chapter = Chapter::of_technician(
    "The envelope of a change",
    &[
        Case::change("a change of no bytes", "rejected not_a_chunk", |_| Vec::new()),
        Case::change("a text where a change should be", "rejected not_a_chunk", |_| b"a change".to_vec()),
        Case::change("another magic number", "rejected not_a_chunk", |scene| {
            changed(scene, |bytes| bytes[0] ^= 1)
        }),
        Case::change("the magic number alone", "rejected length", |scene| {
            changed(scene, |bytes| bytes.truncate(4))
        }),
        Case::change("half a change", "rejected length", |scene| changed(scene, |bytes| bytes.truncate(40))),
        Case::change("a flipped byte", "rejected checksum", |scene| changed(scene, |bytes| bytes[60] ^= 1)),
        Case::change("a flipped byte with the checksum repaired", "missing deps", |scene| {
            changed(scene, |bytes| {
                bytes[20] ^= 1;
                repair(bytes);
            })
        }),
        Case::change("a byte after the change", "rejected length", |scene| {
            changed(scene, |bytes| bytes.push(0))
        }),
        Case::change("two changes in one", "rejected length", |scene| {
            changed(scene, |bytes| bytes.extend(bytes.clone()))
        }),
        Case::change("a document chunk", "rejected chunk_type", |scene| other(scene).save()),
        Case::change("a change that says it is a document", "rejected chunk_type", |scene| {
            chunk(DOCUMENT, &due(scene).data())
        }),
        Case::change("a bundle chunk", "rejected chunk_type", |scene| {
            let other = other(scene);
            other.automerge().bundle(other.heads()).unwrap().bytes().to_vec()
        }),
        Case::change("a change that says it is a bundle", "rejected chunk_type", |scene| {
            chunk(BUNDLE, &due(scene).data())
        }),
        Case::change("a deflate bomb", "rejected chunk_type", |scene| {
            let long = scene.craft(&[Op::put("title", string(&"a".repeat(60_000)))]);
            Change::try_from(long.bytes().as_slice()).unwrap().bytes().to_vec()
        }),
        Case::change("a change that says it is deflated", "rejected chunk_type", |scene| {
            chunk(COMPRESSED, &due(scene).data())
        }),
        Case::change("a chunk of a type nobody knows", "rejected chunk_type", |scene| {
            chunk(9, &due(scene).data())
        }),
        Case::change("a change of more than 64 KiB", "rejected change_too_long", |scene| {
            scene.craft(&[Op::put("title", string(&"a".repeat(LIMITS.change_bytes)))]).bytes()
        }),
        Case::change("a number in more bytes than it needs", "rejected not_canonical", |scene| {
            spliced(scene, &[0x82, 0x00])
        }),
        Case::change("a number without an end", "rejected malformed", |scene| spliced(scene, &[0xff; 11])),
        Case::change("2⁶⁴ dependencies", "rejected too_many_dependencies", |_| {
            chunk(CHANGE, &unsigned(u64::MAX))
        }),
        Case::change("257 dependencies", "rejected too_many_dependencies", |scene| {
            let hash =
                |byte: u16| automerge::ChangeHash(std::array::from_fn(|at| byte.to_be_bytes()[at % 2]));
            due(scene).with(|change| change.deps = (0..257).map(hash).collect()).bytes()
        }),
        Case::change("dependencies out of order", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.deps.reverse()).bytes()
        }),
        Case::change("a dependency twice", "rejected not_canonical", |scene| {
            due(scene).with(|change| change.deps.insert(0, change.deps[0])).bytes()
        }),
        Case::change("an actor of no bytes", "rejected actor_length", |scene| by(scene, 0)),
        Case::change("an actor of 15 bytes", "rejected actor_length", |scene| by(scene, 15)),
        Case::change("an actor of 17 bytes", "rejected actor_length", |scene| by(scene, 17)),
        Case::change("an actor made up for an older state", "rejected actor_length", |scene| by(scene, 21)),
        Case::change("an actor of 200 bytes", "rejected actor_length", |scene| by(scene, 200)),
        Case::change("the actor of genesis", "rejected reserved_actor", |scene| of(scene, GENESIS_ACTOR)),
        Case::change("the actor of a schema step to come", "rejected reserved_actor", |scene| {
            of(scene, step::actor(7))
        }),
        Case::change("Ann's actor", "rejected foreign_actor", |scene| of(scene, scene.ann.actor)),
        Case::change("the server's actor", "rejected foreign_actor", |scene| {
            of(scene, scene.server.state.sync.actor())
        }),
        Case::change("the genesis of another kind", "rejected reserved_actor", |_| {
            genesis::bytes(DocumentKind::Asset).to_vec()
        }),
        Case::change("the genesis once more", "duplicate", |_| {
            genesis::bytes(DocumentKind::WorkOrder).to_vec()
        }),
        Case::change("a schema step and nothing that needs it", "rejected nothing", |_| {
            step::all(DocumentKind::WorkOrder)[0].bytes().to_vec()
        }),
        Case::change("the schema step of another kind", "rejected reserved_actor", |_| {
            let kinds = DocumentKind::ALL.iter().filter(|kind| **kind != DocumentKind::WorkOrder);
            let step = kinds.flat_map(|kind| step::all(*kind)).next();
            step.map_or_else(|| genesis::bytes(DocumentKind::Part).to_vec(), |step| step.bytes().to_vec())
        }),
        Case::change("the first moment a number can name", "rejected time", |scene| at(scene, i64::MIN)),
        Case::change("the last moment a number can name", "rejected time", |scene| at(scene, i64::MAX)),
        Case::change("a moment beyond every calendar", "rejected time", |scene| at(scene, 1 << 50)),
        Case::change("a message of 257 bytes", "rejected message_too_long", |scene| {
            due(scene).with(|change| change.message = vec![b'm'; 257]).bytes()
        }),
        Case::change("a message that is no text", "rejected malformed", |scene| {
            due(scene).with(|change| change.message = vec![0xff]).bytes()
        }),
        Case::change("a footer that names another author", "rejected extra_bytes", |scene| {
            due(scene).with(|change| change.extra = [&[0; 32][..], b"Ann"].concat()).bytes()
        }),
        Case::change("a change that does nothing", "rejected nothing", |scene| scene.craft(&[]).bytes()),
        Case::change("64 bytes of garbage with a right checksum", "rejected malformed", |_| {
            chunk(CHANGE, &[0xd5; 64])
        }),
        Case::change("an empty chunk with a right checksum", "rejected length", |_| chunk(CHANGE, &[])),
    ],
);

/// A change as an honest device writes it: it clears the due date.
pub(super) fn due(scene: &Scene) -> Craft {
    scene.craft(&[Op::put("due", null())])
}

fn changed(scene: &Scene, alter: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = due(scene).bytes();
    alter(&mut bytes);
    bytes
}

/// The first number, that of the dependencies, as other bytes.
fn spliced(scene: &Scene, number: &[u8]) -> Vec<u8> {
    let mut data = due(scene).data();
    data.splice(0..1, number.iter().copied());
    chunk(CHANGE, &data)
}

fn by(scene: &Scene, length: usize) -> Vec<u8> {
    due(scene).with(|change| change.actor = vec![7; length]).bytes()
}

fn of(scene: &Scene, actor: ActorId) -> Vec<u8> {
    Craft::after(&scene.document, actor, &[craft::Op::put("due", null())]).bytes()
}

fn at(scene: &Scene, time: i64) -> Vec<u8> {
    due(scene).with(|change| change.time = time).bytes()
}

/// Another work order, by Eve.
fn other(scene: &Scene) -> Document {
    let mut other = Document::new(DocumentKind::WorkOrder);
    let write = |door: &mut shared_model::document::Edit| door.put_str(&["title"], Some("x"));
    other.edit::<_, EditError>(scene.eve.actor, NOW, write).unwrap();
    other
}

#[tokio::test]
async fn envelopes() {
    play(&ENVELOPE).await;
}
