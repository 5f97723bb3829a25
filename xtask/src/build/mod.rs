//! `build`: the installable client in `client-pwa/dist`.
//!
//! Two WASM modules (app and engine) go into folders named by their content, so that a new version never meets
//! a cached piece of an old one; the pages and the service worker keep their names. The result is put in place
//! by a rename: a running server never serves half a build.

mod arrange;
mod service_worker;
mod shell;
mod sizes;
mod wasm;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// Small and fast: optimised WASM, precompressed files, the size budget enforced
    #[arg(long)]
    release: bool,
}

/// How much care the build takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    Dev,
    Release,
}

impl Flavour {
    pub fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_build()?;
    build(Flavour::of(options.release))?;
    Ok(())
}

/// Where the client is when it is built.
pub fn dist() -> PathBuf {
    workspace::root().join("client-pwa/dist")
}

/// Builds the client, prints its sizes, and in release fails when a module is over its budget.
pub fn build(flavour: Flavour) -> Result<()> {
    let next = dist().with_extension("next");
    remove_folder(&next)?;
    fs::create_dir_all(&next)?;

    let modules = wasm::build(flavour, &next)?;
    shell::write(&next, &modules)?;
    service_worker::write(&next, flavour)?;
    let outcome = sizes::report(&next, flavour);

    remove_folder(&dist())?;
    fs::rename(&next, dist()).context("the finished client could not be moved to client-pwa/dist")?;
    outcome
}

fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Every file below a folder, as paths relative to it, sorted.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(current) = open.pop() {
        for entry in fs::read_dir(&current).with_context(|| format!("cannot read {}", current.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_path_buf());
            }
        }
    }
    found.sort();
    Ok(found)
}
