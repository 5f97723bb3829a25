//! The PostgreSQL binaries that the server runs its own cluster from.

use std::{fs, path::Path};

use anyhow::{Result, bail};

use super::debian;
use crate::{settings, workspace};

/// Installs PostgreSQL when no binaries are found in the places where the server looks.
pub fn binaries() -> Result<()> {
    if installed() {
        return Ok(());
    }
    debian::install("PostgreSQL", &["postgresql"])?;
    if !installed() {
        bail!("PostgreSQL was installed, but initdb is nowhere to be found: set MAINTAINPRO_PG_BIN_DIR");
    }
    Ok(())
}

fn installed() -> bool {
    if let Some(folder) = settings::of(settings::POSTGRES_PROGRAMS) {
        return Path::new(&folder).join("initdb").exists();
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    versions.into_iter().any(|version| version.path().join("bin/initdb").exists())
        || workspace::find_program("initdb").is_some()
}
