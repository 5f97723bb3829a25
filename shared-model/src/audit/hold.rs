//! What has to be kept, and for how long, as both ends of the API see it.

use serde::{Deserialize, Serialize};

use crate::identity::{DocumentId, LegalHoldId, PersonId};
use crate::instant::Timestamp;

/// While it stands, nothing that it is about is erased. Without a person and a document it is about everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegalHold {
    /// Its id.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub id: LegalHoldId,
    /// Why: a file number, not a story.
    pub reason: String,
    /// The person it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub person: Option<PersonId>,
    /// The document it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub document: Option<DocumentId>,
    /// Who placed it.
    #[cfg_attr(feature = "openapi", schema(value_type = uuid::Uuid))]
    pub placed_by: PersonId,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub placed_at: Timestamp,
    /// When it was released; nothing while it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    pub released_at: Option<Timestamp>,
}

/// `POST /api/legal-holds`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLegalHold {
    /// Why, in at most 500 characters.
    pub reason: String,
    /// The person it is about; not together with a document.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub person: Option<PersonId>,
    /// The document it is about.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<uuid::Uuid>))]
    pub document: Option<DocumentId>,
}

/// `/api/audit/retention`: how long texts of the trail are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Retention {
    /// In years, 1 to 100; nothing: for ever.
    pub keep_years: Option<u8>,
}
