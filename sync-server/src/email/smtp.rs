//! Handing emails to a mail server.

use std::time::Duration;

use anyhow::Context;
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::text::Text;

const TIMEOUT: Duration = Duration::from_secs(30);

/// A mail server, and who emails come from.
pub struct SmtpRelay {
    server: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    /// Where people find this installation.
    pub(super) origin: String,
}

impl SmtpRelay {
    /// A mail server by its address, such as `smtps://user:password@mail.example`.
    pub fn new(url: &str, sender: &str, origin: &str) -> anyhow::Result<Self> {
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .context("the address of the mail server")?
            .timeout(Some(TIMEOUT))
            .build();
        let sender = sender.parse().context("the sender of emails")?;
        Ok(Self { server, sender, origin: origin.to_owned() })
    }

    /// Sends an email; an error says why the mail server did not take it.
    pub(super) async fn send(&self, name: &str, address: &str, text: &Text) -> anyhow::Result<()> {
        let receiver = Mailbox::new(Some(name.to_owned()), address.parse().context("the address")?);
        let message = Message::builder()
            .from(self.sender.clone())
            .to(receiver)
            .subject(&text.subject)
            .multipart(MultiPart::alternative_plain_html(text.plain(), text.html()))?;
        self.server.send(message).await?;
        Ok(())
    }
}
