//! A disk that is full for a while: a small file system of its own with the data folder on it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use axum::http::StatusCode;
use serde_json::json;

use super::report::Row;
use super::servers::progress;
use super::stage::{Stage, a_while};
use crate::client::Client;
use crate::people::PASSWORD;

/// Large enough for a cluster, small enough to be filled in a moment.
const SIZE: u64 = 384 << 20;
/// How long a full disk may go unnoticed: PostgreSQL has space of its own in hand.
const NOTICED_WITHIN: Duration = Duration::from_secs(60);
const PROBE_EVERY: Duration = Duration::from_millis(50);

/// A mounted file system that disappears.
pub struct SmallDisk {
    folder: PathBuf,
    image: PathBuf,
}

impl SmallDisk {
    /// Mounts one; an error says why that is not possible on this machine.
    pub fn mount() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("maintainpro-disk-{}", std::process::id()));
        let image = folder.with_extension("image");
        fs::create_dir_all(&folder)?;
        File::create(&image)?.set_len(SIZE)?;
        let disk = Self { folder, image };
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-m", "0"]).arg(&disk.image))?;
        run(Command::new("mount").args(["-o", "loop"]).arg(&disk.image).arg(&disk.folder))?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes every byte that is left.
    fn fill(&self) -> anyhow::Result<()> {
        let mut filler = File::create(self.filler())?;
        let block = vec![0xFF; 1 << 20];
        let mut size = block.len();
        while size > 0 {
            if filler.write_all(&block[..size]).and_then(|()| filler.sync_data()).is_err() {
                size /= 2;
            }
        }
        Ok(())
    }

    /// Gives the space back.
    fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It may never have been mounted; what is left behind is in the temporary folder.
        let _ = Command::new("umount").arg(&self.folder).output();
        let _ = fs::remove_file(&self.image);
        let _ = fs::remove_dir(&self.folder);
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}

/// Fills the disk under load until a write is refused, lets people work on, and gives the space back.
pub async fn fill(stage: &mut Stage, disk: &SmallDisk, rounds: usize) -> anyhow::Result<Row> {
    let mut row = Row::new("disk full, and space again");
    for _ in 0..rounds {
        stage.begin_round().await;
        let refused = stage.amid_work(async |site, _, rng| {
            a_while(rng, 300).await;
            disk.fill()?;
            let refused = refusal(Client::new(site.addresses()[0])).await;
            a_while(rng, 2_000).await;
            disk.free()?;
            anyhow::Ok(refused)
        });
        match refused.await? {
            None => row.note("a full disk refused nothing".to_owned()),
            Some((StatusCode::SERVICE_UNAVAILABLE, code)) if code == "database_unavailable" => {}
            Some((status, code)) => row.note(format!("a full disk is told as {status} {code}")),
        }
        row.times += 1;
        stage.end_round(Instant::now(), &mut row).await;
        progress(&row, rounds);
    }
    Ok(row)
}

/// Writes over the API until that is refused; what the refusal says.
async fn refusal(mut client: Client) -> Option<(StatusCode, String)> {
    let begun = Instant::now();
    while begun.elapsed() < NOTICED_WITHIN {
        // Signing in writes a session and a device.
        let body = json!({ "organisation": "crew0", "email": "m0@crew0.example", "password": PASSWORD });
        let answer = client.post("/api/session", &body).await;
        if answer.status != StatusCode::OK {
            return Some((answer.status, answer.problem_code()));
        }
        tokio::time::sleep(PROBE_EVERY).await;
    }
    None
}
