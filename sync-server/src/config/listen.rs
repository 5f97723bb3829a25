//! Where the server listens and under which address people reach it.

use std::net::SocketAddr;

use super::ConfigError;
use crate::sync::admission::DEFAULT_SOCKETS_A_SECOND;

/// Address of the server.
#[derive(Clone, Debug, clap::Args)]
pub struct ListenConfig {
    /// Address and port to listen on
    #[arg(
        id = "listen",
        long,
        env = "MAINTAINPRO_LISTEN",
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    pub address: SocketAddr,

    /// Address people type when a proxy stands in front, such as https://maintenance.example
    #[arg(id = "public-url", long, env = "MAINTAINPRO_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Secret that /metrics asks for (Authorization: Bearer …); without it /metrics is open
    #[arg(id = "metrics-token", long, env = "MAINTAINPRO_METRICS_TOKEN", hide_env_values = true)]
    pub metrics_token: Option<String>,

    /// Most sockets of devices that open in a second; others are told when to come back
    #[arg(
        id = "sockets-a-second",
        long,
        env = "MAINTAINPRO_SOCKETS_A_SECOND",
        value_name = "COUNT",
        default_value_t = DEFAULT_SOCKETS_A_SECOND
    )]
    pub sockets_a_second: u32,
}

impl ListenConfig {
    /// The public origin (`https://host[:port]`), without a trailing slash.
    pub fn validate(&self) -> Result<Option<String>, ConfigError> {
        let Some(url) = &self.public_url else { return Ok(None) };
        let origin = url.trim_end_matches('/');
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        match host {
            Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@']) => {
                Ok(Some(origin.to_ascii_lowercase()))
            }
            _ => Err(ConfigError::new("--public-url", "must look like https://host or https://host:port")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Result<Option<String>, ConfigError> {
        ListenConfig {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: Some(url.to_owned()),
            metrics_token: None,
            sockets_a_second: DEFAULT_SOCKETS_A_SECOND,
        }
        .validate()
    }

    #[test]
    fn a_public_url_is_reduced_to_its_origin() {
        assert_eq!(
            origin("https://Maintenance.example/"),
            Ok(Some("https://maintenance.example".to_owned()))
        );
        assert_eq!(origin("http://host:8080"), Ok(Some("http://host:8080".to_owned())));
    }

    #[test]
    fn a_public_url_with_a_path_or_another_scheme_is_refused() {
        for url in ["https://host/app", "ftp://host", "host", "https://"] {
            assert!(origin(url).is_err(), "{url}");
        }
    }
}
