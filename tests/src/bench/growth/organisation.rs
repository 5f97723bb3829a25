//! The same pushes to the same number of work orders, in organisations of several sizes. Each has a server of its own with
//! a small cache, so that its memory can be held against it; they are measured in turn, so that whatever else the machine
//! does meets all of them.

use std::time::Instant;

use anyhow::Context;
use shared_model::identity::DeviceId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::PushedCommand;
use sqlx::{Connection, PgConnection};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::bench::cpu::Cpu;
use crate::bench::ingest::push;
use crate::bench::line::Line;
use crate::bench::maker::Maker;
use crate::bench::sockets::{EMAIL, ORGANISATION, memory_bytes, program, with_a_person};
use crate::bench::{Bench, Metric, median};
use crate::client::Client;
use crate::process::{DataFolder, ServerProcess};

/// Devices that push at once, each with so many work orders in use and so many commands under way.
const DEVICES: usize = 24;
const IN_USE: usize = 40;
const WINDOW: usize = 32;
/// Work orders a device writes down before it forgets them.
const PORTION: usize = 50;
/// What is in use fits in, and ten thousand work orders do not.
const CACHE_MB: usize = 32;
const MEGABYTE: f64 = 1_024.0 * 1_024.0;
/// A hundred times the documents put one more level on an index, and no more.
const SAME_COST: &str = "≤ 1.2 ×";
const SAME_MEMORY: &str = "≤ 1.1 ×";

/// Measures three sizes, of which the last two fill the cache.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let sizes = [1_000, 10_000, bench.load(100_000, 20_000)];
    let mut sites = sizes.map(Site::of_size).into_iter().collect::<anyhow::Result<Vec<Site>>>()?;
    let mut pushes = sizes.map(|_| Pushes::default());
    for _ in 0..bench.runs() {
        sites = sites.into_iter().map(Site::restarted).collect::<anyhow::Result<_>>()?;
        for (site, pushes) in sites.iter_mut().zip(&mut pushes) {
            pushes.cold.add(&site.push(DEVICES * IN_USE)?);
            pushes.warm.add(&site.push(bench.load(9_600, 2_400))?);
        }
    }
    let costs = pushes.map(Costs::of);
    let mut metrics = Vec::new();
    for (site, cost) in sites.iter().zip(&costs) {
        metrics.extend(cost.metrics(site.size));
        let name = format!("memory beyond the start's, {} documents touched, beside the cache", site.size);
        metrics.push(Metric::new(name, site.memory / MEGABYTE, "MB", "").beside_limit(CACHE_MB as f64));
    }
    let [small, middle, large] = sizes;
    metrics.extend(costs[2].over(&costs[0], [large, small]));
    let name = format!("memory beyond the start's: {large} over {middle} documents touched");
    metrics.push(Metric::new(name, sites[2].memory / sites[1].memory, "×", SAME_MEMORY));
    Ok(metrics)
}

/// Pushes of two kinds, each measured run after run.
#[derive(Default)]
struct Pushes {
    /// To documents in memory.
    warm: Runs,
    /// To documents that have to be read first.
    cold: Runs,
}

/// Microseconds a push, of each run.
#[derive(Default)]
struct Runs {
    time: Vec<f64>,
    server: Vec<f64>,
    postgres: Vec<f64>,
}

/// Microseconds a push.
struct Cost {
    time: f64,
    server: f64,
    postgres: f64,
}

impl Runs {
    fn add(&mut self, cost: &Cost) {
        self.time.push(cost.time);
        self.server.push(cost.server);
        self.postgres.push(cost.postgres);
    }

    fn median(self) -> Cost {
        Cost { time: median(self.time), server: median(self.server), postgres: median(self.postgres) }
    }
}

impl Cost {
    fn parts(&self) -> [(&'static str, f64); 3] {
        [
            ("time", self.time),
            ("server's processor time", self.server),
            ("PostgreSQL's processor time", self.postgres),
        ]
    }
}

/// What pushes to an organisation of one size cost.
struct Costs {
    warm: Cost,
    cold: Cost,
}

impl Costs {
    fn of(pushes: Pushes) -> Self {
        Self { warm: pushes.warm.median(), cold: pushes.cold.median() }
    }

