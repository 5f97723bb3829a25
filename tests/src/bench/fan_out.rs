//! From a commit to the feed frame of everybody else who is connected: to the node that commits, and to another one on
//! the same database.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use shared_model::sync_protocol::{CommandResult, DeviceFrame, Plan, ServerFrame};
use tokio::sync::mpsc;

use super::line::{self, Line, Stand};
use super::maker::Maker;
use super::stage::{Stage, Tenant};
use super::{Bench, Metric, open_files, percentile};

/// Edits before anything is measured: the first one binds an actor, which moves the directory.
const WARM_UP: usize = 5;
/// Sockets have two ends here, and the rest of the process wants some too.
const FILES_PER_SUBSCRIBER: usize = 2;
const OTHER_FILES: usize = 200;

type Commits = Arc<Mutex<Vec<(u64, Instant)>>>;

/// Where the subscribers are connected, seen from the node that commits.
#[derive(Clone, Copy)]
struct Place {
    address: SocketAddr,
    name: &'static str,
    slug: &'static str,
    goal: &'static str,
}

/// Measures with a hundred subscribers, and with a thousand where so many files may be open; at one node, then across
/// two.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let mut stage = Stage::set()?;
    let here = Place {
        address: stage.address,
        name: "fan-out to",
        slug: "fan-out",
        goal: "p99 ≤ 1.5 × Hocuspocus (15.4 ms)",
    };
    let mut metrics = at(bench, &stage, here)?;
    let elsewhere = Place {
        address: stage.neighbour()?,
        name: "fan-out across two nodes to",
        slug: "fan-out-across",
        goal: "p99 ≤ 150 ms",
    };
    metrics.extend(at(bench, &stage, elsewhere)?);
    Ok(metrics)
}

fn at(bench: &Bench, stage: &Stage, place: Place) -> anyhow::Result<Vec<Metric>> {
    let mut metrics = Vec::new();
    for subscribers in [100, 1_000] {
        if open_files() < subscribers * FILES_PER_SUBSCRIBER + OTHER_FILES {
            eprintln!("{subscribers} subscribers need more open files than allowed (ulimit -n)");
            continue;
        }
        metrics.extend(with_subscribers(bench, stage, place, subscribers)?);
    }
    Ok(metrics)
}

fn with_subscribers(
    bench: &Bench,
    stage: &Stage,
    place: Place,
    subscribers: usize,
) -> anyhow::Result<Vec<Metric>> {
    let rounds = bench.load(200, 50);
    let tenant = stage.tenant(&format!("{}-{subscribers}", place.slug))?;
    let mut hand = Maker::new(tenant.grants(), 0);
    stage.submit(&tenant, vec![hand.create(10)]);
    let commits = watch_commits(stage, &tenant);
    let (heard, arrivals) = mpsc::unbounded_channel();
    let (pushed, frames) = stage.load.block_on(async {
        let stand = subscribe(&tenant.at(place.address), subscribers, &heard).await?;
        let mut line = tenant.line().await?;
        line.greet(tenant.device(), &Stand { cursor: None, ..stand }).await?;
        play(line, &mut hand, arrivals, (subscribers, rounds)).await
    })?;
    let commits = commits.lock().clone();
    let committed = |seq: u64| commits.iter().find(|(head, _)| *head >= seq).map(|(_, at)| *at);
    let mut from_commit = Vec::new();
    let mut from_push = Vec::new();
    for ((seq, at), received) in pushed.into_iter().zip(frames) {
        let Some(commit) = committed(seq) else { continue };
        from_commit
            .extend(received.iter().map(|frame| frame.saturating_duration_since(commit).as_secs_f64() * 1e3));
        from_push
            .extend(received.iter().map(|frame| frame.saturating_duration_since(at).as_secs_f64() * 1e3));
    }
    let name = |what: &str| format!("{} {subscribers}, {what}", place.name);
    Ok(vec![
        Metric::new(name("commit to frame, p50"), percentile(&mut from_commit, 0.5), "ms", ""),
        Metric::new(name("commit to frame, p99"), percentile(&mut from_commit, 0.99), "ms", place.goal),
        Metric::new(name("push to frame, p50"), percentile(&mut from_push, 0.5), "ms", ""),
        Metric::new(name("push to frame, p99"), percentile(&mut from_push, 0.99), "ms", ""),
    ])
}

/// When the feed was heard to have grown within the server, which is right after the commit.
fn watch_commits(stage: &Stage, tenant: &Tenant) -> Commits {
    let commits = Commits::default();
    let (noted, mut head) = (Arc::clone(&commits), stage.state.sync.wake().subscribe(tenant.organisation));
    stage.on_server(async move {
        tokio::spawn(async move {
            while head.changed().await.is_ok() {
                let seq = head.borrow_and_update().feed;
                noted.lock().push((seq, Instant::now()));
            }
        });
    });
    commits
}

/// Opens so many sockets that follow the feed and tell of each frame they hear.
async fn subscribe(
    tenant: &Tenant,
    count: usize,
    heard: &mpsc::UnboundedSender<(u64, Instant)>,
) -> anyhow::Result<Stand> {
    let mut first = tenant.line().await?;
    let stand = first.stand(tenant.device()).await?;
    for _ in 0..count {
        let mut line = tenant.line().await?;
        let welcomed = line.greet(tenant.device(), &stand).await?;
        anyhow::ensure!(welcomed.plan == Plan::Delta, "a subscriber is sent to {:?}", welcomed.plan);
        tokio::spawn(follow(line, heard.clone()));
    }
    Ok(stand)
}

async fn follow(mut line: Line, heard: mpsc::UnboundedSender<(u64, Instant)>) -> anyhow::Result<()> {
    loop {
        let bytes = line.hear_bytes().await?;
        let at = Instant::now();
        if let ServerFrame::Feed { to, .. } = line::read(&bytes)? {
            heard.send((to.seq, at))?;
            line.say(&DeviceFrame::Stored { seq: to.seq }).await?;
        }
    }
}

/// What was pushed when, and when everybody heard of it.
type Played = (Vec<(u64, Instant)>, Vec<Vec<Instant>>);

/// Pushes one edit after the other, each after everybody has heard of the one before.
async fn play(
    mut line: Line,
    hand: &mut Maker,
    mut arrivals: mpsc::UnboundedReceiver<(u64, Instant)>,
    (subscribers, rounds): (usize, usize),
) -> anyhow::Result<Played> {
    let (mut pushed, mut frames) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + rounds {
        let commands = hand.edit(1);
        let at = Instant::now();
        line.say(&DeviceFrame::Push { commands }).await?;
        let seq = answer(&mut line).await?;
        let mut received = Vec::with_capacity(subscribers);
        while received.len() < subscribers {
            let Some((to, at)) = arrivals.recv().await else { anyhow::bail!("the subscribers are gone") };
            if to >= seq {
                received.push(at);
            }
        }
        if round >= WARM_UP {
            pushed.push((seq, at));
            frames.push(received);
        }
    }
    line.close().await;
    Ok((pushed, frames))
}

async fn answer(line: &mut Line) -> anyhow::Result<u64> {
    loop {
        let ServerFrame::PushResults { results } = line.hear().await? else { continue };
        match results.first() {
            Some((_, CommandResult::Accepted { seqs, .. })) => {
                return Ok(seqs.iter().copied().max().unwrap_or_default());
            }
            other => anyhow::bail!("not accepted: {other:?}"),
        }
    }
}
