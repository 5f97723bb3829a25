//! The environment. A file of settings has lines with nothing behind the `=`: such a variable is not set.

/// The command as it reads the environment, without the variables that are set to nothing.
pub fn without_empty(command: clap::Command) -> clap::Command {
    command
        .mut_args(|argument| if is_empty(&argument) { argument.env(None) } else { argument })
        .mut_subcommands(without_empty)
}

fn is_empty(argument: &clap::Arg) -> bool {
    argument.get_env().and_then(std::env::var_os).is_some_and(|value| value.is_empty())
}
