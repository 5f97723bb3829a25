//! The command line. To add a command: a file here with its arguments and `run`, a variant below, and a line
//! in [`Command::run`].

mod audit;
mod document;
mod import;
mod migrate;
mod openapi;
mod organisation;
mod quarantine;
mod rebuild_projections;
mod restored;
mod seed;
mod serve;
mod user;
mod verify_projections;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::data::DataConfig;
use crate::config::database::DatabaseConfig;
use crate::config::environment;
use crate::config::log::LogConfig;
use crate::database::Database;
use crate::document_store::DEFAULT_CACHE_BYTES;
use crate::sync::receipt::ReceiptKey;
use crate::sync::{NodeSettings, SyncNode};
use crate::telemetry;

/// Offline-first maintenance management: the server and its tools
#[derive(Debug, Parser)]
#[command(name = "maintainpro", version)]
struct Cli {
    #[command(flatten)]
    installation: Installation,
    #[command(flatten)]
    log: LogConfig,
    #[command(subcommand)]
    command: Command,
}

/// The installation a command works on.
#[derive(Clone, Debug, clap::Args)]
pub struct Installation {
    #[command(flatten)]
    data: DataConfig,
    #[command(flatten)]
    database: DatabaseConfig,
}

impl Installation {
    /// Opens the database, which a running server may be using too.
    pub async fn open_database(&self) -> anyhow::Result<Database> {
        Database::open(&self.data, &self.database).await
    }

    /// A node of the sync engine for a command that runs once, beside a server or alone.
    fn start_node(&self, database: &Database, shutdown: &CancellationToken) -> anyhow::Result<SyncNode> {
        Ok(SyncNode::start(NodeSettings {
            pool: database.pool.clone(),
            clock: Clock::System,
            receipt_key: self.receipt_key()?,
            shutdown: shutdown.clone(),
            judge: shared_model::ingest::judge,
            cache_bytes: DEFAULT_CACHE_BYTES,
        }))
    }

    /// The key of receipts.
    pub fn receipt_key(&self) -> anyhow::Result<ReceiptKey> {
        self.data.receipt_key()
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Bring the database to the schema of this version
    Migrate,
    /// Fill in the demonstration: two organisations and people in every role
    Seed,
    /// Import records from a file of another system
    #[command(subcommand)]
    Import(import::Command),
    /// Delete documents, and bring them back
    #[command(subcommand)]
    Document(document::Command),
    /// See, take away or try again what could not be accepted
    #[command(subcommand)]
    Quarantine(quarantine::Command),
    /// Say that a backup was restored: devices give back what it lacks
    Restored(rebuild_projections::Arguments),
    /// Write the projection tables anew from the feed
    RebuildProjections(rebuild_projections::Arguments),
    /// Compare the projection tables with the feed; fails when they differ
    VerifyProjections(rebuild_projections::Arguments),
    /// Check the audit trail, and take it away
    #[command(subcommand)]
    Audit(audit::Command),
    /// Create, shut out, export and delete organisations
    #[command(subcommand)]
    Organisation(organisation::Command),
    /// Print the OpenAPI document
    Openapi,
    /// Manage the people of an organisation
    #[command(subcommand)]
    User(user::Command),
}

impl Command {
    async fn run(self, installation: &Installation) -> anyhow::Result<()> {
        match self {
            Self::Serve(arguments) => serve::run(installation, arguments).await,
            Self::Migrate => migrate::run(installation).await,
            Self::Seed => seed::run(installation).await,
            Self::Import(command) => import::run(installation, command).await,
            Self::Document(command) => document::run(installation, command).await,
            Self::Quarantine(command) => quarantine::run(installation, command).await,
            Self::Restored(arguments) => restored::run(installation, &arguments).await,
            Self::RebuildProjections(arguments) => rebuild_projections::run(installation, &arguments).await,
            Self::VerifyProjections(arguments) => verify_projections::run(installation, &arguments).await,
            Self::Audit(command) => audit::run(installation, command).await,
            Self::Organisation(command) => organisation::run(installation, command).await,
            Self::Openapi => openapi::run(),
            Self::User(command) => user::run(installation, command).await,
        }
    }
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let cli = read();
    telemetry::start_logging(&cli.log);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("maintainpro: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(cli.command.run(&cli.installation)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("maintainpro: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Ends the process when the command line makes no sense, or asks for help.
fn read() -> Cli {
    let mut command = environment::without_empty(Cli::command());
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The variables that a command and all below it read.
    fn variables(command: &clap::Command) -> BTreeSet<String> {
        let own = command.get_arguments().filter_map(|argument| argument.get_env());
        let own = own.map(|name| name.to_str().unwrap().to_owned());
        own.chain(command.get_subcommands().flat_map(variables)).collect()
    }

    /// The variables that a file of settings names, those with a `#` before them too.
    fn named(settings: &str) -> Vec<&str> {
        let names = settings.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
        let is_name =
            |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        names.map(|(name, _)| name).filter(is_name).collect()
    }

    #[test]
    fn the_example_of_settings_names_every_variable_and_no_other() {
        let example = named(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../.env.example")));
        let once: BTreeSet<String> = example.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(once.len(), example.len(), "a variable stands there twice: {example:?}");
        let read = variables(&Cli::command());
        assert!(read.contains("MAINTAINPRO_LISTEN") && read.contains("MAINTAINPRO_PASSWORD"), "{read:?}");
        assert_eq!(once, read);
    }

    #[test]
    fn a_variable_is_named_with_and_without_a_mark() {
        assert_eq!(named("# text = words\nA_B=1\n#C=\n# D=2\n#e=3\n"), ["A_B", "C"]);
    }
}
