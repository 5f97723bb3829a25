//! What the rights and the field tables refuse to our own devices, they refuse to npm clients: they are told, and
//! nobody else notices.

use std::collections::BTreeSet;

use maintainpro_tests::hand::{Hand, accepted, create_work_order, new_document, new_work_order};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::Value;
use shared_model::features::{Command, work_order};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use sync_server::automerge_repo::document_id;
use sync_server::database::people;
use sync_server::database::tenant_transaction;
use sync_server::projection::verify;
use sync_server::sync::deletions::{Fate, Outcome, Requester};
use sync_server::sync::quarantine;
use sync_server::sync::roots::Rerooted;

use super::npm::NpmClient;

struct Site {
    server: TestServer,
    organisation: OrganisationId,
    /// A supervisor's work order for one site.
    here: DocumentId,
    /// The same for another site.
    elsewhere: DocumentId,
    /// One of another organisation.
    foreign: DocumentId,
}

async fn site() -> Site {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    let other = create_organisation(&server.database, "other").await;
    create_person(&server.database, organisation, "sue@demo.example", Role::Supervisor).await;
    create_person(&server.database, other, "max@other.example", Role::Supervisor).await;
    let (site, depot) = (new_document(), new_document());
    let limit = GrantLimit::Site(site);
    for (name, role) in [("tom", Role::Technician), ("carl", Role::Contractor)] {
        let email = format!("{name}@demo.example");
        create_limited_person(&server.database, organisation, &email, role, limit).await;
    }
    let role = Role::Requester;
    let rita = create_limited_person(&server.database, organisation, "rita@demo.example", role, limit).await;
    let [here, elsewhere, foreign] = std::array::from_fn(|_| new_document());
    let mut sue = Hand::sign_in(&server, "demo", "sue@demo.example").await;
    for (id, place) in [(here, site), (elsewhere, depot)] {
        let mut new = new_work_order(id, "Pump 7 drips");
        (new.site, new.requester) = (Some(place), (id == here).then_some(rita));
        sue.act(&server.state.sync, &Command::WorkOrder(work_order::Command::Create(Box::new(new)))).await;
    }
    let mut max = Hand::sign_in(&server, "other", "max@other.example").await;
    max.act(&server.state.sync, &create_work_order(foreign, "Not yours")).await;
    Site { server, organisation, here, elsewhere, foreign }
}

