//! What somebody gives back who lost nothing: work that was never done, in the name of whoever did not do it. Nobody asks
//! for rights where a receipt shows that it was accepted once, so everything hangs on the receipts.

use maintainpro_tests::hand::{create_work_order, new_document, new_record};
use minicbor::bytes::ByteVec;
use sha2::{Digest, Sha256};
use shared_model::document::DocumentKind;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::sync_protocol::{
    DeviceFrame, GivenActor, GivenBack, MAX_GIVEN_DOCUMENTS, PushedItem, Receipt,
};
use tokio_tungstenite::tungstenite::Message;

use super::peer::binary;
use super::scene::{Scene, add_remark, change};
use super::{Attack, Case, Chapter, play};

/// An actor nobody has used.
const NOBODY: ActorId = ActorId::from_bytes([0xb0; 16]);

pub(super) const GIVE_BACK: Chapter = Chapter::of_technician(
    "Given back",
    &[
        back("another person's work without a receipt", "back rejected not_vouched_for", |scene| {
            vec![of(scene.order, vec![anns_edit(scene, scene.ann.actor)])]
        }),
        back("a receipt with a code of one's own", "back rejected not_vouched_for", |scene| {
            let item = anns_edit(scene, scene.ann.actor);
            let receipts = vec![receipt(scene, scene.order, &item, vec![7; 32])];
            vec![GivenBack { receipts, ..of(scene.order, vec![item]) }]
        }),
        back("a receipt without a code", "back rejected not_vouched_for", |scene| {
            let item = anns_edit(scene, scene.ann.actor);
            let receipts = vec![receipt(scene, scene.order, &item, Vec::new())];
            vec![GivenBack { receipts, ..of(scene.order, vec![item]) }]
        }),
        back(
            "the receipt of a whole document with a code of one's own",
            "back rejected not_vouched_for",
            |scene| {
                let item = anns_edit(scene, scene.ann.actor);
                let PushedItem::Change { bytes, .. } = &item else { unreachable!() };
                let head = shared_model::gate::change_hash(bytes).unwrap();
                let receipts = vec![Receipt::Snapshot {
                    document: scene.order,
                    kind: None,
                    heads: vec![head.0.to_vec().into()],
                    records: Vec::new(),
                    code: vec![7; 32].into(),
                }];
                vec![GivenBack { receipts, ..of(scene.order, vec![item]) }]
            },
        ),
        back(
            "another person's actor that somebody says is theirs",
            "back rejected not_vouched_for",
            |scene| {
                let actors = vec![claim(scene, scene.ann.actor, Vec::new())];
                vec![GivenBack { actors, ..of(scene.order, vec![anns_edit(scene, scene.ann.actor)]) }]
            },
        ),
        back("a new actor with a made-up code for its owner", "back rejected not_vouched_for", |scene| {
            let mut actor = claim(scene, NOBODY, vec![7; 32]);
            actor.person = Some(scene.ann.person());
            actor.device = scene.ann.sender.device;
            vec![GivenBack { actors: vec![actor], ..of(scene.order, vec![anns_edit(scene, NOBODY)]) }]
        }),
        back("a remark in another person's name", "back rejected not_vouched_for", |scene| {
            let mut ann = scene.ann.clone();
            let made = ann.make(&add_remark(new_record(), scene.order));
            vec![of(scene.order, made.items)]
        }),
        back("one's own edit without the right to it", "back rejected not_permitted", |scene| {
            let document = &scene.ann.documents[&scene.part].document;
            let edit = super::craft::Craft::after(
                document,
                scene.eve.actor,
                &[super::craft::Op::put("external", super::craft::string("x"))],
            );
            let item = change(scene.part, DocumentKind::Part, edit.bytes());
            let part = GivenBack { kind: DocumentKind::Part, ..of(scene.part, vec![item]) };
            vec![part]
        }),
        back("a work order of the organisation next door", "back missing deps", |scene| {
            let edit = super::craft::Craft::after(
                &scene.next_door.documents[&scene.their_order].document,
                scene.eve.actor,
                &[super::craft::Op::put("title", super::craft::string("Mine"))],
            );
            vec![of(
                scene.their_order,
                vec![change(scene.their_order, DocumentKind::WorkOrder, edit.bytes())],
            )]
        }),
        back("what builds upon what nobody has", "back missing deps", |scene| {
            let mut eve = scene.eve.clone();
            let id = new_document();
            eve.make(&create_work_order(id, "Never sent"));
            let edit = super::craft::Craft::after(
                &eve.documents[&id].document,
                scene.eve.actor,
                &[super::craft::Op::put("title", super::craft::string("Later"))],
            );
            vec![of(scene.order, vec![change(scene.order, DocumentKind::WorkOrder, edit.bytes())])]
        }),
        back("bytes that are no change", "back rejected not_a_chunk", |scene| {
            vec![of(scene.order, vec![change(scene.order, DocumentKind::WorkOrder, vec![1, 2, 3])])]
        }),
        back("bytes that are no record", "back rejected record", |scene| {
            vec![of(scene.order, vec![PushedItem::Record { bytes: vec![1, 2, 3].into() }])]
        }),
        back("nothing of a document", "back duplicate", |scene| vec![of(scene.order, Vec::new())]),
        back("more documents than are taken at once", "goodbye unexpected_frame", |scene| {
            (0..=MAX_GIVEN_DOCUMENTS).map(|_| of(scene.order, Vec::new())).collect()
        }),
    ],
);

const fn back(rule: &'static str, answer: &'static str, given: fn(&Scene) -> Vec<GivenBack>) -> Case {
    Case::new(rule, answer, Attack::GiveBack(given))
}

/// The frame.
pub(super) fn frame(documents: Vec<GivenBack>) -> Message {
    binary(&DeviceFrame::GiveBack { documents })
}

fn of(document: DocumentId, items: Vec<PushedItem>) -> GivenBack {
    let kind = DocumentKind::WorkOrder;
    GivenBack { document, kind, items, receipts: Vec::new(), actors: Vec::new(), root: None, alone: true }
}

/// An edit of Ann's work order that was never made, under an actor.
fn anns_edit(scene: &Scene, actor: ActorId) -> PushedItem {
    use super::craft::{Craft, Op, string};
    let document = &scene.ann.documents[&scene.order].document;
    let bytes = Craft::after(document, actor, &[Op::put("external", string("x"))]).bytes();
    change(scene.order, DocumentKind::WorkOrder, bytes)
}

fn receipt(scene: &Scene, document: DocumentId, item: &PushedItem, code: Vec<u8>) -> Receipt {
    let (PushedItem::Change { bytes, .. } | PushedItem::Record { bytes }) = item;
    Receipt::Item {
        document,
        item: ByteVec::from(Sha256::digest(&bytes[..]).to_vec()),
        author: Some(scene.ann.person()),
        device: scene.ann.sender.device,
        code: code.into(),
    }
}

fn claim(scene: &Scene, actor: ActorId, code: Vec<u8>) -> GivenActor {
    let (person, device) = (Some(scene.eve.person()), scene.eve.sender.device);
    GivenActor { actor, person, device, code: code.into() }
}

#[tokio::test]
async fn nothing_is_given_back_that_was_never_taken() {
    play(&GIVE_BACK).await;
}
