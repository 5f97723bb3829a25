//! The folder of the built web app.

use std::path::PathBuf;

use super::ConfigError;

/// Where the web app is served from.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PwaConfig {
    /// Folder with the built web app; without it only the API is served
    #[arg(id = "pwa", long, env = "MAINTAINPRO_PWA", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

impl PwaConfig {
    /// The folder must hold an app.
    pub fn validate(&self) -> Result<(), ConfigError> {
        match &self.folder {
            Some(folder) if !folder.join("index.html").is_file() => Err(ConfigError::new(
                "--pwa",
                format!("{} has no index.html; build the app first (cargo xtask build)", folder.display()),
            )),
            _ => Ok(()),
        }
    }
}
