//! A device that comes back and finds nothing new.

use std::time::Instant;

use shared_model::sync_protocol::{DeviceFrame, Plan, ServerFrame};

use super::first_load::filled;
use super::line::{Line, Stand};
use super::stage::Tenant;
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
    let bytes = all.iter().map(|one| one.bytes as f64).collect();
    let trips = all.iter().map(|one| one.frames as f64).collect();
    let name = |what: &str| format!("reconnect with nothing new, {documents} documents: {what}");
    Ok(vec![
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
    ])
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
