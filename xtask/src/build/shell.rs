//! The static files of the client: pages, styles, fonts, icons and translations.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::{files_below, wasm::Module};
use crate::workspace;

/// Files that name a module's folder; its real name is written in.
const PAGES: [&str; 3] = ["index.html", "boot.js", "engine-worker.js"];
const FILES: [&str; 4] = ["theme.js", "manifest.webmanifest", "recovery.html", "recovery.js"];
const FOLDERS: [&str; 2] = ["styles", "assets"];

/// Writes everything but the modules and the service worker.
pub fn write(dist: &Path, modules: &[Module]) -> Result<()> {
    let source = workspace::root().join("client-pwa/app");
    for page in PAGES {
        let text =
            fs::read_to_string(source.join(page)).with_context(|| format!("no client-pwa/app/{page}"))?;
        fs::write(dist.join(page), name_modules(text, modules))?;
    }
    for file in FILES {
        copy(&source.join(file), &dist.join(file))?;
    }
    for folder in FOLDERS {
        for file in files_below(&source.join(folder))? {
            copy(&source.join(folder).join(&file), &dist.join(folder).join(&file))?;
        }
    }
    Ok(())
}

fn name_modules(text: String, modules: &[Module]) -> String {
    modules.iter().fold(text, |text, module| {
        text.replace(&format!("/{}/client_", module.name), &format!("/{}/client_", module.folder))
    })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let bytes = fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
    Ok(fs::write(to, bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_name_the_folder_of_this_build() {
        let modules = [Module { name: "app", folder: "app-5f0c".to_owned() }];
        let page =
            name_modules("import './app/client_app.js'; import './apple/client_app.js'".to_owned(), &modules);
        assert_eq!(page, "import './app-5f0c/client_app.js'; import './apple/client_app.js'");
    }
}
