//! How long texts of entries are kept. What is erased is the text alone: its hash, its place and when it came stay, so that the tree,
//! the chain and every signed head go on fitting, and an entry says what was erased.

use std::collections::BTreeSet;

use anyhow::Context;
use chrono::{DateTime, Months, Utc};
use shared_model::audit::{Action, Entry, LegalHold, Retention, Said};
use shared_model::identity::{DocumentId, OrganisationId, PersonId};
use shared_model::instant::Timestamp;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{Note, append, holds};
use crate::clock::{from_utc, to_utc};
use crate::database::set_tenant;
use crate::directory;

/// What verifying needs to read for ever.
const KEPT: [Action; 2] = [Action::HistoryBegun, Action::EntriesPruned];

/// What the organisation wants.
pub(super) async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Retention> {
    let years: Option<i32> =
        sqlx::query_scalar("select audit_keep_years from organisation where organization_id = $1")
            .bind(organisation.as_uuid())
            .fetch_one(connection)
            .await?;
    Ok(Retention { keep_years: years.and_then(|years| u8::try_from(years).ok()) })
}

/// Changes it; returns what it was.
pub(super) async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    wanted: Retention,
) -> sqlx::Result<Retention> {
    sqlx::query("select from organisation where organization_id = $1 for update")
        .bind(organisation.as_uuid())
        .execute(&mut *connection)
        .await?;
    let before = read(connection, organisation).await?;
    sqlx::query("update organisation set audit_keep_years = $2 where organization_id = $1")
        .bind(organisation.as_uuid())
        .bind(wanted.keep_years.map(i32::from))
        .execute(connection)
        .await?;
    Ok(before)
}

/// Erases texts that are older than the organisation keeps them, as the owner of the table: the server itself may not. Returns how
/// many; nothing where they are kept for ever.
pub async fn prune(
    owner: &mut PgConnection,
    organisation: OrganisationId,
    now: Timestamp,
) -> anyhow::Result<Option<u64>> {
    let mut transaction = owner.begin().await?;
    set_tenant(&mut transaction, organisation).await?;
    // Whoever places a hold at the same time waits for this, or this for them.
    directory::changed(&mut transaction, organisation).await?;
    let Some(years) = read(&mut transaction, organisation).await?.keep_years else { return Ok(None) };
    let holds = holds::list(&mut transaction, organisation).await?;
    let standing: Vec<&LegalHold> = holds.iter().filter(|hold| hold.released_at.is_none()).collect();
    if let Some(hold) = standing.iter().find(|hold| hold.person.is_none() && hold.document.is_none()) {
        anyhow::bail!("everything has to be kept: {}", hold.reason);
    }
    let until = to_utc(now).checked_sub_months(Months::new(u32::from(years) * 12));
    let until = until.context("the time of this machine is not right")?;
    let people = standing.iter().filter_map(|hold| hold.person).map(PersonId::as_uuid);
    let documents = standing.iter().filter_map(|hold| hold.document).map(DocumentId::as_uuid);
    let held: BTreeSet<Uuid> = people.chain(documents).collect();
    let erased = erase(&mut transaction, organisation, until, held.into_iter().collect()).await?;
    if erased > 0 {
        let until = from_utc(until).as_millis().unsigned_abs();
        let note = Note::by_operator(Action::EntriesPruned).with("until", None, Some(until.into())).with(
            "count",
            None,
            Some(erased.into()),
        );
        append(&mut transaction, organisation, note, now).await?;
    }
    transaction.commit().await?;
    Ok(Some(erased))
}

async fn erase(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    until: DateTime<Utc>,
    held: Vec<Uuid>,
) -> sqlx::Result<u64> {
    let erased = sqlx::query(
        "update audit_entry set content = ''
         where organization_id = $1 and received_at < $2 and content <> '' and action <> all ($3)
           and not coalesce(person_id = any ($4), false) and not coalesce(subject_id = any ($4), false)",
    )
    .bind(organisation.as_uuid())
    .bind(until)
    .bind(KEPT.map(Action::code).to_vec())
    .bind(held)
    .execute(connection)
    .await?;
    Ok(erased.rows_affected())
}

/// Until when texts were erased, as the trail says; nothing: never.
pub(super) async fn erased_until(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let texts: Vec<String> =
        sqlx::query_scalar("select content from audit_entry where organization_id = $1 and action = $2")
            .bind(organisation.as_uuid())
            .bind(Action::EntriesPruned.code())
            .fetch_all(connection)
            .await?;
    let until = texts.iter().filter_map(|text| {
        let entry = Entry::read(text)?;
        let said = entry.changes.into_iter().find(|change| change.field == "until")?.after?;
        let Said::Number(millis) = said else { return None };
        let until = Timestamp::from_millis(i64::try_from(millis).ok()?);
        // Nothing that is as new as the entry itself was ever erased by it.
        (until < entry.received_at).then(|| to_utc(until))
    });
    Ok(until.max())
}
