//! Every byte of a change may be flipped, and the database may be away: nothing else suffers.

use maintainpro_tests::hand::{Hand, accepted, create_work_order, edit_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::features::work_order::{FieldEdit, Priority};
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, PushedCommand, PushedItem};
use sync_server::projection::verify;

async fn site() -> (TestServer, Hand) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "eve@demo.example", Role::Technician).await;
    let eve = Hand::sign_in(&server, "demo", "eve@demo.example").await;
    (server, eve)
}

fn with_change(mut command: PushedCommand, alter: impl Fn(&mut Vec<u8>)) -> PushedCommand {
    for item in &mut command.items {
        if let PushedItem::Change { bytes, .. } = item {
            let mut altered = bytes.to_vec();
            alter(&mut altered);
            *bytes = altered.into();
        }
    }
    command
}

/// Nothing but `expected` work orders, no panic, and rows as the feed says.
async fn unharmed(server: &TestServer, eve: &Hand, expected: i64) {
    let mut connection = server.database.superuser().await;
    let (orders, panics): (i64, i64) = sqlx::query_as(
        "select (select count(*) from work_order),
                (select count(*) from quarantine where code in ('judge_panicked', 'not_storable'))",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!((orders, panics), (expected, 0));
    assert_eq!(verify(&server.state.pool, eve.organisation, |_| {}).await.unwrap(), []);
}

#[tokio::test]
async fn every_flipped_byte_of_a_change_is_refused() {
    let (server, mut eve) = site().await;
    let id = new_document();
    eve.act(&server.state.sync, &create_work_order(id, "Honest")).await;
    let honest = eve.make(&edit_work_order(id, vec![FieldEdit::Priority(Priority::High)]));
    let PushedItem::Change { bytes, .. } = &honest.items[0] else { panic!("an edit is a change") };
    let flipped: Vec<PushedCommand> = (0..bytes.len())
        .map(|at| {
            let mut command = with_change(honest.clone(), |bytes| bytes[at] ^= 0x55);
            command.id = shared_model::identity::CommandId::from_bytes([at as u8; 16]);
            command
        })
        .collect();
    for (at, result) in eve.push(&server.state.sync, flipped).await.iter().enumerate() {
        let refused = matches!(result, CommandResult::Rejected { .. } | CommandResult::MissingDeps { .. });
        assert!(refused, "byte {at}: {result:?}");
    }
    accepted(eve.push(&server.state.sync, vec![honest]).await.remove(0));
    unharmed(&server, &eve, 1).await;
}

#[tokio::test]
async fn a_database_that_is_away_costs_nothing_but_time() {
    let (server, mut eve) = site().await;
    let command = eve.make(&create_work_order(new_document(), "Later"));
    let other = TestServer::start_on(&server.database).await;
    other.state.pool.close().await;
    let away = eve.push(&other.state.sync, vec![command.clone()]).await;
    assert!(matches!(away[0], CommandResult::Retry { .. }), "{away:?}");
    accepted(eve.push(&server.state.sync, vec![command]).await.remove(0));
    unharmed(&server, &eve, 1).await;
}
