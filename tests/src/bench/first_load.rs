//! All work orders to a device that has none: bytes, the time until they are listed, and until everything is stored.

use std::time::{Duration, Instant};

use shared_model::identity::DeviceId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{DeviceEffect, DeviceEvent, Pack};
use sync_server::clock::Clock;

use super::line::{self, Line};
use super::maker::Maker;
use super::stage::{Stage, Tenant};
use super::{Bench, Metric, median};
use crate::client::Client;
use crate::device::{Device, DeviceStore, Person};
use crate::headless::{Fetching, fetch_pack};

const DEVICES: usize = 24;

/// Loads packs only, and into a device that saves what comes.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let count = bench.load(10_000, 10_000);
    let (stage, tenant) = filled("first-load", count)?;
    let (mut lists, mut stored, mut sent) = (Vec::new(), Vec::new(), Vec::new());
    let (mut server, mut postgres) = (Vec::new(), Vec::new());
    let mut bytes = Bytes::default();
    for _ in 0..bench.runs() {
        let before = stage.cpu();
        let begin = Instant::now();
        bytes = stage.load.block_on(load_packs(&tenant, count))?;
        sent.push(begin.elapsed().as_secs_f64());
        let used = stage.cpu().since(&before);
        server.push(used.server_us / count as f64);
        postgres.push(used.postgres_us / count as f64);
        let took = stage.load.block_on(load_device(&tenant, count))?;
        lists.push(took.list.as_secs_f64());
        stored.push(took.all.as_secs_f64());
    }
    let name = |what: &str| format!("first load of {count} work orders: {what}");
    Ok(vec![
        Metric::new(name("on the wire to the list"), megabytes(bytes.list), "MB", "≤ 0.6 MB"),
        Metric::new(name("on the wire in all"), megabytes(bytes.all), "MB", "≤ 4 MB"),
        Metric::new(name("last pack heard"), median(sent), "s", ""),
        Metric::new(name("list usable"), median(lists), "s", "≥ 20 × PouchDB (3.3 s)"),
        Metric::new(name("everything saved"), median(stored), "s", "≥ 8 × PouchDB (3.3 s)"),
        Metric::new(name("server's processor time a document"), median(server), "µs", ""),
        Metric::new(name("PostgreSQL's processor time a document"), median(postgres), "µs", ""),
    ])
}

/// Bytes of packs as they come.
#[derive(Clone, Copy, Default)]
struct Bytes {
    list: usize,
    all: usize,
}

/// A stage with an organisation of so many work orders.
pub fn filled(slug: &str, count: usize) -> anyhow::Result<(Stage, Tenant)> {
    let stage = Stage::set()?;
    let tenant = stage.tenant(slug)?;
    let created = (0..DEVICES).map(|device| {
        let share = count / DEVICES + usize::from(device < count % DEVICES);
        Maker::new(tenant.grants(), device as u64).create(share)
    });
    stage.submit(&tenant, created.collect());
    Ok((stage, tenant))
}

/// Fetches pack after pack.
async fn load_packs(tenant: &Tenant, count: usize) -> anyhow::Result<Bytes> {
    let mut client = tenant.client();
    let (mut bytes, mut loaded, mut next) = (Bytes::default(), 0, None);
    loop {
        let answer = client.pack(next.as_deref(), "zstd").await?;
        anyhow::ensure!(answer.status.is_success(), "{}", answer.status);
        let unpacked = zstd::decode_all(&answer.body[..])?;
        let pack = Pack::decode(&unpacked)?;
        bytes.all += answer.body.len();
        bytes.list += if pack.listed.is_some() { answer.body.len() } else { 0 };
        loaded += pack.documents.len();
        next = pack.next;
        if next.is_none() {
            break;
        }
    }
    anyhow::ensure!(loaded == count, "{loaded} of {count} documents came");
    Ok(bytes)
}

/// How long a load took.
struct Took {
    list: Duration,
    all: Duration,
}

/// Lets a whole device load, from the ticket on.
async fn load_device(tenant: &Tenant, count: usize) -> anyhow::Result<Took> {
    let begin = Instant::now();
    let mut loading = Loading::new(tenant);
    let mut line = tenant.line().await?;
    let mut event = DeviceEvent::Online;
    let mut list = None;
    let all = loop {
        loading.carry_out(event, &mut line).await?;
        if list.is_none() && loading.device.store.rows.len() == count {
            list = Some(begin.elapsed());
        }
        if loading.is_complete() {
            break begin.elapsed();
        }
        event = loading.next_event(&mut line).await?;
    };
    let loaded = loading.device.store.documents.len();
    anyhow::ensure!(loaded == count, "{loaded} of {count} documents are on the device");
    line.close().await;
    Ok(Took { list: list.unwrap_or(all), all })
}

struct Loading {
    device: Device,
    client: Client,
    dice: u64,
    connection: u64,
    fetching: Fetching,
}

impl Loading {
    fn new(tenant: &Tenant) -> Self {
        let (device, grants): (DeviceId, Grants) = (tenant.device(), tenant.grants());
        let whose = Person { person: grants.person, device };
        let mut dice = 1;
        let device = Device::start(whose, DeviceStore::default(), &mut || next(&mut dice));
        Self { device, client: tenant.client(), dice, connection: 0, fetching: None }
    }

    fn is_complete(&self) -> bool {
        let standing = &self.device.store.standing;
        standing.cursor.is_some() && standing.load.is_none()
    }

    /// Passes events on until nothing is left but to wait for the network.
    async fn carry_out(&mut self, event: DeviceEvent, line: &mut Line) -> anyhow::Result<()> {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            let dice = &mut self.dice;
            for effect in self.device.handle(Clock::System.now(), &mut || next(dice), event) {
                match effect {
                    DeviceEffect::Dial { connection } => {
                        self.connection = connection;
                        events.push(DeviceEvent::Connected { connection });
                    }
                    DeviceEffect::Send { frame, .. } => line.say_bytes(frame).await?,
                    DeviceEffect::FetchPack { fetch, next } => {
                        let client = self.client.clone();
                        let get = async move { fetch_pack(client, next.as_deref()).await };
                        self.fetching = Some((fetch, tokio::spawn(get)));
                    }
                    other => anyhow::bail!("a load needs no {other:?}"),
                }
            }
        }
        Ok(())
    }

    /// What is to be stored comes before what is still on its way.
    async fn next_event(&mut self, line: &mut Line) -> anyhow::Result<DeviceEvent> {
        let dice = &mut self.dice;
        if let Some(stored) = self.device.store_next(Clock::System.now(), &mut || next(dice)) {
            return Ok(stored);
        }
        let frame = match &mut self.fetching {
            None => line.hear_bytes().await?,
            Some((fetch, pack)) => tokio::select! {
                frame = line.hear_bytes() => frame?,
                pack = pack => {
                    let fetch = *fetch;
                    self.fetching = None;
                    let bytes = pack?.map_err(|cause| anyhow::anyhow!("a pack did not come: {cause:?}"))?;
                    return Ok(DeviceEvent::PackArrived { fetch, bytes });
                }
            },
        };
        line::read(&frame)?;
        Ok(DeviceEvent::Received { connection: self.connection, frame })
    }
}

/// Chance plays no part in a load.
const fn next(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *dice
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}
