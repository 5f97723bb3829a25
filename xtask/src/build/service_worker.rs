//! The service worker, with the list of the shell's files and their hashes written in.

use std::{fs, path::Path};

use anyhow::Result;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Flavour, files_below};
use crate::{progress, workspace};

/// What the browser fetches by itself when it installs the app; the app never needs it without a network.
const NOT_NEEDED_OFFLINE: [&str; 2] = ["assets/icons/", ".txt"];

/// Checks the types of the service worker and bundles it.
pub fn write(dist: &Path, flavour: Flavour) -> Result<()> {
    let files = shell_files(dist)?;
    let list = serde_json::to_string(&files)?;
    let version = format!("{:x}", Sha256::digest(&list))[..16].to_owned();
    let tools = workspace::root().join("client-pwa/node_modules/.bin");
    let mut bundle = workspace::program(tools.join("esbuild"));
    bundle
        .args(["service-worker/src/service_worker.ts", "--bundle", "--format=iife", "--target=es2022"])
        .arg(format!("--define:SHELL_FILES={list}"))
        .arg(format!("--define:SHELL_VERSION={}", json!(version)))
        .arg(format!("--outfile={}", dist.join("service-worker.js").display()));
    if flavour == Flavour::Release {
        bundle.arg("--minify");
    }
    progress::quiet("Bundling the service worker", &mut bundle)
}

fn shell_files(dist: &Path) -> Result<Vec<serde_json::Value>> {
    let mut files = Vec::new();
    for file in files_below(dist)? {
        let path = file.to_string_lossy().into_owned();
        if NOT_NEEDED_OFFLINE.iter().any(|part| path.starts_with(part) || path.ends_with(part)) {
            continue;
        }
        let url = if path == "index.html" { "/".to_owned() } else { format!("/{path}") };
        files.push(
            json!({ "url": url, "sha256": BASE64.encode(Sha256::digest(fs::read(dist.join(&file))?)) }),
        );
    }
    Ok(files)
}
