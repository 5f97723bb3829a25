//! The certificate for https. Phones run the app only in a secure context, which beyond localhost means TLS.

use std::path::PathBuf;

use super::ConfigError;

/// Certificate and key, both or neither.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TlsConfig {
    /// Certificate chain in PEM; serves https
    #[arg(id = "tls-cert", long, env = "MAINTAINPRO_TLS_CERT", value_name = "FILE")]
    pub certificate: Option<PathBuf>,

    /// Private key of the certificate in PEM
    #[arg(id = "tls-key", long, env = "MAINTAINPRO_TLS_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
}

/// Files of one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// Certificate chain in PEM.
    pub certificate: PathBuf,
    /// Private key in PEM.
    pub key: PathBuf,
}

impl TlsConfig {
    /// The files, or `None` for plain http.
    pub fn validate(&self) -> Result<Option<CertificateFiles>, ConfigError> {
        let (certificate, key) = match (&self.certificate, &self.key) {
            (None, None) => return Ok(None),
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (Some(_), None) => return Err(ConfigError::new("--tls-key", "is needed beside --tls-cert")),
            (None, Some(_)) => return Err(ConfigError::new("--tls-cert", "is needed beside --tls-key")),
        };
        for (setting, file) in [("--tls-cert", &certificate), ("--tls-key", &key)] {
            if !file.is_file() {
                return Err(ConfigError::new(setting, format!("there is no file {}", file.display())));
            }
        }
        Ok(Some(CertificateFiles { certificate, key }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_a_certificate_is_refused() {
        let config = TlsConfig { certificate: None, key: Some("key.pem".into()) };
        assert_eq!(config.validate().unwrap_err().setting, "--tls-cert");
    }

    #[test]
    fn no_files_mean_plain_http() {
        assert_eq!(TlsConfig::default().validate(), Ok(None));
    }
}
