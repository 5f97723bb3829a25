//! `ci`: what continuous integration runs: the versions at hand, then every test.

use std::process::Command;

use anyhow::Result;

use crate::test;

pub fn run() -> Result<()> {
    for tool in ["rustc", "cargo", "node", "npm"] {
        let version = Command::new(tool).arg("--version").output();
        let version =
            version.map_or("missing".into(), |output| String::from_utf8_lossy(&output.stdout).into_owned());
        eprintln!("{tool}: {}", version.trim());
    }
    test::all()
}
