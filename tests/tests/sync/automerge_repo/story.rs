//! Two npm clients and one device of ours edit one work order together, through a restart of the server.

use std::sync::Arc;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{create_work_order, edit_work_order, new_document};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::{DataFolder, ServerProcess};
use maintainpro_tests::server::TestServer;
use maintainpro_tests::until::until;
use serde_json::Value;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Role;
use sync_server::projection::verify;

use super::npm::{NpmClient, folder, sorted};

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");

struct Site {
    database: Arc<TestDatabase>,
    server: TestServer,
    organisation: OrganisationId,
}

async fn site() -> Site {
    let database = TestDatabase::create().await;
    let server = TestServer::start_on(&database).await;
    let organisation = create_organisation(&database, "demo").await;
    for (name, role) in [("ann", Role::Supervisor), ("bob", Role::Technician), ("eve", Role::Supervisor)] {
        create_person(&database, organisation, &format!("{name}@demo.example"), role).await;
    }
    Site { database, server, organisation }
}

fn heads(device: &HeadlessDevice, id: DocumentId) -> Vec<String> {
    let heads = device.look(|device| device.aggregate(id).map(|order| order.document.heads()));
    sorted(heads.unwrap_or_default().iter().map(ToString::to_string).collect())
}

/// Waits until all three have the same heads, and says which.
async fn until_equal(
    device: &mut HeadlessDevice,
    clients: &mut [&mut NpmClient],
    id: DocumentId,
) -> Vec<String> {
    until("at the same heads", async || {
        let mut all = vec![heads(device, id)];
        for client in &mut *clients {
            all.push(client.heads(id).await);
        }
        if all.iter().all(|heads| *heads == all[0]) { Ok(all.remove(0)) } else { Err(all) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_npm_clients_and_a_device_edit_one_work_order_through_a_restart() {
    let Site { database, server, organisation } = site().await;
    let address = server.address;
    let account = Account::sign_in(&server, "demo", "eve@demo.example").await;
    let mut eve = HeadlessDevice::start(account);
    let id = new_document();
    eve.execute(&create_work_order(id, "Pump 7 drips")).unwrap();
    eve.until_settled().await;

    let mut ann = NpmClient::start(server.address, "ann@demo.example");
    let mut bob = NpmClient::start(server.address, "bob@demo.example");
    assert!(ann.find(id).await && bob.find(id).await);
    assert_eq!(ann.read(id).await["title"], "Pump 7 drips");

    // Everybody sees live what the others do.
    ann.put(id, &["priority"], "high").await;
    bob.text(id, &["description"], "The seal is worn.").await;
    eve.execute(&edit_work_order(id, vec![FieldEdit::AddTag("leak".to_owned())])).unwrap();
    for client in [&mut ann, &mut bob] {
        let told = |order: &Value| {
            order["priority"] == "high"
                && order["description"] == "The seal is worn."
                && order["tags"]["leak"] == true
        };
        client.until("told of three edits", id, told).await;
    }
    until_equal(&mut eve, &mut [&mut ann, &mut bob], id).await;

    // The server is away, and everybody goes on.
    server.stop().await;
    ann.text(id, &["description"], "The seal is worn. Ordered a new one.").await;
    ann.put(id, &["estimated_minutes"], 90).await;
    bob.text(id, &["description"], "Monday: The seal is worn.").await;
    bob.put(id, &["title"], "Pump 7 leaks").await;
    eve.execute(&edit_work_order(id, vec![FieldEdit::AddTag("monday".to_owned())])).unwrap();

    let server = TestServer::start_at(&database, address).await;
    ann.until("told of the title", id, |order| order["title"] == "Pump 7 leaks").await;
    bob.until("told of the estimate", id, |order| order["estimated_minutes"] == 90).await;
    let all = |order: &Value| order["tags"]["monday"] == true;
    ann.until("told of the tag", id, all).await;
    eve.until("told of everything", |device| {
        let order = device.aggregate(id).map(work_order::read);
        order.is_some_and(|order| order.estimated_minutes == Some(90) && order.title == "Pump 7 leaks")
    })
    .await;
    eve.until_settled().await;
    let equal = until_equal(&mut eve, &mut [&mut ann, &mut bob], id).await;

    let order = ann.read(id).await;
    assert_eq!(order["description"], "Monday: The seal is worn. Ordered a new one.");
    assert_eq!(bob.read(id).await, order);
    let mut connection = server.database.superuser().await;
    let (stored, title): (Vec<u8>, String) = sqlx::query_as(
        "select document.heads, work_order.title from document
         join work_order on work_order.work_order_id = document.doc_id",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    let stored: Vec<String> =
        stored.chunks(32).map(|head| head.iter().map(|byte| format!("{byte:02x}")).collect()).collect();
    assert_eq!(sorted(stored), equal);
    assert_eq!(title, "Pump 7 leaks");
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);
    for client in [&mut ann, &mut bob] {
        assert!(client.refused().await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_costs_them_nothing() {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    create_person(&database, organisation, "ann@demo.example", Role::Supervisor).await;
    create_person(&database, organisation, "eve@demo.example", Role::Supervisor).await;
    let (application, superuser) = (database.application_url(), database.superuser_url());
    let environment = [("DATABASE_URL", &*application), ("MAINTAINPRO_MIGRATE_URL", &*superuser)];
    let data = DataFolder::create();
    let server = ServerProcess::start_with(PROGRAM, &data, &environment);
    let address = server.address;

    let mut client = server.client();
    let signed_in = client.sign_in("demo", "eve@demo.example").await;
    let mut eve = HeadlessDevice::start(Account::of(client, signed_in));
    let id = new_document();
    eve.execute(&create_work_order(id, "Pump 7 drips")).unwrap();
    eve.until_settled().await;
    let mut ann = NpmClient::start(address, "ann@demo.example");
    assert!(ann.find(id).await);

    let mut server = Some(server);
    for round in 0..3 {
        // In the middle of it: some of these arrive before the end, some after.
        for n in 0..5 {
            ann.put(id, &["tags", &format!("ann-{round}-{n}")], true).await;
            let tag = FieldEdit::AddTag(format!("eve-{round}-{n}"));
            eve.execute(&edit_work_order(id, vec![tag])).unwrap();
        }
        server.take().unwrap().kill();
        ann.put(id, &["tags", &format!("offline-{round}")], true).await;
        server = Some(ServerProcess::start_at(PROGRAM, &data, &environment, address));
    }
    let all = |order: &Value| order["tags"].as_object().is_some_and(|tags| tags.len() == 33);
    ann.until("told of all tags", id, all).await;
    eve.until_settled().await;
    until_equal(&mut eve, &mut [&mut ann], id).await;
    assert_eq!(ann.refused().await, Vec::<String>::new());
    assert_eq!(verify(&database.pool, organisation, |_| {}).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_as_of_an_older_state_and_words_of_the_moment_pass() {
    let Site { server, organisation, .. } = site().await;
    let account = Account::sign_in(&server, "demo", "eve@demo.example").await;
    let mut eve = HeadlessDevice::start(account);
    let id = new_document();
    eve.execute(&create_work_order(id, "Pump 7 drips")).unwrap();
    eve.until_settled().await;
    let mut ann = NpmClient::start(server.address, "ann@demo.example");
    let mut bob = NpmClient::start(server.address, "bob@demo.example");
    assert!(ann.find(id).await && bob.find(id).await);

    // Automerge makes up a further actor for this, whose operations are numbered on from the newest.
    let older = ann.heads(id).await;
    ann.put(id, &["priority"], "high").await;
    ann.put(id, &["external"], "SAP-1").await;
    ann.put_at(id, &older, &["title"], "As of before").await;
    ann.put_at(id, &older, &["origin_ref"], "R-7").await;
    ann.put(id, &["title"], "After all").await;
    bob.until("told of all", id, |order| order["title"] == "After all" && order["origin_ref"] == "R-7").await;
    until_equal(&mut eve, &mut [&mut ann, &mut bob], id).await;
    let mut connection = server.database.superuser().await;
    let made_up: i64 = sqlx::query_scalar("select count(*) from feed where actor_seq > 1::bigint << 48")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(made_up, 2, "Automerge makes up an actor for an edit as of an older state");
    let title = eve.look(|device| device.aggregate(id).map(work_order::read).unwrap().title);
    assert_eq!(title, "After all");
    // Our own device goes on from what such an edit made.
    eve.execute(&edit_work_order(id, vec![FieldEdit::Title("On from there".to_owned())])).unwrap();
    ann.until("told of the title", id, |order| order["title"] == "On from there").await;
    assert!(ann.refused().await.is_empty());
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);

    ann.whisper(id, "I am at the pump").await;
    until("heard", async || {
        let heard = bob.heard().await;
        if heard[0]["message"] == "I am at the pump" { Ok(()) } else { Err(heard) }
    })
    .await;
}

#[test]
fn the_manual_shows_the_code_that_these_tests_run() {
    let manual = folder().join("../../docs/OPERATIONS.md");
    let code = std::fs::read_to_string(folder().join("connect.mjs")).unwrap();
    let manual = std::fs::read_to_string(manual).unwrap();
    assert!(
        manual.contains(&format!("```js\n{code}```")),
        "docs/OPERATIONS.md shows tests/interop/connect.mjs"
    );
}
