//! Where things are, and how cargo is called.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use anyhow::{Context, Result, bail};

/// Crates that exist for wasm32 only.
pub const WASM_CRATES: [&str; 2] = ["client-app", "client-engine"];

/// The data folder of a checkout.
const DATA: &str = "data";

/// The checkout this command was given in, which cargo tells at run time.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&package).parent().expect("xtask sits one level below the root").to_owned()
    })
}

/// The folder every checkout on this machine shares for build products.
pub fn target_dir() -> PathBuf {
    if let Some(chosen) = env::var_os("CARGO_TARGET_DIR") {
        return chosen.into();
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    cache.map_or_else(|| root().join("target"), |cache| cache.join("maintainpro/target"))
}

/// The data folder a person chose, seen from where they are, else the one of this checkout.
pub fn data_dir(chosen: Option<&Path>) -> Result<PathBuf> {
    Ok(match chosen {
        Some(chosen) => env::current_dir()?.join(chosen),
        None => root().join(DATA),
    })
}

/// How a person gives the server's own commands on a data folder, with the build that is there already.
pub fn tool(release: bool, data: &Path) -> String {
    let mut tool = "cargo xtask maintainpro".to_owned();
    if release {
        tool.push_str(" --release");
    }
    if data != root().join(DATA) {
        tool.push_str(&format!(" --data '{}'", data.display()));
    }
    tool
}

/// A cargo call in this checkout, with the shared target folder.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()).env("CARGO_TARGET_DIR", target_dir());
    command
}

/// A program in this checkout.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Runs a command with its output on the screen.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = std::iter::once(program.file_name().unwrap_or_default()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Whether a program of this name is on the PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Builds the server and gives a copy of it that another checkout's build cannot replace.
pub fn server_binary(release: bool) -> Result<PathBuf> {
    kept_binary("sync-server", "maintainpro", release)
}

/// Builds a program and gives a copy of it that no other build can replace.
pub fn kept_binary(package: &str, name: &str, release: bool) -> Result<PathBuf> {
    let mut build = cargo(&["build", "--package", package, "--bin", name]);
    if release {
        build.arg("--release");
    }
    crate::progress::quiet(&format!("Building {name}"), &mut build)?;
    let profile = if release { "release" } else { "debug" };
    let built = target_dir().join(profile).join(name);
    let kept = root().join("target/bin").join(profile).join(name);
    std::fs::create_dir_all(kept.parent().expect("has a folder"))?;
    let fresh = kept.with_extension("new");
    std::fs::copy(&built, &fresh).with_context(|| format!("no program at {}", built.display()))?;
    std::fs::rename(&fresh, &kept)?;
    Ok(kept)
}
