//! `maintainpro`: the server's own commands, on the data folder of this checkout unless they name another.

use std::{ffi::OsString, os::unix::process::CommandExt, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{settings, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// Build optimised, as `run --release` does
    #[arg(long)]
    release: bool,
    /// The command and what belongs to it; `help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, default_value = "help")]
    arguments: Vec<OsString>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_server()?;
    let server = workspace::server_binary(options.release)?;
    let data = workspace::data_dir(settings::of(settings::DATA).map(PathBuf::from).as_deref())?;
    let error = Command::new(&server).args(&options.arguments).env(settings::DATA, data).exec();
    Err(error).with_context(|| format!("could not start {}", server.display()))
}
