//! Whoever may only ask for work: they follow what they asked for, on the feed, after a load and over REST, and nothing
//! else, however wide the limit of their role is.

use axum::http::StatusCode;
use maintainpro_tests::hand::{
    Hand, change_status, create_asset, create_part, create_work_order, edit_work_order, new_document,
    new_record, new_work_order,
};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_limited_person, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::features::work_order::{FieldEdit, Status};
use shared_model::features::{Command, work_order};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::{GrantLimit, Role};

const RITA: &str = "rita@demo.example";

async fn site(limit: GrantLimit) -> (TestServer, OrganisationId, PersonId) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let rita = create_limited_person(&server.database, organisation, RITA, Role::Requester, limit).await;
    (server, organisation, rita)
}

fn asked_by(person: PersonId, id: DocumentId, title: &str) -> Command {
    let mut new = new_work_order(id, title);
    new.requester = Some(person);
    Command::WorkOrder(work_order::Command::Create(Box::new(new)))
}

fn title(device: &mut maintainpro_tests::device::Device, id: DocumentId) -> Option<String> {
    device.aggregate(id).map(|aggregate| work_order::read(aggregate).title)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_follows_their_own_work_orders_on_every_device() {
    let (server, _, rita) = site(GrantLimit::Organisation).await;
    let node = &server.state.sync;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let [secret, pump, part, own, for_her, last] = std::array::from_fn(|_| new_document());
    ann.act(node, &create_work_order(secret, "Secret boiler")).await;
    ann.act(node, &create_asset(pump, "P-7")).await;
    ann.act(node, &create_part(part, "6204")).await;

    // On the feed: her own, what somebody wrote down for her, and how both go on.
    let mut phone = HeadlessDevice::start(Account::sign_in(&server, "demo", RITA).await);
    phone.until("the asset to choose from", |device| device.aggregate(pump).is_some()).await;
    phone.execute(&create_work_order(own, "The door squeaks")).unwrap();
    phone.until_settled().await;
    ann.act(node, &asked_by(rita, for_her, "Her lamp is dark")).await;
    ann.act(node, &edit_work_order(for_her, vec![FieldEdit::Title("Her lamp flickers".to_owned())])).await;
    ann.act(node, &edit_work_order(secret, vec![FieldEdit::Title("Secret boiler 2".to_owned())])).await;
    ann.act(node, &change_status(secret, Status::InProgress)).await;
    ann.act(node, &asked_by(rita, last, "The last one")).await;
    phone
        .until("what was asked for her", |device| {
            title(device, for_her).as_deref() == Some("Her lamp flickers") && title(device, last).is_some()
        })
        .await;
    for hidden in [secret, part] {
        assert!(phone.look(|device| device.aggregate(hidden).is_none()));
    }
    let requester =
        phone.look(|device| device.aggregate(own).map(|aggregate| work_order::read(aggregate).requester));
    assert_eq!(requester, Some(Some(rita)), "whoever may only ask asks for themselves");

    // After a load of everything.
    let mut desk = HeadlessDevice::start(Account::sign_in(&server, "demo", RITA).await);
    desk.until("the load", |device| {
        [own, for_her, last, pump].iter().all(|id| device.aggregate(*id).is_some())
    })
    .await;
    for hidden in [secret, part] {
        assert!(desk.look(|device| device.aggregate(hidden).is_none()));
    }

    // What is no longer asked by her leaves her.
    let mut taken = new_work_order(new_document(), "Shared");
    (taken.requester, taken.people) = (None, vec![rita]);
    let shared = taken.id;
    ann.act(node, &Command::WorkOrder(work_order::Command::Create(Box::new(taken)))).await;
    desk.until("work that names her", |device| device.aggregate(shared).is_some()).await;
    ann.act(
        node,
        &Command::WorkOrder(work_order::Command::Assign {
            id: shared,
            add_people: Vec::new(),
            remove_people: vec![rita],
            add_teams: Vec::new(),
            remove_teams: Vec::new(),
            event: new_record(),
        }),
    )
    .await;
    desk.until("it to leave", |device| device.aggregate(shared).is_none()).await;
}

async fn titles(client: &mut maintainpro_tests::client::Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.json();
    let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    let mut titles: Vec<String> =
        items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
    titles.sort_unstable();
    titles
}

#[tokio::test]
async fn a_requester_sees_their_own_work_orders_over_rest() {
    for limit in [GrantLimit::Organisation, GrantLimit::Site(new_document()), GrantLimit::Own] {
        let (server, _, rita) = site(limit).await;
        let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
        let node = &server.state.sync;
        let [secret, own, for_her] = std::array::from_fn(|_| new_document());
        ann.act(node, &create_work_order(secret, "Secret boiler")).await;
        ann.act(node, &asked_by(rita, for_her, "Her lamp is dark")).await;
        let mut client = server.sign_in("demo", RITA).await;
        let create = json!({ "command": create_work_order(own, "The door squeaks") });
        assert_eq!(client.post("/api/commands", &create).await.status, StatusCode::OK, "{limit:?}");

        assert_eq!(titles(&mut client, "/api/work-orders").await, ["Her lamp is dark", "The door squeaks"]);
        assert_eq!(titles(&mut client, "/api/work-orders?search=secret").await, Vec::<String>::new());
        for (id, status) in [(own, 200), (for_her, 200), (secret, 404)] {
            assert_eq!(client.get(&format!("/api/work-orders/{id}")).await.status.as_u16(), status);
        }
        let remark = |id: DocumentId| {
            json!({ "command": { "on": "comment", "do": "add", "id": new_record(),
            "document": id, "kind": "work_order", "text": "When?" } })
        };
        for (id, status) in [(own, 200), (for_her, 200), (secret, 404)] {
            let answer = client.post("/api/commands", &remark(id)).await;
            assert_eq!(answer.status.as_u16(), status, "{limit:?} {answer:?}");
        }
        let edit = json!({ "command": edit_work_order(own, vec![FieldEdit::Title("Mine".to_owned())]) });
        assert_eq!(client.post("/api/commands", &edit).await.status, StatusCode::FORBIDDEN);
        for path in ["/api/costs", "/api/parts", "/api/labour-rates"] {
            assert_eq!(client.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let inbox: Value = client.get("/api/inbox").await.json();
        assert_eq!((&inbox["notices"], &inbox["conflicts"]), (&json!([]), &json!([])));
    }
}
