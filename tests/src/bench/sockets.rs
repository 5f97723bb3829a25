//! What an idle socket costs in memory: a server in a process of its own, devices that are in sync and say nothing.

use anyhow::Context;
use shared_model::sync_protocol::Plan;
use tokio::runtime::Runtime;

use super::line::Line;
use super::{Bench, Metric};
use crate::client::Client;
use crate::people::PASSWORD;
use crate::process::{DataFolder, ServerProcess, run_with};

const SOCKETS: usize = 1_000;
/// Opened before anything is measured, so that buffers everybody shares are there.
const WARM_UP: usize = 100;
pub(super) const ORGANISATION: &str = "idle";
pub(super) const EMAIL: &str = "manager@idle.example";

/// The command line of the server, which this benchmark finds in its own program.
pub const SERVER_COMMANDS: [&str; 2] = ["serve", "user"];

/// Measures a thousand sockets.
pub fn measure(_: &Bench) -> anyhow::Result<Vec<Metric>> {
    let program = program()?;
    let data = DataFolder::create();
    with_a_person(&program, &data)?;
    let unbounded = [("MAINTAINPRO_SOCKETS_A_SECOND", "100000")];
    let server = ServerProcess::start_with(&program, &data, &unbounded);
    let bytes = Runtime::new()?.block_on(a_socket(&server))?;
    anyhow::ensure!(server.terminate(), "the server did not end well");
    let name = format!("memory of an idle socket, one of {SOCKETS}");
    Ok(vec![Metric::new(name, bytes / 1_000.0, "KB", "≤ 20 KB")])
}

/// This program, which is a server too.
pub(super) fn program() -> anyhow::Result<String> {
    let program = std::env::current_exe()?;
    program.into_os_string().into_string().ok().context("a program with a readable path")
}

/// Somebody whose devices connect.
pub(super) fn with_a_person(program: &str, data: &DataFolder) -> anyhow::Result<()> {
    let person = ["--email", EMAIL, "--name", "Manager", "--role", "manager"];
    let organisation = ["--organisation", ORGANISATION, "--create-organisation", ORGANISATION];
    let arguments = [["user", "add"].as_slice(), &organisation, &person].concat();
    let added = run_with(program, data, &[("MAINTAINPRO_PASSWORD", PASSWORD)], &arguments);
    anyhow::ensure!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    Ok(())
}

/// Bytes of the server's memory for each socket.
async fn a_socket(server: &ServerProcess) -> anyhow::Result<f64> {
    let mut client = server.client();
    let device = client.sign_in(ORGANISATION, EMAIL).await.device.id;
    let mut lines = vec![open(&mut client, server).await?];
    let stand = lines[0].stand(device).await?;
    let mut before = 0.0;
    for number in 0..WARM_UP + SOCKETS {
        if number == WARM_UP {
            before = memory_bytes(server.id())?;
        }
        let mut line = open(&mut client, server).await?;
        let welcomed = line.greet(device, &stand).await?;
        anyhow::ensure!(welcomed.plan == Plan::Delta, "a device in sync is sent to {:?}", welcomed.plan);
        lines.push(line);
    }
    let used = memory_bytes(server.id())? - before;
    for line in lines {
        line.close().await;
    }
    Ok(used / SOCKETS as f64)
}

async fn open(client: &mut Client, server: &ServerProcess) -> anyhow::Result<Line> {
    let ticket = client.socket_ticket().await;
    Line::open(server.address, &ticket.ticket).await
}

/// Memory of a process that is in use, as Linux counts it.
pub(super) fn memory_bytes(process: u32) -> anyhow::Result<f64> {
    let file = format!("/proc/{process}/status");
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1_024.0)
}
