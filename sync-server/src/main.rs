//! `maintainpro`, the server and its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    sync_server::commands::run()
}
