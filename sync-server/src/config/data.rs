//! The data folder: the embedded database and keys.

use std::path::PathBuf;

use super::ConfigError;
use crate::audit::key;
use crate::auth::factor_key::{self, FactorKey};
use crate::key_file;
use crate::sync::receipt::ReceiptKey;

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

    /// Key of receipts, 64 hexadecimal digits, the same on every node; kept in the data folder unless given
    #[arg(long = "receipt-key", env = "MAINTAINPRO_RECEIPT_KEY", hide_env_values = true, global = true)]
    pub receipt_key: Option<String>,

    /// Key of the audit trail, 64 hexadecimal digits, the same on every node; kept in the data folder unless given
    #[arg(long = "audit-key", env = "MAINTAINPRO_AUDIT_KEY", hide_env_values = true, global = true)]
    pub audit_key: Option<String>,

    /// Key of second factors, 64 hexadecimal digits, the same on every node; kept in the data folder unless given
    #[arg(long = "factor-key", env = "MAINTAINPRO_FACTOR_KEY", hide_env_values = true, global = true)]
    pub factor_key: Option<String>,
}

impl DataConfig {
    /// The key given, or the one of the data folder.
    pub fn receipt_key(&self) -> anyhow::Result<ReceiptKey> {
        match &self.receipt_key {
            Some(text) => ReceiptKey::parse(text).ok_or_else(|| {
                ConfigError::new("MAINTAINPRO_RECEIPT_KEY", "must be 64 hexadecimal digits").into()
            }),
            None => ReceiptKey::of_folder(&self.folder),
        }
    }

    /// What the key of the audit trail is made of: as given, or as in the data folder, where it is made when there is none yet.
    pub fn audit_seed(&self) -> anyhow::Result<[u8; 32]> {
        let given = self.given_audit_seed()?;
        given.map_or_else(|| key_file::read_or_create(&self.folder, key::FILE_NAME), Ok)
    }

    /// The same for a command beside a server, whose key it must be.
    pub fn known_audit_seed(&self) -> anyhow::Result<[u8; 32]> {
        let given = self.given_audit_seed()?;
        given.map_or_else(|| key_file::read(&self.folder, key::FILE_NAME), Ok)
    }

    /// The key of second factors: as given, or as in the data folder, where it is made when there is none yet.
    pub fn factor_key(&self) -> anyhow::Result<FactorKey> {
        let key = match &self.factor_key {
            Some(text) => key_file::parse(text)
                .ok_or_else(|| ConfigError::new("MAINTAINPRO_FACTOR_KEY", "must be 64 hexadecimal digits"))?,
            None => key_file::read_or_create(&self.folder, factor_key::FILE_NAME)?,
        };
        Ok(FactorKey::from_bytes(key))
    }

    fn given_audit_seed(&self) -> anyhow::Result<Option<[u8; 32]>> {
        let Some(text) = &self.audit_key else { return Ok(None) };
        match key_file::parse(text) {
            Some(seed) => Ok(Some(seed)),
            None => Err(ConfigError::new("MAINTAINPRO_AUDIT_KEY", "must be 64 hexadecimal digits").into()),
        }
    }
}
