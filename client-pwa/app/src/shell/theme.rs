//! Light or dark: the system's choice until the person makes one.

use crate::browser;

const STORED: &str = "maintainpro.theme";

/// What the person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    pub const fn code(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The choice in force.
    pub fn chosen() -> Self {
        let stored = browser::stored(STORED);
        Self::ALL.into_iter().find(|theme| stored.as_deref() == Some(theme.code())).unwrap_or(Self::System)
    }

    /// Makes the choice, for now and for the next start.
    pub fn choose(self) {
        let Some(root) = browser::document().document_element() else { return };
        // Both only fail for names that are not allowed, and these are.
        if self == Self::System {
            browser::forget(STORED);
            let _ = root.remove_attribute("data-theme");
        } else {
            browser::store(STORED, self.code());
            let _ = root.set_attribute("data-theme", self.code());
        }
    }
}
