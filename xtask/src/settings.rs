//! The server's own variables, where commands here go by them too. One that is set to nothing is not set, as for
//! the server.

use std::{env, ffi::OsString};

pub const DATABASE: &str = "DATABASE_URL";
pub const DATA: &str = "MAINTAINPRO_DATA";
pub const POSTGRES_PROGRAMS: &str = "MAINTAINPRO_PG_BIN_DIR";

/// The value of a variable.
pub fn of(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The command as it reads the environment, without the variables that are set to nothing.
pub fn without_empty(command: clap::Command) -> clap::Command {
    let is_empty =
        |argument: &clap::Arg| argument.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|argument| if is_empty(&argument) { argument.env(None) } else { argument })
        .mut_subcommands(without_empty)
}
