//! What a person chose for themselves, in their row and in those of kinds of events.

use std::collections::BTreeMap;

use shared_model::identity::{OrganisationId, PersonId};
use shared_model::personal_settings::{Channels, NotificationKind, PersonalSettings, QuietHours};
use sqlx::PgConnection;

#[derive(sqlx::FromRow)]
struct Row {
    language: Option<String>,
    time_zone: Option<String>,
    quiet_from_minute: Option<i32>,
    quiet_to_minute: Option<i32>,
}

/// What they chose, with every kind of event.
pub(super) async fn read(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<PersonalSettings> {
    let row: Row = sqlx::query_as(
        "select chosen_language as language, time_zone,
                quiet_from_minute, quiet_to_minute
         from person where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_one(&mut *connection)
    .await?;
    let chosen: Vec<(String, bool, bool)> = sqlx::query_as(
        "select kind, by_email, by_push from notification_setting
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .fetch_all(connection)
    .await?;
    let unchosen = NotificationKind::ALL.iter().map(|kind| (kind.code().to_owned(), kind.unless_chosen()));
    let mut notifications: BTreeMap<String, Channels> = unchosen.collect();
    notifications.extend(chosen.into_iter().map(|(kind, email, push)| (kind, Channels { email, push })));
    Ok(PersonalSettings {
        language: row.language,
        time_zone: row.time_zone,
        notifications,
        quiet_hours: quiet_hours(row.quiet_from_minute, row.quiet_to_minute),
    })
}

fn quiet_hours(from: Option<i32>, to: Option<i32>) -> Option<QuietHours> {
    let minute = |minute: Option<i32>| u16::try_from(minute?).ok();
    Some(QuietHours { from_minute: minute(from)?, to_minute: minute(to)? })
}

/// Chooses otherwise. Emails go by the language as well; without one, by that of whoever invited them. Of kinds of events, those
/// that were otherwise `before` become rows: for the others, nobody chose.
pub(super) async fn write(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
    before: &PersonalSettings,
    settings: &PersonalSettings,
) -> sqlx::Result<()> {
    let minute = |of: fn(QuietHours) -> u16| settings.quiet_hours.map(|hours| i32::from(of(hours)));
    sqlx::query(
        "update person
         set chosen_language = $3, time_zone = $4, quiet_from_minute = $5, quiet_to_minute = $6
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(&settings.language)
    .bind(&settings.time_zone)
    .bind(minute(|hours| hours.from_minute))
    .bind(minute(|hours| hours.to_minute))
    .execute(&mut *connection)
    .await?;
    let (mut kinds, mut by_email, mut by_push) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, channels) in settings.notifications_unlike(before) {
        kinds.push(kind.as_str());
        by_email.push(channels.email);
        by_push.push(channels.push);
    }
    sqlx::query(
        "insert into notification_setting (organization_id, person_id, kind, by_email, by_push)
         select $1, $2, kind, by_email, by_push
         from unnest($3::text[], $4::boolean[], $5::boolean[]) as chosen (kind, by_email, by_push)
         on conflict (organization_id, person_id, kind) do update
             set by_email = excluded.by_email, by_push = excluded.by_push",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .bind(kinds)
    .bind(by_email)
    .bind(by_push)
    .execute(connection)
    .await?;
    Ok(())
}

/// Nothing is known any more of what they chose.
pub(super) async fn forget(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    person: PersonId,
) -> sqlx::Result<()> {
    sqlx::query(
        "with forgotten as (delete from notification_setting where organization_id = $1 and person_id = $2)
         update person
         set language = 'en', chosen_language = null, time_zone = null,
             quiet_from_minute = null, quiet_to_minute = null
         where organization_id = $1 and person_id = $2",
    )
    .bind(organisation.as_uuid())
    .bind(person.as_uuid())
    .execute(connection)
    .await?;
    Ok(())
}
