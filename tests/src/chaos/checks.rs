//! What must be true after every fault has healed, within a bound: a hang is a failure.

use std::time::{Duration, Instant};

use automerge::ChangeHash;
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::sync_protocol::{OutboxEntry, PushedItem};
use sqlx::PgPool;
use sync_server::database::tenant_transaction;
use sync_server::projection;
use uuid::Uuid;

use super::crew::Crew;
use crate::device::items_of;

/// Between two looks at a database that may be away.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Commands that were acknowledged.
    pub acknowledged: usize,
    /// Acknowledged commands that the feed lacks, and saved ones that are nowhere.
    pub lost: usize,
    /// Devices that did not come to rest within the bound.
    pub stuck: usize,
    /// Whatever else is not as it should be.
    pub broken: Vec<String>,
    /// How long the last device took.
    pub recovery: Duration,
}

impl Findings {
    /// Is everything as it should be?
    pub fn is_fine(&self) -> bool {
        self.lost == 0 && self.stuck == 0 && self.broken.is_empty()
    }
}

/// Waits until every device is at rest, then compares everything with everything.
pub async fn check(
    crew: &mut Crew,
    pool: &PgPool,
    organisation: OrganisationId,
    healed: Instant,
    bound: Duration,
) -> Findings {
    let mut findings = Findings::default();
    settle(crew, pool, organisation, healed + bound, &mut findings).await;
    findings.recovery = healed.elapsed();
    if findings.stuck > 0 {
        return findings;
    }
    nothing_is_lost(crew, pool, organisation, &mut findings).await;
    devices_agree(crew, &mut findings);
    match numbers_given_twice(pool, organisation).await {
        Ok(0) => {}
        twice => findings.broken.push(format!("numbers given twice: {twice:?}")),
    }
    match projection::verify(pool, organisation, |_| {}).await {
        Ok(differences) => {
            findings.broken.extend(differences.iter().map(|difference| format!("{difference:?}")));
        }
        Err(error) => findings.broken.push(format!("projections could not be verified: {error:#}")),
    }
    findings
}

async fn settle(
    crew: &mut Crew,
    pool: &PgPool,
    organisation: OrganisationId,
    deadline: Instant,
    findings: &mut Findings,
) {
    let left = || deadline.saturating_duration_since(Instant::now());
    for (number, member) in crew.members.iter_mut().enumerate() {
        if !member
            .device
            .is_within(left(), |device| device.session.is_settled() && !device.has_to_store())
            .await
        {
            findings.stuck += 1;
            let status = member.device.look(|device| device.session.status());
            findings.broken.push(format!("device {number} is stuck: {status:?}"));
        }
    }
    if findings.stuck > 0 {
        return;
    }
    let head = loop {
        match head(pool, organisation).await {
            Ok(head) => break head,
            Err(_) if Instant::now() < deadline => tokio::time::sleep(LOOK_EVERY).await,
            Err(error) => return findings.broken.push(format!("the database does not answer: {error}")),
        }
    };
    for (number, member) in crew.members.iter_mut().enumerate() {
        let has_all = |device: &mut crate::device::Device| {
            device.store.standing.cursor.as_ref().is_some_and(|cursor| cursor.seq >= head)
                && device.session.is_settled()
                && !device.has_to_store()
        };
        if !member.device.is_within(left(), has_all).await {
            findings.stuck += 1;
            let cursor = member.device.look(|device| device.store.standing.cursor.as_ref().map(|at| at.seq));
            findings.broken.push(format!("device {number} is at {cursor:?} of {head}"));
        }
    }
}

async fn head(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<u64> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    let head: i64 = sqlx::query_scalar("select head from tenant_feed where organization_id = $1")
        .bind(organisation.as_uuid())
        .fetch_one(&mut *transaction)
        .await?;
    Ok(head.unsigned_abs())
}

