//! What a device gives back to a server that lost it, sorted into commands: who made it, and whether a receipt shows
//! that it was accepted once. What was accepted once is taken in without asking for rights again, in its author's
//! name; what only the giver says to have made is judged like anything else they push.

use std::collections::{BTreeMap, BTreeSet};

use automerge::ChangeHash;
use sha2::{Digest, Sha256};

use crate::document::step;
use crate::features;
use crate::gate::{self, Burden, Refused};
use crate::identity::{ActorId, DeviceId, PersonId};
use crate::record::Record;
use crate::sync_protocol::{Claim, GivenBack, PushedItem, Receipt};

/// Room that a command needs beside its items.
const COMMAND_OVERHEAD: usize = 4 * 1024;

/// Who is behind an actor; `None`: the server itself.
pub type Owner = Option<(PersonId, DeviceId)>;

/// Items of one author in order, to be judged as one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Who made them.
    pub owner: Owner,
    /// Otherwise nobody knows on which device, or not even by whom, and their actors are to be bound to nobody: whoever
    /// made them may come and say so.
    pub is_owned: bool,
    /// Receipts show that they were accepted once.
    pub is_proven: bool,
    /// The items.
    pub items: Vec<PushedItem>,
    /// What they take to judge, with room for what a command has beside its items.
    burden: Burden,
}

/// A document that was given back, sorted.
#[derive(Debug, Default)]
pub struct Sorted {
    /// What can be judged, in order.
    pub runs: Vec<Run>,
    /// What somebody else is said to have made, and nothing shows it.
    pub unproven: Vec<PushedItem>,
    /// How many items were accepted once from somebody whose device nobody knows yet.
    pub later: usize,
}

