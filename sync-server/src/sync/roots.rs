//! Documents that begin anew: what they say stays, their history goes. It is decided here, by whoever runs the server.

use std::collections::BTreeSet;

use shared_model::identity::{DocumentId, OrganisationId, RecordId};

use super::SyncNode;
pub use super::ingest::reroot::Outcome as Rerooted;
use super::ingest::reroot::reroot;

impl SyncNode {
    /// Gives a document a new root in the place of its past, and erases these remarks with it.
    pub async fn reroot(
        &self,
        organisation: OrganisationId,
        document: DocumentId,
        erased: &BTreeSet<RecordId>,
    ) -> anyhow::Result<Rerooted> {
        let outcome = reroot(&self.core, organisation, document, erased).await?;
        if let Rerooted::Done { seq, blanked } = outcome {
            tracing::info!(%organisation, %document, seq, blanked, "a document has a new root");
        }
        Ok(outcome)
    }
}
