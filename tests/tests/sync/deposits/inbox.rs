//! Who decides about held work, and in which order.

use std::collections::BTreeSet;

use maintainpro_tests::hand::{create_part, new_work_order};
use maintainpro_tests::people::create_limited_person;
use shared_model::permission::GrantLimit;
use sync_server::sync::deletions::{Fate, Outcome, Requester};
use sync_server::sync::roots::Rerooted;

use super::*;

/// Tom's commands, made in one go and held.
async fn held_of_tom(site: &Site, commands: &[Command]) -> Vec<Value> {
    let (mut tom, credential) = site.tom_at_hand().await;
    let made: Vec<PushedCommand> = commands.iter().map(|command| tom.make(command)).collect();
    site.set_active(site.tom, false).await;
    let answer = site.server.client().deposit(&credential, &deposit_of(made)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    held(&mut site.sue().await).await
}

async fn titles(site: &Site) -> Vec<(String,)> {
    site.ask("select title from work_order order by title").await
}

#[tokio::test]
async fn changes_of_a_document_are_decided_in_order_and_a_declined_one_does_not_bury_the_next() {
    let site = Site::open().await;
    let waiting =
        held_of_tom(&site, &[retitle(site.order, "Pump 7 leaks"), retitle(site.order, "Pump 7 leaks oil")])
            .await;
    let mut sue = site.sue().await;
    assert_eq!(refused(&mut sue, &waiting[1], "accept").await, "earlier_first");
    must(&mut sue, &waiting[0], "decline").await;
    must(&mut sue, &waiting[0], "decline").await;
    assert_eq!(refused(&mut sue, &waiting[0], "accept").await, "already_declined");
    assert_eq!(titles(&site).await, [("Pump 7 drips".to_owned(),)]);
    must(&mut sue, &waiting[1], "accept").await;
    must(&mut sue, &waiting[1], "accept").await;
    assert_eq!(refused(&mut sue, &waiting[1], "decline").await, "already_accepted");
    assert_eq!(titles(&site).await, [("Pump 7 leaks oil".to_owned(),)]);
    let authors: Vec<(Option<Uuid>,)> =
        site.ask("select author from feed where item_kind = 'change' order by seq desc limit 1").await;
    assert_eq!(authors, [(Some(site.tom.as_uuid()),)], "done anew, and still his");
    let kept: Vec<(String, Option<Uuid>)> =
        site.ask("select decision, decided_by from held_command order by position").await;
    let by_sue = Some(site.sue.as_uuid());
    assert_eq!(kept, [("declined".to_owned(), by_sue), ("accepted".to_owned(), by_sue)]);
}

#[tokio::test]
async fn a_deposit_sent_again_is_held_once_and_a_decision_stands() {
    let site = Site::open().await;
    let (mut tom, credential) = site.tom_at_hand().await;
    let made = vec![tom.make(&note(site.order, "First")), tom.make(&note(site.order, "Second"))];
    site.set_active(site.tom, false).await;
    let sent: Vec<_> = (0..4)
        .map(|_| {
            let (mut client, credential, deposit) =
                (site.server.client(), credential.clone(), deposit_of(made.clone()));
            tokio::spawn(async move { client.deposit(&credential, &deposit).await.unwrap().status })
        })
        .collect();
    for status in sent {
        assert_eq!(status.await.unwrap(), StatusCode::OK);
    }
    let mut sue = site.sue().await;
    let waiting = held(&mut sue).await;
    let ids: Vec<_> = waiting.iter().map(|held| held["command_id"].clone()).collect();
    assert_eq!(ids, made.iter().map(|command| json!(command.id)).collect::<Vec<_>>());
    must(&mut sue, &waiting[0], "accept").await;
    must(&mut sue, &waiting[1], "decline").await;
    let again = site.server.client().deposit(&credential, &deposit_of(made.clone())).await.unwrap();
    assert_eq!(again.json()["held"], json!(made.iter().map(|command| command.id).collect::<Vec<_>>()));
    assert_eq!(held(&mut sue).await, Vec::<Value>::new());
}

#[tokio::test]
async fn only_those_who_verify_work_decide_and_only_where_they_do() {
    let site = Site::open().await;
    let (here, there) = (new_document(), new_document());
    let limited = [("bea@demo.example", here), ("cem@demo.example", there)];
    for (email, place) in limited {
        let limit = GrantLimit::Site(place);
        create_limited_person(&site.server.database, site.organisation, email, Role::Supervisor, limit).await;
    }
    let order = new_document();
    let mut at_site = new_work_order(order, "Fan is loud");
    at_site.site = Some(here);
    let mut ann = Hand::sign_in(&site.server, "demo", ANN).await;
    ann.act(&site.server.state.sync, &Command::WorkOrder(work_order::Command::Create(Box::new(at_site))))
        .await;
    let (mut tom, credential) = site.tom_at_hand().await;
    tom.receive(&ann, order);
    let begun = new_document();
    let made = vec![
        tom.make(&note(order, "It is the bearing")),
        tom.make(&create_work_order(begun, "Fan of hall 2")),
    ];
    site.set_active(site.tom, false).await;
    site.server.client().deposit(&credential, &deposit_of(made)).await.unwrap();

    let mut sue = site.sue().await;
    let all = held(&mut sue).await;
    assert_eq!(all.len(), 2);
    for role in [Role::Technician, Role::Storekeeper, Role::Office, Role::Requester, Role::Contractor] {
        let email = format!("{}@demo.example", role.code());
        create_person(&site.server.database, site.organisation, &email, role).await;
        let mut client = site.server.sign_in("demo", &email).await;
        assert_eq!(client.get("/api/deposits").await.problem_code(), "forbidden", "{role:?}");
        for decision in ["accept", "decline"] {
            assert_eq!(refused(&mut client, &all[0], decision).await, "not_found", "{role:?}");
        }
    }
    let mut cem = site.server.sign_in("demo", "cem@demo.example").await;
    assert_eq!(held(&mut cem).await, Vec::<Value>::new());
    for decision in ["accept", "decline"] {
        assert_eq!(refused(&mut cem, &all[0], decision).await, "not_found");
    }
    let mut bea = site.server.sign_in("demo", "bea@demo.example").await;
    assert_eq!(held(&mut bea).await, all[..1], "what begins belongs nowhere yet");
    must(&mut bea, &all[0], "accept").await;
}

#[tokio::test]
async fn what_is_accepted_is_judged_by_the_rights_of_who_accepts_it() {
    let site = Site::open().await;
    let ida = "ida@demo.example";
    let keeper = create_person(&site.server.database, site.organisation, ida, Role::Storekeeper).await;
    let mut hand = Hand::sign_in(&site.server, "demo", ida).await;
    let device = hand.sender.device.unwrap();
    let signed_in = sign_in_on(&mut site.server.client(), ida, device, false).await;
    let credential = signed_in.device.deposit_credential.unwrap();
    let made = vec![hand.make(&create_part(new_document(), "6204"))];
    site.set_active(keeper, false).await;
    site.server.client().deposit(&credential, &deposit_of(made)).await.unwrap();
    let mut sue = site.sue().await;
    let waiting = held(&mut sue).await;
    assert_eq!(refused(&mut sue, &waiting[0], "accept").await, "not_permitted");
    assert_eq!(held(&mut sue).await, waiting, "it waits for somebody else");
    must(&mut site.server.sign_in("demo", ANN).await, &waiting[0], "accept").await;
    let parts: Vec<(String,)> = site.ask("select number from part").await;
    assert_eq!(parts, [("6204".to_owned(),)]);
}

#[tokio::test]
async fn a_list_goes_on_where_the_page_before_ended() {
    let site = Site::open().await;
    let notes: Vec<Command> = (0..5).map(|n| note(site.order, &format!("Note {n}"))).collect();
    let all = held_of_tom(&site, &notes).await;
    let mut sue = site.sue().await;
    let mut paged = Vec::new();
    let mut next = String::new();
    loop {
        let page = sue.get(&format!("/api/deposits?limit=2{next}")).await.json();
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(last) = page["next"].as_str() else { break };
        next = format!("&after={last}");
    }
    assert_eq!(paged, all);
}

#[tokio::test]
async fn held_work_for_a_document_that_was_deleted_meanwhile_is_refused_and_stays_held() {
    let site = Site::open().await;
    let waiting = held_of_tom(&site, &[retitle(site.order, "Pump 7 leaks")]).await;
    let (node, operator) = (&site.server.state.sync, Requester { grants: None, device: None });
    let decide = async |fate| {
        let decided = node.decide_existence(site.organisation, site.order, fate, operator).await;
        assert!(matches!(decided.unwrap(), Outcome::Done(_)));
    };
    decide(Fate::Deleted).await;
    let mut sue = site.sue().await;
    assert_eq!(refused(&mut sue, &waiting[0], "accept").await, "document_deleted");
    assert_eq!(held(&mut sue).await, waiting);
    decide(Fate::Restored).await;
    must(&mut sue, &waiting[0], "accept").await;
    assert_eq!(titles(&site).await, [("Pump 7 leaks".to_owned(),)]);
}

#[tokio::test]
async fn held_work_upon_a_past_that_made_way_for_a_new_root_is_done_anew() {
    let site = Site::open().await;
    let waiting = held_of_tom(&site, &[retitle(site.order, "Pump 7 leaks")]).await;
    let rerooted = site.server.state.sync.reroot(site.organisation, site.order, &BTreeSet::new()).await;
    assert!(matches!(rerooted.unwrap(), Rerooted::Done { .. }));
    let mut sue = site.sue().await;
    must(&mut sue, &waiting[0], "accept").await;
    assert_eq!(titles(&site).await, [("Pump 7 leaks".to_owned(),)]);
    // What somebody decided about goes with the history.
    let rerooted = site.server.state.sync.reroot(site.organisation, site.order, &BTreeSet::new()).await;
    assert!(matches!(rerooted.unwrap(), Rerooted::Done { .. }));
    let left: Vec<(i64,)> =
        site.ask("select count(*) from held_command where intent <> '' or bytes <> ''").await;
    assert_eq!(left, [(0,)]);
}
