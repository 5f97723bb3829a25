//! The demonstration: two organisations with people in every role, and what the first of them works on. Everything
//! is generated from fixed names and a fixed seed, so every installation shows the same.

mod people;
mod plant;

use std::collections::HashMap;

use anyhow::bail;
use shared_model::identity::{OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::sync_protocol::CommandResult;
use sqlx::PgPool;

pub use people::{ORGANISATION, OTHER_ORGANISATION, PASSWORD, logins};

use self::plant::Deed;
use crate::database::organisations;
use crate::sync::{Sender, SyncNode, TypedCommand};

/// Deeds that are submitted together.
const RUN: usize = 400;

/// Fills an installation that has no organisation yet, or whose demonstration is incomplete because seeding it
/// was interrupted. Returns whether there was anything to do.
pub async fn seed_when_empty(pool: &PgPool, node: &SyncNode, now: Timestamp) -> anyhow::Result<bool> {
    let organisations = organisations::all(pool).await?;
    let demo = organisations.iter().find(|organisation| organisation.slug == ORGANISATION);
    if let Some(demo) = demo
        && is_complete(pool, node, demo.id).await?
    {
        return Ok(false);
    }
    if demo.is_none() && !organisations.is_empty() {
        return Ok(false);
    }
    seed(pool, node, now).await?;
    Ok(true)
}

/// Creates what is missing of the demonstration. Seeding again changes nothing: every command has the id it had
/// the first time.
pub async fn seed(pool: &PgPool, node: &SyncNode, now: Timestamp) -> anyhow::Result<()> {
    people::seed(pool, now).await?;
    let Some(demo) = organisations::find_by_slug(pool, ORGANISATION).await? else {
        bail!("the organisation {ORGANISATION} was removed while it was seeded");
    };
    let founded = organisations::founded(pool, demo.id).await?;
    let (crew, rights) = people::crew();
    let deeds = plant::history(&crew, founded);
    let total = deeds.len();
    let mut done = 0;
    for run in runs(&deeds) {
        play(node, demo.id, &rights, run).await?;
        done += run.len();
        tracing::info!(done, total, "seeding the demonstration");
    }
    Ok(())
}

/// Neighbours of one author, so that they share transactions.
fn runs(deeds: &[Deed]) -> impl Iterator<Item = &[Deed]> {
    deeds.chunk_by(|a, b| a.person == b.person && a.phase == b.phase).flat_map(|run| run.chunks(RUN))
}

async fn play(
    node: &SyncNode,
    organisation: OrganisationId,
    rights: &HashMap<PersonId, Grants>,
    run: &[Deed],
) -> anyhow::Result<()> {
    let person = run.first().and_then(|deed| deed.person);
    let grants = person.and_then(|person| rights.get(&person).cloned());
    let sender = Sender { grants, ..Sender::default() };
    let commands = run
        .iter()
        .map(|deed| TypedCommand { id: deed.id, commands: deed.commands.clone(), at: Some(deed.at) })
        .collect();
    for (result, deed) in node.execute_patiently(organisation, &sender, commands).await.into_iter().zip(run) {
        match result {
            CommandResult::Accepted { .. } | CommandResult::Duplicate { .. } => {}
            other => bail!("the demonstration was refused: {other:?} for {:?}", deed.commands),
        }
    }
    Ok(())
}

/// The last deed is there only when all before it are; seeding it again changes nothing, and without the others it
/// is refused.
async fn is_complete(pool: &PgPool, node: &SyncNode, organisation: OrganisationId) -> anyhow::Result<bool> {
    let (crew, rights) = people::crew();
    let founded = organisations::founded(pool, organisation).await?;
    let deeds = plant::history(&crew, founded);
    match deeds.split_last() {
        Some((last, _)) => Ok(play(node, organisation, &rights, std::slice::from_ref(last)).await.is_ok()),
        None => Ok(true),
    }
}
