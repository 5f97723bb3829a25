//! One document that grows older: what a push to it costs, and what reading it from the database does.

use std::time::Instant;

use shared_model::identity::DocumentId;
use shared_model::sync_protocol::PushedCommand;
use sync_server::database::tenant_transaction;
use sync_server::document_store;
use tokio::task::JoinSet;

use crate::bench::maker::Maker;
use crate::bench::stage::{Stage, Tenant, assert_accepted};
use crate::bench::{Bench, Metric, median};

/// Work orders of each length, each on a device of its own.
const DOCUMENTS: u64 = 4;
/// Pushes to each of them in one run, at least.
const PUSHES: usize = 32;
/// Of a long one by so much of its history: a snapshot falls among so many.
const PART: usize = 16;
/// A push looks at the whole document at most: ten times the history, ten times the cost.
const LINEAR: &str = "≤ 1 ×";
/// Reading a document costs the same for each of its changes.
const SAME_COST: &str = "≤ 1.2 ×";

/// Work orders with histories of one length, and what they cost, run after run.
struct Aged {
    changes: usize,
    hands: Vec<Maker>,
    /// Milliseconds from a push to its answer.
    push_ms: Vec<f64>,
    /// Microseconds of a processor for one push.
    server_us: Vec<f64>,
    postgres_us: Vec<f64>,
    /// Microseconds until a document is read from the database, for each of its changes.
    read_us: Vec<f64>,
}

/// Measures three lengths in turn.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let stage = Stage::set()?;
    let tenant = stage.tenant("growth-history")?;
    let mut all: Vec<Aged> = Vec::new();
    for changes in [100, 1_000, bench.load(10_000, 3_000)] {
        let mut aged = Aged::new(&tenant, changes);
        // What is measured makes the histories longer: on average they have the length they are named by.
        aged.edit(&stage, &tenant, changes - pushes(changes) * bench.runs() / 2);
        all.push(aged);
    }
    for _ in 0..bench.runs() {
        for aged in &mut all {
            aged.run(&stage, &tenant)?;
        }
    }
    Ok(metrics(all))
}

impl Aged {
    fn new(tenant: &Tenant, changes: usize) -> Self {
        let first = changes as u64;
        let hands = (first..first + DOCUMENTS).map(|number| Maker::new(tenant.grants(), number)).collect();
        let (push_ms, server_us, postgres_us, read_us) = (vec![], vec![], vec![], vec![]);
        Self { changes, hands, push_ms, server_us, postgres_us, read_us }
    }

    /// Writes the work orders down and edits each so often.
    fn edit(&mut self, stage: &Stage, tenant: &Tenant, edits: usize) {
        let made = |hand: &mut Maker| {
            let mut commands = hand.create(1);
            commands.extend(hand.edit(edits));
            commands
        };
        stage.submit(tenant, self.hands.iter_mut().map(made).collect());
    }

    fn run(&mut self, stage: &Stage, tenant: &Tenant) -> anyhow::Result<()> {
        let edits = self.hands.iter_mut().map(|hand| hand.edit(pushes(self.changes))).collect();
        let before = stage.cpu();
        let waits = push_each(stage, tenant, edits);
        let used = stage.cpu().since(&before);
        self.server_us.push(used.server_us / waits.len() as f64);
        self.postgres_us.push(used.postgres_us / waits.len() as f64);
        self.push_ms.push(median(waits));
        let ids: Vec<DocumentId> =
            self.hands.iter().flat_map(|hand| hand.documents.keys().copied()).collect();
        self.read_us.push(read(stage, tenant, &ids)? / (ids.len() * self.changes) as f64);
        Ok(())
    }
}

fn pushes(changes: usize) -> usize {
    PUSHES.max(changes / PART)
}

/// Each device pushes one edit after the other; milliseconds each of them waited.
fn push_each(stage: &Stage, tenant: &Tenant, devices: Vec<Vec<PushedCommand>>) -> Vec<f64> {
    let (sync, tenant) = (stage.state.sync.clone(), tenant.clone());
    stage.on_server(async move {
        let mut pushing = JoinSet::new();
        for commands in devices {
            let (sync, tenant) = (sync.clone(), tenant.clone());
            pushing.spawn(async move {
                let mut waits = Vec::with_capacity(commands.len());
                for command in commands {
                    let begin = Instant::now();
                    let results = sync.submit(tenant.organisation, &tenant.sender, vec![command]).await;
                    waits.push(begin.elapsed().as_secs_f64() * 1e3);
                    results.iter().for_each(assert_accepted);
                }
                waits
            });
        }
        pushing.join_all().await.concat()
    })
}

/// Microseconds it takes to read these documents whole.
fn read(stage: &Stage, tenant: &Tenant, ids: &[DocumentId]) -> anyhow::Result<f64> {
    let (pool, organisation, ids) = (stage.state.pool.clone(), tenant.organisation, ids.to_vec());
    stage.on_server(async move {
        let mut transaction = tenant_transaction(&pool, organisation).await?;
        let begin = Instant::now();
        let read = document_store::read(&mut transaction, organisation, &ids).await?;
        let took = begin.elapsed().as_secs_f64() * 1e6;
        anyhow::ensure!(read.len() == ids.len(), "{} of {} documents were read", read.len(), ids.len());
        Ok(took)
    })
}

/// What documents of one length cost.
struct Cost {
    changes: usize,
    server_us: f64,
    postgres_us: f64,
    read_us: f64,
}

fn metrics(all: Vec<Aged>) -> Vec<Metric> {
    let (mut metrics, mut costs) = (Vec::new(), Vec::new());
    for aged in all {
        let cost = Cost {
            changes: aged.changes,
            server_us: median(aged.server_us),
            postgres_us: median(aged.postgres_us),
            read_us: median(aged.read_us),
        };
        let push = |what: &str| format!("push to a document of {} changes: {what}", cost.changes);
        let read = format!("reading a document of {} changes, for each of them", cost.changes);
        metrics.extend([
            Metric::new(push("to its answer, p50"), median(aged.push_ms), "ms", ""),
            Metric::new(push("server's processor time"), cost.server_us, "µs", ""),
            Metric::new(push("PostgreSQL's processor time"), cost.postgres_us, "µs", ""),
            Metric::new(read, cost.read_us, "µs", ""),
        ]);
        costs.push(cost);
    }
    metrics.extend(growth(&costs[1], &costs[2]));
    metrics
}

/// How costs grow with the history.
fn growth(young: &Cost, old: &Cost) -> [Metric; 3] {
    let longer = old.changes as f64 / young.changes as f64;
    let over = |what: &str| format!("{what}, {} over {} changes", old.changes, young.changes);
    let push = |what: &str, old: f64, young: f64| {
        Metric::new(
            over(&format!("push: {what} processor time ÷ history")),
            old / young / longer,
            "×",
            LINEAR,
        )
    };
    let reading = over("reading a document, for each change");
    [
        push("server's", old.server_us, young.server_us),
        push("PostgreSQL's", old.postgres_us, young.postgres_us),
        Metric::new(reading, old.read_us / young.read_us, "×", SAME_COST),
    ]
}
