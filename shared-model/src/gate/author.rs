//! The author of a change, as Automerge names it.

use super::Refused;
use crate::identity::{ActorId, MAX_ACTOR_BYTES};

/// An actor, or one of the further actors that Automerge makes up for it when it edits as of an older state.
/// They are ordered by their bytes, as Automerge orders them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Author {
    bytes: [u8; MAX_ACTOR_BYTES],
    length: usize,
    base: ActorId,
}

impl Author {
    pub(super) fn read(actor: &[u8]) -> Result<Self, Refused> {
        let length = actor.len();
        let base = ActorId::from_automerge(&automerge::ActorId::from(actor));
        let mut bytes = [0; MAX_ACTOR_BYTES];
        match (base, bytes.get_mut(..length)) {
            (Some(base), Some(place)) => {
                place.copy_from_slice(actor);
                Ok(Self { bytes, length, base })
            }
            _ => Err(Refused::ActorLength(length)),
        }
    }

    /// Whoever is behind it.
    pub(super) const fn base(self) -> ActorId {
        self.base
    }

    pub(super) const fn is_isolated(self) -> bool {
        self.length == MAX_ACTOR_BYTES
    }

    pub(super) fn to_automerge(self) -> automerge::ActorId {
        automerge::ActorId::from(&self.bytes[..self.length])
    }
}

impl PartialEq<ActorId> for Author {
    fn eq(&self, actor: &ActorId) -> bool {
        !self.is_isolated() && self.base == *actor
    }
}
