//! Holding a database against its own trail: every entry against its hash and its neighbours, every row of the feed, every
//! node that proofs are made of, and every head that was ever signed; also heads that somebody kept elsewhere.

use chrono::{DateTime, Utc};
use shared_model::audit::merkle::{self, Frontier, Node};
use shared_model::audit::{Entry, Hash, Log, LogSize, TreeHead};
use shared_model::hex;
use shared_model::identity::{OrganisationId, PersonId};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::histories::{Bearing, Histories};
use super::key::is_signed;
use super::{START, head, leaves, retention};
use crate::clock::to_utc;
use crate::database::tenant_snapshot;
use crate::sync::feed;

/// Rows read at once.
const PAGE: i64 = 2_000;

/// Something that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tampering {
    /// Where: `entries`, `feed` or `heads`.
    pub place: &'static str,
    /// The first entry or row that is not as it was; of a head, how many leaves it is over.
    pub seq: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl Tampering {
    fn new(place: &'static str, seq: u64, problem: impl Into<String>) -> Self {
        Self { place, seq, problem: problem.into() }
    }
}

impl std::fmt::Display for Tampering {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}: {}", self.place, self.seq, self.problem)
    }
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// How many rows the feed has.
    pub feed: u64,
    /// How many heads were signed.
    pub heads: usize,
    /// Nothing, when all is as it was. The first of each place comes first.
    pub found: Vec<Tampering>,
}

/// Verifies the trail of an organisation. `key` is the public key of the installation; `kept` are heads that devices or people
/// have kept.
pub async fn verify(
    pool: &PgPool,
    organisation: OrganisationId,
    key: &[u8],
    kept: &[TreeHead],
) -> anyhow::Result<Verified> {
    let mut transaction = tenant_snapshot(pool, organisation).await?;
    let heads = head::read(&mut transaction, organisation, None).await?;
    let mut verified = Verified { heads: heads.len(), ..Verified::default() };
    verified.found.extend(signatures(&heads, organisation, key));
    verified.found.extend(signatures(kept, organisation, key));
    let (_, _, epoch) = head::sizes(&mut transaction, organisation).await?;
    let histories = Histories::read(&mut transaction, organisation, epoch).await?;
    verified.found.extend(untold(&histories, heads.iter().chain(kept)));
    for log in Log::ALL {
        let holds = |head: &&TreeHead| matches!(histories.bearing(head, *log), Bearing::Holds);
        let own: Vec<&TreeHead> = heads.iter().filter(holds).collect();
        let kept: Vec<&TreeHead> = kept.iter().filter(holds).collect();
        let mut growing = Growing::new(*log, &own, &kept);
        let broken = match log {
            Log::Entries => entries(&mut transaction, organisation, &mut growing).await?,
            Log::Feed => rows(&mut transaction, organisation, &mut growing).await?,
        };
        let size = growing.tree.size();
        match log {
            Log::Entries => verified.entries = size,
            Log::Feed => verified.feed = size,
        }
        // What follows the first broken row says nothing more.
        verified.found.extend(broken.map_or_else(|| growing.contradicted(), Some));
    }
    Ok(verified)
}

/// Heads that cannot be held against what is here, and a history that nothing tells of.
fn untold<'a>(histories: &Histories, heads: impl Iterator<Item = &'a TreeHead>) -> Vec<Tampering> {
    let mut found = Vec::new();
    if !histories.is_told() {
        found.push(Tampering::new("heads", 0, "the feed is in another history than the trail says"));
    }
    for head in heads {
        let problem = match Log::ALL.iter().map(|log| histories.bearing(head, *log)).max() {
            Some(Bearing::Unknown) => "it is of a history that nothing here tells of",
            Some(Bearing::Beyond) => {
                "it is over more than the backup had that was restored; what came after that cannot be checked"
            }
            Some(Bearing::Holds) | None => continue,
        };
        found.push(Tampering::new("heads", head.entries.size, problem));
    }
    found
}

