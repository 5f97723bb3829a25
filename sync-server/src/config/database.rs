//! Which database: one of our own in the data folder, or a PostgreSQL server somebody else runs.

use std::path::PathBuf;

use sqlx::postgres::PgConnectOptions;

use super::ConfigError;

/// How the database is reached.
#[derive(Clone, Debug, clap::Args)]
pub struct DatabaseConfig {
    /// Address of a PostgreSQL server; without it a cluster in the data folder is used
    #[arg(
        id = "database-url",
        long,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub url: Option<String>,

    /// Address with the user that may create tables, when the user of DATABASE_URL may not
    #[arg(
        id = "migrate-url",
        long,
        env = "MAINTAINPRO_MIGRATE_URL",
        value_name = "URL",
        hide_env_values = true,
        global = true
    )]
    pub migrate_url: Option<String>,

    /// Folder of initdb, postgres and pg_ctl, for the cluster in the data folder
    #[arg(id = "pg-bin-dir", long, env = "MAINTAINPRO_PG_BIN_DIR", value_name = "DIR", global = true)]
    pub bin_dir: Option<PathBuf>,

    /// Most connections this process opens
    #[arg(
        id = "database-connections",
        long,
        env = "MAINTAINPRO_DATABASE_CONNECTIONS",
        default_value_t = 16,
        global = true
    )]
    pub max_connections: u32,
}

/// Addresses of a PostgreSQL server somebody else runs.
#[derive(Clone, Debug)]
pub struct ServerAddresses {
    /// For the application.
    pub application: PgConnectOptions,
    /// For migrations.
    pub migration: PgConnectOptions,
}

impl DatabaseConfig {
    /// The addresses given, or `None` for the cluster in the data folder.
    pub fn validate(&self) -> Result<Option<ServerAddresses>, ConfigError> {
        if self.max_connections < 2 {
            return Err(ConfigError::new("--database-connections", "at least 2 are needed"));
        }
        let Some(url) = self.url.as_deref().filter(|url| !url.is_empty()) else {
            return match self.migrate_url {
                Some(_) => Err(ConfigError::new("MAINTAINPRO_MIGRATE_URL", "needs DATABASE_URL beside it")),
                None => Ok(None),
            };
        };
        let application = parse("DATABASE_URL", url)?;
        let migration = match &self.migrate_url {
            Some(url) => parse("MAINTAINPRO_MIGRATE_URL", url)?,
            None => application.clone(),
        };
        Ok(Some(ServerAddresses { application, migration }))
    }
}

/// The address may hold a password, so it never appears in the message.
fn parse(setting: &'static str, url: &str) -> Result<PgConnectOptions, ConfigError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(ConfigError::new(setting, "must look like postgres://user:password@host/database"));
    }
    url.parse().map_err(|_| ConfigError::new(setting, "is not a PostgreSQL address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: Option<&str>, migrate_url: Option<&str>) -> DatabaseConfig {
        DatabaseConfig {
            url: url.map(str::to_owned),
            migrate_url: migrate_url.map(str::to_owned),
            bin_dir: None,
            max_connections: 4,
        }
    }

    #[test]
    fn no_address_means_the_embedded_cluster() {
        assert!(config(None, None).validate().unwrap().is_none());
        assert!(config(Some(""), None).validate().unwrap().is_none());
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_its_password() {
        let error = config(Some("mysql://me:hunter2@host/db"), None).validate().unwrap_err();
        assert_eq!(error.setting, "DATABASE_URL");
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn a_migration_address_alone_is_refused() {
        let error = config(None, Some("postgres://owner@host/db")).validate().unwrap_err();
        assert_eq!(error.setting, "MAINTAINPRO_MIGRATE_URL");
    }
}
