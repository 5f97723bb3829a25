//! Who may delete what, and every way in that a deleted document has lost.

use maintainpro_tests::hand::{create_asset, create_part, create_storeroom, deliver, new_work_order};
use maintainpro_tests::people::create_limited_person;
use serde_json::json;
use shared_model::features::checklist::NewTemplate;
use shared_model::features::work_order::AssetLink;
use shared_model::features::{checklist, location};
use shared_model::permission::GrantLimit;
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem};

use super::*;

#[tokio::test]
async fn only_who_administers_the_place_deletes_and_only_what_they_see() {
    let site = Site::open().await;
    let mut hand = Hand::sign_in(&site.server, "demo", ANN).await;
    let (here, there, order) = (new_document(), new_document(), new_document());
    for (email, place) in [("bea@demo.example", here), ("cem@demo.example", there)] {
        let (role, limit) = (Role::Manager, GrantLimit::Site(place));
        create_limited_person(&site.server.database, site.organisation, email, role, limit).await;
    }
    create_person(&site.server.database, site.organisation, "sue@demo.example", Role::Supervisor).await;
    let mut new = new_work_order(order, "Typed twice");
    new.site = Some(here);
    let node = &site.server.state.sync;
    hand.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    for email in [TOM, "sue@demo.example"] {
        let answer = delete(&mut site.client(email).await, order).await;
        assert_eq!((answer.status, answer.problem_code().as_str()), (StatusCode::FORBIDDEN, "forbidden"));
    }
    let mut cem = site.client("cem@demo.example").await;
    for id in [order, new_document()] {
        assert_eq!(delete(&mut cem, id).await.status, StatusCode::NOT_FOUND);
    }
    let mut bea = site.client("bea@demo.example").await;
    let order_is_shown = async |client: &mut Client| {
        client.get(&format!("/api/work-orders/{order}")).await.status == StatusCode::OK
    };
    assert!(order_is_shown(&mut bea).await);
    assert_eq!(delete(&mut bea, order).await.status, StatusCode::NO_CONTENT);
    let mut ann = site.client(ANN).await;
    assert!(!order_is_shown(&mut bea).await && !order_is_shown(&mut ann).await);
    assert_eq!(ann.get("/api/work-orders").await.json()["items"], json!([]));
    assert_eq!(delete(&mut bea, order).await.status, StatusCode::NOT_FOUND);
    let author: uuid::Uuid = sqlx::query_scalar("select author from feed where item_kind = 'deletion'")
        .fetch_one(&mut site.server.database.superuser().await)
        .await
        .unwrap();
    let bea: uuid::Uuid = sqlx::query_scalar("select person_id from person where email = 'bea@demo.example'")
        .fetch_one(&mut site.server.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(author, bea, "the feed says who it was");
    site.check().await;
}

#[tokio::test]
async fn what_others_name_stays_and_the_answer_says_who_names_it() {
    let site = Site::open().await;
    let [place, room_place, asset, part, room, unused, order, template] =
        std::array::from_fn(|_| new_document());
    let mut hand = Hand::sign_in(&site.server, "demo", ANN).await;
    let node = &site.server.state.sync;
    for (id, name) in [(place, "Hall 1"), (room_place, "Store")] {
        let new =
            location::NewLocation { id, name: name.to_owned(), parent: None, site: None, fields: Vec::new() };
        hand.act(node, &Command::Location(location::Command::Create(Box::new(new)))).await;
    }
    hand.act(node, &create_asset(asset, "P-7")).await;
    hand.act(node, &create_part(part, "6204")).await;
    hand.act(node, &create_storeroom(room, "Main")).await;
    hand.act(node, &create_storeroom(unused, "Van 3")).await;
    hand.act(node, &deliver(room, part, 3)).await;
    let title = "Weekly".to_owned();
    let new = NewTemplate { id: template, title, fields: Vec::new(), version: None, publish: false };
    hand.act(node, &Command::Checklist(checklist::Command::Create(Box::new(new)))).await;
    let mut new = new_work_order(order, "Pump 7 drips");
    let (tag, name) = ("P-7".to_owned(), "Pump P-7".to_owned());
    (new.site, new.assets) = (Some(place), vec![AssetLink { id: asset, tag, name }]);
    hand.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;

    let mut ann = site.client(ANN).await;
    for (id, namer) in
        [(place, "work_order"), (asset, "work_order"), (part, "stock_movement"), (room, "stock_movement")]
    {
        let answer = delete(&mut ann, id).await;
        assert_eq!((answer.status, answer.problem_code()), (StatusCode::CONFLICT, "named_elsewhere".into()));
        assert_eq!(answer.json()["named_in"], json!([{ "what": namer, "count": 1 }]));
    }
    // A work order may go although stock, hours and other work name it; then nothing holds the others.
    for id in [template, unused, room_place, order, place, asset] {
        let answer = delete(&mut ann, id).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    }
    site.check().await;
}

/// The first line of a ledger and the deletion of its storeroom: one of them comes too late.
#[tokio::test(flavor = "multi_thread")]
async fn stock_is_never_moved_into_a_storeroom_that_is_gone() {
    let site = Site::open().await;
    let other = TestServer::start_on(&site.server.database).await;
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    let part = new_document();
    ann.act(&site.server.state.sync, &create_part(part, "6204")).await;
    for _ in 0..20 {
        let room = new_document();
        ann.act(&site.server.state.sync, &create_storeroom(room, "Van 3")).await;
        let command = ann.make(&deliver(room, part, 1));
        let operator = Requester { grants: None, device: None };
        let (moved, deleted) = tokio::join!(
            ann.push(&site.server.state.sync, vec![command]),
            other.state.sync.decide_existence(site.organisation, room, Fate::Deleted, operator),
        );
        match (&moved[0], deleted.unwrap()) {
            (CommandResult::Accepted { .. }, Outcome::Named(_)) => {}
            (refused, Outcome::Done(_)) => assert_eq!(rejected(refused), "document_deleted"),
            other => panic!("{other:?}"),
        }
    }
    site.check().await;
}

#[tokio::test]
async fn no_way_in_leads_to_a_deleted_document() {
    let site = Site::open().await;
    let order = new_document();
    let node = &site.server.state.sync;
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    let begun = ann.make(&create_work_order(order, "Typed twice"));
    accepted(ann.push(node, vec![begun.clone()]).await.remove(0));
    let mut twin = ann.restarted();
    let edit = ann.make(&edit_work_order(order, vec![FieldEdit::Title("Late".to_owned())]));
    assert!(matches!(site.decide(order, Fate::Deleted).await, Outcome::Done(_)));
    assert_eq!(site.decide(order, Fate::Deleted).await, Outcome::Already);
    assert_eq!(site.decide(new_document(), Fate::Restored).await, Outcome::Unknown);

    assert_eq!(rejected(&ann.push(node, vec![edit]).await[0]), "document_deleted");
    let fact = ann.make(&remark(order, "Late"));
    assert_eq!(rejected(&ann.push(node, vec![fact]).await[0]), "document_deleted");
    // As a device would that never heard of it, and with nothing but the genesis.
    twin.documents.remove(&order);
    let anew = twin.make(&create_work_order(order, "Typed a third time"));
    let genesis = PushedItem::Change {
        document: order,
        kind: DocumentKind::WorkOrder,
        bytes: shared_model::document::genesis::bytes(DocumentKind::WorkOrder).to_vec().into(),
    };
    let bare =
        PushedCommand { items: vec![genesis], ..twin.make(&create_work_order(new_document(), "Another")) };
    for pushed in [anew, bare] {
        assert_eq!(rejected(&twin.push(node, vec![pushed]).await[0]), "document_deleted");
    }
    // What is in the feed already is still no new thing.
    assert!(matches!(ann.push(node, vec![begun]).await[0], CommandResult::Duplicate { .. }));

    let mut client = site.client(ANN).await;
    for command in [
        edit_work_order(order, vec![FieldEdit::Title("Late".to_owned())]),
        remark(order, "Late"),
        create_work_order(order, "Typed a third time"),
    ] {
        let answer = client.post("/api/commands", &json!({ "command": command })).await;
        assert_eq!((answer.status, answer.problem_code()), (StatusCode::CONFLICT, "document_deleted".into()));
    }
    site.check().await;
}
