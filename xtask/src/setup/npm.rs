//! npm packages, exactly as the lock file says, and only when it changed.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{progress, workspace};

const OLDEST_NODE: u32 = 20;

/// Installs the packages of one folder unless its stamp says that this lock file is installed.
pub fn install(folder: &str) -> Result<()> {
    check_node()?;
    let path = workspace::root().join(folder);
    let lock =
        fs::read(path.join("package-lock.json")).with_context(|| format!("no lock file in {folder}"))?;
    let wanted = format!("{:x}", Sha256::digest(&lock));
    let stamp = path.join("node_modules/.installed-lock");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let label = format!("Installing the npm packages of {folder}");
    progress::quiet(
        &label,
        workspace::program("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&path),
    )?;
    Ok(fs::write(stamp, wanted)?)
}

fn check_node() -> Result<()> {
    let found = Command::new("node").arg("--version").output().ok();
    let version = found.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    let major =
        version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(major) if major >= OLDEST_NODE && workspace::find_program("npm").is_some() => Ok(()),
        Some(major) if major >= OLDEST_NODE => bail!("Node is installed, npm is not: apt-get install npm"),
        _ => bail!(
            "Node {OLDEST_NODE} or newer with npm is needed: https://nodejs.org, or apt-get install nodejs npm"
        ),
    }
}
