//! A PostgreSQL that stops without a goodbye, forgets who listens, or waits long for its disk.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio_util::sync::CancellationToken;

use super::report::Row;
use super::servers::progress;
use super::site::Site;
use super::stage::{Stage, a_while};
use crate::process::signal;

/// Shorter than a node takes to listen again: hardly anybody ever listens.
const DEAFEN_EVERY: Duration = Duration::from_millis(50);
/// What a disk takes for a flush in the slow part.
const SLOW: Duration = Duration::from_millis(250);
const ATTACHED_WITHIN: Duration = Duration::from_secs(10);

/// `pg_ctl stop -m immediate` under load. The server starts its cluster again by itself; the bound runs from the stop.
pub async fn stop(stage: &mut Stage, stops: usize) -> anyhow::Result<Row> {
    let mut row = Row::new("PostgreSQL stopped, immediate");
    for _ in 0..stops {
        stage.begin_round().await;
        let stopped = stage.amid_work(async |site, _, rng| {
            a_while(rng, 400).await;
            let stopped = Instant::now();
            site.stop_postgres().await?;
            a_while(rng, 500).await;
            anyhow::Ok(stopped)
        });
        let stopped = stopped.await?;
        row.times += 1;
        stage.end_round(stopped, &mut row).await;
        progress(&row, stops);
    }
    Ok(row)
}

/// Connections that listen for wake-ups die again and again, until after everything has arrived everywhere by polling.
pub async fn deafen(stage: &mut Stage, rounds: usize) -> anyhow::Result<Row> {
    let mut row = Row::new("listening connection killed");
    for _ in 0..rounds {
        stage.begin_round().await;
        let over = CancellationToken::new();
        let killer = tokio::spawn(keep_deaf(stage.site.superuser().await?, over.clone()));
        stage.amid_work(async |_, _, rng| a_while(rng, 1_000).await).await;
        stage.end_round(Instant::now(), &mut row).await;
        over.cancel();
        let killed = killer.await??;
        if killed == 0 {
            row.note("nobody was listening".to_owned());
        }
        row.times += killed;
        progress(&row, rounds);
    }
    Ok(row)
}

async fn keep_deaf(mut superuser: sqlx::PgConnection, over: CancellationToken) -> sqlx::Result<usize> {
    let mut killed = 0;
    while !over.is_cancelled() {
        let died: Vec<bool> = sqlx::query_scalar(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where query ilike 'listen%' and pid <> pg_backend_pid()",
        )
        .fetch_all(&mut superuser)
        .await?;
        killed += died.into_iter().filter(|died| *died).count();
        tokio::time::sleep(DEAFEN_EVERY).await;
    }
    Ok(killed)
}

/// Every flush of the write-ahead log takes long: strace makes each `fdatasync` of PostgreSQL wait.
pub async fn slow_disk(stage: &mut Stage, rounds: usize) -> anyhow::Result<Row> {
    const FAULT: &str = "slow flushes to disk";
    let mut row = Row::new(FAULT);
    for _ in 0..rounds {
        stage.begin_round().await;
        let slowed = stage.amid_work(async |site, _, rng| {
            let strace = match Strace::attach(site).await {
                Ok(strace) => strace,
                Err(why) => return anyhow::Ok(Err(why)),
            };
            let flush = flush(site).await?;
            a_while(rng, 2_000).await;
            drop(strace);
            Ok(Ok(flush))
        });
        match slowed.await? {
            Err(why) => return Ok(Row::skipped(FAULT, why.to_string())),
            Ok(flush) if flush < SLOW => row.note(format!("a flush took {flush:?} only")),
            Ok(_) => {}
        }
        row.times += 1;
        stage.end_round(Instant::now(), &mut row).await;
        progress(&row, rounds);
    }
    Ok(row)
}

/// How long the smallest commit takes.
async fn flush(site: &Site) -> anyhow::Result<Duration> {
    let mut superuser = site.superuser().await?;
    let begun = Instant::now();
    sqlx::query("select pg_logical_emit_message(true, 'chaos', 'x')").execute(&mut superuser).await?;
    Ok(begun.elapsed())
}

/// Holds the flushes of a cluster up while it lives.
struct Strace(std::process::Child);

impl Strace {
    async fn attach(site: &Site) -> anyhow::Result<Self> {
        let processes = site.postgres_processes().await?;
        let inject = format!("inject=fdatasync,fsync:delay_enter={}", SLOW.as_micros());
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync", "-e", &inject]);
        for process in &processes {
            strace.args(["-p", &process.to_string()]);
        }
        strace.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut attached = Self(strace.spawn().map_err(|error| anyhow::anyhow!("strace: {error}"))?);
        let begun = Instant::now();
        let postmaster = processes.last().copied().unwrap_or_default();
        while !is_traced(postmaster) {
            ensure!(attached.0.try_wait()?.is_none(), "strace may not attach to PostgreSQL");
            ensure!(begun.elapsed() < ATTACHED_WITHIN, "strace does not attach to PostgreSQL");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(attached)
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        // On an interrupt it lets go of everything it holds.
        signal("INT", self.0.id());
        let _ = self.0.wait();
    }
}

fn is_traced(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|pid| pid.trim() != "0"))
}