impl Site {
    async fn unharmed(&self) {
        let mut connection = self.server.database.superuser().await;
        let (documents, panics): (i64, i64) = sqlx::query_as(
            "select (select count(*) from document),
                    (select count(*) from quarantine where code in ('judge_panicked', 'not_storable'))",
        )
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!((documents, panics), (3, 0));
        assert_eq!(verify(&self.server.state.pool, self.organisation, |_| {}).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_as_unavailable_as_what_does_not_exist() {
    let site = site().await;
    let mut tom = NpmClient::start(site.server.address, "tom@demo.example");
    let mut sue = NpmClient::start(site.server.address, "sue@demo.example");
    for id in [site.foreign, site.elsewhere, new_document()] {
        assert!(!tom.find(id).await, "{id}");
    }
    assert!(tom.find(site.here).await);
    assert!(sue.find(site.elsewhere).await && !sue.find(site.foreign).await);
    site.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_a_client_makes_stays_its_own() {
    let site = site().await;
    let mut sue = NpmClient::start(site.server.address, "sue@demo.example");
    let mut tom = NpmClient::start(site.server.address, "tom@demo.example");
    let own = document_id::decode(&sue.create().await).unwrap();
    // What is asked for afterwards is answered afterwards.
    assert!(sue.find(site.here).await && sue.find(site.elsewhere).await);
    assert!(!tom.find(own).await);
    site.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_without_the_right_is_not_merged_and_its_author_goes_on_hearing_the_others() {
    let site = site().await;
    let mut rita = NpmClient::start(site.server.address, "rita@demo.example");
    let mut carl = NpmClient::start(site.server.address, "carl@demo.example");
    // Tom is at another node.
    let other = TestServer::start_on(&site.server.database).await;
    let mut tom = NpmClient::start(other.address, "tom@demo.example");
    for client in [&mut rita, &mut carl, &mut tom] {
        assert!(client.find(site.here).await);
    }
    // A contractor may do the work, not change what is to be done; who asks for work may change nothing.
    carl.put(site.here, &["failure_mode"], "leak").await;
    rita.put(site.here, &["title"], "Mine first").await;
    assert_eq!(rita.until_refused(1).await, ["not_permitted"]);
    carl.put(site.here, &["priority"], "emergency").await;
    assert_eq!(carl.until_refused(1).await, ["not_permitted"]);
    // What builds upon a refused change is refused with it.
    rita.put(site.here, &["title"], "Mine first, please").await;
    assert_eq!(rita.until_refused(2).await[1], "refused_past");

    tom.until("told of the work", site.here, |order| order["failure_mode"] == "leak").await;
    tom.put(site.here, &["external"], "SAP-1").await;
    for client in [&mut rita, &mut carl] {
        client.until("told of the number", site.here, |order| order["external"] == "SAP-1").await;
    }
    let order = tom.read(site.here).await;
    assert_eq!((&order["title"], &order["priority"]), (&"Pump 7 drips".into(), &"medium".into()));
    assert!(tom.refused().await.is_empty());
    site.unharmed().await;
}

/// Such an edit is numbered in another way than those of our devices, and goes by it when it is judged once more.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_edit_as_of_an_older_state_is_released_once_there_is_the_right() {
    let site = site().await;
    let mut sue = NpmClient::start(site.server.address, "sue@demo.example");
    let mut rita = NpmClient::start(site.server.address, "rita@demo.example");
    assert!(sue.find(site.here).await && rita.find(site.here).await);
    let older = rita.heads(site.here).await;
    sue.put(site.here, &["title"], "Pump 7 leaks").await;
    rita.until("told of the title", site.here, |order| order["title"] == "Pump 7 leaks").await;
    rita.put_at(site.here, &older, &["priority"], "high").await;
    assert_eq!(rita.until_refused(1).await, ["not_permitted"]);

    let (node, pool) = (&site.server.state.sync, &site.server.state.pool);
    let kept = quarantine::list(pool, site.organisation).await.unwrap();
    let [kept] = &kept[..] else { panic!("{kept:?}") };
    assert_eq!((&kept.code[..], kept.is_isolated), ("not_permitted", true));
    let mut transaction = tenant_transaction(pool, site.organisation).await.unwrap();
    let grants = [RoleGrant { role: Role::Supervisor.into(), limit: GrantLimit::Organisation }];
    let rita = PersonId::from_uuid(kept.author.unwrap());
    people::set_grants(&mut transaction, site.organisation, rita, &grants, site.server.state.clock.now())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    accepted(quarantine::release(node, pool, site.organisation, kept).await.unwrap());
    sue.until("told of the priority", site.here, |order| {
        order["priority"] == "high" && order["title"] == "Pump 7 leaks"
    })
    .await;
    site.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_field_table_does_not_hold_is_refused() {
    let site = site().await;
    let cases: [(&str, &[&str], Value); 6] = [
        ("unknown_field", &["colour"], "red".into()),
        ("unknown_field", &["kind"], "asset".into()),
        ("wrong_type", &["title"], 7.into()),
        ("wrong_type", &["title"], "x".repeat(300).into()),
        ("wrong_type", &["estimated_minutes"], "soon".into()),
        ("fixed_container", &["tags"], Value::Null),
    ];
    for (code, path, value) in cases {
        // Each with a client of its own: what follows a refused change is refused for that alone.
        let mut tom = NpmClient::start(site.server.address, "tom@demo.example");
        assert!(tom.find(site.here).await);
        if value.is_null() {
            tom.remove(site.here, path).await;
        } else {
            tom.put(site.here, path, value).await;
        }
        assert_eq!(tom.until_refused(1).await, [code], "{path:?}");
    }
    site.unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_document_is_unavailable_and_what_is_typed_into_it_stays_out() {
    let site = site().await;
    let mut tom = NpmClient::start(site.server.address, "tom@demo.example");
    assert!(tom.find(site.here).await);
    let (node, operator) = (&site.server.state.sync, Requester { grants: None, device: None });
    let (organisation, here) = (site.organisation, site.here);
    let decide = async |fate| node.decide_existence(organisation, here, fate, operator).await.unwrap();
    assert!(matches!(decide(Fate::Deleted).await, Outcome::Done(_)));
    tom.put(site.here, &["external"], "SAP-1").await;
    let mut sue = NpmClient::start(site.server.address, "sue@demo.example");
    assert!(!sue.find(site.here).await && sue.find(site.elsewhere).await);
    // What Tom asks for afterwards is answered after his edit.
    assert!(!tom.find(site.elsewhere).await);
    site.unharmed().await;
    assert!(matches!(decide(Fate::Restored).await, Outcome::Done(_)));
    let mut carl = NpmClient::start(site.server.address, "carl@demo.example");
    assert!(carl.find(site.here).await);
    assert!(carl.read(site.here).await["external"].is_null());
    site.unharmed().await;
}

/// A client that has the old past would merge it with the new root, and everything would stand there twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_a_new_root_is_unavailable_to_those_who_would_merge_it() {
    let site = site().await;
    let mut tom = NpmClient::start(site.server.address, "tom@demo.example");
    assert!(tom.find(site.here).await);
    let (node, nothing) = (&site.server.state.sync, BTreeSet::new());
    let rerooted = node.reroot(site.organisation, site.here, &nothing).await.unwrap();
    assert!(matches!(rerooted, Rerooted::Done { .. }), "{rerooted:?}");
    tom.put(site.here, &["external"], "SAP-1").await;
    let mut sue = NpmClient::start(site.server.address, "sue@demo.example");
    assert!(!sue.find(site.here).await && sue.find(site.elsewhere).await);
    // What Tom asks for afterwards is answered after his edit.
    assert!(!tom.find(site.elsewhere).await);
    site.unharmed().await;
}
