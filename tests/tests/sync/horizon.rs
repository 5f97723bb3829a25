//! A device that was away for longer than the feed reaches back loads, and ends like one that never had anything.

use std::collections::BTreeMap;

use automerge::ChangeHash;
use maintainpro_tests::device::Device;
use maintainpro_tests::hand::{create_work_order, edit_work_order, new_document, new_record};
use maintainpro_tests::headless::{Account, HeadlessDevice};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::DocumentKind;
use shared_model::features::work_order::{self, FieldEdit};
use shared_model::features::{Command, comment};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::instant::Timestamp;
use shared_model::permission::Role;
use shared_model::sync_protocol::Link;
use sync_server::projection::verify;
use sync_server::sync::deletions::{Fate, Outcome, Requester};
use sync_server::sync::horizon;

const DAY_MS: i64 = 86_400_000;

struct Site {
    server: TestServer,
    organisation: OrganisationId,
}

impl Site {
    async fn open() -> Self {
        let server = TestServer::start().await;
        let organisation = create_organisation(&server.database, "demo").await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Manager).await;
        Self { server, organisation }
    }

    async fn account(&self) -> Account {
        Account::sign_in(&self.server, "demo", "ann@demo.example").await
    }

    /// Everything in the feed happened so many days earlier.
    async fn age(&self, days: i32) {
        let mut connection = self.server.database.superuser().await;
        sqlx::query("update feed set received_at = received_at - make_interval(days => $1)")
            .bind(days)
            .execute(&mut connection)
            .await
            .unwrap();
    }

    /// Half a year ago.
    fn cutoff(&self) -> Timestamp {
        self.server.state.clock.now().plus_millis(-180 * DAY_MS)
    }

    async fn raise(&self) -> u64 {
        horizon::raise(&self.server.state.pool, self.organisation, self.cutoff()).await.unwrap().unwrap()
    }

    async fn head(&self) -> u64 {
        let mut connection = self.server.database.superuser().await;
        let head: i64 =
            sqlx::query_scalar("select head from tenant_feed").fetch_one(&mut connection).await.unwrap();
        head.unsigned_abs()
    }
}

fn remark(document: DocumentId, text: &str) -> Command {
    let (id, text) = (new_record(), text.to_owned());
    Command::Comment(comment::Command::Add { id, document, kind: DocumentKind::WorkOrder, text })
}

fn retitle(id: DocumentId, title: &str) -> Command {
    edit_work_order(id, vec![FieldEdit::Title(title.to_owned())])
}

fn heads(device: &mut Device) -> BTreeMap<DocumentId, Vec<ChangeHash>> {
    let ids: Vec<DocumentId> = device.store.documents.keys().copied().collect();
    ids.into_iter().map(|id| (id, device.aggregate(id).unwrap().document.heads())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_from_behind_the_horizon_ends_like_a_fresh_one_and_loses_no_work() {
    let site = Site::open().await;
    let mut here = HeadlessDevice::start(site.account().await);
    let [changed, gone, same] = std::array::from_fn(|_| new_document());
    for id in [changed, gone, same] {
        here.execute(&create_work_order(id, "Pump 7 drips")).unwrap();
    }
    here.until_settled().await;
    let mut away = HeadlessDevice::start(site.account().await);
    away.until("told of the orders", |device| device.store.documents.len() == 3).await;
    away.until_settled().await;
    away.unplug();
    away.until("away", |device| matches!(device.session.status().link, Link::Offline { .. })).await;
    let late = [remark(changed, "Since Monday"), remark(gone, "Oil on the floor")];
    for command in &late {
        away.execute(command).unwrap();
    }
    let (account, mut kept) = away.kill().await;

    here.execute(&retitle(changed, "Pump 7 leaks")).unwrap();
    here.until_settled().await;
    let operator = Requester { grants: None, device: None };
    let node = &site.server.state.sync;
    let deleted = node.decide_existence(site.organisation, gone, Fate::Deleted, operator).await.unwrap();
    assert!(matches!(deleted, Outcome::Done(_)));
    site.age(200).await;
    assert_eq!(site.raise().await, site.head().await);
    here.execute(&retitle(same, "Fan is loud")).unwrap();
    here.until_settled().await;

    // Its power goes again and again, so that it is seen to load, and to go on with that.
    let mut account = account;
    let mut loads = 0;
    for steps in 1.. {
        let tablet = HeadlessDevice::start_with(account, kept, Some(steps));
        (account, kept) = tablet.until_dead_or_settled().await;
        loads += u32::from(kept.standing.load.is_some());
        if kept.standing.load.is_none() && loads > 0 {
            break;
        }
        assert!(steps < 50, "it never loads");
    }
    let mut away = HeadlessDevice::start_with(account, kept, None);
    away.until_settled().await;
    let mut fresh = HeadlessDevice::start(site.account().await);
    fresh.until_settled().await;
    let expected = fresh.look(heads);
    assert_eq!(expected.keys().copied().collect::<Vec<_>>(), {
        let mut ids = vec![changed, same];
        ids.sort_unstable();
        ids
    });
    assert_eq!(away.look(heads), expected);
    let remarks = |device: &mut Device| work_order::read(device.aggregate(changed).unwrap()).comments.len();
    assert_eq!((away.look(remarks), fresh.look(remarks)), (1, 1), "what was typed before is in");
    let aside: Vec<Command> = away.look(|device| {
        let entries = device.store.attention.iter();
        entries.map(|aside| serde_json::from_slice(&aside.entry.command.intent).unwrap()).collect()
    });
    assert_eq!(aside, late[1..], "what came too late is there to be exported");
    let differences = verify(&site.server.state.pool, site.organisation, |_| {}).await.unwrap();
    assert_eq!(differences, []);
}

#[tokio::test]
async fn a_horizon_rises_to_the_last_row_that_is_old_enough_and_never_falls() {
    let site = Site::open().await;
    let cutoff = site.cutoff();
    let nowhere = horizon::raise(&site.server.state.pool, site.organisation, cutoff).await.unwrap();
    assert_eq!(nowhere, None, "there is no feed yet");
    let mut device = HeadlessDevice::start(site.account().await);
    device.execute(&create_work_order(new_document(), "Pump 7 drips")).unwrap();
    device.until_settled().await;
    assert_eq!(site.raise().await, 0, "nothing is old");
    let old = site.head().await;
    site.age(200).await;
    device.execute(&create_work_order(new_document(), "Fan is loud")).unwrap();
    device.until_settled().await;
    assert!(site.head().await > old);
    assert_eq!(site.raise().await, old);
    // Somebody's setting is another.
    let further = cutoff.plus_millis(-365 * DAY_MS);
    let pool = &site.server.state.pool;
    assert_eq!(horizon::raise(pool, site.organisation, further).await.unwrap(), Some(old));
    site.age(200).await;
    assert_eq!(site.raise().await, site.head().await);
}
