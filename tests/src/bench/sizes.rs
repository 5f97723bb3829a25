//! What a browser has to fetch before the app runs: the two WASM modules of the release build.

use std::fs;

use anyhow::Context;

use super::report::root;
use super::{Bench, Metric};

/// Module, name of its file, goal.
const MODULES: [(&str, &str, &str); 2] = [
    ("app", "client_app_bg.wasm", "≤ 250 KB brotli"),
    ("engine", "client_engine_bg.wasm", "≤ 500 KB brotli"),
];

/// Reads `client-pwa/dist`; compressed files stand there only after a release build.
pub fn measure(_: &Bench) -> anyhow::Result<Vec<Metric>> {
    let dist = root().join("client-pwa/dist");
    let mut metrics = Vec::new();
    for (name, file, goal) in MODULES {
        let folders =
            fs::read_dir(&dist).with_context(|| "no client-pwa/dist: cargo xtask build --release")?;
        let found = folders.flatten().map(|folder| folder.path().join(file)).find(|path| path.is_file());
        let path = found.with_context(|| format!("{file} is missing from client-pwa/dist"))?;
        let kilobytes = |path| anyhow::Ok(fs::metadata(path)?.len() as f64 / 1_000.0);
        metrics.push(Metric::new(format!("{name} WASM, raw"), kilobytes(path.clone())?, "KB", ""));
        let brotli = path.with_added_extension("br");
        let size = kilobytes(brotli).context("sizes over the wire: cargo xtask build --release")?;
        metrics.push(Metric::new(format!("{name} WASM, brotli"), size, "KB", goal));
    }
    Ok(metrics)
}
