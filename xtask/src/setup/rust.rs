//! The wasm32 target and the lint tools of the installed Rust.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{progress, workspace};

/// What the client is built for.
const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// What tests are built for that run in WebAssembly.
pub const WASI_TARGET: &str = "wasm32-wasip1";

/// Adds the client's target when the compiler does not have it.
pub fn wasm_target() -> Result<()> {
    target(WASM_TARGET)
}

/// Adds the target of tests that run in WebAssembly when the compiler does not have it.
pub fn wasi_target() -> Result<()> {
    target(WASI_TARGET)
}

fn target(name: &str) -> Result<()> {
    let sysroot =
        Command::new("rustc").args(["--print", "sysroot"]).output().context("rustc does not start")?;
    let sysroot = String::from_utf8(sysroot.stdout)?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(name).join("lib").is_dir() {
        return Ok(());
    }
    rustup(&format!("Adding the target {name}"), &["target", "add", name])
}

/// Adds rustfmt and clippy when they are missing.
pub fn lint_tools() -> Result<()> {
    for (tool, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        let answers =
            Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
        if !answers {
            rustup(&format!("Adding {component}"), &["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(label: &str, arguments: &[&str]) -> Result<()> {
    if workspace::find_program("rustup").is_none() {
        bail!("rustup is needed once, for: rustup {}\nIt is at https://rustup.rs", arguments.join(" "));
    }
    progress::quiet(label, workspace::program("rustup").args(arguments))
}