    fn kinds(&self) -> [(&'static str, &Cost); 2] {
        [("push", &self.warm), ("cold push", &self.cold)]
    }

    fn metrics(&self, size: usize) -> Vec<Metric> {
        let each = |(kind, cost): (&str, &Cost)| {
            cost.parts().map(|(what, value)| {
                Metric::new(format!("{kind}, organisation of {size}: {what}"), value, "µs", "")
            })
        };
        self.kinds().into_iter().flat_map(each).collect()
    }

    /// How much more it costs than in a smaller organisation.
    fn over(&self, smaller: &Self, sizes: [usize; 2]) -> Vec<Metric> {
        let [large, small] = sizes;
        let mut metrics = Vec::new();
        for ((kind, cost), (_, less)) in self.kinds().into_iter().zip(smaller.kinds()) {
            for ((what, more), (_, less)) in cost.parts().into_iter().zip(less.parts()) {
                let name = format!("{kind}: {what}, {large} over {small} documents");
                metrics.push(Metric::new(name, more / less, "×", SAME_COST));
            }
        }
        metrics
    }
}

/// A server, an organisation and the hands that write in it.
struct Site {
    server: ServerProcess,
    client: Client,
    device: DeviceId,
    hands: Vec<Maker>,
    /// Work orders there are.
    size: usize,
    /// Bytes the server took more than at its start when all were written down.
    memory: f64,
    load: Runtime,
    program: String,
    data: DataFolder,
}

impl Site {
    /// An organisation of so many work orders; the last ones are in use from now on, the others are forgotten.
    fn of_size(size: usize) -> anyhow::Result<Self> {
        let mut site = Self::open()?;
        let at_start = memory_bytes(site.server.id())?;
        let (in_use, portion) = (DEVICES * IN_USE, DEVICES * PORTION);
        let (mut rest, portions) = ((size - in_use) % portion, (size - in_use) / portion);
        for _ in 0..=portions {
            site.write_down(rest.div_ceil(DEVICES))?;
            site.hands.iter_mut().for_each(|hand| hand.documents.clear());
            rest = portion;
        }
        site.write_down(IN_USE)?;
        site.memory = memory_bytes(site.server.id())? - at_start;
        site.size = size;
        site.tidy_up()?;
        Ok(site)
    }

    fn open() -> anyhow::Result<Self> {
        let (program, data, load) = (program()?, DataFolder::create(), Runtime::new()?);
        with_a_person(&program, &data)?;
        let server = start(&program, &data);
        let mut client = server.client();
        let signed_in = load.block_on(client.sign_in(ORGANISATION, EMAIL));
        let grants = Grants { person: signed_in.person.id, grants: signed_in.grants };
        let hands = (0..DEVICES as u64).map(|number| Maker::new(grants.clone(), number)).collect();
        let device = signed_in.device.id;
        Ok(Self { server, client, device, hands, size: 0, memory: 0.0, load, program, data })
    }

    /// So many work orders of each hand.
    fn write_down(&mut self, each: usize) -> anyhow::Result<()> {
        let commands = self.hands.iter_mut().map(|hand| hand.create(each)).collect();
        self.send(commands).map(drop)
    }

    /// Leaves PostgreSQL nothing to do that writing so much down asked for.
    fn tidy_up(&self) -> anyhow::Result<()> {
        let options = self.data.superuser().context("a cluster that runs")?;
        self.load.block_on(async {
            let mut connection = PgConnection::connect_with(&options).await?;
            for statement in ["vacuum analyze", "checkpoint"] {
                sqlx::raw_sql(statement).execute(&mut connection).await?;
            }
            Ok(connection.close().await?)
        })
    }

    /// The same with a server that has nothing in memory.
    fn restarted(self) -> anyhow::Result<Self> {
        anyhow::ensure!(self.server.terminate(), "the server did not end well");
        let server = start(&self.program, &self.data);
        let client = self.client.at(server.address);
        Ok(Self { server, client, ..self })
    }

    /// Edits of what is in use, made beforehand: each document once before any a second time.
    fn push(&mut self, edits: usize) -> anyhow::Result<Cost> {
        let commands = self.hands.iter_mut().map(|hand| hand.edit_in_turn(edits / DEVICES)).collect();
        let (used, time) = self.send(commands)?;
        let each = |microseconds: f64| microseconds / edits as f64;
        Ok(Cost { time: each(time), server: each(used.server_us), postgres: each(used.postgres_us) })
    }

    /// Pushes through a socket for each device; processor time, and microseconds from the first push to the last answer.
    fn send(&self, devices: Vec<Vec<PushedCommand>>) -> anyhow::Result<(Cpu, f64)> {
        let used = || Cpu::of_process(self.server.id(), self.data.postmaster());
        self.load.block_on(async {
            let mut lines = Vec::new();
            for commands in devices {
                lines.push((self.line().await?, commands));
            }
            let (before, begin) = (used(), Instant::now());
            let mut pushing = JoinSet::new();
            for (line, commands) in lines {
                pushing.spawn(push(line, commands, WINDOW));
            }
            while let Some(pushed) = pushing.join_next().await {
                pushed??;
            }
            let time = begin.elapsed().as_secs_f64() * 1e6;
            Ok((used().since(&before), time))
        })
    }

    async fn line(&self) -> anyhow::Result<Line> {
        let mut client = self.client.clone();
        let ticket = client.socket_ticket().await;
        let mut line = Line::open(self.server.address, &ticket.ticket).await?;
        line.stand(self.device).await?;
        Ok(line)
    }
}

fn start(program: &str, data: &DataFolder) -> ServerProcess {
    let cache = CACHE_MB.to_string();
    let settings =
        [("MAINTAINPRO_DOCUMENT_CACHE_MB", cache.as_str()), ("MAINTAINPRO_SOCKETS_A_SECOND", "100000")];
    ServerProcess::start_with(program, data, &settings)
}
