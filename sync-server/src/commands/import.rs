//! `maintainpro import work-orders`: history from another system, beside a running server or alone.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Subcommand, ValueEnum};
use tokio_util::sync::CancellationToken;

use super::Installation;
use crate::database::organisations;
use crate::features::import::{self, CommandLine, Options, RejectedRow, Report, RowResult};

/// What to import.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Command {
    /// Work orders with their assets and costs
    WorkOrders(WorkOrders),
    /// Commands as the API takes them, one JSON object with an id a line
    Commands(Target),
}

/// What is imported where, and how that is told.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Target {
    /// The file to import
    file: PathBuf,
    /// Short name of the organisation it belongs to
    #[arg(long)]
    organisation: String,
    /// Say what would happen and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the counts as one JSON object
    #[arg(long)]
    json: bool,
}

/// Flags of `import work-orders`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct WorkOrders {
    #[command(flatten)]
    target: Target,
    /// How the file is laid out
    #[arg(long, value_enum)]
    preset: Preset,
}

/// Layouts that are understood.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// `BscStartDate,Asset,OriginalShorttext,PMType,Cost`
    Excavator,
}

/// A file that was read.
enum Rows {
    WorkOrders(Vec<RowResult>),
    Commands(Vec<Result<CommandLine, RejectedRow>>),
}

impl Command {
    const fn target(&self) -> &Target {
        match self {
            Self::WorkOrders(arguments) => &arguments.target,
            Self::Commands(target) => target,
        }
    }

    /// Reads the file before anything is started.
    fn read(&self) -> anyhow::Result<Rows> {
        let path = &self.target().file;
        let file =
            std::fs::File::open(path).with_context(|| format!("{} cannot be opened", path.display()))?;
        let file = std::io::BufReader::new(file);
        Ok(match self {
            Self::WorkOrders(WorkOrders { preset: Preset::Excavator, .. }) => {
                Rows::WorkOrders(import::read_excavator(file)?.collect())
            }
            Self::Commands(_) => Rows::Commands(import::read_commands(file)?),
        })
    }
}

pub(super) async fn run(installation: &Installation, command: Command) -> anyhow::Result<()> {
    let rows = command.read()?;
    let target = command.target();
    let database = installation.open_database().await?;
    let shutdown = CancellationToken::new();
    let imported = async {
        let slug = &target.organisation;
        let organisation = organisations::find_by_slug(&database.pool, slug).await?.with_context(|| {
            format!("there is no organisation {slug}; `maintainpro user add` creates one")
        })?;
        let node = installation.start_node(&database, &shutdown)?;
        let options = Options { organisation: organisation.id, dry_run: target.dry_run };
        match rows {
            Rows::WorkOrders(rows) => {
                import::work_orders(&node, &database.pool, &options, rows, &mut show_progress).await
            }
            Rows::Commands(lines) => import::commands(&node, &options, lines, &mut show_progress).await,
        }
    }
    .await;
    shutdown.cancel();
    database.close().await?;
    print(&imported?, target);
    Ok(())
}

fn show_progress(done: usize, total: usize) {
    eprintln!("{done} of {total} rows");
}

fn print(report: &Report, target: &Target) {
    for line in &report.lines {
        let rejected = if line.rejected { "rejected: " } else { "" };
        eprintln!("line {}: {rejected}{}", line.line, line.message);
    }
    if target.json {
        println!("{}", serde_json::json!(report.counts));
        return;
    }
    let counts = &report.counts;
    let would = if target.dry_run { "would be " } else { "" };
    println!(
        "{} rows: {} {would}imported, {} {would}updated, {} unchanged, {} rejected",
        counts.rows, counts.imported, counts.updated, counts.unchanged, counts.rejected
    );
}