fn signatures<'a>(
    heads: &'a [TreeHead],
    organisation: OrganisationId,
    key: &'a [u8],
) -> impl Iterator<Item = Tampering> + 'a {
    heads.iter().filter_map(move |head| {
        let problem = if head.organisation != organisation {
            "a head of another organisation"
        } else if hex::decode(&head.key).as_deref() != Some(key) {
            "signed with another key than this installation's"
        } else if !is_signed(head) {
            "its signature does not fit it"
        } else {
            return None;
        };
        Some(Tampering::new("heads", head.entries.size, problem))
    })
}

/// A tree that grows leaf by leaf, held against every head over as many leaves.
struct Growing {
    log: Log,
    tree: Frontier,
    /// What was signed, from the smallest.
    signed: Vec<Signed>,
    next: usize,
    nodes: Vec<(Node, Hash)>,
    /// How many leaves are certainly as they were, and over how many a head is that does not fit.
    wrong: Option<(u64, u64)>,
}

/// What a head says of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Signed {
    size: u64,
    root: Hash,
    /// It was kept elsewhere. One in the database may have been rewritten with all the rest.
    is_kept: bool,
}

impl Growing {
    fn new(log: Log, heads: &[&TreeHead], kept: &[&TreeHead]) -> Self {
        let said = |head: &TreeHead, is_kept| {
            let LogSize { size, root } = head.log(log);
            Signed { size, root: root.0, is_kept }
        };
        let own = heads.iter().map(|head| said(head, false));
        let mut signed: Vec<Signed> = own.chain(kept.iter().map(|head| said(head, true))).collect();
        signed.sort_unstable();
        let mut growing =
            Self { log, tree: Frontier::default(), signed, next: 0, nodes: Vec::new(), wrong: None };
        growing.compare();
        growing
    }

    fn push(&mut self, leaf: Hash) {
        let nodes = &mut self.nodes;
        self.tree.push(leaf, |node, hash| nodes.push((node, hash)));
        self.compare();
    }

    fn compare(&mut self) {
        while let Some(head) = self.signed.get(self.next).filter(|head| head.size <= self.tree.size()) {
            if head.root != self.tree.root() && self.wrong.is_none() {
                let mut fitting =
                    self.signed[..self.next].iter().filter(|earlier| earlier.is_kept || !head.is_kept);
                self.wrong = Some((fitting.next_back().map_or(0, |earlier| earlier.size), head.size));
            }
            self.next += 1;
        }
    }

    /// The most leaves that were ever signed.
    fn signed_size(&self) -> u64 {
        self.signed.last().map_or(0, |head| head.size)
    }

    /// What the signed heads say against the whole log.
    fn contradicted(&self) -> Option<Tampering> {
        let name = self.log.code();
        if let Some((before, size)) = self.wrong {
            let text = format!("one of {} to {size} is not what was signed", before + 1);
            return Some(Tampering::new(name, before + 1, text));
        }
        let (has, signed) = (self.tree.size(), self.signed_size());
        (has < signed).then(|| Tampering::new(name, has + 1, format!("missing, as are all up to {signed}")))
    }

