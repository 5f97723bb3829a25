//! How much memory the server may use for what it could also read again.

use crate::document_store::DEFAULT_CACHE_BYTES;

const MEGABYTE: usize = 1024 * 1024;

/// Caches.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct MemoryConfig {
    /// Megabytes of live documents kept for the next change to them; about forty work orders fit in one
    #[arg(
        id = "document-cache-mb",
        long,
        env = "MAINTAINPRO_DOCUMENT_CACHE_MB",
        value_name = "MB",
        default_value_t = DEFAULT_CACHE_BYTES / MEGABYTE
    )]
    pub document_cache_mb: usize,
}

impl MemoryConfig {
    /// The same in bytes.
    pub const fn document_cache_bytes(self) -> usize {
        self.document_cache_mb.saturating_mul(MEGABYTE)
    }
}
