//! Work of somebody who was disabled while offline: handed over, held, taken over in their name or declined, and lost
//! by nobody.

mod credential;
mod inbox;

use axum::http::StatusCode;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::hand::{Hand, create_work_order, edit_work_order, new_document, new_record};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{PASSWORD, create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::{Value, json};
use shared_model::account::SignedIn;
use shared_model::features::work_order::FieldEdit;
use shared_model::features::{Command, work_order};
use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::Role;
use shared_model::sync_protocol::{Deposit, DepositedCommand, Link, PushedCommand};
use sync_server::database::{people, tenant_transaction};
use sync_server::projection::verify;
use uuid::Uuid;

const ANN: &str = "ann@demo.example";
const SUE: &str = "sue@demo.example";
const TOM: &str = "tom@demo.example";

/// A server with an administrator, a supervisor and a technician, and a work order.
struct Site {
    server: TestServer,
    organisation: OrganisationId,
    sue: PersonId,
    tom: PersonId,
    order: DocumentId,
}

impl Site {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, ANN, Role::Admin).await;
        let sue = create_person(&server.database, organisation, SUE, Role::Supervisor).await;
        let tom = create_person(&server.database, organisation, TOM, Role::Technician).await;
        let order = new_document();
        let mut ann = Hand::sign_in(&server, "demo", ANN).await;
        ann.act(&server.state.sync, &create_work_order(order, "Pump 7 drips")).await;
        Self { server, organisation, sue, tom, order }
    }

    async fn set_active(&self, person: PersonId, active: bool) {
        let mut transaction = tenant_transaction(&self.server.state.pool, self.organisation).await.unwrap();
        people::set_active(&mut transaction, self.organisation, person, active).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Tom on a device, with everything there, out of reach of the network.
    async fn tom_away(&self) -> HeadlessDevice {
        let mut device = HeadlessDevice::start(Account::sign_in(&self.server, "demo", TOM).await);
        device.until("the order", |device| device.aggregate(self.order).is_some()).await;
        device.until_settled().await;
        device.unplug();
        device.until("away", |device| matches!(device.session.status().link, Link::Offline { .. })).await;
        device
    }

    /// A hand of Tom's, a copy of the order in it, and the credential of its device.
    async fn tom_at_hand(&self) -> (Hand, String) {
        let mut tom = Hand::sign_in(&self.server, "demo", TOM).await;
        let read = document(&self.server, self.organisation, self.order).await;
        tom.documents.insert(self.order, read);
        let device = tom.sender.device.unwrap();
        let signed_in = sign_in_on(&mut self.server.client(), TOM, device, false).await;
        (tom, signed_in.device.deposit_credential.unwrap())
    }

    /// Tom signs in on the same device again, which sends whatever it has.
    async fn let_tom_in_again(&self, tablet: HeadlessDevice, held: &Value) -> HeadlessDevice {
        self.set_active(self.tom, true).await;
        let (_, store) = tablet.kill().await;
        let mut client = self.server.client();
        let device = DeviceId::from_uuid(held["device"].as_str().unwrap().parse().unwrap());
        let signed_in = sign_in_on(&mut client, TOM, device, true).await;
        let mut tablet = HeadlessDevice::start_with(Account::of(client, signed_in), store, None);
        tablet.until_settled().await;
        tablet
    }

    async fn sue(&self) -> Client {
        self.server.sign_in("demo", SUE).await
    }

    /// The rows of a query, which must be what the feed says.
    async fn ask<T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin>(
        &self,
        query: &'static str,
    ) -> Vec<T> {
        let differences = verify(&self.server.state.pool, self.organisation, |_| {}).await.unwrap();
        assert_eq!(differences, []);
        let mut connection = self.server.database.superuser().await;
        sqlx::query_as(query).fetch_all(&mut connection).await.unwrap()
    }
}

async fn document(
    server: &TestServer,
    organisation: OrganisationId,
    id: DocumentId,
) -> shared_model::workspace::Aggregate {
    let mut transaction = tenant_transaction(&server.state.pool, organisation).await.unwrap();
    let read = sync_server::document_store::read(&mut transaction, organisation, &[id]).await.unwrap();
    read.into_iter().next().unwrap()
}

