//! A backup is restored: devices went on after it was taken, and give back what the server lost, their own work and,
//! with receipts, that of people whose devices never come back.

use std::collections::BTreeMap;

use automerge::ChangeHash;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{create_work_order, edit_work_order, new_document, new_record};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::DataFolder;
use maintainpro_tests::server::TestServer;
use maintainpro_tests::until::until;
use shared_model::document::{DocumentKind, TextEdit};
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::permission::Role;
use shared_model::sync_protocol::Link;
use sqlx::PgConnection;
use sync_server::app_state::Settings;
use sync_server::projection::verify;
use sync_server::sync::epoch;
use sync_server::sync::receipt::ReceiptKey;

const DEVICES: usize = 20;
/// The device that is never seen again.
const LOST: usize = 3;
/// The device that was away from before the backup until after the restore.
const AWAY: usize = 7;

fn settings() -> Settings {
    Settings { receipt_key: ReceiptKey::from_bytes(&[7; 32]), ..Settings::default() }
}

fn remark(document: DocumentId, text: &str) -> Command {
    let (id, text) = (new_record(), text.to_owned());
    Command::Comment(comment::Command::Add { id, document, kind: DocumentKind::WorkOrder, text })
}

fn type_line(device: &HeadlessDevice, id: DocumentId, line: &str) {
    let made = device.make_from(|device| {
        let seen = device.aggregate(id).map(|order| work_order::read(order).description).unwrap_or_default();
        let text = format!("{seen}{line}\n");
        edit_work_order(id, vec![FieldEdit::Description(TextEdit::over(seen, text))])
    });
    made.unwrap();
}

fn heads(device: &mut Device) -> BTreeMap<DocumentId, Vec<ChangeHash>> {
    let ids: Vec<DocumentId> = device.store.documents.keys().copied().collect();
    ids.into_iter().map(|id| (id, device.aggregate(id).unwrap().document.heads())).collect()
}

fn words(device: &mut Device, id: DocumentId) -> String {
    let Some(order) = device.aggregate(id).map(work_order::read) else { return String::new() };
    let remarks: Vec<String> = order.comments.into_iter().map(|comment| comment.text).collect();
    format!("{}{}", order.description, remarks.join("\n"))
}

/// Everybody's account, in order.
async fn staff(server: &TestServer) -> (OrganisationId, Vec<Account>) {
    let organisation = create_organisation(&server.database, "acme").await;
    let mut accounts = Vec::new();
    for person in 0..5 {
        let email = format!("person{person}@acme.example");
        create_person(&server.database, organisation, &email, Role::Manager).await;
        for _ in 0..DEVICES / 5 {
            accounts.push(Account::sign_in(server, "acme", &email).await);
        }
    }
    (organisation, accounts)
}

/// What every device does after the backup: it writes into a shared work order, and begins one of its own.
fn go_on(device: &HeadlessDevice, number: usize, shared: DocumentId) -> DocumentId {
    type_line(device, shared, &format!("<line {number}>"));
    device.execute(&remark(shared, &format!("<remark {number}>"))).unwrap();
    let own = new_document();
    device.execute(&create_work_order(own, &format!("Order of {number}"))).unwrap();
    type_line(device, own, &format!("<own {number}>"));
    own
}

/// Waits until every device but the one that is away has heard what was said.
async fn until_told(devices: &mut [HeadlessDevice], shared: DocumentId, said: &[String]) {
    for (_, device) in devices.iter_mut().enumerate().filter(|(number, _)| *number != AWAY) {
        let all = |device: &mut Device| {
            let words = words(device, shared);
            said.iter().all(|said| words.contains(said))
        };
        device.until("told of everything", all).await;
        device.until_settled().await;
    }
}

/// Waits until everybody has everything that was said, and nobody was refused anything.
async fn until_whole(devices: &mut [HeadlessDevice], shared: DocumentId, all: &[String], own: &[DocumentId]) {
    for device in devices {
        let complete = |device: &mut Device| {
            let words = words(device, shared);
            all.iter().all(|said| words.contains(said))
                && own
                    .iter()
                    .enumerate()
                    .all(|(number, id)| self::words(device, *id).contains(&format!("<own {number}>")))
        };
        device.until("complete again", complete).await;
        device.until_settled().await;
        assert!(device.look(|device| device.store.attention.is_empty()));
        assert!(device.look(|device| device.store.refused.is_empty()));
    }
}

async fn epoch_of(connection: &mut PgConnection) -> (uuid::Uuid, i64) {
    sqlx::query_as("select epoch, head from tenant_feed").fetch_one(connection).await.unwrap()
}

fn is_in_another_history(device: &mut Device, epoch: uuid::Uuid) -> bool {
    let cursor = device.store.standing.cursor.as_ref();
    cursor.is_some_and(|cursor| cursor.epoch.as_slice() != epoch.as_bytes())
}

async fn numbers(connection: &mut PgConnection) -> Vec<i64> {
    let numbers: Vec<String> =
        sqlx::query_scalar("select number from work_order").fetch_all(connection).await.unwrap();
    let digits =
        |number: &String| number.trim_start_matches(|sign: char| !sign.is_ascii_digit()).parse().unwrap();
    numbers.iter().map(digits).collect()
}

