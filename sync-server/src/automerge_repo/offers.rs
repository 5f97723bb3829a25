//! Changes that a client offers: each is judged as a command of its own, by the rights of the moment it arrives.

use automerge::ChangeHash;
use axum::extract::ws::close_code;
use sha2::{Digest, Sha256};
use shared_model::document::{Document, DocumentKind};
use shared_model::gate::{LIMITS, Measure, Numbering, Refused};
use shared_model::identity::{CommandId, DocumentId, PersonId};
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem};

use super::conversation::{Conversation, Fate};
use super::notice;
use super::session::{Goodbye, Outgoing, Session};
use super::sync_message::Offered;
use super::wire::PEER;
use crate::sync::Sender;

/// Commands handed to the ingest at once.
const BATCH: usize = 64;

impl Session {
    /// Has the changes judged that a client with these heads offers. Returns the document as it is then, or nothing
    /// when it may not be seen any more.
    pub(super) async fn judge(
        &mut self,
        id: DocumentId,
        mut document: Document,
        conversation: &mut Conversation,
        (heads, offered): (&[ChangeHash], Vec<Offered>),
        out: &mut Outgoing,
    ) -> Result<Option<Document>, Goodbye> {
        conversation.take_in(&document, offered);
        loop {
            let mut batch = conversation.ready(&document);
            if batch.is_empty() {
                batch = conversation.overdue(&document, heads);
            }
            if !self.settle(id, document.kind(), conversation, batch, out).await? {
                break;
            }
            match self.load(id).await? {
                Some(now) => document = now,
                None => return Ok(None),
            }
        }
        let overdue = conversation.overdue(&document, heads);
        self.settle(id, document.kind(), conversation, overdue, out).await?;
        if conversation.is_flooded() {
            return Err(Goodbye::new(close_code::SIZE, "too many changes without a past"));
        }
        Ok(Some(document))
    }

    /// Has some changes judged; is one of them in the document now?
    async fn settle(
        &mut self,
        id: DocumentId,
        kind: DocumentKind,
        conversation: &mut Conversation,
        changes: Vec<Offered>,
        out: &mut Outgoing,
    ) -> Result<bool, Goodbye> {
        if changes.is_empty() {
            return Ok(false);
        }
        // Changes are judged by the rights of the moment they arrive.
        self.check_rights().await?;
        let mut taken = false;
        for (change, result) in self.submit(id, kind, changes).await {
            match conversation.settle(change, result) {
                Fate::Taken => taken = true,
                Fate::Waits => {}
                // For its program, on the handle of the document.
                Fate::Refused(refusal) => out.push(self.notice(id, notice::refused(&refusal))),
                Fate::TryAgain => {
                    return Err(Goodbye::new(close_code::AGAIN, "the server is busy; try again"));
                }
                Fate::TooMuch => {
                    return Err(Goodbye::new(close_code::SIZE, "too many changes were refused"));
                }
            }
        }
        Ok(taken)
    }

    /// Judges and commits changes, each with a fate of its own.
    async fn submit(
        &self,
        document: DocumentId,
        kind: DocumentKind,
        changes: Vec<Offered>,
    ) -> Vec<(Offered, CommandResult)> {
        let (grants, device) = (Some(self.caller.grants.clone()), Some(self.caller.device_id));
        let sender = Sender { grants, device, numbering: Numbering::Isolated, ..Sender::default() };
        let mut results = Vec::with_capacity(changes.len());
        let mut changes = changes.into_iter().peekable();
        while changes.peek().is_some() {
            let batch: Vec<Offered> = changes.by_ref().take(BATCH).collect();
            let (small, large): (Vec<_>, Vec<_>) =
                batch.into_iter().partition(|change| change.bytes.len() <= LIMITS.change_bytes);
            let commands = small.iter().map(|change| command(self.caller.person_id, document, kind, change));
            let judged =
                self.state.sync.submit(self.caller.organisation_id, &sender, commands.collect()).await;
            results.extend(small.into_iter().zip(judged));
            results.extend(large.into_iter().map(|change| (change, too_long())));
        }
        results
    }
}

/// One change as a command. The same change of the same person is the same command, so that sending it again is
/// harmless.
fn command(person: PersonId, document: DocumentId, kind: DocumentKind, change: &Offered) -> PushedCommand {
    let digest = Sha256::new().chain_update(PEER).chain_update(person.as_bytes()).chain_update(change.hash.0);
    let mut id = [0; 16];
    id.copy_from_slice(&digest.finalize()[..16]);
    PushedCommand {
        id: CommandId::from_uuid(uuid::Builder::from_custom_bytes(id).into_uuid()),
        intent: format!("{{\"change\":\"{}\"}}", change.hash).into_bytes().into(),
        items: vec![PushedItem::Change { document, kind, bytes: change.bytes.clone().into() }],
    }
}

/// What the gate says, of a change that is not even brought before it.
fn too_long() -> CommandResult {
    let refused = Refused::TooMuch { measure: Measure::Change, limit: LIMITS.change_bytes };
    CommandResult::Rejected { code: refused.code().to_owned(), detail: refused.to_string() }
}