async fn sign_in_on(client: &mut Client, email: &str, device: DeviceId, has_credential: bool) -> SignedIn {
    let device = json!({ "id": device, "name": "Tablet, van 3", "has_deposit_credential": has_credential });
    let body = json!({ "organisation": "demo", "email": email, "password": PASSWORD, "device": device });
    client.post("/api/session", &body).await.read()
}

fn note(order: DocumentId, text: &str) -> Command {
    let note = json!({
        "on": "comment", "do": "add", "id": new_record(), "document": order, "kind": "work_order", "text": text
    });
    serde_json::from_value(note).unwrap()
}

fn labour(order: DocumentId, person: PersonId, minutes: i64) -> Command {
    let entry = json!({ "person": person, "minutes": minutes, "note": "alone" });
    let labour =
        json!({ "on": "labour_entry", "do": "add", "id": new_record(), "work_order": order, "entry": entry });
    serde_json::from_value(labour).unwrap()
}

fn retitle(order: DocumentId, title: &str) -> Command {
    edit_work_order(order, vec![FieldEdit::Title(title.to_owned())])
}

fn deposit_of(commands: Vec<PushedCommand>) -> Deposit {
    let made_at = Timestamp::from_millis(1_790_000_000_000);
    let commands = commands.into_iter().map(|command| DepositedCommand { command, made_at });
    Deposit { commands: commands.collect() }
}

async fn held(client: &mut Client) -> Vec<Value> {
    let answer = client.get("/api/deposits?limit=500").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()["items"].as_array().unwrap().clone()
}

async fn decide(client: &mut Client, held: &Value, decision: &str) -> Answer {
    let id = held["id"].as_str().unwrap();
    client.post(&format!("/api/deposits/{id}/{decision}"), &Value::Null).await
}

async fn must(client: &mut Client, held: &Value, decision: &str) {
    let answer = decide(client, held, decision).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?} for {held}");
}

async fn refused(client: &mut Client, held: &Value, decision: &str) -> String {
    decide(client, held, decision).await.problem_code()
}

