//! A season far from any network, and the way home: from the network's return to the last receipt.

use std::collections::BTreeMap;
use std::time::Duration;

use automerge::ChangeHash;
use shared_model::identity::{DocumentId, RecordId};
use shared_model::instant::DAY_MS;
use shared_model::record::Record;
use sync_server::clock::Clock;

use super::stage::Stage;
use super::{Bench, Metric};
use crate::away::{Away, Site, come_home};
use crate::client::Client;
use crate::device::{DeviceStore, StoredCopy};
use crate::headless::{Account, HeadlessDevice};

const ORGANISATION: &str = "offline";
const WORK_ORDERS: usize = 40;
const DAYS: usize = 90;

/// Takes a device away, lets its person work there, and brings it home.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let edits = bench.load(10_000, 2_000);
    let stage = Stage::set()?;
    stage.tenant(ORGANISATION)?;
    let (account, store, site) = stage.load.block_on(leave(&stage));
    let begun = Clock::System.now().plus_millis(-DAY_MS * i64::try_from(DAYS)?);
    let mut away = Away::with(account.whose(), store, site, Clock::manual(begun));
    away.days(DAYS, edits);
    let (store, _, _, saved) = away.home();
    let before = stage.cpu();
    let (device, [first, second]) = stage.load.block_on(come_home(account, store));
    let used = stage.cpu().since(&before);
    let acknowledged = device.look(|device| device.store.acknowledged.clone());
    anyhow::ensure!(acknowledged.is_superset(&saved), "not everything was accepted");
    anyhow::ensure!(
        stage.load.block_on(fresh_copy(&stage)) == copy_of(&device),
        "a fresh device has other documents than the one that came home"
    );
    let name = |what: &str| {
        format!("{edits} edits of {DAYS} days offline on {WORK_ORDERS} work orders and more: {what}")
    };
    let (all, ratio) = ((first + second).as_secs_f64(), share(second, first));
    Ok(vec![
        Metric::new(name("network back to last receipt stored"), all, "s", ""),
        Metric::new(name("second half over first"), ratio, "×", "≤ 2 ×"),
        Metric::new(name("server's processor time an edit"), used.server_us / edits as f64, "µs", ""),
        Metric::new(name("PostgreSQL's processor time an edit"), used.postgres_us / edits as f64, "µs", ""),
    ])
}

fn share(of: Duration, whole: Duration) -> f64 {
    of.as_secs_f64() / whole.as_secs_f64()
}

/// Heads and records of every document.
type Copies = BTreeMap<DocumentId, (Vec<ChangeHash>, BTreeMap<RecordId, Record>)>;

fn copy_of(device: &HeadlessDevice) -> Copies {
    let read = |(id, copy): (&DocumentId, &StoredCopy)| {
        let held = copy.load(*id);
        (*id, (held.document.heads(), held.records))
    };
    device.look(|device| device.store.documents.iter().map(read).collect())
}

/// What a device gets that was never there.
async fn fresh_copy(stage: &Stage) -> Copies {
    let mut client = Client::new(stage.address);
    let signed_in = client.sign_in(ORGANISATION, &format!("manager@{ORGANISATION}.example")).await;
    let mut device = HeadlessDevice::start(Account::of(client, signed_in));
    device.until_settled().await;
    copy_of(&device)
}

/// A device that wrote the site down, and is switched off.
async fn leave(stage: &Stage) -> (Account, DeviceStore, Site) {
    let mut client = Client::new(stage.address);
    let signed_in = client.sign_in(ORGANISATION, &format!("manager@{ORGANISATION}.example")).await;
    let mut device = HeadlessDevice::start(Account::of(client, signed_in));
    device.until_settled().await;
    let (site, commands) = Site::with(WORK_ORDERS);
    for command in &commands {
        device.execute(command).unwrap();
    }
    device.until_settled().await;
    let (account, store) = device.kill().await;
    (account, store, site)
}
