//! Attacks on the envelope of a change.

use automerge::{Change, ReadDoc};

use super::craft::{self, BUNDLE, COMPRESSED, Craft, DOCUMENT, Op, int, null, string};
use super::*;
use crate::document::genesis::{self, GENESIS_ACTOR};
use crate::gate::{LIMITS, change_hash};

fn title(document: &Document) -> Craft {
    Craft::after(document, BOB, &[Op::put("due", null())])
}

#[test]
fn crafted_bytes_are_those_of_automerge() {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let tags = craft::genesis_id(&document, "tags");
    let ops = [
        Op::put("title", string("Pump 7 drips")),
        Op::put("estimated_minutes", int(90)),
        Op::on(Some(tags), "leak", craft::PUT, (2, Vec::new())),
    ];
    let crafted = Craft::after(&document, ALICE, &ops).bytes();
    let (_, made) = document
        .edit::<_, EditError>(ALICE, NOW, |door| {
            door.put_str(&["title"], Some("Pump 7 drips"))?;
            door.put_int(&["estimated_minutes"], Some(90))?;
            door.put(&["tags", "leak"], true)
        })
        .unwrap();
    assert_eq!(made, [crafted]);
}

#[test]
fn crafted_change_passes() {
    let document = work_order();
    let checked = passes(&document, &title(&document).bytes());
    assert_eq!(checked.writes.len(), 1);
    assert_eq!(checked.hash, checked.change.hash());
}

#[test]
fn genesis_is_always_held() {
    for kind in DocumentKind::ALL {
        let document = Document::new(*kind);
        let verdict = check_change(&document, genesis::bytes(*kind), |_| Binding::Foreign);
        assert!(matches!(verdict, Ok(Verdict::Held(hash)) if hash == genesis::hash(*kind)));
    }
}

#[test]
fn genesis_of_another_kind() {
    let document = work_order();
    refused(&document, genesis::bytes(DocumentKind::Asset), "reserved_actor", Harm::Refuses);
}

#[test]
fn held_change_is_a_duplicate() {
    let document = work_order();
    let held = document.changes_since(&[genesis::hash(DocumentKind::WorkOrder)]);
    for change in held {
        let verdict = check(&document, change.raw_bytes());
        assert!(matches!(verdict, Ok(Verdict::Held(hash)) if hash == change.hash()));
        assert_eq!(change_hash(change.raw_bytes()), Ok(change.hash()));
    }
}

#[test]
fn nothing_at_all() {
    refused(&work_order(), b"", "not_a_chunk", Harm::Refuses);
}

#[test]
fn wrong_magic() {
    let document = work_order();
    let mut bytes = title(&document).bytes();
    bytes[0] ^= 1;
    refused(&document, &bytes, "not_a_chunk", Harm::Refuses);
}

#[test]
fn bad_checksum() {
    let document = work_order();
    let mut bytes = title(&document).bytes();
    *bytes.last_mut().unwrap() ^= 1;
    refused(&document, &bytes, "checksum", Harm::Refuses);
}

#[test]
fn trailing_bytes() {
    let document = work_order();
    let mut bytes = title(&document).bytes();
    bytes.push(0);
    refused(&document, &bytes, "length", Harm::Applies);
}

#[test]
fn every_truncation() {
    let document = work_order();
    let bytes = title(&document).bytes();
    for end in 0..bytes.len() {
        assert!(check(&document, &bytes[..end]).is_err());
    }
}

#[test]
fn every_truncation_of_the_data() {
    let document = work_order();
    let data = title(&document).data();
    for end in 0..data.len() {
        assert!(check(&document, &craft::chunk(craft::CHANGE, &data[..end])).is_err());
    }
}

#[test]
fn document_chunk() {
    let mut other = Document::new(DocumentKind::WorkOrder);
    other.edit::<_, EditError>(BOB, NOW, |door| door.put_str(&["title"], Some("x"))).unwrap();
    let document = work_order();
    refused(&document, &other.save(), "chunk_type", Harm::Applies);
    assert_eq!(check(&document, &other.save()).unwrap_err(), Refused::ChunkType(DOCUMENT));
}