/// Everything derived is as the feed says, numbers are as they were known and none is given twice, and what the lost
/// device's person wrote is theirs.
async fn check(
    server: &TestServer,
    organisation: OrganisationId,
    given: &[i64],
    lost: (PersonId, DocumentId),
) {
    let mut connection = server.database.superuser().await;
    let differences = verify(&server.state.pool, organisation, |_| {}).await.unwrap();
    assert_eq!(differences, []);
    let mut after = numbers(&mut connection).await;
    after.sort_unstable();
    assert!(given.iter().all(|number| after.contains(number)), "work keeps its number: {given:?} {after:?}");
    let news: Vec<&i64> = after.iter().filter(|number| !given.contains(number)).collect();
    assert!(news.len() == 1 && *news[0] > 10_000, "{news:?}");
    // Whoever was lost shows as the author of what they wrote.
    let (person, order) = lost;
    let theirs: i64 = sqlx::query_scalar("select count(*) from feed where author = $1 and doc_id = $2")
        .bind(person.as_uuid())
        .bind(order.as_uuid())
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(theirs > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_devices_give_back_what_a_restored_backup_lacks() {
    let folder = DataFolder::create();
    let backup = folder.path().join("backup");
    let server = TestServer::start_with(&TestDatabase::create().await, settings()).await;
    let (organisation, accounts) = staff(&server).await;
    let mut devices: Vec<HeadlessDevice> = accounts.into_iter().map(HeadlessDevice::start).collect();
    let shared = new_document();
    devices[0].execute(&create_work_order(shared, "Press 4 leaks")).unwrap();
    type_line(&devices[0], shared, "<before>");
    for device in &mut devices {
        device.until("told of the work order", |device| words(device, shared).contains("<before>")).await;
        device.until_settled().await;
    }
    devices[AWAY].unplug();
    devices[AWAY].until("away", |device| device.session.status().link != Link::Live).await;
    server.database.back_up(&backup).await;
    let before = epoch_of(&mut server.database.superuser().await).await;

    let own: Vec<DocumentId> =
        devices.iter().enumerate().map(|(number, device)| go_on(device, number, shared)).collect();
    let said = |without: Option<usize>| {
        let numbers = (0..DEVICES).filter(move |number| Some(*number) != without);
        numbers
            .flat_map(|number| [format!("<line {number}>"), format!("<remark {number}>")])
            .collect::<Vec<_>>()
    };
    let online = said(Some(AWAY));
    until_told(&mut devices, shared, &online).await;
    let lost = devices.remove(LOST).kill().await;
    let away = devices.remove(AWAY - 1);

    // The server is gone, and an old backup takes its place.
    let address = server.address;
    let old = server.database.clone();
    server.stop().await;
    let given = numbers(&mut old.superuser().await).await;
    assert_eq!(given.len(), DEVICES, "the shared one and those of everybody but one");
    drop(old);
    let database = TestDatabase::restore(&backup).await;
    assert_eq!(epoch_of(&mut database.superuser().await).await, before);
    let server = TestServer::start_with_at(&database, settings(), address).await;
    // Nobody told the server; the first device that gives something back does.
    let mut connection = server.database.superuser().await;
    until("a new history", async || {
        let now = epoch_of(&mut connection).await;
        if now.0 == before.0 { Err(now) } else { Ok(()) }
    })
    .await;
    away.plug_in();
    devices.push(away);

    let all = said(None);
    until_whole(&mut devices, shared, &all, &own).await;
    let fresh = Account::sign_in(&server, "acme", "person0@acme.example").await;
    let mut fresh = HeadlessDevice::start(fresh);
    fresh.until_settled().await;
    let expected = fresh.look(heads);
    assert_eq!(expected.len(), DEVICES + 1);
    for device in &mut devices {
        device.until("equal", |device| heads(device) == expected).await;
    }
    check(&server, organisation, &given, (lost.0.person(), own[LOST])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_begins_a_new_history_and_devices_compare() {
    let server = TestServer::start_with(&TestDatabase::create().await, settings()).await;
    let organisation = create_organisation(&server.database, "acme").await;
    create_person(&server.database, organisation, "ann@acme.example", Role::Manager).await;
    let account = Account::sign_in(&server, "acme", "ann@acme.example").await;
    let mut ann = HeadlessDevice::start(account);
    let (first, second) = (new_document(), new_document());
    ann.execute(&create_work_order(first, "Pump 7")).unwrap();
    ann.until_settled().await;
    let before = ann.look(|device| device.store.standing.cursor.clone()).unwrap();
    let (account, store) = ann.kill().await;
    assert!(epoch::begin(&server.state.pool, organisation, None, server.state.clock.now()).await.unwrap());

    let mut ann = HeadlessDevice::start_with(account, store, None);
    ann.execute(&create_work_order(second, "Pump 8")).unwrap();
    let before = uuid::Uuid::from_slice(&before.epoch).unwrap();
    ann.until("in the new history", |device| is_in_another_history(device, before)).await;
    ann.until_settled().await;
    let mut given = numbers(&mut server.database.superuser().await).await;
    given.sort_unstable();
    assert_eq!(given, [1, 10_002]);
    let differences = verify(&server.state.pool, organisation, |_| {}).await.unwrap();
    assert_eq!(differences, []);
}
