//! All work orders to a device that has none: bytes, and the time until everything is stored.

use std::time::{Duration, Instant};

use shared_model::identity::DeviceId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{DeviceEffect, DeviceEvent, DeviceFrame, ServerFrame};
use sync_server::clock::Clock;

use super::line::{self, Line, Stand};
use super::maker::Maker;
use super::stage::{Stage, Tenant};
use super::{Bench, Metric, median};
use crate::device::{Device, DeviceStore, Person};

const DEVICES: usize = 24;
/// Window and quality a server could compress packs with as it sends them.
const BROTLI_QUALITY: i32 = 5;

/// Loads with frames only, and into a device that merges and saves what comes.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let count = bench.load(10_000, 10_000);
    let (stage, tenant) = filled("first-load", count)?;
    let (mut sent, mut stored, mut server, mut postgres) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut bytes, mut packed) = (0.0, 0.0);
    for run in 0..bench.runs() {
        let before = stage.cpu();
        let (took, pages) = stage.load.block_on(load_frames(&tenant, count))?;
        let used = stage.cpu().since(&before);
        sent.push(took.as_secs_f64());
        server.push(used.server_us / count as f64);
        postgres.push(used.postgres_us / count as f64);
        bytes = megabytes(pages.len());
        if run == 0 {
            packed = megabytes(compressed(&pages)?);
        }
        stored.push(stage.load.block_on(load_device(&tenant, count))?.as_secs_f64());
    }
    let name = |what: &str| format!("first load of {count} work orders: {what}");
    Ok(vec![
        Metric::new(name("on the wire"), bytes, "MB", "≤ 4 MB in all, ≤ 0.6 MB to the list"),
        Metric::new(name("the same frames as one brotli stream"), packed, "MB", "≤ 4 MB in all"),
        Metric::new(name("last frame heard"), median(sent), "s", ""),
        Metric::new(name("everything merged and saved"), median(stored), "s", "≥ 8 × PouchDB (3.3 s)"),
        Metric::new(name("server's processor time a document"), median(server), "µs", ""),
        Metric::new(name("PostgreSQL's processor time a document"), median(postgres), "µs", ""),
    ])
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

/// Asks for page after page; returns the time from the ticket on, and all frames.
async fn load_frames(tenant: &Tenant, count: usize) -> anyhow::Result<(Duration, Vec<u8>)> {
    let begin = Instant::now();
    let mut line = tenant.line().await?;
    line.greet(tenant.device(), &Stand::default()).await?;
    line.say(&DeviceFrame::NextSnapshots { after: None }).await?;
    let (mut loaded, mut frames) = (0, Vec::new());
    loop {
        let bytes = line.hear_bytes().await?;
        let frame = line::read(&bytes)?;
        frames.extend(bytes);
        let ServerFrame::Snapshots { items, through, .. } = frame else { continue };
        loaded += items.len();
        match through {
            Some(_) => line.say(&DeviceFrame::NextSnapshots { after: through }).await?,
            None => break,
        }
    }
    let took = begin.elapsed();
    anyhow::ensure!(loaded == count, "{loaded} of {count} documents came");
    line.close().await;
    Ok((took, frames))
}

/// Lets a whole device load; returns the time until it has stored everything.
async fn load_device(tenant: &Tenant, count: usize) -> anyhow::Result<Duration> {
    let begin = Instant::now();
    let mut loading = Loading::new(tenant.device(), &tenant.grants());
    let mut line = tenant.line().await?;
    let mut event = DeviceEvent::Online;
    let took = loop {
        loading.carry_out(event, &mut line).await?;
        if loading.is_complete() {
            break begin.elapsed();
        }
        event = loading.next_event(&mut line).await?;
    };
    let loaded = loading.device.store.documents.len();
    anyhow::ensure!(loaded == count, "{loaded} of {count} documents are on the device");
    line.close().await;
    Ok(took)
}

struct Loading {
    device: Device,
    dice: u64,
    connection: u64,
}

impl Loading {
    fn new(device: DeviceId, grants: &Grants) -> Self {
        let whose = Person { person: grants.person, device };
        let mut dice = 1;
        let device = Device::start(whose, DeviceStore::default(), &mut || next(&mut dice));
        Self { device, dice, connection: 0 }
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
        let frame = line.hear_bytes().await?;
        line::read(&frame)?;
        Ok(DeviceEvent::Received { connection: self.connection, frame })
    }
}

/// Chance plays no part in a load.
const fn next(dice: &mut u64) -> u64 {
    *dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *dice
}

fn compressed(frames: &[u8]) -> anyhow::Result<usize> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, ..Default::default() };
    brotli::BrotliCompress(&mut &frames[..], &mut packed, &params)?;
    Ok(packed.len())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}