#[test]
fn bundle_chunk() {
    let mut other = Document::new(DocumentKind::WorkOrder);
    other.edit::<_, EditError>(BOB, NOW, |door| door.put_str(&["title"], Some("x"))).unwrap();
    let bundle = other.automerge().bundle(other.heads()).unwrap();
    let document = work_order();
    refused(&document, bundle.bytes(), "chunk_type", Harm::Applies);
    assert_eq!(check(&document, bundle.bytes()).unwrap_err(), Refused::ChunkType(BUNDLE));
}

#[test]
fn compressed_change() {
    let document = work_order();
    let long = "a".repeat(60_000);
    let change = Craft::after(&document, BOB, &[Op::put("title", string(&long))]);
    let mut change = Change::try_from(change.bytes().as_slice()).unwrap();
    let compressed = change.bytes().to_vec();
    // Hundreds of times its size, before anything is checked.
    assert!(compressed.len() < 300);
    refused(&document, &compressed, "chunk_type", Harm::Applies);
    assert_eq!(check(&document, &compressed).unwrap_err(), Refused::ChunkType(COMPRESSED));
}

#[test]
fn unknown_chunk() {
    let document = work_order();
    refused(&document, &craft::chunk(9, &title(&document).data()), "chunk_type", Harm::Refuses);
}

#[test]
fn too_long_a_change() {
    let document = work_order();
    let long = "a".repeat(LIMITS.change_bytes);
    let bytes = Craft::after(&document, BOB, &[Op::put("title", string(&long))]).bytes();
    refused(&document, &bytes, "change_too_long", Harm::Applies);
}

#[test]
fn overlong_number() {
    let document = work_order();
    // The number of dependencies as two bytes.
    let mut data = title(&document).data();
    data.splice(0..1, [0x81, 0x00]);
    refused(&document, &craft::chunk(craft::CHANGE, &data), "not_canonical", Harm::Refuses);
}

#[test]
fn endless_number() {
    let document = work_order();
    let mut data = title(&document).data();
    data.splice(0..1, [0xff; 11]);
    refused(&document, &craft::chunk(craft::CHANGE, &data), "malformed", Harm::Refuses);
}

#[test]
fn huge_counts() {
    let document = work_order();
    let data = craft::unsigned(u64::MAX);
    refused(&document, &craft::chunk(craft::CHANGE, &data), "too_many_dependencies", Harm::Refuses);
}

#[test]
fn short_and_long_actors() {
    let document = work_order();
    for length in [0, 1, 15, 17, 21, 200] {
        let bytes = title(&document).with(|change| change.actor = vec![7; length]).bytes();
        refused(&document, &bytes, "actor_length", Harm::Applies);
    }
}

#[test]
fn long_other_actor() {
    let document = work_order();
    let held = document.changes_since(&[genesis::hash(DocumentKind::WorkOrder)]);
    let op = Op::put("title", string("x")).over([(held[0].start_op().get(), ALICE)]);
    let bytes = Craft::after(&document, BOB, &[op]).with(|change| change.others[0].push(7)).bytes();
    refused(&document, &bytes, "actor_length", Harm::Panics);
}

#[test]
fn genesis_actor_writes_again() {
    let document = work_order();
    let bytes = Craft::after(&document, GENESIS_ACTOR, &[Op::put("due", null())]).bytes();
    refused(&document, &bytes, "reserved_actor", Harm::Applies);
    let step = ActorId::from_bytes(*b"MaintainPro.gen7");
    let bytes = Craft::after(&document, step, &[Op::put("due", null())]).bytes();
    refused(&document, &bytes, "reserved_actor", Harm::Applies);
}

#[test]
fn foreign_actor() {
    let document = work_order();
    let bytes = title(&document).bytes();
    let verdict =
        check_change(
            &document,
            &bytes,
            |actor| {
                if *actor == ALICE { Binding::Device } else { Binding::Foreign }
            },
        );
    assert_eq!(verdict.unwrap_err(), Refused::ForeignActor);
}

#[test]
fn unsorted_and_repeated_dependencies() {
    let mut document = work_order();
    let bob = Craft::after(&document, BOB, &[Op::put("due", null())]).bytes();
    let server = Craft::after(&document, SERVER, &[Op::put("site", null())]).bytes();
    for bytes in [bob, server] {
        let change = passes(&document, &bytes);
        document.apply(vec![change.change]).unwrap();
    }
    let change = title(&document);
    assert_eq!(change.deps.len(), 2);
    let swapped = change.clone().with(|change| change.deps.reverse()).bytes();
    refused(&document, &swapped, "not_canonical", Harm::Applies);
    let twice = change.with(|change| change.deps.insert(0, change.deps[0])).bytes();
    refused(&document, &twice, "not_canonical", Harm::Applies);
}

