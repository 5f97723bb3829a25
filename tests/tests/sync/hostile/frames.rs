//! Bytes that are no frames, and frames at the wrong time.

use maintainpro_tests::hand::new_record;
use minicbor::bytes::ByteVec;
use shared_model::identity::{DeviceId, DocumentId};
use shared_model::permission::{GrantLimit, Role};
use shared_model::sync_protocol::{DeviceFrame, MAX_FRAME_BYTES, PushedCommand, RangeMark};
use tokio_tungstenite::tungstenite::Message;

use super::peer::{binary, hello};
use super::scene::{Scene, add_remark, command};
use super::{Attack, Case, Chapter, play};

/// Its head, no mask to speak of, and all of it.
const LONG_PING: [u8; 134] = {
    let mut bytes = [0; 134];
    (bytes[0], bytes[1], bytes[3]) = (0x89, 0xfe, 126);
    bytes
};

pub(super) const WIRE: Chapter = Chapter::of_technician(
    "Bytes that are no WebSocket",
    &[
        wire("a message without a mask", &[0x82, 0x02, 0xff, 0xff]),
        wire("a message of a kind nobody knows", &[0x83, 0x80, 0, 0, 0, 0]),
        wire("a message with a bit nobody may set", &[0xc2, 0x80, 0, 0, 0, 0]),
        wire("the rest of a message that never began", &[0x80, 0x80, 0, 0, 0, 0]),
        wire(
            "a message of 2⁶³ bytes",
            &[0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
        ),
        wire("a ping of 126 bytes", &LONG_PING),
        wire("a ping in two parts", &[0x09, 0x80, 0, 0, 0, 0]),
        wire("a text that is none", &[0x81, 0x82, 0, 0, 0, 0, 0xc0, 0x80]),
        wire("HTTP after the upgrade", b"GET /api/session HTTP/1.1\r\n\r\n"),
    ],
);

pub(super) const FRAMES: Chapter = Chapter::of_technician(
    "Frames",
    &[
        early("an empty frame", "goodbye malformed_frame", |_| raw(b"")),
        early("a frame of nonsense", "goodbye malformed_frame", |_| raw(&[0xff; 40])),
        early("HTTP in a frame", "goodbye malformed_frame", |_| raw(b"GET / HTTP/1.1")),
        early("a text message", "goodbye malformed_frame", |_| vec![Message::Text("hello".into())]),
        early("a byte after a frame", "goodbye malformed_frame", |_| {
            raw(&[DeviceFrame::Ping { nonce: 1, stored: 0 }.encode(), vec![0]].concat())
        }),
        early("half a Hello", "goodbye malformed_frame", |scene| {
            let whole = hello(scene.device(), None).encode();
            raw(&whole[..whole.len() / 2])
        }),
        early("lists nested 100,000 deep", "goodbye malformed_frame", |_| raw(&[0x9f; 100_000])),
        early("tags nested 100,000 deep", "goodbye malformed_frame", |_| raw(&[0xc1; 100_000])),
        early("a list of 2⁶⁴ frames", "goodbye malformed_frame", |_| {
            raw(&[&[0x82, 0x1b][..], &[0xff; 8]].concat())
        }),
        early("a frame number nobody knows", "goodbye malformed_frame", |_| raw(&[0x82, 0x18, 99, 0x80])),
        early("a frame number below nothing", "goodbye malformed_frame", |_| raw(&[0x82, 0x20, 0x80])),
        early("a push of 2⁶⁴ commands", "goodbye malformed_frame", |_| {
            raw(&[&[0x82, 0x01, 0x81, 0x9b][..], &[0xff; 8]].concat())
        }),
        early("an intent of 2⁶³ bytes", "goodbye malformed_frame", |_| {
            let id = [&[0x50][..], &[7; 16]].concat();
            let huge = [&[0x01, 0x5b, 0x7f][..], &[0xff; 7]].concat();
            raw(&[&[0x82, 0x01, 0x81, 0x81, 0xa2, 0x00][..], &id, &huge].concat())
        }),
        early("a nonce that is a text", "goodbye malformed_frame", |_| {
            raw(&[0x82, 0x04, 0x82, 0x61, b'x', 0x00])
        }),
        early("an empty page of text", "goodbye malformed_frame", |_| vec![Message::Text("".into())]),
        early("a text longer than a frame may be", "close 1009", |_| {
            vec![Message::Text("x".repeat(MAX_FRAME_BYTES + 1).into())]
        }),
        early("a message longer than a frame may be", "close 1009", |_| raw(&vec![0; MAX_FRAME_BYTES + 1])),
    ],
);

pub(super) const HELLO: Chapter = Chapter {
    title: "Hello and what comes when",
    role: Role::Technician,
    limit: GrantLimit::Organisation,
    cases: &[
        early("a push before Hello", "goodbye unexpected_frame", |scene| {
            vec![push(vec![scene.eve.clone().make(&add_remark(scene.remark, scene.mine))])]
        }),
        early("a page before Hello", "goodbye unexpected_frame", |_| {
            frames(&[DeviceFrame::NextSnapshots { after: None }])
        }),
        early("a document before Hello", "goodbye unexpected_frame", |scene| {
            frames(&[DeviceFrame::FetchDocuments { documents: vec![scene.order] }])
        }),
        early("the feed before Hello", "goodbye unexpected_frame", |scene| {
            frames(&[DeviceFrame::Follow { cursor: scene.cursor.clone() }])
        }),
        early("a check before Hello", "goodbye unexpected_frame", |_| check(&[RangeMark::default()])),
        early("a receipt before Hello", "goodbye unexpected_frame", |_| {
            frames(&[DeviceFrame::Stored { seq: 1 }])
        }),
        early("a ping before Hello", "pong", |_| frames(&[DeviceFrame::Ping { nonce: 1, stored: u64::MAX }])),
        early("a device that the ticket does not name", "goodbye foreign_device", |_| {
            frames(&[hello(DeviceId::from_bytes([7; 16]), None)])
        }),
        early("Ann's device", "goodbye foreign_device", |scene| {
            frames(&[hello(scene.ann.sender.device.unwrap(), None)])
        }),
        early("a protocol before the first", "goodbye protocol_unsupported", |scene| {
            vec![altered(scene, |protocol, _, _| *protocol = 0)]
        }),
        early("a protocol nobody speaks yet", "welcome snapshots", |scene| {
            vec![altered(scene, |protocol, _, _| *protocol = u16::MAX)]
        }),
        early("rights of half a megabyte", "welcome snapshots", |scene| {
            vec![altered(scene, |_, _, rights| *rights = vec![7; 512 * 1024].into())]
        }),
        late("Hello twice", "goodbye unexpected_frame", |scene| frames(&[hello(scene.device(), None)])),
        late("Hello again as somebody else", "goodbye unexpected_frame", |scene| {
            frames(&[hello(scene.ann.sender.device.unwrap(), None)])
        }),
        late("nonsense after Welcome", "goodbye malformed_frame", |_| raw(&[0xff; 40])),
        late("the feed twice", "goodbye unexpected_frame", |scene| {
            let follow = || DeviceFrame::Follow { cursor: scene.cursor.clone() };
            frames(&[follow(), follow()])
        }),
        late("501 documents at once", "goodbye unexpected_frame", |scene| {
            frames(&[DeviceFrame::FetchDocuments { documents: vec![scene.order; 501] }])
        }),
        late("documents nobody has", "0 documents", |_| {
            let documents = (0..=255).map(|byte| DocumentId::from_bytes([byte; 16])).collect();
            frames(&[DeviceFrame::FetchDocuments { documents }])
        }),
        late("a document of the organisation next door", "0 documents", |scene| {
            frames(&[DeviceFrame::FetchDocuments { documents: vec![scene.their_order] }])
        }),
        late("one document 500 times", "1 documents", |scene| {
            frames(&[DeviceFrame::FetchDocuments { documents: vec![scene.order; 500] }])
        }),
        late("a page after the last document there can be", "0 documents", |_| {
            frames(&[DeviceFrame::NextSnapshots { after: Some(DocumentId::from_bytes([0xff; 16])) }])
        }),
        late("a check of no ranges", "goodbye unexpected_frame", |_| check(&[])),
        late("a check without an end", "goodbye unexpected_frame", |_| check(&[range(5)])),
        late("a check of ranges in the wrong order", "goodbye unexpected_frame", |_| {
            check(&[range(5), range(4), RangeMark::default()])
        }),
        late("a check of 4,097 ranges", "goodbye unexpected_frame", |_| {
            let mut ranges: Vec<RangeMark> = (0..=255).flat_map(|_| (0..16).map(range)).collect();
            ranges.push(RangeMark::default());
            check(&ranges)
        }),
        late("a check with a sum that cannot be", "2 ranges differ, 6 documents named", |_| {
            let huge = RangeMark { count: u64::MAX, sum: u64::MAX, ..RangeMark::default() };
            check(&[RangeMark { through: Some(DocumentId::from_bytes([0x80; 16])), ..huge }, huge])
        }),
        late("a receipt for what was never sent", "pong", |_| {
            frames(&[DeviceFrame::Stored { seq: u64::MAX }, DeviceFrame::Ping { nonce: 1, stored: u64::MAX }])
        }),
        late("65 commands at once", "65 × retry", |_| vec![push(vec![command(Vec::new()); 65])]),
        late("one id for two commands of a push", "accepted, duplicate", |scene| {
            let mut eve = scene.eve.clone();
            let first = eve.make(&add_remark(new_record(), scene.mine));
            let second = PushedCommand { id: first.id, ..eve.make(&add_remark(new_record(), scene.mine)) };
            vec![push(vec![first, second])]
        }),
        late("1,000 pings at once", "pong", |_| {
            frames(&[const { DeviceFrame::Ping { nonce: 7, stored: 0 } }; 1_000])
        }),
    ],
};

const fn wire(rule: &'static str, bytes: &'static [u8]) -> Case {
    Case::new(rule, "close 1002", Attack::Wire(bytes))
}

const fn early(rule: &'static str, answer: &'static str, messages: fn(&Scene) -> Vec<Message>) -> Case {
    Case::new(rule, answer, Attack::Unannounced(messages))
}

const fn late(rule: &'static str, answer: &'static str, messages: fn(&Scene) -> Vec<Message>) -> Case {
    Case::new(rule, answer, Attack::Announced(messages))
}

fn check(ranges: &[RangeMark]) -> Vec<Message> {
    frames(&[DeviceFrame::Check { ranges: ranges.to_vec() }])
}

fn range(through: u8) -> RangeMark {
    RangeMark { through: Some(DocumentId::from_bytes([through; 16])), ..RangeMark::default() }
}

fn raw(bytes: &[u8]) -> Vec<Message> {
    vec![Message::Binary(bytes.to_vec().into())]
}

fn frames(frames: &[DeviceFrame]) -> Vec<Message> {
    frames.iter().map(binary).collect()
}

fn push(commands: Vec<PushedCommand>) -> Message {
    binary(&DeviceFrame::Push { commands })
}

/// A Hello with another protocol, directory version or rights.
fn altered(scene: &Scene, alter: fn(&mut u16, &mut u64, &mut ByteVec)) -> Message {
    let mut frame = hello(scene.device(), None);
    if let DeviceFrame::Hello { protocol, directory_version, rights, .. } = &mut frame {
        alter(protocol, directory_version, rights);
    }
    binary(&frame)
}

/// The directory is read after Welcome, so what comes of this shows at the next answer.
#[tokio::test]
async fn a_version_of_the_directory_that_cannot_be_costs_nothing() {
    let mut scene = Scene::set(Role::Technician, GrantLimit::Organisation).await;
    let message = altered(&scene, |_, version, _| *version = u64::MAX);
    assert_eq!(scene.reconnect(message).await, "welcome snapshots");
    assert_eq!(scene.act_honestly().await, "accepted");
}

#[tokio::test]
async fn bytes_that_are_no_websocket() {
    play(&WIRE).await;
}

#[tokio::test]
async fn frames_that_are_none() {
    play(&FRAMES).await;
}

#[tokio::test]
async fn frames_at_the_wrong_time() {
    play(&HELLO).await;
}
