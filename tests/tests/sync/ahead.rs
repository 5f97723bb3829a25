//! Batches that are judged while the one before is stored: as foreseen, and when it turns out otherwise.

use futures_util::future::join_all;
use maintainpro_tests::hand::{Hand, create_work_order, edit_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::OrganisationId;
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use sync_server::projection::verify;

/// More than two batches.
const EDITS: i64 = 450;
/// Commands of one submission, fewer than the lane queues.
const SUBMISSION: usize = 10;

async fn ann() -> (TestServer, OrganisationId, Hand) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    (server, organisation, ann)
}

/// A work order and edits of it, each upon the one before.
fn chain(ann: &mut Hand) -> Vec<PushedCommand> {
    let id = new_document();
    let mut commands = vec![ann.make(&create_work_order(id, "Chained"))];
    commands.extend(
        (1..=EDITS)
            .map(|minutes| ann.make(&edit_work_order(id, vec![FieldEdit::EstimatedMinutes(Some(minutes))]))),
    );
    commands
}

/// Submits everything at once, in order, so that the lane always has a next batch. The results, in order.
async fn flood(server: &TestServer, ann: &Hand, commands: &[PushedCommand]) -> Vec<CommandResult> {
    let submissions = commands.chunks(SUBMISSION).map(|some| ann.push(&server.state.sync, some.to_vec()));
    join_all(submissions).await.concat()
}

async fn assert_projected(server: &TestServer, organisation: OrganisationId) {
    let differences = verify(&server.state.pool, organisation, |_| {}).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
}

#[tokio::test]
async fn a_chain_longer_than_a_batch_is_accepted_in_order() {
    let (server, organisation, mut ann) = ann().await;
    let commands = chain(&mut ann);
    let results = flood(&server, &ann, &commands).await;
    let seqs: Vec<u64> = results
        .iter()
        .flat_map(|result| match result {
            CommandResult::Accepted { seqs, .. } => seqs.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(seqs.is_sorted() && seqs.len() >= commands.len());
    let again = flood(&server, &ann, &commands).await;
    assert!(again.iter().all(|result| matches!(result, CommandResult::Duplicate { .. })), "{again:?}");
    assert_projected(&server, organisation).await;
    let mut connection = server.database.superuser().await;
    let minutes: i64 = sqlx::query_scalar("select estimated_minutes from work_order where title = 'Chained'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(minutes, EDITS);
}

#[tokio::test]
async fn what_leans_on_a_batch_that_failed_is_judged_again() {
    let (server, organisation, mut ann) = ann().await;
    let mut connection = server.database.superuser().await;
    sqlx::query("alter table work_order add constraint odd check (title <> 'Poison')")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut commands = chain(&mut ann);
    commands.insert(100, ann.make(&create_work_order(new_document(), "Poison")));
    let results = flood(&server, &ann, &commands).await;
    for (place, result) in results.iter().enumerate() {
        match result {
            CommandResult::Accepted { .. } => assert_ne!(place, 100),
            CommandResult::Rejected { code, .. } => assert_eq!((place, code.as_str()), (100, "not_storable")),
            other => panic!("{place}: {other:?}"),
        }
    }
    assert_projected(&server, organisation).await;
    let in_feed: i64 = sqlx::query_scalar("select count(*) from feed where item_kind = 'change'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(in_feed, EDITS + 1);
}
