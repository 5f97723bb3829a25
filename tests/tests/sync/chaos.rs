//! The short form of `cargo xtask chaos`: a few of every fault on real servers. Devices get more time than there,
//! because other tests keep the machine busy.

use std::path::PathBuf;
use std::time::Duration;

use maintainpro_tests::chaos::report::Row;
use maintainpro_tests::chaos::stage::Stage;
use maintainpro_tests::chaos::{Options, full_disk, network, postgres, rolling, servers};
use maintainpro_tests::process::DataFolder;
use sync_server::crash_point::CrashPoint;

const PROGRAM: &str = env!("CARGO_BIN_EXE_maintainpro-under-test");
/// The points where a mistake would cost most; `cargo xtask chaos` visits every one.
const DEADLY: [CrashPoint; 6] = [
    CrashPoint::ActorsBound,
    CrashPoint::DocumentsWritten,
    CrashPoint::CounterTaken,
    CrashPoint::BeforeCommit,
    CrashPoint::AfterCommit,
    CrashPoint::BeforeAnswer,
];
const BOUND: Duration = Duration::from_secs(120);

async fn stage(nodes: usize, seed: u64) -> Stage {
    Stage::open(&PathBuf::from(PROGRAM), DataFolder::create(), nodes, seed, BOUND).await.unwrap()
}

fn assert_fine(row: &Row, times: usize) {
    assert!(row.is_fine(), "{row:?}");
    assert!(row.times >= times && row.acknowledged > 0, "{row:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_servers_lose_nothing() {
    let mut stage = stage(2, 1).await;
    assert_fine(&servers::kill(&mut stage, 4).await.unwrap(), 4);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_postgresql_stops_nobody_listens_and_nodes_end_in_turn() {
    let mut stage = stage(2, 2).await;
    assert_fine(&postgres::stop(&mut stage, 2).await.unwrap(), 2);
    assert_fine(&postgres::deafen(&mut stage, 1).await.unwrap(), 1);
    assert_fine(&rolling::restart(&mut stage, 1, BOUND).await.unwrap(), 1);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_networks_heal() {
    let mut stage = stage(1, 3).await;
    // The fourth of them forgets connections without a word.
    assert_fine(&network::partition(&mut stage, 6).await.unwrap(), 6);
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_between_two_steps_loses_nothing() {
    let mut stage = stage(1, 4).await;
    assert_fine(&servers::crash_at(&mut stage, &DEADLY).await.unwrap(), DEADLY.len());
    stage.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_and_loses_nothing() {
    let options = Options {
        server: PROGRAM.into(),
        crashing_server: PROGRAM.into(),
        seed: 5,
        kills: 0,
        postgres_stops: 0,
        partitions: 0,
        others: 1,
        bound: BOUND,
    };
    let row = full_disk(&options).await.unwrap();
    match &row.skipped {
        Some(why) => eprintln!("a full disk is not possible on this machine: {why}"),
        None => assert_fine(&row, 1),
    }
}
