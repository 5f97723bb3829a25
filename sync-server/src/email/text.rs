//! What stands in emails, in the language of whoever gets them.

use shared_model::people::Language;

use super::EmailKind;

/// Whom an email is for and what it leads to.
pub(super) struct Occasion<'a> {
    pub(super) kind: EmailKind,
    pub(super) language: Language,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) organisation: &'a str,
    /// The address of the page to go to.
    pub(super) link: &'a str,
}

/// An email: paragraphs, and a button between the first and the last.
pub(super) struct Text {
    pub(super) subject: String,
    greeting: String,
    before: String,
    button: &'static str,
    link: String,
    after: String,
}

impl Text {
    pub(super) fn of(occasion: &Occasion) -> Self {
        let Occasion { kind, language, name, email, organisation, link } = occasion;
        // A line break in a name would begin another line of the email.
        let [name, organisation] = [name, organisation].map(|text| text.replace(char::is_control, " "));
        let (subject, greeting, before, button, after) = match language {
            Language::English => english(*kind, &name, email, &organisation),
            Language::German => german(*kind, &name, email, &organisation),
        };
        Self { subject, greeting, before, button, link: (*link).to_owned(), after }
    }

    pub(super) fn plain(&self) -> String {
        let Self { greeting, before, button, link, after, .. } = self;
        format!("{greeting}\n\n{before}\n\n{button}:\n{link}\n\n{after}\n\nMaintainPro\n")
    }

    pub(super) fn html(&self) -> String {
        let [greeting, before, link, after] =
            [&self.greeting, &self.before, &self.link, &self.after].map(|text| escaped(text));
        let button = self.button;
        format!(
            "<!doctype html><html><body style=\"font:16px/1.5 system-ui,sans-serif;color:#14181f;max-width:34rem;\
             margin:2rem auto;padding:0 1rem\"><p>{greeting}</p><p>{before}</p>\
             <p style=\"margin:1.5rem 0\"><a href=\"{link}\" style=\"background:#1f5eff;color:#fff;padding:.75rem \
             1.25rem;border-radius:10px;text-decoration:none;font-weight:600\">{button}</a></p>\
             <p>{after}</p><p style=\"color:#5b6472\">MaintainPro</p></body></html>"
        )
    }
}

type Words = (String, String, String, &'static str, String);

fn english(kind: EmailKind, name: &str, email: &str, organisation: &str) -> Words {
    let greeting = format!("Hello {name},");
    match kind {
        EmailKind::Invitation => (
            format!("{organisation} invites you to MaintainPro"),
            greeting,
            format!("{organisation} plans and records its maintenance with MaintainPro and has made an account for you. You sign in with {email}."),
            "Choose a password",
            "The link works once, for seven days. If you did not expect this email you need not do anything.".to_owned(),
        ),
        EmailKind::PasswordReset => (
            "A new password for MaintainPro".to_owned(),
            greeting,
            format!("Somebody asked for a new password for {email} at {organisation}."),
            "Choose a new password",
            "The link works once, for an hour. If it was not you, you need not do anything: your password stays as it is.".to_owned(),
        ),
        EmailKind::PasswordChanged => (
            "Your password for MaintainPro was changed".to_owned(),
            greeting,
            format!("The password of {email} at {organisation} was changed, and your other devices were signed out. Work that was not sent yet stays on them until you sign in again."),
            "Open MaintainPro",
            format!("If it was not you, tell whoever administers MaintainPro at {organisation} at once."),
        ),
    }
}

fn german(kind: EmailKind, name: &str, email: &str, organisation: &str) -> Words {
    let greeting = format!("Guten Tag {name},");
    match kind {
        EmailKind::Invitation => (
            format!("{organisation} lädt Sie zu MaintainPro ein"),
            greeting,
            format!("{organisation} plant und dokumentiert die Instandhaltung mit MaintainPro und hat ein Konto für Sie angelegt. Sie melden sich mit {email} an."),
            "Passwort wählen",
            "Der Link gilt einmal und sieben Tage lang. Falls Sie diese Nachricht nicht erwartet haben, brauchen Sie nichts zu tun.".to_owned(),
        ),
        EmailKind::PasswordReset => (
            "Ein neues Passwort für MaintainPro".to_owned(),
            greeting,
            format!("Für {email} bei {organisation} wurde ein neues Passwort angefordert."),
            "Neues Passwort wählen",
            "Der Link gilt einmal und eine Stunde lang. Falls Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.".to_owned(),
        ),
        EmailKind::PasswordChanged => (
            "Ihr Passwort für MaintainPro wurde geändert".to_owned(),
            greeting,
            format!("Das Passwort von {email} bei {organisation} wurde geändert, und Ihre anderen Geräte wurden abgemeldet. Was noch nicht gesendet ist, bleibt dort, bis Sie sich wieder anmelden."),
            "MaintainPro öffnen",
            format!("Falls Sie es nicht waren, sagen Sie es gleich der Person, die MaintainPro bei {organisation} verwaltet."),
        ),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: EmailKind, language: Language, name: &str) -> Text {
        let link = "https://m.example/join#0a.b-c";
        Text::of(&Occasion {
            kind,
            language,
            name,
            email: "ana@kestrel.example",
            organisation: "Kestrel <Foods>",
            link,
        })
    }

    #[test]
    fn every_email_names_the_account_and_leads_somewhere() {
        for kind in EmailKind::ALL {
            for language in Language::ALL.iter().copied() {
                let email = text(kind, language, "Ana");
                for part in [email.plain(), email.html()] {
                    assert!(
                        part.contains("ana@kestrel.example")
                            && part.contains("https://m.example/join#0a.b-c")
                    );
                }
                assert!(email.plain().contains("Kestrel <Foods>"));
                assert!(email.html().contains("Kestrel &lt;Foods&gt;"));
            }
        }
        assert_ne!(
            text(EmailKind::Invitation, Language::German, "Ana").subject,
            text(EmailKind::Invitation, Language::English, "Ana").subject
        );
    }

    #[test]
    fn names_write_no_markup_and_no_lines() {
        let email = text(EmailKind::Invitation, Language::English, "<script>\r\nBcc: all@kestrel.example");
        assert!(!email.html().contains("<script>"));
        assert!(email.plain().starts_with("Hello <script>  Bcc: all@kestrel.example,\n"));
    }
}
