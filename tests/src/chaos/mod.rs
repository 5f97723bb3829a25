//! Faults on the real thing: server processes, PostgreSQL on a disk, devices on sockets. People work all the while;
//! after every fault has healed, everything is compared with everything (`checks`).
//!
//! To add a fault: a function that takes a [`stage::Stage`] and returns a [`report::Row`], and its line in [`run`].

pub mod checks;
pub mod crew;
pub mod disk;
pub mod network;
pub mod postgres;
pub mod proxy;
pub mod report;
pub mod rolling;
pub mod servers;
pub mod site;
pub mod stage;
pub mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::ensure;
use sync_server::crash_point::CrashPoint;

use self::disk::SmallDisk;
use self::report::{Report, Row};
use self::rolling::BACK_WITHIN;
use self::stage::Stage;
use crate::process::DataFolder;

/// Within so long after the heal every device has to be at rest.
pub const BOUND: Duration = Duration::from_secs(30);
/// Servers on one database.
const NODES: usize = 3;

/// What to do, and with what.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server as it is shipped.
    pub server: PathBuf,
    /// One that knows crash points.
    pub crashing_server: PathBuf,
    /// What chance is drawn from.
    pub seed: u64,
    /// Servers to kill.
    pub kills: usize,
    /// Times PostgreSQL is stopped.
    pub postgres_stops: usize,
    /// Networks to break.
    pub partitions: usize,
    /// Rounds of everything else, and whether crash points are visited.
    pub others: usize,
    /// How long recovery may take.
    pub bound: Duration,
}

/// Runs it all, one kind of fault after the other.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let mut rows = vec![no_crash_points(&options.server)?];
    let mut stage = open(options, &options.server, NODES).await?;
    if options.kills > 0 {
        rows.push(servers::kill(&mut stage, options.kills).await?);
    }
    if options.postgres_stops > 0 {
        rows.push(postgres::stop(&mut stage, options.postgres_stops).await?);
    }
    if options.partitions > 0 {
        rows.push(network::partition(&mut stage, options.partitions).await?);
    }
    if options.others > 0 {
        rows.push(rolling::restart(&mut stage, options.others, BACK_WITHIN).await?);
        rows.push(postgres::deafen(&mut stage, options.others).await?);
        rows.push(postgres::slow_disk(&mut stage, options.others).await?);
    }
    stage.close().await;
    if options.others > 0 {
        let mut stage = open(options, &options.crashing_server, 1).await?;
        rows.push(servers::crash_at(&mut stage, CrashPoint::ALL).await?);
        stage.close().await;
        rows.push(full_disk(options).await?);
    }
    Ok(Report { seed: options.seed, rows })
}

async fn open(options: &Options, program: &Path, nodes: usize) -> anyhow::Result<Stage> {
    Stage::open(program, DataFolder::create(), nodes, options.seed, options.bound).await
}

/// Fills a small disk.
pub async fn full_disk(options: &Options) -> anyhow::Result<Row> {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(why) => return Ok(Row::skipped("disk full, and space again", format!("{why:#}"))),
    };
    let data = DataFolder::create_in(disk.folder());
    let mut stage = Stage::open(&options.server, data, 1, options.seed, options.bound).await?;
    let row = disk::fill(&mut stage, &disk, options.others).await?;
    stage.close().await;
    Ok(row)
}

/// What is shipped cannot be told where to crash.
fn no_crash_points(server: &Path) -> anyhow::Result<Row> {
    let mut row = Row::new("crash points in the server as shipped");
    let program = std::fs::read(server)?;
    ensure!(!program.is_empty(), "{} is empty", server.display());
    let variable = b"MAINTAINPRO_CRASH_AT";
    if program.windows(variable.len()).any(|window| window == variable) {
        row.note(format!("{} knows MAINTAINPRO_CRASH_AT", server.display()));
    }
    Ok(row)
}
