//! Processor time, as Linux counts it: in nanoseconds for every thread, in hundredths of a second for a whole process.

use std::fs;
use std::path::Path;
use std::str::FromStr;

/// Places in `stat` after the name: the parent, time in user mode, time in kernel mode.
const PARENT: usize = 1;
const USER_AND_KERNEL: [usize; 2] = [11, 12];
/// Linux tells these times in hundredths of a second, whatever the machine.
const TICK_US: f64 = 10_000.0;

/// Processor time used so far, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    /// Of this process's threads that serve.
    pub server_us: f64,
    /// Of all processes of the PostgreSQL cluster.
    pub postgres_us: f64,
}

impl Cpu {
    /// What was used up to now by threads with this name, and by a cluster.
    pub fn now(server_threads: &str, postmaster: Option<u32>) -> Self {
        let server = numbers_in("/proc/self/task")
            .filter(|thread| {
                let name = fs::read_to_string(format!("/proc/self/task/{thread}/comm"));
                name.is_ok_and(|name| name.trim() == server_threads)
            })
            .map(|thread| on_cpu_us(&format!("/proc/self/task/{thread}/schedstat")));
        Self { server_us: server.sum(), postgres_us: cluster_us(postmaster) }
    }

    /// What was used up to now by a server in a process of its own, threads that ended included, and by a cluster.
    pub fn of_process(server: u32, postmaster: Option<u32>) -> Self {
        Self { server_us: process_us(server), postgres_us: cluster_us(postmaster) }
    }

    /// What was used since `earlier`.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            server_us: self.server_us - earlier.server_us,
            postgres_us: self.postgres_us - earlier.postgres_us,
        }
    }
}

fn cluster_us(postmaster: Option<u32>) -> f64 {
    numbers_in("/proc")
        .filter(|process| {
            postmaster.is_some_and(|parent| *process == parent || parent_of(*process) == Some(parent))
        })
        .map(|process| on_cpu_us(&format!("/proc/{process}/schedstat")))
        .sum()
}

/// Time in user and in kernel mode, which a process keeps of its threads when they end.
fn process_us(process: u32) -> f64 {
    let ticks: f64 = USER_AND_KERNEL.into_iter().filter_map(|place| said_of::<f64>(process, place)).sum();
    ticks * TICK_US
}

fn numbers_in(folder: impl AsRef<Path>) -> impl Iterator<Item = u32> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The first number of `schedstat` is the time on a processor.
fn on_cpu_us(file: &str) -> f64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    nanoseconds / 1_000.0
}

fn parent_of(process: u32) -> Option<u32> {
    said_of(process, PARENT)
}

/// One of the words after the name, which may hold anything but ends with the last parenthesis.
fn said_of<T: FromStr>(process: u32, place: usize) -> Option<T> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    text.rsplit_once(')')?.1.split_whitespace().nth(place)?.parse().ok()
}
