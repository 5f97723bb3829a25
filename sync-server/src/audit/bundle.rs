//! The trail as a file: entries, each with proof that it is under a signed head. Whoever has the public key can check it without
//! the server.

use anyhow::Context;
use serde::{Deserialize, Serialize};
use shared_model::audit::merkle::{self, is_included};
use shared_model::audit::{Digest, Entry, Log, TreeHead};
use shared_model::hex;
use shared_model::identity::OrganisationId;
use sqlx::PgConnection;

use super::key::is_signed;
use super::{leaves, list};

/// Most entries of one file.
pub const MOST_ENTRIES: u64 = 10_000;
const FORMAT: &str = "maintainpro-audit-1";

/// A part of a trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Bundle {
    /// `maintainpro-audit-1`.
    pub format: String,
    /// What the entries are under.
    pub head: TreeHead,
    /// The first entry that is in here.
    pub from: u64,
    /// The last one.
    pub to: u64,
    /// All entries from the first to the last.
    pub entries: Vec<ProvenEntry>,
}

/// An entry and its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProvenEntry {
    /// Its place.
    pub seq: u64,
    /// Its text, exactly as it was hashed; empty once its retention is over.
    pub content: String,
    /// The hash of its text, where that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub leaf: Option<Digest>,
    /// The inclusion proof of RFC 9162.
    #[schema(value_type = Vec<String>)]
    pub proof: Vec<Digest>,
}

/// Gathers the entries from one to another, under a head that is over them.
pub(super) async fn gather(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    head: TreeHead,
    (from, to): (u64, u64),
) -> anyhow::Result<Bundle> {
    let texts = list::texts(connection, organisation, (from, to)).await?;
    let size = head.entries.size;
    let recipe = |seq: u64| merkle::inclusion(seq - 1, size).context("an entry beyond its head");
    let recipes = texts.iter().map(|(seq, _)| recipe(*seq)).collect::<anyhow::Result<Vec<_>>>()?;
    let mut wanted: Vec<merkle::Node> = recipes.iter().flat_map(merkle::Recipe::nodes).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let nodes = leaves::nodes(connection, organisation, Log::Entries, wanted).await?;
    let proven = texts.into_iter().zip(recipes).map(|((seq, text), recipe)| {
        let proof = recipe.proof(&nodes).context("nodes of the audit trail are missing")?;
        let leaf = text.content.is_empty().then_some(Digest(text.leaf_hash));
        Ok(ProvenEntry { seq, content: text.content, leaf, proof })
    });
    let entries = proven.collect::<anyhow::Result<_>>()?;
    Ok(Bundle { format: FORMAT.to_owned(), head, from, to, entries })
}

/// Checks a file against the public key of the installation. `Err`: the first thing that is not as it was.
pub fn check(bundle: &Bundle, key: &[u8]) -> Result<(), String> {
    let Bundle { format, head, from, to, entries } = bundle;
    if format != FORMAT {
        return Err(format!("a file of the format {format}, which this version does not know"));
    }
    if hex::decode(&head.key).as_deref() != Some(key) {
        return Err("the head is signed with another key".to_owned());
    }
    if !is_signed(head) {
        return Err("the signature of the head does not fit it".to_owned());
    }
    if *from == 0 || from > to || *to > head.entries.size {
        return Err(format!("it says that it is of {from} to {to}, and {} were signed", head.entries.size));
    }
    for (seq, entry) in (*from..=*to).zip(entries) {
        if entry.seq != seq {
            return Err(format!("entry {seq} is missing, or not in its place"));
        }
        let erased = entry.leaf.filter(|_| entry.content.is_empty());
        let leaf = erased.map_or_else(|| merkle::leaf(entry.content.as_bytes()), |digest| digest.0);
        let root = &head.entries.root.0;
        if !is_included(&leaf, seq - 1, head.entries.size, root, &entry.proof) {
            return Err(format!("entry {seq} is not what was signed"));
        }
        let is_theirs = erased.is_some()
            || Entry::read(&entry.content).is_some_and(|entry| entry.organisation == head.organisation);
        if !is_theirs {
            return Err(format!("entry {seq} is of another organisation"));
        }
    }
    let expected = to - from + 1;
    match entries.len() as u64 {
        count if count == expected => Ok(()),
        count if count < expected => Err(format!("entry {} is missing, as are all up to {to}", from + count)),
        _ => Err(format!("there are entries after the last one, {to}")),
    }
}
