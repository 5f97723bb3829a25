//! A device that worked without a network and comes back: from the network's return to the last receipt.

use std::time::Instant;

use shared_model::document::DocumentKind;
use shared_model::features::labour_entry::{self, LabourEntry};
use shared_model::features::{Command, comment};
use shared_model::identity::DocumentId;
use shared_model::sync_protocol::Link;

use super::maker::Maker;
use super::stage::Stage;
use super::{Bench, Metric, median};
use crate::client::Client;
use crate::hand::new_record;
use crate::headless::{Account, HeadlessDevice};

const ORGANISATION: &str = "drain";
const WORK_ORDERS: usize = 50;
const EDITS: usize = 500;

/// Unplugs a whole device, works on it, and plugs it in again.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let stage = Stage::set()?;
    let tenant = stage.tenant(ORGANISATION)?;
    let mut maker = Maker::new(tenant.grants(), 0);
    stage.submit(&tenant, vec![maker.create(WORK_ORDERS)]);
    let mut device = stage.load.block_on(device(&stage));
    let (mut welcoming, mut draining, mut server, mut postgres) = (vec![], vec![], vec![], vec![]);
    for _ in 0..bench.runs() {
        stage.load.block_on(work_offline(&mut device, &mut maker));
        let before = stage.cpu();
        let (welcomed, drained) = stage.load.block_on(plug_in(&mut device))?;
        let used = stage.cpu().since(&before);
        welcoming.push(welcomed * 1_000.0);
        draining.push(drained);
        server.push(used.server_us / EDITS as f64);
        postgres.push(used.postgres_us / EDITS as f64);
    }
    let name = |what: &str| format!("{EDITS} edits of {WORK_ORDERS} work orders made offline: {what}");
    Ok(vec![
        Metric::new(name("network back to last receipt stored"), median(draining), "s", "≤ 2 s"),
        Metric::new(name("of it until welcomed"), median(welcoming), "ms", ""),
        Metric::new(name("server's processor time an edit"), median(server), "µs", ""),
        Metric::new(name("PostgreSQL's processor time an edit"), median(postgres), "µs", ""),
    ])
}

/// A device that holds all there is.
async fn device(stage: &Stage) -> HeadlessDevice {
    let mut client = Client::new(stage.address);
    let signed_in = client.sign_in(ORGANISATION, &format!("manager@{ORGANISATION}.example")).await;
    let mut device = HeadlessDevice::start(Account::of(client, signed_in));
    device.until("loaded", |device| device.store.documents.len() == WORK_ORDERS).await;
    device.until_settled().await;
    device
}

/// Goes round the work orders: fields, answers, remarks and hours.
async fn work_offline(device: &mut HeadlessDevice, maker: &mut Maker) {
    device.unplug();
    device.until("unplugged", |device| matches!(device.session.status().link, Link::Offline { .. })).await;
    let ids: Vec<DocumentId> = device.look(|device| device.store.documents.keys().copied().collect());
    let person = device.look(|device| device.whose.person);
    for number in 0..EDITS {
        let document = ids[number % ids.len()];
        let command = match number / ids.len() % 5 {
            0 => {
                let (id, kind) = (new_record(), DocumentKind::WorkOrder);
                let text = format!("Seen on round {number}, nothing leaks.");
                Command::Comment(comment::Command::Add { id, document, kind, text })
            }
            1 => {
                let entry = LabourEntry { person, minutes: 15, started: None, note: None };
                let add = labour_entry::Command::Add { id: new_record(), work_order: document, entry };
                Command::LabourEntry(add)
            }
            _ => maker.one_edit(document),
        };
        let saved = device.execute(&command).unwrap();
        assert!(saved.is_some(), "{command:?} changes nothing");
    }
}

/// Seconds until the device is welcomed, and until nothing waits any more.
async fn plug_in(device: &mut HeadlessDevice) -> anyhow::Result<(f64, f64)> {
    let begin = Instant::now();
    device.plug_in();
    let away = |link| matches!(link, Link::Offline { .. } | Link::Connecting | Link::SignInNeeded);
    device.until("connected", |device| !away(device.session.status().link)).await;
    let welcomed = begin.elapsed().as_secs_f64();
    device.until("drained", |device| device.store.outbox.is_empty()).await;
    let drained = begin.elapsed().as_secs_f64();
    device.until_settled().await;
    let aside = device.look(|device| device.store.attention.len() + device.store.refused.len());
    anyhow::ensure!(aside == 0, "{aside} edits were not accepted");
    Ok((welcomed, drained))
}
