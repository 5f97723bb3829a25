//! The directory: whole at first, then only what changed.

use maintainpro_tests::people::{create_organisation, create_person, create_team};
use maintainpro_tests::server::TestServer;
use shared_model::directory::Directory;
use shared_model::identity::{ActorId, DeviceId};
use shared_model::permission::Role;
use sync_server::database::{people, tenant_transaction};
use sync_server::directory::actors::{self, ActorOwner};

async fn directory(client: &mut maintainpro_tests::client::Client, since: i64) -> Directory {
    client.get(&format!("/api/directory?since={since}")).await.read()
}

#[tokio::test]
async fn a_device_gets_everything_once_and_then_only_changes() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    let tech = create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
    let team = create_team(&server.database, organisation, "Mechanics", &[tech]).await;
    let mut client = server.sign_in("demo", "tech@demo.example").await;

    let whole = directory(&mut client, 0).await;
    assert_eq!(whole.people.len(), 1);
    assert_eq!(whole.people[0].roles, [Role::Technician]);
    assert_eq!(whole.people[0].teams, [team]);
    assert_eq!((whole.teams.len(), whole.devices.len()), (1, 1));

    let nothing = directory(&mut client, whole.version).await;
    assert_eq!(nothing, Directory { version: whole.version, ..Directory::default() });

    let mut transaction = tenant_transaction(&server.database.pool, organisation).await.unwrap();
    people::set_active(&mut transaction, organisation, tech, false).await.unwrap();
    let other = create_person(&server.database, organisation, "new@demo.example", Role::Supervisor);
    transaction.commit().await.unwrap();
    let other = other.await;

    let mut supervisor = server.sign_in("demo", "new@demo.example").await;
    let changes = directory(&mut supervisor, whole.version).await;
    let mut ids: Vec<_> = changes.people.iter().map(|person| (person.id, person.active)).collect();
    ids.sort();
    let mut expected = vec![(tech, false), (other, true)];
    expected.sort();
    assert_eq!(ids, expected);
    assert!(changes.teams.is_empty());
}

#[tokio::test]
async fn an_actor_belongs_to_its_first_user_for_ever() {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    let tech = create_person(&server.database, organisation, "tech@demo.example", Role::Technician).await;
    let mut client = server.sign_in("demo", "tech@demo.example").await;
    let device = directory(&mut client, 0).await.devices[0].id;
    let actor = ActorId::from_bytes([7; 16]);
    let now = server.state.clock.now();

    let mut transaction = tenant_transaction(&server.database.pool, organisation).await.unwrap();
    let mine = ActorOwner::Person(tech, device);
    assert!(actors::bind(&mut transaction, organisation, actor, mine, now).await.unwrap());
    assert!(actors::bind(&mut transaction, organisation, actor, mine, now).await.unwrap(), "again");
    let theirs = ActorOwner::Person(tech, DeviceId::from_bytes([9; 16]));
    assert!(!actors::bind(&mut transaction, organisation, actor, theirs, now).await.unwrap());
    assert!(!actors::bind(&mut transaction, organisation, actor, ActorOwner::Server, now).await.unwrap());
    transaction.commit().await.unwrap();

    let known = directory(&mut client, 0).await.actors;
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].id, known[0].person, known[0].device), (actor, Some(tech), Some(device)));
}
