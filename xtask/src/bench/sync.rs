//! `bench sync`: our server and its peers, one after the other on the same machine, with the same work orders and the
//! same edits. What counts as acknowledged for whom is said in `docs/benchmarks.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};

use super::{
    comparison::Comparison,
    ours::Ours,
    peer::{Peer, Work},
    record, rows,
};
use crate::{progress, setup, workspace};

const OURS: [&str; 5] = ["ingest", "first-load", "reconnect", "fan-out", "sockets"];
/// Edits of one run, between all devices; as many as one run of ours has in a quick run.
const EDITS: u32 = 2_400;
const FEW: u32 = 1_000;
const MANY: u32 = 10_000;

/// What every peer said.
pub struct Peers {
    /// automerge-repo with a thousand documents and with ten thousand.
    pub automerge_repo: [Peer; 2],
    /// PouchDB with as many.
    pub pouchdb: [Peer; 2],
    /// Hocuspocus.
    pub hocuspocus: Peer,
}

/// How much is measured.
struct Effort {
    quick: bool,
    runs: u32,
    rounds: u32,
    part_limit: Duration,
}

/// Measures all, prints it and appends it to `docs/benchmarks.md`.
pub fn run(quick: bool, json: bool) -> Result<()> {
    let effort = if quick {
        Effort { quick, runs: 1, rounds: 50, part_limit: Duration::from_secs(60) }
    } else {
        Effort { quick, runs: 3, rounds: 200, part_limit: Duration::from_secs(300) }
    };
    if let Err(error) = setup::for_peers() {
        eprintln!("no peer can be measured: {error:#}");
    }
    let program = workspace::kept_binary("maintainpro-tests", "bench", true)?;
    let ours = Ours::measure(&program, &OURS, quick)?;
    let peers = measure_peers(&program, &effort)?;
    let compared = rows::compare(&ours, &peers, quick);
    if json {
        compared.iter().for_each(|row| println!("{}", row.json()));
    } else {
        println!("{}", record::table(&compared));
    }
    record::append(&compared, quick)?;
    complete(&compared)
}

/// A peer may fail, ours may not.
fn complete(compared: &[Comparison]) -> Result<()> {
    match compared.iter().find_map(|row| row.ours.as_ref().err().map(|why| (&row.metric, why))) {
        Some((metric, why)) => bail!("{metric}: {why}"),
        None => Ok(()),
    }
}

fn measure_peers(program: &Path, effort: &Effort) -> Result<Peers> {
    let files = [work_file(program, FEW, effort)?, work_file(program, MANY, effort)?];
    let measure = |peer, parts: &[&str], file: &PathBuf| {
        Peer::measure(&Work {
            peer,
            parts,
            file,
            runs: effort.runs,
            rounds: effort.rounds,
            part_limit: effort.part_limit,
        })
    };
    let all: &[&str] = &["pushes", "reconnect", "first-load"];
    let only_pushes: &[&str] = &["pushes"];
    // Its first load and reconnect with ten thousand documents take minutes.
    let [of_few, of_many] = if effort.quick { [all, only_pushes] } else { [only_pushes, all] };
    let [few, many] = &files;
    let peers = Peers {
        automerge_repo: [measure("automerge-repo", of_few, few), measure("automerge-repo", of_many, many)],
        pouchdb: [measure("pouchdb", &["pushes"], few), measure("pouchdb", all, many)],
        hocuspocus: measure("hocuspocus", &["fan-out"], few),
    };
    for file in files {
        fs::remove_file(file)?;
    }
    Ok(peers)
}

/// The work orders and edits as a file, in the folder for what can be made again.
fn work_file(program: &Path, documents: u32, effort: &Effort) -> Result<PathBuf> {
    let folder = workspace::root().join("target/peers");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("work-{documents}.jsonl"));
    let mut export = workspace::program(program);
    export.arg("export").arg(&file).args([documents, EDITS * effort.runs].map(|count| count.to_string()));
    progress::quiet(&format!("Writing {documents} work orders for the peers"), &mut export)?;
    Ok(file)
}
