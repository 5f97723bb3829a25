//! Taking a document away, and bringing it back: one row of the feed each, in one transaction with what follows from it.
//! Locks are taken in the order of every commit: the document, then the feed's counter.

use shared_model::identity::{DeviceId, DocumentId, OrganisationId};
use shared_model::permission::{Grants, Permission, Scope};

use super::own_row::{OwnRow, against_others};
use super::{Core, queries};
use crate::clock::to_utc;
use crate::database::tenant_transaction;
use crate::document_store::{self, Locked, scopes_text};
use crate::projection::{self, Namers};
use crate::random;
use crate::sync::wake::Head;

/// What is to become of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nobody sees it any more.
    Deleted,
    /// It is there as it was.
    Restored,
}

/// Who wants it.
#[derive(Clone, Copy, Debug)]
pub struct Requester<'a> {
    /// The person with their rights; `None`: whoever runs the server.
    pub grants: Option<&'a Grants>,
    /// The device they are at.
    pub device: Option<DeviceId>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done; the row of the feed.
    Done(u64),
    /// It was so before.
    Already,
    /// There is no such document, or it is not theirs to see.
    Unknown,
    /// It is theirs to see and not to delete.
    NotPermitted,
    /// Others name it.
    Named(Vec<Namers>),
}

impl Fate {
    /// What the feed calls the row.
    const fn item_kind(self) -> &'static str {
        match self {
            Self::Deleted => "deletion",
            Self::Restored => "restoration",
        }
    }
}

/// Does it, against whoever else writes the document at the moment.
pub(crate) async fn decide(
    core: &Core,
    organisation: OrganisationId,
    document: DocumentId,
    fate: Fate,
    requester: Requester<'_>,
) -> anyhow::Result<Outcome> {
    against_others(|| attempt(core, organisation, document, fate, requester)).await
}

async fn attempt(
    core: &Core,
    organisation: OrganisationId,
    document: DocumentId,
    fate: Fate,
    requester: Requester<'_>,
) -> anyhow::Result<Outcome> {
    let mut transaction = tenant_transaction(&core.pool, organisation).await?;
    let Some(locked) = document_store::lock_one(&mut transaction, organisation, document).await? else {
        return Ok(Outcome::Unknown);
    };
    if let Some(refused) = refusal(&locked, fate, requester) {
        return Ok(refused);
    }
    let (head, chain_hash) = queries::lock_head(&mut transaction, organisation).await?;
    let now = to_utc(core.clock.now());
    let (before, after) = match fate {
        Fate::Deleted => {
            // Under the counter nobody adds to what was counted.
            let namers = match locked.kind.is_deletable_when_named() {
                true => Vec::new(),
                false => projection::namers(&mut transaction, organisation, document).await?,
            };
            if !namers.is_empty() {
                return Ok(Outcome::Named(namers));
            }
            projection::remove(&mut transaction, organisation, document).await?;
            (locked.scopes, Vec::new())
        }
        Fate::Restored => {
            let scopes = projection::restore(&mut transaction, organisation, document, locked.kind).await?;
            (Vec::new(), scopes)
        }
    };
    let deleted_at = (fate == Fate::Deleted).then_some(now);
    document_store::set_deleted(&mut transaction, organisation, document, (deleted_at, &after)).await?;
    // It carries nothing: what is to be known stands in its kind and its scopes.
    let row = OwnRow {
        seq: head + 1,
        item_kind: fate.item_kind(),
        document,
        kind: locked.kind,
        item_id: random::bytes::<16>().to_vec(),
        payload: Vec::new(),
        actor_seq: None,
        author: requester.grants.map(|grants| grants.person),
        device: requester.device,
        scopes: [scopes_text(&before), scopes_text(&after)],
        received_at: now,
    };
    row.append(core, &mut transaction, organisation, &chain_hash).await?;
    transaction.commit().await?;
    core.wake.moved(organisation, Head::of_feed(row.seq.unsigned_abs()));
    Ok(Outcome::Done(row.seq.unsigned_abs()))
}

/// Why nothing is to be done.
fn refusal(locked: &Locked, fate: Fate, requester: Requester<'_>) -> Option<Outcome> {
    let may = |permission: Permission, scopes: &[Scope]| {
        requester.grants.is_none_or(|grants| grants.allow(permission, scopes))
    };
    if locked.deleted == (fate == Fate::Deleted) {
        // Whoever may not see what is gone does not hear that it ever was.
        let sees = requester.grants.is_none();
        return Some(if sees { Outcome::Already } else { Outcome::Unknown });
    }
    if !may(locked.kind.read_permission(), &locked.scopes) {
        return Some(Outcome::Unknown);
    }
    (!may(Permission::DELETE_DOCUMENTS, &locked.scopes)).then_some(Outcome::NotPermitted)
}
