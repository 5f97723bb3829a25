//! What is logged and how it looks.

/// Lines for people or JSON for machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One line of text per event.
    Text,
    /// One JSON object per event.
    Json,
}

/// Logging.
#[derive(Clone, Debug, clap::Args)]
pub struct LogConfig {
    /// Shape of the log
    #[arg(id = "log", long, env = "MAINTAINPRO_LOG", value_enum, default_value = "text", global = true)]
    pub format: LogFormat,

    /// Which events are logged: a level, or levels by module (`info,sqlx=debug`)
    #[arg(
        id = "log-level",
        long,
        env = "MAINTAINPRO_LOG_LEVEL",
        default_value = "info,sqlx::postgres::notice=warn",
        global = true
    )]
    pub level: String,
}
