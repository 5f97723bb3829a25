//! The mail server that emails leave by.

use super::ConfigError;
use crate::email::SmtpRelay;

/// Where emails go.
#[derive(Clone, Debug, clap::Args)]
pub struct MailConfig {
    /// Mail server, such as smtps://user:password@mail.example or smtp://mail.example?tls=required; without it no email is
    /// sent, and links are handed over by whoever asks for them
    #[arg(id = "smtp-url", long, env = "MAINTAINPRO_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// Who emails come from, such as "MaintainPro <maintenance@factory.example>"
    #[arg(id = "mail-from", long, env = "MAINTAINPRO_MAIL_FROM", value_name = "ADDRESS")]
    pub sender: Option<String>,
}

impl MailConfig {
    /// The relay; `None` when no emails are to be sent. Emails need to say where the server is found.
    pub fn validate(&self, public_origin: Option<&str>) -> Result<Option<SmtpRelay>, ConfigError> {
        let Some(url) = &self.smtp_url else { return Ok(None) };
        let needed = |setting, problem: &str| ConfigError::new(setting, problem);
        let sender = self
            .sender
            .as_deref()
            .ok_or_else(|| needed("--mail-from", "is needed with --smtp-url: who do emails come from?"))?;
        let origin = public_origin.ok_or_else(|| {
            needed("--public-url", "is needed with --smtp-url: where do links in emails lead?")
        })?;
        // The cause may hold the password of the mail server.
        SmtpRelay::new(url, sender, origin).map(Some).map_err(|error| {
            match error.to_string().contains("sender") {
                true => needed("--mail-from", "must look like Name <address@host>"),
                false => {
                    needed("--smtp-url", "must look like smtps://user:password@host or smtp://host:port")
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(url: &str, sender: Option<&str>, origin: Option<&str>) -> Option<&'static str> {
        let config = MailConfig { smtp_url: Some(url.to_owned()), sender: sender.map(str::to_owned) };
        config.validate(origin).err().map(|error| error.setting)
    }

    #[tokio::test]
    async fn a_mail_server_needs_a_sender_and_an_address_to_lead_to() {
        let (url, sender, origin) =
            ("smtp://mail.example:2525", Some("M <m@m.example>"), Some("https://m.example"));
        assert_eq!(problem(url, sender, origin), None);
        assert_eq!(problem("smtps://user:pass@mail.example", Some("m@m.example"), origin), None);
        assert_eq!(problem(url, None, origin), Some("--mail-from"));
        assert_eq!(problem(url, Some("nobody"), origin), Some("--mail-from"));
        assert_eq!(problem(url, sender, None), Some("--public-url"));
        for wrong in ["mail.example", "https://mail.example", ""] {
            assert_eq!(problem(wrong, sender, origin), Some("--smtp-url"), "{wrong}");
        }
        assert!(
            MailConfig { smtp_url: None, sender: None }.validate(None).is_ok_and(|relay| relay.is_none())
        );
    }
}
