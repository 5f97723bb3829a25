//! Debian packages, through apt-get when this user may call it.

use std::{process::Command, sync::Once};

use anyhow::{Result, bail};

use crate::{progress, workspace};

/// Installs packages, or says which command a person must run.
pub fn install(what: &str, packages: &[&str]) -> Result<()> {
    let Some(prefix) = privilege() else {
        bail!(
            "{what} is missing and cannot be installed from here. Install it, then run this again:\n\n    \
             sudo apt-get install {}\n",
            packages.join(" ")
        );
    };
    static UPDATED: Once = Once::new();
    UPDATED.call_once(|| {
        // An outdated list may still be good enough; the installation below says if it is not.
        let _ = progress::quiet("Updating the package lists", apt(prefix).args(["update", "-q"]));
    });
    let mut command = apt(prefix);
    command.args(["install", "-y", "-q", "--no-install-recommends"]).args(packages);
    progress::quiet(&format!("Installing {what}"), &mut command)
}

/// The words before `apt-get`: none for root, `sudo` where it asks no password.
fn privilege() -> Option<&'static [&'static str]> {
    workspace::find_program("apt-get")?;
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let sudo =
        || Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    if root {
        Some(&[])
    } else if sudo() {
        Some(&["sudo", "-n"])
    } else {
        None
    }
}

fn apt(prefix: &[&str]) -> Command {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
