//! Where a document belongs.

use serde::{Deserialize, Serialize};

use crate::document::DocumentKind;
use crate::identity::{DocumentId, PersonId, TeamId};

/// Where a document belongs; derived from its own fields only. A document is readable when a grant meets
/// any of its scopes. Text form: `site:…`, `team:…`, `person:…`, `kind:part`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// Belongs to a site (a root location).
    Site(DocumentId),
    /// Assigned to a team.
    Team(TeamId),
    /// Assigned to, or asked for by, a person.
    Person(PersonId),
    /// A catalogue of the whole organisation (parts, checklist templates, locations).
    Kind(DocumentKind),
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Site(id) => write!(f, "site:{id}"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Person(id) => write!(f, "person:{id}"),
            Self::Kind(kind) => write!(f, "kind:{}", kind.code()),
        }
    }
}

/// A text that is not a scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a scope")]
pub struct NotAScope(String);

impl std::str::FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotAScope(text.to_owned());
        let (head, tail) = text.split_once(':').ok_or_else(refuse)?;
        match head {
            "site" => tail.parse().map(Self::Site).map_err(|_| refuse()),
            "team" => tail.parse().map(Self::Team).map_err(|_| refuse()),
            "person" => tail.parse().map(Self::Person).map_err(|_| refuse()),
            "kind" => DocumentKind::from_code(tail).map(Self::Kind).ok_or_else(refuse),
            _ => Err(refuse()),
        }
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, NotAScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}
