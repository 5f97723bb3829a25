//! What a device gives back to a server that lost it: items it once accepted, with the receipts that show it.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::Receipt;
use super::message::PushedItem;
use crate::document::DocumentKind;
use crate::identity::{ActorId, DeviceId, DocumentId, PersonId, RootId};

/// Most documents of one frame.
pub const MAX_GIVEN_DOCUMENTS: usize = 64;

/// What the server lacks of one document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GivenBack {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Its kind.
    #[n(1)]
    pub kind: DocumentKind,
    /// Changes, each after those it builds on, then records.
    #[n(2)]
    pub items: Vec<PushedItem>,
    /// The receipts the device has about this document.
    #[n(3)]
    pub receipts: Vec<Receipt>,
    /// Who is behind the actors of the items.
    #[n(4)]
    pub actors: Vec<GivenActor>,
    /// The root that the document has on the device.
    #[n(5)]
    pub root: Option<RootId>,
    /// It was offered for a while and nobody else came who could say whose the rest is: it is taken without.
    #[n(6)]
    #[cbor(default)]
    pub alone: bool,
}

/// Who is behind an actor, as the directory said.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct GivenActor {
    /// The actor.
    #[n(0)]
    pub actor: ActorId,
    /// The person; `None`: the server itself.
    #[n(1)]
    pub person: Option<PersonId>,
    /// The device.
    #[n(2)]
    pub device: Option<DeviceId>,
    /// The code over it.
    #[n(3)]
    pub code: ByteVec,
}

impl GivenBack {
    /// About how many bytes it takes in a frame.
    pub fn size(&self) -> usize {
        let items = self.items.iter().map(|item| match item {
            PushedItem::Change { bytes, .. } | PushedItem::Record { bytes } => bytes.len() + 40,
        });
        let receipts = self.receipts.iter().map(Receipt::size);
        64 + items.sum::<usize>() + receipts.sum::<usize>() + 96 * self.actors.len()
    }
}
