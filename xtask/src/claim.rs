//! One target folder, many checkouts.
//!
//! Cargo names the products of a workspace by paths relative to it and judges them by the age of the sources, so
//! in a shared folder one checkout would take another's older build for its own. Whoever builds therefore claims
//! the folder first: commands of one checkout work side by side, another checkout waits, and when the folder
//! changes hands the products of this workspace, never those of its dependencies, are built anew.

use std::{
    env,
    fs::{self, File},
    io::{Read, Seek, Write},
    os::unix::process::CommandExt,
    path::Path,
    sync::OnceLock,
};

use anyhow::{Context, Result};

use crate::workspace;

/// Held until this process ends, or becomes the server.
static CLAIM: OnceLock<File> = OnceLock::new();

/// Claims the target folder for this checkout.
pub fn claim() -> Result<()> {
    let target = workspace::target_dir();
    fs::create_dir_all(&target)?;
    let path = target.join("checkout");
    let mut options = File::options();
    let mut file = options.read(true).write(true).create(true).truncate(false).open(&path)?;
    let ours = workspace::root().to_string_lossy().into_owned();
    loop {
        file.lock_shared()?;
        if owner(&mut file)? == ours && is_our_build() {
            CLAIM.set(file).ok().context("the target folder is claimed twice")?;
            return Ok(());
        }
        file.unlock()?;
        if file.try_lock().is_err() {
            eprintln!("Another checkout builds in {}; waiting for it", target.display());
            file.lock()?;
        }
        forget_products(&target)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(ours.as_bytes())?;
        file.unlock()?;
        if !is_our_build() {
            return start_again();
        }
    }
}

fn owner(file: &mut File) -> Result<String> {
    let mut owner = String::new();
    file.rewind()?;
    file.read_to_string(&mut owner)?;
    Ok(owner)
}

/// Whether this very program was built from this checkout.
fn is_our_build() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")) == workspace::root().join("xtask")
}

fn start_again() -> Result<()> {
    let mut again = workspace::cargo(&["run", "--quiet", "--package", "xtask", "--"]);
    Err(again.args(env::args_os().skip(1)).exec()).context("cargo could not be started")
}

/// Removes cargo's notes about the crates of this workspace in every profile and target.
fn forget_products(target: &Path) -> Result<()> {
    let crates = members()?;
    let folders = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let profiles = folders(target).chain(folders(target).flat_map(|path| folders(&path).collect::<Vec<_>>()));
    for note in profiles.flat_map(|profile| folders(&profile.join(".fingerprint")).collect::<Vec<_>>()) {
        let name = note.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.rsplit_once('-').is_some_and(|(name, _)| crates.iter().any(|member| member == name)) {
            fs::remove_dir_all(&note).with_context(|| format!("cannot remove {}", note.display()))?;
        }
    }
    Ok(())
}

fn members() -> Result<Vec<String>> {
    let output = workspace::cargo(&["metadata", "--no-deps", "--format-version", "1"]).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    Ok(packages.iter().filter_map(|package| package["name"].as_str()).map(str::to_owned).collect())
}
