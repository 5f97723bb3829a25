//! Ninety days without a network, then home: nothing that was typed is lost, nothing is refused, and the last edit takes
//! no longer to bring home than the first. All ten thousand edits of such a time, and how long they take, are
//! `cargo xtask bench offline`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use automerge::ChangeHash;
use maintainpro_tests::away::{Away, Notebook, STOCK, Site, come_home, share};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::Hand;
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::FieldValue;
use shared_model::features::work_order::{self, WorkOrder};
use shared_model::identity::DocumentId;
use shared_model::instant::DAY_MS;
use shared_model::permission::Role;
use sqlx::PgConnection;
use sync_server::app_state::Settings;
use sync_server::clock::Clock;
use sync_server::projection::verify;
use uuid::Uuid;

const DAYS: usize = 90;
const EDITS: usize = 2_000;
const ORDERS: usize = 24;
const EVE: &str = "eve@demo.example";

/// What the office does meanwhile, on every third day: on three work orders, whatever comes.
struct Office {
    ann: Hand,
    notebook: Notebook,
    number: usize,
}

impl Office {
    async fn work(&mut self, server: &TestServer, site: &Site) {
        for _ in 0..3 {
            // Of the fields that hold one value the office writes the priority only; who wins is not for this story.
            let kinds = [0, 1, 2, 3, 4, 5];
            let number = self.number / kinds.len() * 10 + kinds[self.number % kinds.len()];
            let id = site.orders[self.number * 7 % ORDERS];
            self.number += 1;
            let order = work_order::read(&self.ann.documents[&id]);
            let me = ("office", self.ann.person());
            let command = self.notebook.work(me, number, site, (id, &order));
            self.ann.act(&server.state.sync, &command).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ninety_days_of_work_come_home_whole() {
    let database = TestDatabase::create().await;
    let clock = Clock::manual(Clock::System.now().plus_millis(-(DAYS as i64 + 1) * DAY_MS));
    let then = Settings { clock: clock.clone(), ..Settings::default() };
    let server = TestServer::start_with(&database, then).await;
    let organisation = create_organisation(&database, "demo").await;
    create_person(&database, organisation, "ann@demo.example", Role::Manager).await;
    create_person(&database, organisation, EVE, Role::Supervisor).await;
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let mut office = Office { ann, notebook: Notebook::default(), number: 0 };
    let (site, commands) = Site::with(ORDERS);
    for command in &commands {
        office.ann.act(&server.state.sync, command).await;
    }

    let account = Account::sign_in(&server, "demo", EVE).await.by(clock.clone());
    let mut device = HeadlessDevice::start(account);
    device.until("loaded", |device| device.store.documents.len() == commands.len() - 1).await;
    device.until_settled().await;
    let (account, store) = device.kill().await;
    let mut away = Away::with(account.whose(), store, site, clock);
    for day in 0..DAYS {
        away.day(share(EDITS, day, DAYS));
        if day % 3 == 0 {
            office.work(&server, &away.site).await;
        }
    }
    server.stop().await;
    assert!(away.starts > DAYS && away.saved.len() == EDITS, "{} {}", away.starts, away.saved.len());
    let (store, site, notebook, saved) = away.home();

    // Home again: the server is another process by now, and the session ended weeks ago.
    let server = TestServer::start_on(&database).await;
    let mut client = server.client();
    let signed_in = client.sign_in_again("demo", EVE, account.whose().device).await;
    let (device, [first, second]) = come_home(Account::of(client, signed_in), store).await;
    println!("{EDITS} edits came home in {first:?} and {second:?}");
    assert!(second <= first * 3 + Duration::from_secs(5), "{first:?}, then {second:?}");
    device.look(|device| {
        let store = &device.store;
        assert!(store.attention.is_empty() && store.refused.is_empty(), "{:?}", store.refused);
        assert!(store.acknowledged == saved, "{} of {}", store.acknowledged.len(), saved.len());
    });

    let mut second = HeadlessDevice::start(Account::sign_in(&server, "demo", EVE).await);
    let count = device.look(|device| device.store.documents.len());
    second.until("loaded", |device| device.store.documents.len() == count).await;
    second.until_settled().await;
    assert_eq!(second.look(heads), device.look(heads));
    assert_eq!(
        second.look(|device| device.store.rows.clone()),
        device.look(|device| device.store.rows.clone())
    );
    for id in &site.orders {
        let order = second.look(|device| work_order::read(device.aggregate(*id).unwrap()));
        is_whole(&order, &[&notebook, &office.notebook]);
    }
    let mut connection = database.superuser().await;
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);
    is_in_tables(&mut connection, &notebook, &office.notebook).await;
}

fn heads(device: &mut Device) -> BTreeMap<DocumentId, Vec<ChangeHash>> {
    let ids: Vec<DocumentId> = device.store.documents.keys().copied().collect();
    ids.into_iter().map(|id| (id, device.aggregate(id).unwrap().document.heads())).collect()
}

/// Everything that anybody typed about a work order is there. Of the fields that hold one value the last one is, or
/// stands beside the one that is shown.
fn is_whole(order: &WorkOrder, notebooks: &[&Notebook]) {
    let id = order.id;
    for notebook in notebooks {
        let said = notebook.remarks.values().filter(|(about, _)| *about == id);
        for (_, said) in said {
            assert!(order.comments.iter().any(|comment| comment.text == *said), "{said}");
        }
        let text = format!("{}{}", order.description, order.resolution);
        for (_, line) in notebook.lines.iter().filter(|(about, _)| *about == id) {
            assert_eq!(text.lines().filter(|other| other == line).count(), 1, "{line}");
        }
        for movement in
            notebook.taken.iter().filter(|(_, about)| **about == id).map(|(movement, _)| *movement)
        {
            assert!(order.parts.iter().any(|part| part.movement == Some(movement)), "{movement}");
        }
        for ((_, key), said) in notebook.custom.iter().filter(|((about, _), _)| *about == id) {
            assert_eq!(order.custom.get(key), Some(said));
        }
        if let Some(priority) = notebook.priorities.get(&id) {
            let code = serde_json::to_value(priority).unwrap();
            let beside = order.conflicts.iter().filter(|conflict| conflict.field == "priority");
            let mut beside = beside.flat_map(|conflict| &conflict.values);
            let is_beside = |other: &FieldValue| {
                serde_json::to_value(other).unwrap().to_string().contains(code.as_str().unwrap())
            };
            assert!(order.priority == *priority || beside.any(|value| is_beside(&value.value)), "{order:?}");
        }
    }
}

/// A table of rows by a key.
async fn table<K, V>(connection: &mut PgConnection, query: &'static str) -> BTreeMap<K, V>
where
    K: Ord + Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    V: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let rows: Vec<(K, V)> = sqlx::query_as(query).fetch_all(connection).await.unwrap();
    rows.into_iter().collect()
}

async fn is_in_tables(connection: &mut PgConnection, eve: &Notebook, ann: &Notebook) {
    let remarks =
        table::<Uuid, String>(connection, "select comment_id, doc_id || ' ' || text from comment").await;
    let typed = eve.remarks.iter().chain(&ann.remarks);
    let typed = typed.map(|(id, (about, text))| (id.as_uuid(), format!("{} {text}", about.as_uuid())));
    assert_eq!(remarks, typed.collect());

    let hours = "select labour_entry_id, work_order_id || ' ' || minutes from labour_entry";
    let typed = eve.hours.iter().chain(&ann.hours);
    let typed = typed.map(|(id, (about, minutes))| (id.as_uuid(), format!("{} {minutes}", about.as_uuid())));
    assert_eq!(table::<Uuid, String>(connection, hours).await, typed.collect());

    let taken = "select stock_movement_id, work_order_id from stock_movement where work_order_id is not null";
    let typed: BTreeMap<Uuid, Uuid> =
        eve.taken.iter().chain(&ann.taken).map(|(id, about)| (id.as_uuid(), about.as_uuid())).collect();
    let left = STOCK * 1_000 - i64::try_from(typed.len()).unwrap() * 1_000;
    assert_eq!(table::<Uuid, Uuid>(connection, taken).await, typed);
    let balance: i64 = sqlx::query_scalar("select quantity_thousandths from stock_balance")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    assert_eq!(balance, left);

    let titles = table::<Uuid, String>(connection, "select work_order_id, title from work_order").await;
    let typed: BTreeMap<Uuid, String> =
        eve.titles.iter().map(|(id, title)| (id.as_uuid(), title.clone())).collect();
    assert!(typed.iter().all(|(id, title)| titles.get(id) == Some(title)));
    let minutes =
        "select work_order_id, estimated_minutes from work_order where estimated_minutes is not null";
    let typed = eve.minutes.iter().map(|(id, minutes)| (id.as_uuid(), *minutes)).collect();
    assert_eq!(table::<Uuid, i64>(connection, minutes).await, typed);

    let answers =
        "select work_order_id || ' ' || step, answer from checklist_answer where answer is not null";
    let typed = eve.answers.iter();
    let typed = typed.map(|((about, step), said)| (format!("{} {step}", about.as_uuid()), said.clone()));
    assert_eq!(table::<String, String>(connection, answers).await, typed.collect());

    let texts = "select work_order_id, description || resolution from work_order";
    let texts = table::<Uuid, String>(connection, texts).await;
    let lines: BTreeSet<_> = eve.lines.iter().chain(&ann.lines).collect();
    assert!(!lines.is_empty());
    for (about, line) in lines {
        assert!(texts[&about.as_uuid()].lines().any(|other| other == line), "{line}");
    }
}
