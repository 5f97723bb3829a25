//! What should never happen, and what is too much: one command suffers, the organisation goes on.

use std::collections::BTreeSet;

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    Hand, accepted, create_asset, create_work_order, new_document, new_record, rejected,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::DocumentKind;
use shared_model::features::{Command, comment};
use shared_model::identity::CommandId;
use shared_model::instant::Timestamp;
use shared_model::permission::Role;
use shared_model::record::Record;
use shared_model::sync_protocol::CommandResult;
use sync_server::projection::verify;
use sync_server::random;
use sync_server::sync::{Sender, TypedCommand};

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

#[tokio::test]
async fn times_no_calendar_has_are_stored_at_its_ends() {
    let (server, mut ann) = site().await;
    let node = &server.state.sync;
    let (never, long_ago, honest) = (new_document(), new_document(), new_document());
    let mut commands = Vec::new();
    for (id, millis) in [(never, i64::MAX), (long_ago, i64::MIN), (honest, 1_900_000_000_000)] {
        commands.push(ann.make(&create_work_order(id, "When?")));
        commands.push(ann.write_times(id, Timestamp::from_millis(millis)));
    }
    for result in ann.push(node, commands).await {
        accepted(result);
    }
    let mut connection = server.database.superuser().await;
    for (id, year) in [(never, 9999), (long_ago, 1), (honest, 2030)] {
        let stored: (i32, i32) = sqlx::query_as(
            "select extract(year from due at time zone 'utc')::integer,
                    extract(year from planned_start at time zone 'utc')::integer
             from work_order where work_order_id = $1",
        )
        .bind(id.as_uuid())
        .fetch_one(&mut connection)
        .await
        .unwrap();
        assert_eq!(stored, (year, year));
    }
    assert_eq!(count(&server.database, "select count(*) from quarantine").await, 0);
    assert_eq!(verify(&server.state.pool, ann.organisation, |_| {}).await.unwrap(), []);
}

#[tokio::test]
async fn commands_with_many_records_share_no_record_number() {
    let (server, mut ann) = site().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Much to say")).await;
    let now = server.state.clock.now();
    let remarks = |count: usize| TypedCommand {
        id: CommandId::from_uuid(random::uuid(now)),
        commands: (0..count)
            .map(|n| {
                Command::Comment(comment::Command::Add {
                    id: new_record(),
                    document: id,
                    kind: DocumentKind::WorkOrder,
                    text: format!("remark {n}"),
                })
            })
            .collect(),
        at: None,
    };
    let sender = Sender::default();
    for result in node.execute(ann.organisation, &sender, [300, 300, 3].map(remarks).to_vec()).await {
        accepted(result);
    }
    let mut connection = server.database.superuser().await;
    let stored: Vec<Vec<u8>> = sqlx::query_scalar("select payload from feed where item_kind = 'record'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let records: Vec<Record> = stored.iter().map(|bytes| Record::decode(bytes).unwrap()).collect();
    let of_node: Vec<u64> =
        records.iter().filter(|record| record.actor == node.actor()).map(|record| record.seq).collect();
    assert_eq!(of_node.len(), 604, "the remarks and the work order's number");
    assert_eq!(of_node.iter().collect::<BTreeSet<_>>().len(), 604, "each has a number of its own");
}

/// Rows like those that refused commands leave, one a second, the last one an hour ago.
async fn leave_refused(server: &TestServer, rows: i64, device: &str, bytes: i64) {
    sqlx::query(
        "insert into quarantine (organization_id, quarantine_id, command_id, device_id, code, detail, bytes,
                                 attempts, received_at)
         select organization_id, gen_random_uuid(), gen_random_uuid(), $2::uuid, 'foreign_actor', '',
                convert_to(repeat('x', $3::integer), 'utf8'), 1, now() - interval '1 hour' - n * interval '1 second'
         from organisation, generate_series(1, $1) as n",
    )
    .bind(rows)
    .bind(device)
    .bind(bytes)
    .execute(&mut server.database.superuser().await)
    .await
    .unwrap();
}

async fn kept(server: &TestServer) -> (i64, i64) {
    let query = "select count(*), sum(octet_length(bytes))::bigint from quarantine";
    sqlx::query_as(query).fetch_one(&mut server.database.superuser().await).await.unwrap()
}

#[tokio::test]
async fn what_is_refused_fills_no_disk() {
    const NOISY: &str = "00000000-0000-7000-8000-000000000001";
    let (server, mut ann) = site().await;
    let mut refused = ann.make(&create_work_order(new_document(), "Refused"));
    refused.items.clear();
    leave_refused(&server, 1_500, NOISY, 10).await;
    for n in 10..25 {
        leave_refused(&server, 800, &format!("00000000-0000-7000-8000-0000000000{n}"), 10).await;
    }
    assert!(!rejected(&ann.push(&server.state.sync, vec![refused.clone()]).await[0]).is_empty());
    let (rows, _) = kept(&server).await;
    assert_eq!(rows, 10_000, "of 13,501 refused commands of 17 devices");
    let newest: i64 = sqlx::query_scalar("select count(*) from quarantine where command_id = $1")
        .bind(refused.id.as_uuid())
        .fetch_one(&mut server.database.superuser().await)
        .await
        .unwrap();
    assert_eq!(newest, 1, "the oldest go, not the newest");

    // The first refusal another node keeps makes it look; a noisy device loses its own copies only.
    let other = TestServer::start_on(&server.database).await;
    sqlx::query("delete from quarantine").execute(&mut server.database.superuser().await).await.unwrap();
    leave_refused(&server, 40, NOISY, 1024 * 1024).await;
    leave_refused(&server, 10, "00000000-0000-7000-8000-000000000002", 1024 * 1024).await;
    assert!(!rejected(&ann.push(&other.state.sync, vec![refused]).await[0]).is_empty());
    let (rows, bytes) = kept(&server).await;
    assert_eq!(rows, 32 + 10 + 1);
    assert!(bytes < 43 * 1024 * 1024);
}
