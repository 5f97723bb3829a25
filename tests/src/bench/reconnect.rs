//! A device that comes back and finds nothing new, and one that compares its whole copy.

use std::time::Instant;

use shared_model::sync_protocol::{DeviceFrame, Manifest, Plan, RANGE_DOCUMENTS, RangeMark, ServerFrame};

use super::first_load::filled;
use super::line::{Line, Stand};
use super::stage::{Stage, Tenant};
use super::{Bench, Metric, median};

/// What one reconnect took.
struct Reconnect {
    milliseconds: f64,
    bytes: usize,
    frames: usize,
}

/// Opens sockets first, then greets on each: what the sync protocol costs is told apart from ticket and upgrade.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let documents = bench.load(10_000, 10_000);
    let count = bench.load(400, 100);
    let (stage, tenant) = filled("reconnect", documents)?;
    // Somebody else stays connected, as in a real organisation.
    let (_other, stand) = stage.load.block_on(async {
        let mut line = tenant.line().await?;
        let stand = line.stand(tenant.device()).await?;
        anyhow::Ok((line, stand))
    })?;
    let (mut server, mut postgres, mut opening) = (Vec::new(), Vec::new(), Vec::new());
    let mut all = Vec::new();
    for _ in 0..bench.runs() {
        let begin = Instant::now();
        let lines = stage.load.block_on(open(&tenant, count))?;
        opening.push(begin.elapsed().as_secs_f64() * 1_000.0 / count as f64);
        let before = stage.cpu();
        let (lines, taken) = stage.load.block_on(greet_all(&tenant, lines, &stand))?;
        let used = stage.cpu().since(&before);
        server.push(used.server_us / 1_000.0 / count as f64);
        postgres.push(used.postgres_us / 1_000.0 / count as f64);
        all.extend(taken);
        stage.load.block_on(async {
            for line in lines {
                line.close().await;
            }
        });
    }
    let mut figures = check(bench, &stage, &tenant, &stand, documents)?;
    let bytes = all.iter().map(|one| one.bytes as f64).collect();
    let trips = all.iter().map(|one| one.frames as f64).collect();
    let name = |what: &str| format!("reconnect with nothing new, {documents} documents: {what}");
    figures.splice(
        ..0,
        [
            Metric::new(name("round trips"), median(trips), "", "1"),
            Metric::new(name("bytes of frames"), median(bytes), "B", "≤ 300 B"),
            Metric::new(name("server's processor time"), median(server), "ms", "≤ 1 ms"),
            Metric::new(name("PostgreSQL's processor time"), median(postgres), "ms", ""),
            Metric::new(
                name("Hello to Welcome"),
                median(all.iter().map(|one| one.milliseconds).collect()),
                "ms",
                "",
            ),
            Metric::new(name("ticket and upgrade before it"), median(opening), "ms", ""),
        ],
    );
    Ok(figures)
}

/// What it costs to find a copy of everything equal.
fn check(
    bench: &Bench,
    stage: &Stage,
    tenant: &Tenant,
    stand: &Stand,
    documents: usize,
) -> anyhow::Result<Vec<Metric>> {
    let (mut milliseconds, mut server, mut postgres) = (Vec::new(), Vec::new(), Vec::new());
    let (ranges, mut line) = stage.load.block_on(async {
        let mut line = tenant.line().await?;
        line.greet(tenant.device(), stand).await?;
        anyhow::Ok((learn(&mut line).await?, line))
    })?;
    let before = (line.sent_bytes, line.received_bytes);
    for _ in 0..bench.runs() {
        let (used, begin) = (stage.cpu(), Instant::now());
        let differing = stage.load.block_on(ask(&mut line, &ranges))?;
        milliseconds.push(begin.elapsed().as_secs_f64() * 1_000.0);
        let used = stage.cpu().since(&used);
        server.push(used.server_us / 1_000.0);
        postgres.push(used.postgres_us / 1_000.0);
        anyhow::ensure!(differing.is_empty(), "an equal copy is said to differ");
    }
    let bytes = (line.sent_bytes + line.received_bytes - before.0 - before.1) / bench.runs();
    let name = |what: &str| format!("an equal copy of {documents} documents compared: {what}");
    Ok(vec![
        Metric::new(name("bytes of frames"), bytes as f64, "B", ""),
        Metric::new(name("question to answer"), median(milliseconds), "ms", ""),
        Metric::new(name("server's processor time"), median(server), "ms", ""),
        Metric::new(name("PostgreSQL's processor time"), median(postgres), "ms", ""),
    ])
}

/// The marks of everything, asked of the server itself: each answer names what is not among the ranges yet.
async fn learn(line: &mut Line) -> anyhow::Result<Vec<RangeMark>> {
    let mut ranges = vec![RangeMark::default()];
    loop {
        let Some(manifest) = ask(line, &ranges).await?.into_iter().next() else { return Ok(ranges) };
        ranges.pop();
        let chunks = manifest.documents.chunks(RANGE_DOCUMENTS);
        ranges.extend(chunks.map(|chunk| {
            RangeMark::of(chunk.last().map(|(id, _)| *id), chunk.iter().map(|(_, mark)| *mark))
        }));
        ranges.push(RangeMark::default());
    }
}

async fn ask(line: &mut Line, ranges: &[RangeMark]) -> anyhow::Result<Vec<Manifest>> {
    line.say(&DeviceFrame::Check { ranges: ranges.to_vec() }).await?;
    loop {
        if let ServerFrame::Checkpoint { differing, .. } = line.hear().await? {
            return Ok(differing);
        }
    }
}

async fn open(tenant: &Tenant, count: usize) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::with_capacity(count);
    for _ in 0..count {
        lines.push(tenant.line().await?);
    }
    Ok(lines)
}

/// Greets on one line after the other. A ping behind each Welcome makes sure that everything the server did is counted.
async fn greet_all(
    tenant: &Tenant,
    mut lines: Vec<Line>,
    stand: &Stand,
) -> anyhow::Result<(Vec<Line>, Vec<Reconnect>)> {
    let mut taken = Vec::with_capacity(lines.len());
    for line in &mut lines {
        let begin = Instant::now();
        let welcomed = line.greet(tenant.device(), stand).await?;
        anyhow::ensure!(welcomed.plan == Plan::Delta, "the device is sent to {:?}", welcomed.plan);
        taken.push(Reconnect {
            milliseconds: begin.elapsed().as_secs_f64() * 1_000.0,
            bytes: line.sent_bytes + line.received_bytes,
            frames: line.received_frames,
        });
    }
    for line in &mut lines {
        line.say(&DeviceFrame::Ping { nonce: 1, stored: 0 }).await?;
        while !matches!(line.hear().await?, ServerFrame::Pong { .. }) {}
    }
    Ok((lines, taken))
}
