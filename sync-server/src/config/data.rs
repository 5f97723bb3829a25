//! The data folder: the embedded database, keys and blobs.

use std::path::PathBuf;

/// Where this installation keeps its data.
#[derive(Clone, Debug, clap::Args)]
pub struct DataConfig {
    /// Folder of the embedded database and of everything else that is kept
    #[arg(
        id = "data",
        long,
        env = "MAINTAINPRO_DATA",
        value_name = "DIR",
        default_value = "data",
        global = true
    )]
    pub folder: PathBuf,
}
