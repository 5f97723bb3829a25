//! A Chromium that really starts: `$CHROMIUM`, an installed one, Debian's, else Playwright's own download.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use super::debian;
use crate::{progress, workspace};

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const START_LIMIT: Duration = Duration::from_secs(30);

/// The path of a browser that has just shown an empty page.
pub fn executable() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CHROMIUM").map(PathBuf::from) {
        if starts(&chosen) {
            return Ok(chosen);
        }
        bail!("CHROMIUM is set to {}, which does not start", chosen.display());
    }
    if let Some(installed) = installed() {
        return Ok(installed);
    }
    let from_debian = debian::install("Chromium", &["chromium"]).ok().and_then(|()| installed());
    from_debian.map_or_else(playwright_download, Ok)
}

fn installed() -> Option<PathBuf> {
    NAMES.iter().filter_map(|name| workspace::find_program(name)).find(|path| starts(path))
}

/// Ubuntu's package is a stub that only prints advice, so a version number is not proof: a page is.
fn starts(binary: &Path) -> bool {
    let profile = env::temp_dir().join(format!("maintainpro-chromium-check-{}", std::process::id()));
    let child = Command::new(binary)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--dump-dom", "about:blank"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else { return false };
    let started = Instant::now();
    let ended_well = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status.success(),
            Ok(None) if started.elapsed() < START_LIMIT => thread::sleep(Duration::from_millis(50)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                break false;
            }
        }
    };
    let _ = fs::remove_dir_all(profile);
    ended_well
}

fn playwright_download() -> Result<PathBuf> {
    let folder = workspace::root().join("tests/browser");
    let mut install = workspace::program("node");
    install.args(["node_modules/playwright-core/cli.js", "install", "chromium"]).current_dir(&folder);
    progress::quiet("Downloading Chromium", &mut install).context(
        "no Chromium here: install the package `chromium`, or set CHROMIUM to a browser that starts",
    )?;
    let ask = "import('playwright-core').then(({ chromium }) => console.log(chromium.executablePath()))";
    let answer = workspace::program("node").args(["-e", ask]).current_dir(&folder).output()?;
    let path = PathBuf::from(String::from_utf8(answer.stdout)?.trim());
    if !starts(&path) {
        bail!(
            "the downloaded Chromium does not start; its libraries: npx playwright-core install-deps chromium"
        );
    }
    Ok(path)
}
