//! `maintainpro` itself, built beside the tests so that they can start it as a process and kill it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sync_server::commands::run()
}
