//! `mutants`: mistakes put one at a time into the code that decides about rights, and into what keeps organisations apart. A
//! test has to notice each; one that none notices is a survivor, and fails the command.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::{progress, setup, workspace};

const VERSION: &str = "27.1.0";

#[derive(clap::Args)]
pub struct Options {
    /// Which code to put mistakes into
    #[arg(value_enum, default_value_t = Part::Policy)]
    part: Part,
    /// Lists the mistakes without making them
    #[arg(long)]
    list: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Part {
    /// What grants, roles and rules of fields allow
    Policy,
    /// What keeps the organisations apart, on the server
    Isolation,
}

impl Part {
    /// The files, by glob.
    const fn files(self) -> &'static [&'static str] {
        match self {
            Self::Policy => &["shared-model/src/permission/*.rs", "shared-model/src/custom_role.rs"],
            Self::Isolation => &[
                "sync-server/src/database/tenant.rs",
                "sync-server/src/auth/caller.rs",
                "sync-server/src/auth/token.rs",
                "sync-server/src/people/guard.rs",
                "sync-server/src/sync/reach.rs",
            ],
        }
    }

    /// Whose tests have to notice.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Policy => &["shared-model"],
            Self::Isolation => &["sync-server", "maintainpro-tests"],
        }
    }

    /// Which of them, as arguments of `cargo test`: those that are about it, by name. What is left out could only add survivors.
    const fn tests(self) -> &'static [&'static str] {
        match self {
            Self::Policy => &[
                "--lib",
                "--test",
                "matrix",
                "--",
                "permission",
                "custom_role",
                "commands::",
                "drawn::",
                "fields::",
                "page::",
                "reading::",
                "every_command",
            ],
            Self::Isolation => &["--lib", "--test", "main", "--", "auth", "platform", "sync::reach"],
        }
    }
}

pub fn run(options: &Options) -> Result<()> {
    setup::for_server()?;
    let mut mutants = workspace::program(tool()?);
    mutants
        .args(["mutants", "--workspace", "--no-shuffle", "--output"])
        .arg(workspace::root().join("target"));
    for file in options.part.files() {
        mutants.args(["--file", file]);
    }
    if options.list {
        return workspace::run(mutants.arg("--list"));
    }
    for package in options.part.packages() {
        mutants.args(["--test-package", package]);
    }
    // Beside the products of other builds: these are of another tree, and nobody looks into them with a debugger.
    mutants.env("CARGO_TARGET_DIR", workspace::target_dir().join("mutants"));
    mutants.env("CARGO_PROFILE_DEV_DEBUG", "0");
    workspace::run(mutants.arg("--").args(options.part.tests()))
}

/// cargo-mutants, in a folder of its own.
fn tool() -> Result<PathBuf> {
    let folder = workspace::root().join("target/mutants-tools");
    let program = folder.join("bin/cargo-mutants");
    if !program.exists() {
        let mut install = workspace::program("cargo");
        install.args(["install", "cargo-mutants", "--locked", "--version", VERSION, "--root"]).arg(&folder);
        progress::quiet("Installing cargo-mutants", &mut install)?;
    }
    Ok(program)
}
