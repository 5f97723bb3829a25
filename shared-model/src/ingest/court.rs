//! A judgement item by item, on copies of the documents.

use std::collections::BTreeMap;

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use super::rights::{authorise_change, authorise_record, not_permitted};
use super::{Accepted, AcceptedItem, ActorStanding, ItemFact, MAX_HEADS, No, REROOTED, Submitter, Touched};
use crate::document::{DocumentKind, genesis, step};
use crate::features;
use crate::gate::{self, Binding, Checked, Numbering};
use crate::identity::{ActorId, DocumentId};
use crate::permission::Grants;
use crate::record::Record;
use crate::sync_protocol::{PushedCommand, PushedItem};
use crate::workspace::{Aggregate, Touch};

/// One judgement under way.
pub(super) struct Court<'a> {
    submitter: &'a Submitter<'a>,
    standing: &'a BTreeMap<ActorId, ActorStanding>,
    documents: &'a BTreeMap<DocumentId, Aggregate>,
    accepted: Accepted,
}

impl<'a> Court<'a> {
    pub(super) fn new(
        submitter: &'a Submitter<'a>,
        standing: &'a BTreeMap<ActorId, ActorStanding>,
        documents: &'a BTreeMap<DocumentId, Aggregate>,
    ) -> Self {
        Self { submitter, standing, documents, accepted: Accepted::default() }
    }

    pub(super) fn judge(mut self, command: &PushedCommand) -> Result<Accepted, No> {
        self.check_size(command)?;
        for item in &command.items {
            match item {
                PushedItem::Change { document, kind, bytes } => {
                    self.change(Touch { document: *document, kind: *kind }, bytes)?;
                }
                PushedItem::Record { bytes } => self.record(bytes)?,
            }
        }
        self.check_steps()?;
        self.join_heads();
        Ok(self.accepted)
    }

    /// What the server executes itself may take longer, though not more room: nobody outside chooses how much.
    fn check_size(&self, command: &PushedCommand) -> Result<(), No> {
        if command.items.is_empty() {
            return Err(No::because("empty_command", "a command has at least one change or record"));
        }
        if self.submitter.grants.is_some() {
            return Ok(gate::check_command(command)?);
        }
        let bytes = gate::burden(command).bytes;
        Ok(gate::Burden { bytes, ..gate::Burden::default() }.check()?)
    }

    /// The copy of a document this command works on.
    fn touch(&mut self, place: Touch) -> Result<&mut Touched, No> {
        if !self.accepted.touched.contains_key(&place.document) {
            let touched = match self.documents.get(&place.document) {
                Some(aggregate) => {
                    let scopes = features::scopes(aggregate);
                    Touched {
                        aggregate: aggregate.clone(),
                        created: false,
                        scopes_before: scopes.clone(),
                        scopes_after: scopes,
                    }
                }
                None => self.begin_document(place)?,
            };
            self.accepted.touched.insert(place.document, touched);
        }
        match self.accepted.touched.get_mut(&place.document) {
            Some(touched) if touched.aggregate.document.kind() == place.kind => Ok(touched),
            _ => Err(No::because(
                "wrong_document_kind",
                format!("{} is not a {}", place.document, place.kind.code()),
            )),
        }
    }

