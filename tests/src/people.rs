//! Organisations and people for tests. Everybody's password is [`PASSWORD`].

use serde_json::json;
use shared_model::account::OrganisationName;
use shared_model::identity::{OrganisationId, PersonId, RoleId, TeamId};
use shared_model::instant::Timestamp;
use shared_model::permission::{GrantLimit, Permission, Role, RoleGrant, RoleKey};
use sqlx::PgPool;
use sync_server::auth::password::Passwords;
use sync_server::clock::Clock;
use sync_server::database::people::{self, NewPerson};
use sync_server::database::{organisations, tenant_transaction};
use sync_server::random;
use tokio::sync::OnceCell;

use crate::client::Client;
use crate::database::TestDatabase;

/// The password of everybody.
pub const PASSWORD: &str = "maintainpro-demo";

/// Creates an organisation with a short name.
pub async fn create_organisation(database: &TestDatabase, slug: &str) -> OrganisationId {
    found(&database.pool, slug).await
}

/// The same in any database.
pub async fn found(pool: &PgPool, slug: &str) -> OrganisationId {
    let now = now();
    let id = OrganisationId::from_uuid(random::uuid(now));
    let organisation = OrganisationName { id, slug: slug.to_owned(), name: format!("The {slug}") };
    let mut transaction = pool.begin().await.unwrap();
    organisations::create(&mut transaction, &organisation, now).await.unwrap();
    transaction.commit().await.unwrap();
    id
}

/// Creates a person with a role for the whole organisation.
pub async fn create_person(
    database: &TestDatabase,
    organisation: OrganisationId,
    email: &str,
    role: Role,
) -> PersonId {
    create_limited_person(database, organisation, email, role, GrantLimit::Organisation).await
}

/// Creates a person with a role inside a limit.
pub async fn create_limited_person(
    database: &TestDatabase,
    organisation: OrganisationId,
    email: &str,
    role: Role,
    limit: GrantLimit,
) -> PersonId {
    employ(&database.pool, organisation, email, RoleGrant { role: role.into(), limit }).await
}

/// The same in any database.
pub async fn employ(pool: &PgPool, organisation: OrganisationId, email: &str, grant: RoleGrant) -> PersonId {
    let now = now();
    let id = PersonId::from_uuid(random::uuid(now));
    let display_name = email.split('@').next().unwrap_or(email).to_owned();
    let person = NewPerson { id, email: email.to_owned(), display_name };
    let mut transaction = tenant_transaction(pool, organisation).await.unwrap();
    people::create(&mut transaction, organisation, &person, now).await.unwrap();
    people::set_grants(&mut transaction, organisation, id, &[grant], now).await.unwrap();
    people::set_password(&mut transaction, organisation, id, password_hash().await, now).await.unwrap();
    transaction.commit().await.unwrap();
    id
}

/// Somebody who has a role of these permissions alone, which `admin` makes. Names the role as the address does.
pub async fn create_person_of(
    database: &TestDatabase,
    admin: &mut Client,
    organisation: OrganisationId,
    email: &str,
    (permissions, limit): (&[Permission], GrantLimit),
) -> PersonId {
    let id = RoleId::from_uuid(random::uuid(now()));
    let landings = [
        ("my_work", Permission::WorkOrderRead),
        ("board", Permission::WorkOrderAssign),
        ("assets", Permission::AssetRead),
        ("parts", Permission::PartRead),
    ];
    let landing = landings.iter().find(|(_, needed)| permissions.contains(needed));
    // A role whose people can open no page at all is made behind the server's back.
    let Some((landing, _)) = landing else {
        let mut connection = database.superuser().await;
        let codes: Vec<&str> = permissions.iter().map(|permission| permission.code()).collect();
        sqlx::query(
            "insert into role_definition (organization_id, role, name, permissions, landing, version)
             values ($1, $2, $3, $4, 'my_work', 1)",
        )
        .bind(organisation.as_uuid())
        .bind(id.to_string())
        .bind(email)
        .bind(codes)
        .execute(&mut connection)
        .await
        .unwrap();
        let grant = RoleGrant { role: RoleKey::Custom(id), limit };
        return employ(&database.pool, organisation, email, grant).await;
    };
    let role = json!({ "id": id, "name": email, "permissions": permissions, "landing": landing });
    let answer = admin.post("/api/roles", &role).await;
    assert!(answer.status.is_success(), "{answer:?}");
    employ(&database.pool, organisation, email, RoleGrant { role: RoleKey::Custom(id), limit }).await
}

/// Creates a team with members.
pub async fn create_team(
    database: &TestDatabase,
    organisation: OrganisationId,
    name: &str,
    members: &[PersonId],
) -> TeamId {
    let now = now();
    let team = TeamId::from_uuid(random::uuid(now));
    let mut transaction = tenant_transaction(&database.pool, organisation).await.unwrap();
    people::create_team(&mut transaction, organisation, team, name, now).await.unwrap();
    for member in members {
        people::join_team(&mut transaction, organisation, team, *member).await.unwrap();
    }
    transaction.commit().await.unwrap();
    team
}

/// Hashing is slow on purpose; one hash serves everybody.
async fn password_hash() -> &'static str {
    static HASH: OnceCell<String> = OnceCell::const_new();
    HASH.get_or_init(|| async { Passwords::new().unwrap().hash(PASSWORD).await.unwrap() }).await
}

fn now() -> Timestamp {
    Clock::System.now()
}
