//! The people of the demonstration, one for every role, and a second organisation that must never see the
//! first.

use ring::digest::{SHA256, digest};
use shared_model::account::OrganisationName;
use shared_model::identity::{OrganisationId, PersonId, TeamId, uuid_v7};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Role};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::auth::password::Passwords;
use crate::database::people::{self, NewPerson, RoleGrant};
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
}

const fn person(email: &'static str, name: &'static str, role: Role) -> DemoPerson {
    DemoPerson { email, name, role, limit: GrantLimit::Organisation, in_team: false }
}

const PEOPLE: [DemoPerson; 8] = [
    person("admin@demo.example", "Ada Admin", Role::Admin),
    person("manager@demo.example", "Mina Manager", Role::Manager),
    person("supervisor@demo.example", "Sven Supervisor", Role::Supervisor),
    DemoPerson { in_team: true, ..person("tech1@demo.example", "Tara Technician", Role::Technician) },
    DemoPerson { in_team: true, ..person("tech2@demo.example", "Tim Technician", Role::Technician) },
    person("store@demo.example", "Stella Storekeeper", Role::Storekeeper),
    person("office@demo.example", "Olaf Office", Role::Office),
    DemoPerson {
        limit: GrantLimit::Own,
        ..person("contractor@demo.example", "Cora Contractor", Role::Contractor)
    },
];

const OTHER_PEOPLE: [DemoPerson; 2] = [
    person("admin@other.example", "Otto Admin", Role::Admin),
    person("tech@other.example", "Olga Technician", Role::Technician),
];

/// Organisation and e-mail of everybody who can sign in.
pub fn logins() -> impl Iterator<Item = (&'static str, &'static str)> {
    let ours = PEOPLE.iter().map(|person| (ORGANISATION, person.email));
    ours.chain(OTHER_PEOPLE.iter().map(|person| (OTHER_ORGANISATION, person.email)))
}

/// Creates the organisations that do not exist, each whole or not at all.
pub(super) async fn seed(pool: &PgPool, now: Timestamp) -> anyhow::Result<()> {
    let password_hash = Passwords::new()?.hash(PASSWORD).await?;
    for (slug, name, people) in [
        (ORGANISATION, "Demo Works", PEOPLE.as_slice()),
        (OTHER_ORGANISATION, "Other Works", OTHER_PEOPLE.as_slice()),
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
        let grant = RoleGrant { role: person.role, limit: person.limit };
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
