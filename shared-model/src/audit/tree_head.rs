//! Signed tree heads: how far both logs reach, and the roots over all of them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::merkle::Digest;
use crate::codes::codes;
use crate::identity::OrganisationId;
use crate::instant::Timestamp;

codes! {
    /// Which of the two logs of an organisation.
    Log {
        /// Everything but documents and records.
        Entries = "entries",
        /// Changes of documents and records.
        Feed = "feed",
    }
}

/// A log at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogSize {
    /// How many leaves it has.
    pub size: u64,
    /// The root over them, 64 hexadecimal digits.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub root: Digest,
}

/// What the server signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TreeHead {
    /// Whose trail.
    #[cfg_attr(feature = "openapi", schema(value_type = Uuid))]
    pub organisation: OrganisationId,
    /// The history of the feed. A backup that is restored begins another one, which does not continue what was signed before.
    pub epoch: Uuid,
    /// The entries.
    pub entries: LogSize,
    /// The feed.
    pub feed: LogSize,
    /// When it was signed.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub signed_at: Timestamp,
    /// The Ed25519 key (RFC 8032) that it was signed with, 64 hexadecimal digits.
    pub key: String,
    /// The signature over [`Self::message`], 128 hexadecimal digits.
    pub signature: String,
}

impl TreeHead {
    /// The log of this name.
    pub const fn log(&self, log: Log) -> LogSize {
        match log {
            Log::Entries => self.entries,
            Log::Feed => self.feed,
        }
    }

    /// The bytes that are signed.
    pub fn message(&self) -> Vec<u8> {
        let mut bytes = b"maintainpro audit head 1\n".to_vec();
        bytes.extend(self.organisation.as_bytes());
        bytes.extend(self.epoch.as_bytes());
        for log in Log::ALL {
            let LogSize { size, root } = self.log(*log);
            bytes.extend(size.to_be_bytes());
            bytes.extend(root.0);
        }
        bytes.extend(self.signed_at.as_millis().to_be_bytes());
        bytes
    }
}

/// The newest head, and proof that both logs continue what the caller has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadWithProof {
    /// The head.
    pub head: TreeHead,
    /// From the entries the caller has seen; empty where nothing is to be shown, or nothing can be.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub entries: Vec<Digest>,
    /// From the feed the caller has seen.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub feed: Vec<Digest>,
}

impl HeadWithProof {
    /// The proof for a log.
    pub fn proof(&self, log: Log) -> &[Digest] {
        match log {
            Log::Entries => &self.entries,
            Log::Feed => &self.feed,
        }
    }
}
