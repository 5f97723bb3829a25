//! What should never happen, and what is too much: one command suffers, the organisation goes on.

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, accepted, create_asset, new_document, rejected};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::permission::Role;
use shared_model::sync_protocol::CommandResult;

async fn site() -> (TestServer, Hand) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    (server, ann)
}

async fn count(database: &TestDatabase, query: &'static str) -> i64 {
    let mut connection = database.superuser().await;
    sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
}

/// The feed's counter at the end of its range stands for any defect on the way of a batch into the database: the
/// commit of whatever needs one number more panics.
#[tokio::test]
async fn a_commit_that_panics_harms_one_command_only_and_is_not_repeated() {
    let (server, mut ann) = site().await;
    let node = &server.state.sync;
    ann.act(node, &create_asset(new_document(), "P-0")).await;
    let mut connection = server.database.superuser().await;
    let move_head = "update tenant_feed set head = $1";
    sqlx::query(move_head).bind(i64::MAX - 2).execute(&mut connection).await.unwrap();

    let commands: Vec<_> =
        ["P-1", "P-2", "P-3"].map(|tag| ann.make(&create_asset(new_document(), tag))).to_vec();
    let results = ann.push(node, commands.clone()).await;
    accepted(results[0].clone());
    accepted(results[1].clone());
    assert_eq!(rejected(&results[2]), "commit_panicked");
    let kept: Vec<u8> = sqlx::query_scalar("select bytes from quarantine where code = 'commit_panicked'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(kept, minicbor::to_vec(&commands[2]).unwrap());

    // The organisation goes on at once; what got through is not done again.
    sqlx::query(move_head).bind(1_000_i64).execute(&mut connection).await.unwrap();
    let again = ann.push(node, commands[..2].to_vec()).await;
    assert!(again.iter().all(|result| matches!(result, CommandResult::Duplicate { .. })), "{again:?}");
    ann.act(node, &create_asset(new_document(), "P-4")).await;
    assert_eq!(count(&server.database, "select count(*) from asset").await, 4);
}