/// Are these commands marked as held, and none other here?
fn all_held(device: &maintainpro_tests::device::Device, count: usize) -> bool {
    let outbox = &device.store.outbox;
    outbox.len() == count && outbox.iter().all(|entry| entry.held)
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_disabled_while_offline_loses_nothing() {
    let site = Site::open().await;
    let mut tablet = site.tom_away().await;
    let found = new_document();
    for command in [
        note(site.order, "The gland is worn"),
        labour(site.order, site.tom, 45),
        retitle(site.order, "Pump 7 leaks oil"),
        create_work_order(found, "Guard of pump 8 is loose"),
        note(found, "Two bolts are missing"),
    ] {
        tablet.execute(&command).unwrap();
    }
    site.set_active(site.tom, false).await;
    tablet.plug_in();
    tablet.until("handed over", |device| all_held(device, 5)).await;
    assert_eq!(tablet.look(|device| device.session.status().link), Link::SignInNeeded);

    // Held is not merged.
    let nothing: Vec<(Uuid,)> = site.ask("select comment_id from comment").await;
    assert_eq!(nothing, []);
    let mut sue = site.sue().await;
    let waiting = held(&mut sue).await;
    let asked: Vec<String> = waiting
        .iter()
        .map(|held| format!("{}.{}", held["command"]["on"], held["command"]["do"]).replace('"', ""))
        .collect();
    assert_eq!(
        asked,
        ["comment.add", "labour_entry.add", "work_order.edit", "work_order.create", "comment.add"]
    );
    for held in &waiting {
        assert_eq!((&held["person_name"], &held["reason"]), (&json!("tom"), &json!("person_disabled")));
        assert!(held["documents"] == json!([site.order]) || held["documents"] == json!([found]), "{held}");
    }

    for held in &waiting {
        must(&mut sue, held, "accept").await;
    }
    assert_eq!(held(&mut sue).await, Vec::<Value>::new());
    let notes: Vec<(String, Option<Uuid>)> = site.ask("select text, author from comment order by text").await;
    let by_tom = Some(site.tom.as_uuid());
    assert_eq!(
        notes,
        [("The gland is worn".to_owned(), by_tom), ("Two bolts are missing".to_owned(), by_tom)]
    );
    let hours: Vec<(i64, Option<Uuid>)> = site.ask("select minutes, author from labour_entry").await;
    assert_eq!(hours, [(45, by_tom)]);
    let titles: Vec<(String,)> = site.ask("select title from work_order order by title").await;
    assert_eq!(titles, [("Guard of pump 8 is loose".to_owned(),), ("Pump 7 leaks oil".to_owned(),)]);
    let writers: Vec<(Option<Uuid>,)> = site
        .ask(
            "select distinct feed.author from feed join command using (organization_id, command_id)
              where command.author = (select person_id from person where email = 'tom@demo.example')",
        )
        .await;
    assert_eq!(writers, [(by_tom,)], "the deeds are his");
    let deciders: Vec<(String, Option<Uuid>)> =
        site.ask("select distinct decision, decided_by from held_command").await;
    assert_eq!(deciders, [("accepted".to_owned(), Some(site.sue.as_uuid()))], "the decisions are hers");

    // Let in again, he sends what he has; the server has it all.
    let tablet = site.let_tom_in_again(tablet, &waiting[0]).await;
    assert!(tablet.look(|device| device.store.outbox.is_empty() && device.store.attention.is_empty()));
    assert!(tablet.look(|device| device.store.refused.is_empty()));
    let title = tablet.look(|device| device.aggregate(site.order).map(|order| work_order::read(order).title));
    assert_eq!(title.as_deref(), Some("Pump 7 leaks oil"));
    let again: Vec<(String, Option<Uuid>)> = site.ask("select text, author from comment order by text").await;
    assert_eq!(again, notes, "nothing is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_let_in_again_sends_what_nobody_decided_about() {
    let site = Site::open().await;
    let mut tablet = site.tom_away().await;
    for text in ["The gland is worn", "The shaft is worn"] {
        tablet.execute(&note(site.order, text)).unwrap();
    }
    site.set_active(site.tom, false).await;
    tablet.plug_in();
    tablet.until("handed over", |device| all_held(device, 2)).await;
    let mut sue = site.sue().await;
    let waiting = held(&mut sue).await;
    must(&mut sue, &waiting[0], "decline").await;
    site.let_tom_in_again(tablet, &waiting[0]).await;
    let notes: Vec<(String,)> = site.ask("select text from comment order by text").await;
    assert_eq!(notes, [("The gland is worn".to_owned(),), ("The shaft is worn".to_owned(),)]);
    assert_eq!(held(&mut sue).await, Vec::<Value>::new(), "nothing is left to decide");
    assert_eq!(refused(&mut sue, &waiting[1], "decline").await, "already_accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_sign_in_is_asked_to() {
    let site = Site::open().await;
    let mut tablet = site.tom_away().await;
    tablet.execute(&note(site.order, "The gland is worn")).unwrap();
    let mut connection = site.server.database.superuser().await;
    sqlx::query("delete from session where person_id = $1")
        .bind(site.tom.as_uuid())
        .execute(&mut connection)
        .await
        .unwrap();
    tablet.plug_in();
    tablet.until("signed out", |device| device.session.status().link == Link::SignInNeeded).await;
    let mut sue = site.sue().await;
    assert!(tablet.look(|device| device.store.outbox.iter().all(|entry| !entry.held)));
    assert_eq!(held(&mut sue).await, Vec::<Value>::new());
    // He is disabled later, and somebody taps on Sync now.
    site.set_active(site.tom, false).await;
    tablet.plug_in();
    tablet.until("handed over", |device| all_held(device, 1)).await;
    assert_eq!(held(&mut sue).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_closes_when_its_person_is_disabled_and_what_waits_is_handed_over() {
    let site = Site::open().await;
    let mut tablet = HeadlessDevice::start(Account::sign_in(&site.server, "demo", TOM).await);
    tablet.until("the order", |device| device.aggregate(site.order).is_some()).await;
    tablet.until_settled().await;
    site.set_active(site.tom, false).await;
    tablet.until("signed out", |device| device.session.status().link == Link::SignInNeeded).await;
    tablet.execute(&note(site.order, "Too late")).unwrap();
    tablet.until("handed over", |device| all_held(device, 1)).await;
}
