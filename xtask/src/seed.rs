//! `seed`: the demo organisations in a data folder.

use std::path::PathBuf;

use anyhow::Result;

use crate::{settings, setup, workspace};

#[derive(clap::Args)]
pub struct Options {
    /// The data folder; without it, `data` in the checkout
    #[arg(long, env = settings::DATA)]
    data: Option<PathBuf>,
    /// Arguments for `maintainpro seed`
    #[arg(last = true)]
    rest: Vec<String>,
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_server()?;
    let server = workspace::server_binary(false)?;
    let data = workspace::data_dir(options.data.as_deref())?;
    workspace::run(workspace::program(server).arg("seed").arg("--data").arg(data).args(&options.rest))
}
