//! The two WASM modules: cargo, wasm-bindgen as a library, and in release wasm-opt.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use super::{Flavour, arrange, files_below};
use crate::{progress, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const HASH_LETTERS: usize = 12;
/// What counts is the size over the wire: `-Oz` makes the files smaller and the brotli of the engine 10 % larger.
const OPTIMISE: [&str; 11] = [
    "-O1",
    "--code-folding",
    "--reorder-functions-by-name",
    "--strip-debug",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// One built module and the folder it went to.
pub struct Module {
    /// The short name, `app`: what the pages call its folder.
    pub name: &'static str,
    /// The folder's real name, `app-5f0c1b2d3e4a`.
    pub folder: String,
}

/// A module before it is built: cargo's name of the file, the short name, the name of what it becomes.
const SOURCES: [(&str, &str, &str); 2] =
    [("client-app.wasm", "app", "client_app"), ("client_engine.wasm", "engine", "client_engine")];

/// Builds both modules into folders of `dist` named by their content.
pub fn build(flavour: Flavour, dist: &Path) -> Result<Vec<Module>> {
    let compiled = compile(flavour)?;
    let mut modules = Vec::new();
    for (file, name, stem) in SOURCES {
        let folder = dist.join(name);
        progress::step(&format!("Binding the {name}"), || {
            bind(&compiled.join(file), stem, flavour, &folder)
        })?;
        if flavour == Flavour::Release {
            arrange::name_by_place(&folder.join(format!("{stem}_bg.wasm")))?;
            optimise(name, &folder.join(format!("{stem}_bg.wasm")))?;
        }
        let named = format!("{name}-{}", content_hash(&folder)?);
        fs::rename(&folder, dist.join(&named))?;
        modules.push(Module { name, folder: named });
    }
    Ok(modules)
}

fn compile(flavour: Flavour) -> Result<PathBuf> {
    let profile = match flavour {
        Flavour::Dev => "wasm-dev",
        Flavour::Release => "wasm-release",
    };
    let mut build = workspace::cargo(&["build", "--target", TARGET, "--profile", profile]);
    build.args(workspace::WASM_CRATES.iter().flat_map(|name| ["--package", name]));
    progress::quiet("Building the client", &mut build)?;
    Ok(workspace::target_dir().join(TARGET).join(profile))
}

fn bind(wasm: &Path, stem: &str, flavour: Flavour, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .out_name(stem)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(false)
        .remove_name_section(flavour == Flavour::Release)
        .remove_producers_section(flavour == Flavour::Release)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen could not process {}", wasm.display()))
}

fn optimise(name: &str, wasm: &Path) -> Result<()> {
    let tool = workspace::root().join("client-pwa/node_modules/.bin/wasm-opt");
    let mut command = workspace::program(tool);
    command.args(OPTIMISE).arg(wasm).arg("-o").arg(wasm);
    progress::quiet(&format!("Optimising the {name}"), &mut command)
}

fn content_hash(folder: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files_below(folder)? {
        hash.update(file.to_string_lossy().as_bytes());
        hash.update(fs::read(folder.join(&file))?);
    }
    Ok(format!("{:x}", hash.finalize())[..HASH_LETTERS].to_owned())
}