/// Every acknowledged command is in the feed with all its items; every saved one was acknowledged.
async fn nothing_is_lost(crew: &Crew, pool: &PgPool, organisation: OrganisationId, findings: &mut Findings) {
    let mut open = crew.said();
    let mut items: Vec<(DocumentId, Vec<u8>)> = Vec::new();
    for (number, member) in crew.members.iter().enumerate() {
        let (acknowledged, refused) =
            member.device.look(|device| (device.store.acknowledged.clone(), device.store.refused.clone()));
        for (id, why) in refused {
            findings.broken.push(format!("device {number} was refused an honest command: {id}: {why}"));
            if let Some(entry) = open.remove(&id) {
                findings.broken.extend(past(pool, organisation, &entry).await);
            }
        }
        findings.acknowledged += acknowledged.len();
        items.extend(acknowledged.iter().filter_map(|id| open.remove(id)).flat_map(|entry| items_of(&entry)));
    }
    findings.lost += open.len();
    findings.broken.extend(open.keys().map(|id| format!("{id} was saved and is nowhere")));
    match missing(pool, organisation, &items).await {
        Ok(missing) => {
            findings.lost += missing.len();
            findings
                .broken
                .extend(missing.iter().map(|id| format!("acknowledged, and not in the feed: {id}")));
        }
        Err(error) => findings.broken.push(format!("the feed could not be read: {error}")),
    }
}

async fn missing(
    pool: &PgPool,
    organisation: OrganisationId,
    items: &[(DocumentId, Vec<u8>)],
) -> sqlx::Result<Vec<Uuid>> {
    let documents: Vec<Uuid> = items.iter().map(|(document, _)| document.as_uuid()).collect();
    let ids: Vec<&[u8]> = items.iter().map(|(_, id)| id.as_slice()).collect();
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query_scalar(
        "select wanted.doc_id from unnest($2::uuid[], $3::bytea[]) as wanted (doc_id, item_id)
         where not exists (select from feed where feed.organization_id = $1
                             and feed.doc_id = wanted.doc_id and feed.item_id = wanted.item_id)",
    )
    .bind(organisation.as_uuid())
    .bind(documents)
    .bind(ids)
    .fetch_all(&mut *transaction)
    .await
}

/// What a command builds upon that the feed does not have.
async fn past(pool: &PgPool, organisation: OrganisationId, entry: &OutboxEntry) -> Vec<String> {
    let mut lines = vec![format!("  it was {}", String::from_utf8_lossy(&entry.command.intent))];
    for item in &entry.command.items {
        let PushedItem::Change { document, bytes, .. } = item else { continue };
        let change = automerge::Change::from_bytes(bytes.to_vec()).unwrap();
        let deps: Vec<_> = change.deps().iter().map(|hash| (*document, hash.0.to_vec())).collect();
        let lacking = missing(pool, organisation, &deps).await;
        lines.push(format!(
            "  by {}, {}: of {} it builds upon, {lacking:?} are not in the feed",
            change.actor_id(),
            change.seq(),
            deps.len()
        ));
    }
    lines
}

async fn numbers_given_twice(pool: &PgPool, organisation: OrganisationId) -> sqlx::Result<i64> {
    let mut transaction = tenant_transaction(pool, organisation).await?;
    sqlx::query_scalar(
        "select count(*) - count(distinct number) from work_order where organization_id = $1 and number <> ''",
    )
    .bind(organisation.as_uuid())
    .fetch_one(&mut *transaction)
    .await
}

/// All have the same rights, so all have the same documents, heads and records.
fn devices_agree(crew: &Crew, findings: &mut Findings) {
    let copies = |number: usize| {
        crew.members[number].device.look(|device| {
            let ids: Vec<DocumentId> = device.store.documents.keys().copied().collect();
            let mut copies: Vec<(DocumentId, Vec<ChangeHash>, usize)> = Vec::new();
            for id in ids {
                let Some(aggregate) = device.aggregate(id) else { continue };
                copies.push((id, aggregate.document.heads(), aggregate.records.len()));
            }
            copies
        })
    };
    let first = copies(0);
    for number in 1..crew.members.len() {
        let differing = first.iter().zip(copies(number)).find(|(one, other)| *one != other);
        if let Some((one, _)) = differing {
            findings.broken.push(format!("devices 0 and {number} differ in {}", one.0));
        } else if first.len() != copies(number).len() {
            findings.broken.push(format!("devices 0 and {number} have different documents"));
        }
    }
}
