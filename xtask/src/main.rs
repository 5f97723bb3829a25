//! The commands of this repository: `cargo xtask run`, `cargo xtask test` and their parts.
//!
//! One command is one file. What they share: `workspace` (paths and cargo), `claim` (one target folder for many
//! checkouts), `progress` (long steps that say so), `settings` (the server's variables) and `setup` (what the
//! machine must have).

mod bench;
mod build;
mod chaos;
mod ci;
mod claim;
mod conformance;
mod fuzz;
mod lan;
mod maintainpro;
mod mutants;
mod progress;
mod run;
mod seed;
mod settings;
mod setup;
mod sim;
mod test;
mod workspace;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests MaintainPro", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Set up what is missing, build everything and serve it on one port with demo data
    Run(run::Options),
    /// Run every test: format, lints, native tests, simulator, WASM budget, browser stories
    Test(test::Options),
    /// Build the installable client into client-pwa/dist
    Build(build::Options),
    /// Fill a data folder with the demo organisations
    Seed(seed::Options),
    /// Give the server's own commands, such as `user add` or `import`, on the same data folder
    #[command(disable_help_flag = true)]
    Maintainpro(maintainpro::Options),
    /// Run the seeded simulator of devices, servers and faults
    Sim(sim::Options),
    /// Break servers, networks and PostgreSQL under load, and see that nothing is lost
    Chaos(chaos::Options),
    /// Fuzz everything that reads bytes from outside
    Fuzz(fuzz::Options),
    /// Make requests up from the OpenAPI document, and see that each is answered as it says
    Conformance(conformance::Options),
    /// Put mistakes into the code that decides about rights, and see that tests notice each
    Mutants(mutants::Options),
    /// Run benchmarks
    Bench(bench::Options),
    /// What continuous integration runs
    Ci,
    #[command(hide = true)]
    Announce(run::announce::Options),
    #[command(hide = true)]
    LanPage(lan::page::Options),
}

fn main() -> std::process::ExitCode {
    match execute(read().command) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Ends the process when the command line makes no sense, or asks for help.
fn read() -> Cli {
    let mut command = settings::without_empty(Cli::command());
    let matches = command.get_matches_mut();
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command).exit())
}

fn execute(command: Command) -> anyhow::Result<()> {
    if !matches!(command, Command::Announce(_) | Command::LanPage(_)) {
        claim::claim()?;
    }
    match command {
        Command::Run(options) => run::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Build(options) => build::run(&options),
        Command::Seed(options) => seed::run(&options),
        Command::Maintainpro(options) => maintainpro::run(&options),
        Command::Sim(options) => sim::run(&options),
        Command::Chaos(options) => chaos::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Mutants(options) => mutants::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Ci => ci::run(),
        Command::Announce(options) => run::announce::run(&options),
        Command::LanPage(options) => lan::page::run(&options),
    }
}