    /// Inner nodes that are not those of the leaves.
    async fn check_nodes(
        &mut self,
        connection: &mut PgConnection,
        organisation: OrganisationId,
    ) -> anyhow::Result<Option<Tampering>> {
        let (log, signed) = (self.log, self.signed_size());
        let nodes = std::mem::take(&mut self.nodes);
        let nodes: Vec<(Node, Hash)> =
            nodes.into_iter().filter(|(node, _)| (node.position + 1) << node.level <= signed).collect();
        let kept = leaves::nodes(connection, organisation, log, nodes.iter().map(|(node, _)| *node)).await?;
        let wrong = nodes.iter().find(|(node, hash)| kept.get(node) != Some(hash));
        Ok(wrong.map(|(node, _)| {
            let text = "a node that proofs are made of is not that of its leaves";
            Tampering::new(log.code(), (node.position << node.level) + 1, text)
        }))
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    seq: i64,
    content: String,
    leaf_hash: Vec<u8>,
    chain_hash: Vec<u8>,
    received_at: DateTime<Utc>,
    action: String,
    person_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    linked: bool,
}

impl EntryRow {
    /// What is wrong with it, as the one that follows so many.
    fn problem(
        &self,
        organisation: OrganisationId,
        before: u64,
        erased_until: Option<DateTime<Utc>>,
    ) -> Option<&'static str> {
        if self.seq.unsigned_abs() != before + 1 {
            return Some("missing");
        }
        let is_erased = self.content.is_empty();
        if is_erased && erased_until.is_none_or(|until| self.received_at >= until) {
            return Some("its text was erased, and no entry says so");
        }
        if !is_erased && self.leaf_hash != merkle::leaf(self.content.as_bytes()) {
            return Some("its text is not what its hash is of");
        }
        if !self.linked {
            return Some("it does not follow the entry before it");
        }
        if is_erased {
            return None;
        }
        let Some(entry) = Entry::read(&self.content) else { return Some("its text is no entry") };
        let is_found_by = entry.organisation == organisation
            && to_utc(entry.received_at) == self.received_at
            && entry.action == self.action
            && entry.by.person.map(PersonId::as_uuid) == self.person_id
            && entry.subject.map(|subject| subject.id) == self.subject_id;
        (!is_found_by).then_some("it is not found by what it says")
    }
}

async fn entries(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    growing: &mut Growing,
) -> anyhow::Result<Option<Tampering>> {
    let mut chain = START.to_vec();
    let erased_until = retention::erased_until(connection, organisation).await?;
    loop {
        let after = i64::try_from(growing.tree.size())?;
        let rows: Vec<EntryRow> = sqlx::query_as(
            "select seq, content, leaf_hash, chain_hash, received_at, action, person_id, subject_id,
                    chain_hash = sha256(coalesce(lag(chain_hash) over (order by seq), $4) || leaf_hash) as linked
             from (select * from audit_entry where organization_id = $1 and seq > $2
                   order by seq limit $3) as page
             order by seq",
        )
        .bind(organisation.as_uuid())
        .bind(after)
        .bind(PAGE)
        .bind(&chain)
        .fetch_all(&mut *connection)
        .await?;
        let Some(last) = rows.last() else { break };
        chain.clone_from(&last.chain_hash);
        for row in rows {
            if let Some(problem) = row.problem(organisation, growing.tree.size(), erased_until) {
                return Ok(Some(Tampering::new("entries", growing.tree.size() + 1, problem)));
            }
            growing.push(leaves::hash(&row.leaf_hash)?);
        }
        if let Some(wrong) = growing.check_nodes(connection, organisation).await? {
            return Ok(Some(wrong));
        }
    }
    let size = growing.tree.size();
    let counted: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select size, chain_hash from audit_log where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_optional(connection)
            .await?;
    let (counted, end) = counted.unwrap_or((0, START.to_vec()));
    if counted.unsigned_abs() != size || end != chain {
        return Ok(Some(Tampering::new("entries", size + 1, format!("missing: {counted} were counted"))));
    }
    Ok(None)
}

/// The feed by its own chain, and its rows as leaves.
async fn rows(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    growing: &mut Growing,
) -> anyhow::Result<Option<Tampering>> {
    if let Some(broken) = feed::first_broken(connection, organisation).await? {
        return Ok(Some(Tampering::new("feed", broken.seq, broken.problem)));
    }
    loop {
        let page = leaves::page(connection, organisation, Log::Feed, (growing.tree.size(), PAGE)).await?;
        if page.is_empty() {
            return Ok(None);
        }
        for (_, leaf) in page {
            growing.push(leaf);
        }
        if let Some(wrong) = growing.check_nodes(connection, organisation).await? {
            return Ok(Some(wrong));
        }
    }
}