    /// Whose rights are asked for; `None`: nobody's.
    const fn asked(&self) -> Option<&'a Grants> {
        if self.submitter.given_back { None } else { self.submitter.grants }
    }

    fn begin_document(&self, place: Touch) -> Result<Touched, No> {
        if self.submitter.numbering != Numbering::Exact && !self.submitter.given_back {
            return Err(No::because("unknown_document", place.document.to_string()));
        }
        let permission = place.kind.create_permission();
        if self.asked().is_some_and(|grants| !grants.hold(permission)) {
            return Err(not_permitted(permission));
        }
        let aggregate = Aggregate::new(place.document, place.kind);
        let scopes_after = features::scopes(&aggregate);
        Ok(Touched { aggregate, created: true, scopes_before: Vec::new(), scopes_after })
    }

    fn change(&mut self, place: Touch, bytes: &[u8]) -> Result<(), No> {
        if genesis::is_genesis(place.kind, bytes) {
            return Ok(());
        }
        let (submitter, standing) = (self.submitter, self.standing);
        let grants = self.asked();
        let author = submitter.grants.map(|grants| grants.person);
        let touched = self.touch(place)?;
        let binding = |actor: &ActorId| binding(submitter, standing, *actor);
        let document = &touched.aggregate.document;
        let checked = match gate::check_numbered_change(document, bytes, submitter.numbering, binding)? {
            gate::Verdict::New(checked) => *checked,
            gate::Verdict::Held(hash) => return self.known_change(place, hash, bytes),
        };
        let item = AcceptedItem::of_change(place, &checked, bytes, author)
            .ok_or_else(|| No::because("actor_length", "an actor has sixteen bytes"))?;
        let is_step = step::is_reserved(&item.actor);
        if !is_step && !document.belongs_upon_its_root(&checked.change) {
            return Err(No::because(REROOTED, place.document.to_string()));
        }
        if let Some(grants) = grants.filter(|_| !is_step) {
            authorise_change(grants, touched, &checked)?;
        }
        touched
            .aggregate
            .document
            .apply(vec![checked.change])
            .map_err(|error| No::because("not_applicable", error.to_string()))?;
        // Few edits move a document, and reading where it belongs is not for nothing.
        let decisive = features::scope_fields(place.kind);
        let decides =
            |write: &gate::Write| write.path.first().is_some_and(|key| decisive.contains(&key.as_str()));
        if checked.writes.iter().any(decides) {
            touched.scopes_after = features::scopes(&touched.aggregate);
        } else {
            touched.aggregate.document.stays_within(&touched.scopes_after);
        }
        debug_assert_eq!(touched.scopes_after, features::read_scopes(&touched.aggregate));
        if !is_step && !submitter.unowned {
            self.accepted.actors.insert(item.actor);
        }
        self.accepted.items.push(item);
        Ok(())
    }

    /// Whoever may write a change may bring the schema step along that it builds upon; nobody brings one alone.
    fn check_steps(&self) -> Result<(), No> {
        let steps = self.accepted.items.iter().filter(|item| !item.known && step::is_reserved(&item.actor));
        for item in steps {
            let heads =
                self.accepted.touched.get(&item.document).map(|touched| touched.aggregate.document.heads());
            if heads.is_some_and(|heads| heads.iter().any(|head| head.0[..] == item.item_id[..])) {
                return Err(gate::Refused::Nothing.into());
            }
        }
        Ok(())
    }

    fn known_change(&mut self, place: Touch, hash: ChangeHash, bytes: &[u8]) -> Result<(), No> {
        let author = self.submitter.grants.map(|grants| grants.person);
        let touched = self.touch(place)?;
        let meta = touched.aggregate.document.automerge().get_change_meta_by_hash(&hash);
        let (actor, actor_seq) = meta
            .and_then(|meta| {
                let seq = ActorId::seq_in_document(&meta.actor, meta.seq);
                Some((ActorId::from_automerge(&meta.actor)?, seq))
            })
            .ok_or_else(|| No::because("actor_length", "an actor has sixteen bytes"))?;
        self.accepted.items.push(AcceptedItem {
            document: place.document,
            kind: place.kind,
            item_id: hash.0.to_vec(),
            payload: bytes.to_vec(),
            item_hash: Sha256::digest(bytes).into(),
            fact: ItemFact::Change { actor_seq, hash },
            known: true,
            author,
            actor,
        });
        Ok(())
    }

    fn record(&mut self, bytes: &[u8]) -> Result<(), No> {
        let record = gate::check_record(bytes)?;
        let kind = record.kind().ok_or_else(|| No::because("unknown_record_kind", record.kind.clone()))?;
        let is_fact = self.submitter.given_back && record.author.is_none();
        if record.author != self.submitter.grants.map(|grants| grants.person) && !is_fact {
            return Err(No::because("foreign_author", "a record names the person who submits it"));
        }
        if !features::record_is_readable(&record) {
            return Err(No::because("unreadable_record", format!("not a valid {}", kind.code())));
        }
        let document_kind = self.kind_of(record.document)?;
        if !kind.owners().contains(&document_kind) {
            return Err(No::because(
                "wrong_owner",
                format!("a {} has no {}", document_kind.code(), kind.code()),
            ));
        }
        let grants = self.asked();
        let touched = self.touch(Touch { document: record.document, kind: document_kind })?;
        let known = match touched.aggregate.records.get(&record.id) {
            Some(present) if *present == record => true,
            Some(_) => return Err(No::because("record_id_reused", record.id.to_string())),
            None => false,
        };
        if !known {
            check_named_records(&record, &touched.aggregate)?;
            if let Some(grants) = grants {
                authorise_record(grants, touched, &record, kind)?;
            }
            touched.aggregate.records.insert(record.id, record.clone());
            // The actor of a node that is gone is bound to nobody on behalf of whoever gives its facts back.
            if !is_fact {
                if binding(self.submitter, self.standing, record.actor) == Binding::Foreign {
                    return Err(gate::Refused::ForeignActor.into());
                }
                if !self.submitter.unowned {
                    self.accepted.actors.insert(record.actor);
                }
            }
        }
        let mut item = AcceptedItem::of_record(document_kind, record);
        item.known = known;
        self.accepted.items.push(item);
        Ok(())
    }

    fn kind_of(&self, document: DocumentId) -> Result<DocumentKind, No> {
        self.accepted
            .touched
            .get(&document)
            .map(|touched| &touched.aggregate)
            .or_else(|| self.documents.get(&document))
            .map(|aggregate| aggregate.document.kind())
            .ok_or_else(|| No::because("unknown_document", document.to_string()))
    }

    fn join_heads(&mut self) {
        let actor = self.submitter.server_actor;
        for (id, touched) in &mut self.accepted.touched {
            let document = &mut touched.aggregate.document;
            if document.heads().len() <= MAX_HEADS {
                continue;
            }
            let place = Touch { document: *id, kind: document.kind() };
            if let Some(bytes) = document.merge_heads(actor)
                && let Ok(change) = automerge::Change::from_bytes(bytes.clone())
            {
                let checked = Checked { hash: change.hash(), change, writes: Vec::new() };
                self.accepted.items.extend(AcceptedItem::of_change(place, &checked, &bytes, None));
            }
        }
    }
}

fn binding(
    submitter: &Submitter<'_>,
    standing: &BTreeMap<ActorId, ActorStanding>,
    actor: ActorId,
) -> Binding {
    if step::is_reserved(&actor) {
        return Binding::Foreign;
    }
    match standing.get(&actor).copied().unwrap_or(ActorStanding::Free) {
        ActorStanding::Foreign => Binding::Foreign,
        ActorStanding::Free | ActorStanding::Own if submitter.grants.is_none() => Binding::Server,
        ActorStanding::Free | ActorStanding::Own => Binding::Device,
    }
}

/// A record names only records that are here: otherwise a fold over them would differ between replicas.
fn check_named_records(record: &Record, aggregate: &Aggregate) -> Result<(), No> {
    let missing: Vec<Vec<u8>> = features::records_named(record)
        .iter()
        .filter(|id| !aggregate.records.contains_key(id))
        .map(|id| id.as_bytes().to_vec())
        .collect();
    if missing.is_empty() { Ok(()) } else { Err(No::Missing(missing)) }
}
