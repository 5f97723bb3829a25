//! `maintainpro import work-orders`: history from another system, beside a running server or alone.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::Installation;
use crate::database::organisations;
use crate::features::import::{self, Options, Report};

/// What to import.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Work orders with their assets and costs
    WorkOrders(WorkOrders),
}

/// Flags of `import work-orders`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct WorkOrders {
    /// The file to import
    file: PathBuf,
    /// Short name of the organisation it belongs to
    #[arg(long)]
    organisation: String,
    /// How the file is laid out
    #[arg(long, value_enum)]
    preset: Preset,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the counts as one JSON object
    #[arg(long)]
    json: bool,
}

/// Layouts that are understood.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// `BscStartDate,Asset,OriginalShorttext,PMType,Cost`
    Excavator,
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let Command::WorkOrders(arguments) = command;
    let file = std::fs::File::open(&arguments.file)
        .with_context(|| format!("{} cannot be opened", arguments.file.display()))?;
    let rows = match arguments.preset {
        Preset::Excavator => import::read_excavator(std::io::BufReader::new(file))?.collect(),
    };
    let database = installation.open_database().await?;
    let shutdown = CancellationToken::new();
    let imported = async {
        let slug = &arguments.organisation;
        let organisation = organisations::find_by_slug(&database.pool, slug).await?.with_context(|| {
            format!("there is no organisation {slug}; `maintainpro user add` creates one")
        })?;
        let node = installation.start_node(&database, &shutdown)?;
        let options = Options { organisation: organisation.id, dry_run: arguments.dry_run };
        import::work_orders(&node, &database.pool, &options, rows, &mut show_progress).await
    }
    .await;
    shutdown.cancel();
    database.close().await?;
    print(&imported?, &arguments);
    Ok(())
}

fn show_progress(done: usize, total: usize) {
    eprintln!("{done} of {total} rows");
}

fn print(report: &Report, arguments: &WorkOrders) {
    for line in &report.lines {
        eprintln!("line {}: {}", line.line, line.message);
    }
    if arguments.json {
        println!("{}", serde_json::json!(report.counts));
        return;
    }
    let counts = &report.counts;
    let would = if arguments.dry_run { "would be " } else { "" };
    println!(
        "{} rows: {} {would}imported, {} {would}updated, {} unchanged, {} rejected",
        counts.rows, counts.imported, counts.updated, counts.unchanged, counts.rejected
    );
}