#[test]
fn too_many_dependencies() {
    let document = work_order();
    let hashes = (0..=u16::try_from(LIMITS.dependencies).unwrap()).map(|n| {
        let [high, low] = n.to_be_bytes();
        let mut hash = [0; 32];
        (hash[0], hash[1]) = (high, low);
        automerge::ChangeHash(hash)
    });
    let bytes = title(&document).with(|change| change.deps = hashes.collect()).bytes();
    refused(&document, &bytes, "too_many_dependencies", Harm::Ignores);
}

#[test]
fn time_beyond_any_clock() {
    let document = work_order();
    for (time, harm) in [
        (i64::MIN, Harm::Panics),
        (i64::MIN + 1, Harm::Panics),
        (i64::MAX, Harm::Applies),
        (1 << 50, Harm::Applies),
    ] {
        let bytes = title(&document).with(|change| change.time = time).bytes();
        refused(&document, &bytes, "time", harm);
    }
}

#[test]
fn clock_a_century_off() {
    let document = work_order();
    for time in [0, -1_000_000_000, 5_000_000_000, 8_640_000_000_000] {
        passes(&document, &title(&document).with(|change| change.time = time).bytes());
    }
}

#[test]
fn messages() {
    let document = work_order();
    passes(&document, &title(&document).with(|change| change.message = vec![b'm'; 256]).bytes());
    let bytes = title(&document).with(|change| change.message = vec![b'm'; 257]).bytes();
    refused(&document, &bytes, "message_too_long", Harm::Applies);
    let bytes = title(&document).with(|change| change.message = vec![0xff]).bytes();
    refused(&document, &bytes, "malformed", Harm::Refuses);
}

#[test]
fn author_footer() {
    let document = work_order();
    for (seq, harm) in [(1, Harm::Applies), (2, Harm::Panics)] {
        let footer = [&[0; 32][..], b"someone else"].concat();
        let bytes = title(&document)
            .with(|change| {
                change.seq = seq;
                change.extra = footer;
            })
            .bytes();
        refused(&document, &bytes, "extra_bytes", harm);
    }
}

#[test]
fn operation_free_changes() {
    let mut document = work_order();
    let empty = Craft::after(&document, BOB, &[]).bytes();
    refused(&document, &empty, "nothing", Harm::Applies);
    let by_server = Craft::after(&document, SERVER, &[]).bytes();
    refused(&document, &by_server, "nothing", Harm::Applies);

    let one = Craft::after(&document, BOB, &[Op::put("due", null())]).bytes();
    let other = Craft::after(&document, ALICE, &[Op::put("site", null())]).bytes();
    for bytes in [one, other] {
        let change = passes(&document, &bytes);
        document.apply(vec![change.change]).unwrap();
    }
    assert_eq!(document.heads().len(), 2);
    assert!(passes(&document, &Craft::after(&document, SERVER, &[]).bytes()).writes.is_empty());
    refused(&document, &Craft::after(&document, BOB, &[]).bytes(), "nothing", Harm::Applies);
    let mut copy = document.clone();
    let merge = copy.merge_heads(SERVER).unwrap();
    let merged = passes(&document, &merge);
    document.apply(vec![merged.change]).unwrap();
    assert!(document.automerge().get_change_by_hash(&document.heads()[0]).unwrap().is_empty());
    passes(
        &document,
        &Craft::after(&document, BOB, &[Op::put("title", string("after the merge")).over(titles(&document))])
            .bytes(),
    );
}

fn titles(document: &Document) -> Vec<craft::Id> {
    let all = document.automerge().get_all(automerge::ROOT, "title").unwrap();
    let ids = all.into_iter().map(|(_, id)| match id {
        automerge::ObjId::Id(counter, actor, _) => (counter, ActorId::from_automerge(&actor).unwrap()),
        automerge::ObjId::Root => panic!("no value is the root"),
    });
    ids.collect()
}
