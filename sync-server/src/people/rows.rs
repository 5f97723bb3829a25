//! People as whoever administers them sees them.

use chrono::{DateTime, Utc};
use shared_model::identity::{OrganisationId, PersonId, TeamId};
use shared_model::people::{Member, Standing};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::clock::from_utc;
use crate::database::held_roles::parse_grant;

#[derive(sqlx::FromRow)]
struct MemberRow {
    person_id: Uuid,
    display_name: String,
    email: String,
    language: String,
    active: bool,
    is_erased: bool,
    has_password: bool,
    has_second_factor: bool,
    roles: Vec<String>,
    limit_kinds: Vec<String>,
    limit_ids: Vec<Option<Uuid>>,
    teams: Vec<Uuid>,
    last_seen_at: Option<DateTime<Utc>>,
    email_problem: Option<String>,
}

impl MemberRow {
    fn member(self) -> sqlx::Result<Member> {
        let limits = self.limit_kinds.iter().zip(&self.limit_ids);
        let roles = self.roles.iter().zip(limits).map(|(role, (kind, id))| parse_grant(role, kind, *id));
        Ok(Member {
            id: PersonId::from_uuid(self.person_id),
            roles: roles.collect::<sqlx::Result<_>>()?,
            teams: self.teams.into_iter().map(TeamId::from_uuid).collect(),
            standing: match (self.active, self.has_password) {
                _ if self.is_erased => Standing::Erased,
                (false, _) => Standing::Disabled,
                (true, true) => Standing::Active,
                (true, false) => Standing::Invited,
            },
            display_name: self.display_name,
            email: self.email,
            language: self.language,
            has_second_factor: self.has_second_factor,
            last_seen_at: self.last_seen_at.map(from_utc),
            email_problem: self.email_problem,
        })
    }
}

/// Everybody by name; with `only`, that person if there is one.
pub(super) async fn members(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    only: Option<PersonId>,
) -> sqlx::Result<Vec<Member>> {
    let rows: Vec<MemberRow> = sqlx::query_as(
        "select person.person_id, display_name, email, language, active,
                erased_at is not null as is_erased,
                credential.person_id is not null as has_password,
                exists (select from authenticator_app as app where app.organization_id = person.organization_id
                                                               and app.person_id = person.person_id)
                or exists (select from passkey where passkey.organization_id = person.organization_id
                                                 and passkey.person_id = person.person_id) as has_second_factor,
                coalesce(held.roles, '{}') as roles, coalesce(held.limit_kinds, '{}') as limit_kinds,
                coalesce(held.limit_ids, '{}') as limit_ids, coalesce(member.teams, '{}') as teams,
                seen.last_seen_at, failed.problem as email_problem
         from person
         left join credential on credential.organization_id = person.organization_id
                             and credential.person_id = person.person_id
         left join lateral (
             select array_agg(role order by person_grant_id) as roles,
                    array_agg(limit_kind order by person_grant_id) as limit_kinds,
                    array_agg(limit_id order by person_grant_id) as limit_ids
             from person_grant where person_grant.organization_id = person.organization_id
                                 and person_grant.person_id = person.person_id) held on true
         left join lateral (
             select array_agg(team_id order by team_id) as teams
             from team_member where team_member.organization_id = person.organization_id
                                and team_member.person_id = person.person_id) member on true
         left join lateral (
             select max(last_seen_at) as last_seen_at
             from device where device.organization_id = person.organization_id
                           and device.person_id = person.person_id) seen on true
         left join lateral (
             select problem from outgoing_email where outgoing_email.organization_id = person.organization_id
                                          and outgoing_email.person_id = person.person_id and problem is not null
             order by created_at desc limit 1) failed on true
         where person.organization_id = $1 and ($2::uuid is null or person.person_id = $2)
         order by lower(display_name), person.person_id",
    )
    .bind(organisation.as_uuid())
    .bind(only.map(PersonId::as_uuid))
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(MemberRow::member).collect()
}