/// Sorts what `giver` gives back. `bound` are the actors that are bound already; `vouched` says whether a code is the
/// server's own over a claim; `is_new`: the server has nothing of the document.
pub fn sort(
    given: &GivenBack,
    giver: (PersonId, DeviceId),
    bound: &BTreeMap<ActorId, Owner>,
    vouched: &dyn Fn(&Claim<'_>, &[u8]) -> bool,
    is_new: bool,
) -> Result<Sorted, Refused> {
    let evidence = Evidence::of(given, giver, bound, vouched)?;
    let mut sorting = Sorting { sorted: Sorted::default(), steps: BTreeMap::new() };
    let mut facts = Vec::new();
    for item in &given.items {
        match item {
            PushedItem::Change { bytes, kind, .. } => {
                let hash = gate::change_hash(bytes)?;
                if step::find(*kind, bytes).is_some() {
                    sorting.steps.insert(hash, item.clone());
                    continue;
                }
                let found = evidence.of_change(gate::change_author(bytes)?, hash, bytes, giver);
                let deps = gate::change_deps(bytes)?;
                sorting.change(item, &deps, found);
            }
            PushedItem::Record { bytes } => {
                let record = gate::check_record(bytes)?;
                let found = evidence.of_record(&record, bytes, giver);
                if is_new && record.author.is_none() && features::records_named(&record).is_empty() {
                    facts.push((item, found));
                } else {
                    sorting.add(item, found);
                }
            }
        }
    }
    for (item, found) in facts {
        sorting.fact(item, found);
    }
    if is_new && sorting.sorted.later > 0 {
        // Whoever began it comes first.
        sorting.sorted.runs.clear();
    }
    Ok(sorting.sorted)
}

/// The actors whose bindings are to be looked up before sorting.
pub fn actors_given(given: &GivenBack) -> BTreeSet<ActorId> {
    let actors = given.items.iter().filter_map(|item| match item {
        PushedItem::Change { bytes, .. } => gate::change_author(bytes).ok(),
        PushedItem::Record { bytes } => Record::decode(bytes).ok().map(|record| record.actor),
    });
    actors.collect()
}

/// What is known about an item.
#[derive(Clone, Copy)]
enum Found {
    /// Who made it, and whether it is shown that it was accepted.
    Made { owner: Owner, is_owned: bool, is_proven: bool },
    /// It was accepted, and on which device it was made nobody knows yet: its own device will say so.
    Later,
    /// Somebody else is said to have made it, and nothing shows it.
    Unproven,
}

impl Found {
    const fn made(owner: Owner, is_proven: bool) -> Self {
        Self::Made { owner, is_owned: true, is_proven }
    }
}

/// What receipts show.
struct Evidence {
    /// Items by their hashes, with their authors.
    items: BTreeMap<Vec<u8>, (Option<PersonId>, Option<DeviceId>)>,
    /// Changes that stood in documents the server sent.
    changes: BTreeSet<ChangeHash>,
    /// Hashes of records that stood in them.
    records: BTreeSet<Vec<u8>>,
    owners: BTreeMap<ActorId, Owner>,
    /// Actors of which the giver says that they are theirs.
    claimed: BTreeSet<ActorId>,
    /// Nobody else is waited for: what was accepted from somebody whose device nobody knows is taken from this one.
    alone: Option<DeviceId>,
    /// Who says of themselves to have written under an actor, in facts that were accepted once.
    authors: BTreeMap<ActorId, PersonId>,
}

impl Evidence {
    fn of(
        given: &GivenBack,
        giver: (PersonId, DeviceId),
        bound: &BTreeMap<ActorId, Owner>,
        vouched: &dyn Fn(&Claim<'_>, &[u8]) -> bool,
    ) -> Result<Self, Refused> {
        let mut evidence = Self {
            items: BTreeMap::new(),
            changes: BTreeSet::new(),
            records: BTreeSet::new(),
            owners: BTreeMap::new(),
            claimed: BTreeSet::new(),
            alone: given.alone.then_some(giver.1),
            authors: BTreeMap::new(),
        };
        let mut heads = Vec::new();
        for receipt in given.receipts.iter().filter(|receipt| receipt.document() == given.document) {
            let (claim, code) = receipt.claim();
            if !vouched(&claim, code) {
                continue;
            }
            match receipt {
                Receipt::Item { item, author, device, .. } => {
                    evidence.items.insert(item.to_vec(), (*author, *device));
                }
                Receipt::Snapshot { heads: at, records, .. } => {
                    heads.extend(at.iter().filter_map(|hash| Some(ChangeHash(hash[..].try_into().ok()?))));
                    evidence.records.extend(records.iter().map(|hash| hash.to_vec()));
                }
            }
        }
        for given in &given.actors {
            let owner = given.person.zip(given.device);
            if vouched(&Claim::Actor { actor: given.actor, owner }, &given.code) {
                evidence.owners.insert(given.actor, owner);
            } else if owner == Some(giver) {
                evidence.claimed.insert(given.actor);
            }
        }
        evidence.owners.extend(bound);
        evidence.reach_back(given, heads)?;
        evidence.hear_authors(given);
        Ok(evidence)
    }

    fn hear_authors(&mut self, given: &GivenBack) {
        for item in &given.items {
            if let PushedItem::Record { bytes } = item
                && self.is_proven(bytes)
                && let Ok(record) = gate::check_record(bytes)
                && let Some(author) = record.author
            {
                self.authors.insert(record.actor, author);
            }
        }
    }

    fn is_proven(&self, record: &[u8]) -> bool {
        let hash = Sha256::digest(record);
        self.items.contains_key(&hash[..]) || self.records.contains(&hash[..])
    }

    /// It was accepted, and the directory that would say from whom is lost.
    fn later(&self, actor: ActorId) -> Found {
        match self.alone {
            Some(device) => {
                let owner = self.authors.get(&actor).map(|author| (*author, device));
                Found::Made { owner, is_owned: false, is_proven: true }
            }
            None => Found::Later,
        }
    }

    /// A document with these heads held everything below them as well.
    fn reach_back(&mut self, given: &GivenBack, mut open: Vec<ChangeHash>) -> Result<(), Refused> {
        let mut deps = BTreeMap::new();
        for item in &given.items {
            if let PushedItem::Change { bytes, .. } = item {
                deps.insert(gate::change_hash(bytes)?, gate::change_deps(bytes)?);
            }
        }
        while let Some(hash) = open.pop() {
            if let Some(below) = deps.get(&hash)
                && self.changes.insert(hash)
            {
                open.extend(below);
            }
        }
        Ok(())
    }

    fn of_change(
        &self,
        actor: ActorId,
        hash: ChangeHash,
        bytes: &[u8],
        giver: (PersonId, DeviceId),
    ) -> Found {
        let accepted = self.items.get(&Sha256::digest(bytes)[..]);
        let was_shown = self.changes.contains(&hash);
        match (self.owners.get(&actor), accepted) {
            (Some(owner), Some((author, _))) if owner.unzip().0 == *author => Found::made(*owner, true),
            (Some(_), Some(_)) => Found::Unproven,
            (Some(owner), None) if was_shown || *owner == Some(giver) => Found::made(*owner, was_shown),
            (Some(_), None) => Found::Unproven,
            (None, Some((author, device))) => Found::made(author.zip(*device), true),
            (None, None) if self.claimed.contains(&actor) => Found::made(Some(giver), was_shown),
            (None, None) if was_shown => self.later(actor),
            (None, None) => Found::Unproven,
        }
    }

    fn of_record(&self, record: &Record, bytes: &[u8], giver: (PersonId, DeviceId)) -> Found {
        let hash = Sha256::digest(bytes);
        let accepted = self.items.get(&hash[..]).filter(|(author, _)| *author == record.author);
        let is_proven = accepted.is_some() || self.records.contains(&hash[..]);
        let device = accepted.and_then(|(_, device)| *device);
        match (record.author, self.owners.get(&record.actor), device) {
            (None, ..) if is_proven => Found::made(None, true),
            (Some(_), Some(owner), _) if owner.unzip().0 != record.author => Found::Unproven,
            (Some(_), Some(owner), _) if is_proven || *owner == Some(giver) => Found::made(*owner, is_proven),
            (Some(author), None, Some(device)) => Found::made(Some((author, device)), true),
            (Some(author), None, None) if author == giver.0 => Found::made(Some(giver), is_proven),
            (Some(_), None, None) if is_proven => self.later(record.actor),
            (None | Some(_), ..) => Found::Unproven,
        }
    }
}

struct Sorting {
    sorted: Sorted,
    /// Schema steps wait for the first change that builds upon them: nobody brings one alone.
    steps: BTreeMap<ChangeHash, PushedItem>,
}

impl Sorting {
    fn change(&mut self, item: &PushedItem, deps: &[ChangeHash], found: Found) {
        let steps: Vec<PushedItem> = deps.iter().filter_map(|dep| self.steps.remove(dep)).collect();
        for step in &steps {
            self.add(step, found);
        }
        self.add(item, found);
    }

    fn add(&mut self, item: &PushedItem, found: Found) {
        let (owner, is_owned, is_proven) = match found {
            Found::Made { owner, is_owned, is_proven } => (owner, is_owned, is_proven),
            Found::Later => return self.sorted.later += 1,
            Found::Unproven => return self.sorted.unproven.push(item.clone()),
        };
        match self.sorted.runs.last_mut() {
            Some(run)
                if (run.owner, run.is_owned, run.is_proven) == (owner, is_owned, is_proven)
                    && run.has_room(item) =>
            {
                run.push(item);
            }
            _ => self.sorted.runs.push(Run::new(owner, (is_owned, is_proven), item)),
        }
    }

    /// What the server stated about a document when it began comes with what began it: otherwise it would state it
    /// once more.
    fn fact(&mut self, item: &PushedItem, found: Found) {
        match (found, self.sorted.runs.first_mut()) {
            (Found::Made { owner: None, is_proven: true, .. }, Some(first))
                if first.is_proven && first.has_room(item) =>
            {
                first.push(item);
            }
            _ => self.add(item, found),
        }
    }
}

impl Run {
    fn new(owner: Owner, (is_owned, is_proven): (bool, bool), item: &PushedItem) -> Self {
        let burden = Burden { bytes: COMMAND_OVERHEAD, ..Burden::default() };
        let mut run = Self { owner, is_owned, is_proven, items: Vec::new(), burden };
        run.push(item);
        run
    }

    fn push(&mut self, item: &PushedItem) {
        self.burden = self.burden.and(Burden::of(item));
        self.items.push(item.clone());
    }

    /// Whoever gives back may have made it in any number of commands, so that every limit of one is kept anew.
    fn has_room(&self, item: &PushedItem) -> bool {
        self.burden.and(Burden::of(item)).check().is_ok()
    }
}

#[cfg(test)]
mod tests;
