//! The people of the demonstration, one for every role, and a second organisation that must never see the
//! first.

use std::collections::HashMap;

use ring::digest::{SHA256, digest};
use shared_model::account::OrganisationName;
use shared_model::identity::{DocumentId, OrganisationId, PersonId, TeamId, uuid_v7};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Grants, Role, RoleGrant};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::plant::{Crew, Worker};
use crate::auth::password::Passwords;
use crate::database::people::{self, NewPerson};
use crate::database::{organisations, set_tenant};

/// Short name of the demonstration's organisation.
pub const ORGANISATION: &str = "demo";
/// Short name of the organisation beside it.
pub const OTHER_ORGANISATION: &str = "other";
/// Everybody's password.
pub const PASSWORD: &str = "maintainpro-demo";

const TEAM: &str = "Mechanics";
/// Ids are as old as this day on every installation: 1 January 2026.
const EPOCH: Timestamp = Timestamp::from_millis(1_767_225_600_000);

struct DemoPerson {
    email: &'static str,
    name: &'static str,
    role: Role,
    limit: GrantLimit,
    in_team: bool,
    /// Index of the site they work at; `None`: everywhere.
    works_at: Option<usize>,
}

const fn person(email: &'static str, name: &'static str, role: Role) -> DemoPerson {
    DemoPerson { email, name, role, limit: GrantLimit::Organisation, in_team: false, works_at: None }
}

const fn technician(email: &'static str, name: &'static str, site: usize) -> DemoPerson {
    DemoPerson { in_team: true, works_at: Some(site), ..person(email, name, Role::Technician) }
}

const PEOPLE: [DemoPerson; 11] = [
    person("admin@demo.example", "Alex Morgan", Role::Admin),
    person("manager@demo.example", "Nadia Rahman", Role::Manager),
    person("supervisor@demo.example", "Helen Brandt", Role::Supervisor),
    technician("tech1@demo.example", "Maya Okafor", 0),
    technician("tech2@demo.example", "Tom Lindqvist", 0),
    technician("tech3@demo.example", "Sam Adeyemi", 1),
    technician("tech4@demo.example", "Ines Duarte", 1),
    person("requester@demo.example", "Chris Webb", Role::Requester),
    person("store@demo.example", "Priya Nair", Role::Storekeeper),
    person("office@demo.example", "Daniel Reyes", Role::Office),
    DemoPerson {
        limit: GrantLimit::Own,
        ..person("contractor@demo.example", "Jo Whitfield", Role::Contractor)
    },
];

const OTHER_PEOPLE: [DemoPerson; 2] = [
    person("admin@other.example", "Otto Keller", Role::Admin),
    person("tech@other.example", "Olga Petrova", Role::Technician),
];

/// Organisation and e-mail of everybody who can sign in.
pub fn logins() -> impl Iterator<Item = (&'static str, &'static str)> {
    let ours = PEOPLE.iter().map(|person| (ORGANISATION, person.email));
    ours.chain(OTHER_PEOPLE.iter().map(|person| (OTHER_ORGANISATION, person.email)))
}

/// Everybody who works in the demonstration, with the rights they have there.
pub(super) fn crew() -> (Crew, HashMap<PersonId, Grants>) {
    let mut workers = Vec::new();
    let mut rights = HashMap::new();
    for demo in &PEOPLE {
        let person = PersonId::from_uuid(stable_id(demo.email));
        workers.push(Worker { person, role: demo.role, site: demo.works_at });
        let grants = Grants { person, grants: demo.role.grants(demo.limit) };
        rights.insert(person, grants);
    }
    let sites = ["demo site 0", "demo site 1"].map(|site| DocumentId::from_uuid(stable_id(site)));
    (Crew { workers, sites }, rights)
}

/// Creates the organisations that do not exist, each whole or not at all.
pub(super) async fn seed(pool: &PgPool, now: Timestamp) -> anyhow::Result<()> {
    let password_hash = Passwords::new()?.hash(PASSWORD).await?;
    for (slug, name, people) in [
        (ORGANISATION, "Northgate Foods", PEOPLE.as_slice()),
        (OTHER_ORGANISATION, "Harbour Logistics", OTHER_PEOPLE.as_slice()),
    ] {
        if organisations::find_by_slug(pool, slug).await?.is_some() {
            continue;
        }
        let id = OrganisationId::from_uuid(stable_id(slug));
        let mut transaction = pool.begin().await?;
        let organisation = OrganisationName { id, slug: slug.to_owned(), name: name.to_owned() };
        organisations::create(&mut transaction, &organisation, now).await?;
        create_people(&mut transaction, id, people, &password_hash, now).await?;
        transaction.commit().await?;
    }
    Ok(())
}

async fn create_people(
    connection: &mut PgConnection,
    organisation: OrganisationId,
    people: &[DemoPerson],
    password_hash: &str,
    now: Timestamp,
) -> sqlx::Result<()> {
    set_tenant(connection, organisation).await?;
    let team = TeamId::from_uuid(stable_id(&format!("{organisation} {TEAM}")));
    people::create_team(connection, organisation, team, TEAM, now).await?;
    for person in people {
        let id = PersonId::from_uuid(stable_id(person.email));
        let new = NewPerson { id, email: person.email.to_owned(), display_name: person.name.to_owned() };
        people::create(connection, organisation, &new, now).await?;
        let grant = RoleGrant { role: person.role.into(), limit: person.limit };
        people::set_grants(connection, organisation, id, &[grant], now).await?;
        people::set_password(connection, organisation, id, password_hash, now).await?;
        if person.in_team {
            people::join_team(connection, organisation, team, id).await?;
        }
    }
    Ok(())
}

/// The same id for the same name, everywhere.
fn stable_id(name: &str) -> Uuid {
    let hash = digest(&SHA256, name.as_bytes());
    let mut random = [0; 10];
    random.copy_from_slice(&hash.as_ref()[..10]);
    uuid_v7(EPOCH, random)
}
