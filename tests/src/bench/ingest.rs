//! Pushes merged, authorised, projected, committed durably and acknowledged per second, beside the limit loop.

use std::time::{Duration, Instant};

use shared_model::sync_protocol::{CommandResult, DeviceFrame, PushedCommand, ServerFrame};
use tokio::task::JoinSet;

use super::limit::LimitLoop;
use super::line::Line;
use super::maker::Maker;
use super::stage::{Stage, Tenant, assert_accepted};
use super::{Bench, Metric, median, timed};

/// Devices that push at once.
const DEVICES: usize = 24;
/// Commands an honest device has under way.
const HONEST_WINDOW: usize = 4;
/// Commands a device may have under way at most, less one push.
const WIDE_WINDOW: usize = 32;

const GOAL: &str = "≥ 60 % of the limit; ≥ 3 × automerge-repo";
const GOAL_MANY: &str = "≥ 60 % of the limit; ≥ 20 × automerge-repo";

/// Measures with a thousand and with ten thousand documents.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let stage = Stage::set()?;
    let mut metrics = Vec::new();
    for (documents, goal) in [(1_000, GOAL), (10_000, GOAL_MANY)] {
        metrics.extend(with_documents(bench, &stage, documents, goal)?);
    }
    Ok(metrics)
}

/// What was taken in one run after the other.
#[derive(Default)]
struct Rates {
    limit: Vec<f64>,
    submit: Vec<f64>,
    honest: Vec<f64>,
    wide: Vec<f64>,
    server_us: Vec<f64>,
    postgres_us: Vec<f64>,
}

fn with_documents(
    bench: &Bench,
    stage: &Stage,
    documents: usize,
    goal: &'static str,
) -> anyhow::Result<Vec<Metric>> {
    let changes = bench.load(9_600, 2_400);
    let tenant = stage.tenant(&format!("ingest-{documents}"))?;
    let mut hands: Vec<Maker> =
        (0..DEVICES as u64).map(|number| Maker::new(tenant.grants(), number)).collect();
    let created = each(&mut hands, |hand| hand.create(documents / DEVICES + 1));
    let many = created.iter().map(Vec::len).sum();
    let (_, took) = timed(|| stage.submit(&tenant, created));
    let creations = rate(many, took);

    let mut alone = Maker::new(tenant.grants(), DEVICES as u64);
    alone.create(documents);
    let connection = stage.load.block_on(stage.superuser())?;
    let mut limit = stage.load.block_on(LimitLoop::new(connection, alone.documents.clone()))?;

    let mut rates = Rates::default();
    for _ in 0..bench.runs() {
        let edits = alone.edit(changes);
        rates.limit.push(rate(changes, stage.load.block_on(limit.run(&edits))?));

        let edits = edits_of(&mut hands, changes);
        let before = stage.cpu();
        let (_, took) = timed(|| stage.submit(&tenant, edits));
        let used = stage.cpu().since(&before);
        rates.submit.push(rate(changes, took));
        rates.server_us.push(used.server_us / changes as f64);
        rates.postgres_us.push(used.postgres_us / changes as f64);

        let edits = edits_of(&mut hands, changes);
        rates.honest.push(rate(changes, through_sockets(stage, &tenant, edits, HONEST_WINDOW)?));
        let edits = edits_of(&mut hands, changes);
        rates.wide.push(rate(changes, through_sockets(stage, &tenant, edits, WIDE_WINDOW)?));
    }
    Ok(metrics(rates, creations, documents, goal))
}

fn metrics(rates: Rates, creations: f64, documents: usize, goal: &'static str) -> Vec<Metric> {
    let limit = median(rates.limit);
    let name = |what: &str| format!("{what}, {documents} documents");
    let beside = |what: &str, rates: Vec<f64>| {
        Metric::new(name(what), median(rates), "changes/s", goal).beside_limit(limit)
    };
    vec![
        beside("ingest by submit", rates.submit),
        beside("ingest through 24 sockets, 32 under way each", rates.wide),
        beside("ingest through 24 sockets, 4 under way each", rates.honest),
        Metric::new(name("ingest: server's processor time a change"), median(rates.server_us), "µs", ""),
        Metric::new(
            name("ingest: PostgreSQL's processor time a change"),
            median(rates.postgres_us),
            "µs",
            "",
        ),
        Metric::new(name("new work orders by submit"), creations, "documents/s", ""),
    ]
}

/// Hands work side by side, as their devices do.
fn each(
    hands: &mut [Maker],
    work: impl Fn(&mut Maker) -> Vec<PushedCommand> + Sync,
) -> Vec<Vec<PushedCommand>> {
    hands.iter_mut().map(work).collect()
}

fn edits_of(hands: &mut [Maker], changes: usize) -> Vec<Vec<PushedCommand>> {
    each(hands, |hand| hand.edit(changes / DEVICES))
}

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}

/// Pushes through one socket a device; the time from the first push to the last answer.
fn through_sockets(
    stage: &Stage,
    tenant: &Tenant,
    devices: Vec<Vec<PushedCommand>>,
    window: usize,
) -> anyhow::Result<Duration> {
    stage.load.block_on(async {
        let mut lines = Vec::new();
        for commands in devices {
            let mut line = tenant.line().await?;
            line.stand(tenant.device()).await?;
            lines.push((line, commands));
        }
        let begin = Instant::now();
        let mut pushing = JoinSet::new();
        for (line, commands) in lines {
            pushing.spawn(push(line, commands, window));
        }
        while let Some(pushed) = pushing.join_next().await {
            pushed??;
        }
        Ok(begin.elapsed())
    })
}

/// Pushes these commands with so many under way at most; all must be accepted.
pub(super) async fn push(mut line: Line, commands: Vec<PushedCommand>, window: usize) -> anyhow::Result<()> {
    let mut waiting = commands.into_iter().peekable();
    let mut under_way = 0;
    while waiting.peek().is_some() || under_way > 0 {
        let next: Vec<PushedCommand> = waiting.by_ref().take(window - under_way).collect();
        if !next.is_empty() {
            under_way += next.len();
            line.say(&DeviceFrame::Push { commands: next }).await?;
        }
        if let ServerFrame::PushResults { results } = line.hear().await? {
            under_way -= results.len();
            let results: Vec<CommandResult> = results.into_iter().map(|(_, result)| result).collect();
            results.iter().for_each(assert_accepted);
        }
    }
    line.close().await;
    Ok(())
}
