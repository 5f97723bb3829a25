//! What a root does not do, and what is refused because of one.

use maintainpro_tests::hand::{Hand, create_work_order, rejected};
use shared_model::document::DocumentKind;
use shared_model::identity::{CommandId, RootId};
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem};
use sync_server::sync::deletions::{Fate, Outcome};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn people_settle_what_only_they_can_settle_before_history_goes() {
    let site = Site::open().await;
    let (mut ann, mut tom, order, _) = with_orders(&site).await;
    for away in [&mut ann, &mut tom] {
        until_away(away).await;
    }
    ann.execute(&edit_work_order(order, vec![FieldEdit::Title("Pump 7 leaks".to_owned())])).unwrap();
    tom.execute(&edit_work_order(order, vec![FieldEdit::Title("Pump 7 drips".to_owned())])).unwrap();
    for device in [&mut ann, &mut tom] {
        device.plug_in();
        device.until_settled().await;
    }
    assert_eq!(site.reroot(order, &[]).await, Rerooted::Conflicts(vec!["title".to_owned()]));
    assert_eq!(site.count("select count(*) from feed where item_kind = 'root'").await, 0);
    site.check().await;
}

/// What facts say of a document makes it what it is: only remarks can go.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_remarks_of_the_document_is_erased_with_its_history() {
    let site = Site::open().await;
    let (mut ann, _tom, order, other) = with_orders(&site).await;
    let foreign = new_record();
    let kind = DocumentKind::WorkOrder;
    let text = "Elsewhere".to_owned();
    ann.execute(&Command::Comment(comment::Command::Add { id: foreign, document: other, kind, text }))
        .unwrap();
    ann.until_settled().await;
    let event = ann.look(|device| {
        let mut records = device.aggregate(order).unwrap().records.values();
        records.find(|record| record.kind.contains("status")).unwrap().id
    });
    for record in [event, foreign, new_record()] {
        assert_eq!(site.reroot(order, &[record]).await, Rerooted::NotErasable(vec![record]));
    }
    assert_eq!(site.count("select count(*) from feed where payload = ''").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_builds_upon_a_past_that_is_gone_is_told_so() {
    let site = Site::open().await;
    let order = new_document();
    let node = &site.server.state.sync;
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    ann.act(node, &create_work_order(order, "Pump 7")).await;
    let sent_before = ann.make(&edit_work_order(order, vec![FieldEdit::Title("Pump 8".to_owned())]));
    ann.push(node, vec![sent_before.clone()]).await;
    let late = ann.make(&edit_work_order(order, vec![FieldEdit::Title("Pump 9".to_owned())]));
    let Rerooted::Done { .. } = site.reroot(order, &[]).await else { panic!() };
    assert_eq!(rejected(&ann.push(node, vec![late]).await[0]), "rerooted");
    assert_eq!(site.count("select count(*) from quarantine").await, 0, "its device has it and does it again");
    // What was accepted before is a duplicate, as ever; under another name it brings no past back.
    let again = ann.push(node, vec![sent_before.clone()]).await;
    assert!(matches!(again[0], CommandResult::Duplicate { .. }), "{again:?}");
    let mut renamed = sent_before;
    renamed.id = CommandId::from_bytes([9; 16]);
    assert_eq!(rejected(&ann.push(node, vec![renamed]).await[0]), "rerooted");
    // Nobody who pushes gives a document a root.
    let of_hers = RootId::from_bytes([1; 16]);
    let (_, root) = ann.documents[&order].document.upon_new_root(of_hers, ann.actor).unwrap();
    let kind = DocumentKind::WorkOrder;
    let item = PushedItem::Change { document: order, kind, bytes: root[0].clone().into() };
    let command = PushedCommand {
        id: CommandId::from_bytes([8; 16]),
        intent: b"{}".to_vec().into(),
        items: vec![item],
    };
    assert_eq!(rejected(&ann.push(node, vec![command]).await[0]), "unknown_field");
    site.check().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_remark_that_is_sent_again_is_no_news() {
    let site = Site::open().await;
    let (order, gossip) = (new_document(), new_record());
    let node = &site.server.state.sync;
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    ann.act(node, &create_work_order(order, "Pump 7")).await;
    let (kind, text) = (DocumentKind::WorkOrder, SECRET.to_owned());
    let said = ann.make(&Command::Comment(comment::Command::Add { id: gossip, document: order, kind, text }));
    ann.push(node, vec![said.clone()]).await;
    let Rerooted::Done { .. } = site.reroot(order, &[gossip]).await else { panic!() };
    let again = ann.push(node, vec![said]).await;
    assert!(matches!(again[0], CommandResult::Duplicate { .. }), "{again:?}");
    assert_eq!(site.rows_with(SECRET).await, []);
}

/// What is deleted can be erased, too, and comes back as little as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_document_begins_anew_and_stays_deleted() {
    let site = Site::open().await;
    let (mut ann, _tom, order, _) = with_orders(&site).await;
    type_line(&ann, order, SECRET);
    replace_text(&ann, order, "Pump 7 drips\n");
    ann.until_settled().await;
    assert!(matches!(site.decide(order, Fate::Deleted).await, Outcome::Done(_)));
    let Rerooted::Done { .. } = site.reroot(order, &[]).await else { panic!() };
    assert_eq!(site.rows_with(SECRET).await, []);
    ann.until_settled().await;
    assert!(ann.look(|device| device.aggregate(order).is_none()));
    site.check().await;
    assert!(matches!(site.decide(order, Fate::Restored).await, Outcome::Done(_)));
    ann.until("back, upon the new root", |device| is_rooted(device, order)).await;
    site.check().await;
}
