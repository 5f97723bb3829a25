//! What the machine must have, installed when that is possible and named exactly when it is not.

mod chromium;
mod debian;
mod npm;
mod postgres;
mod rust;

use std::path::PathBuf;

use anyhow::Result;

pub use rust::{WASI_TARGET, lint_tools, wasi_target};

use crate::settings;

/// What the client build needs: the wasm32 target and the npm build tools.
pub fn for_build() -> Result<()> {
    rust::wasm_target()?;
    npm::install("client-pwa")
}

/// What the server needs: PostgreSQL, unless one is configured.
pub fn for_server() -> Result<()> {
    if settings::of(settings::DATABASE).is_none() { postgres::binaries() } else { Ok(()) }
}

/// What building and running everything needs.
pub fn for_run() -> Result<()> {
    for_build()?;
    for_server()
}

/// What the tests of the server need besides: clients of other engines, and a mail server.
pub fn for_native_tests() -> Result<()> {
    for_run()?;
    npm::install("tests/mail")?;
    npm::install("tests/interop")
}

/// What the tests need besides: lint tools, the browser harness and a Chromium, whose path is returned.
pub fn for_tests() -> Result<PathBuf> {
    for_build()?;
    lint_tools()?;
    postgres::binaries()?;
    for_browser()
}

/// What the browser stories need: the harness and a Chromium, whose path is returned.
pub fn for_browser() -> Result<PathBuf> {
    npm::install("tests/mail")?;
    npm::install("tests/browser")?;
    chromium::executable()
}

/// What a comparison with other sync servers needs: their npm packages.
pub fn for_peers() -> Result<()> {
    npm::install("tests/peers")
}
