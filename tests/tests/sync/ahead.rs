//! Batches that are judged while the one before is stored: as foreseen, and when it turns out otherwise.

use futures_util::future::join_all;
use maintainpro_tests::hand::{Hand, create_work_order, edit_work_order, new_document, new_work_order};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::features::Command;
use shared_model::features::checklist::{Step, StepField};
use shared_model::features::work_order::{self, AttachedChecklist, FieldEdit};
use shared_model::identity::{DocumentId, OrganisationId};
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, PushedCommand};
use sync_server::projection::verify;

/// More than two batches.
const EDITS: i64 = 450;
/// Steps of a checklist.
const STEPS: usize = 6;
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

/// A work order with a checklist.
fn checked(ann: &mut Hand) -> (DocumentId, PushedCommand) {
    let id = new_document();
    let mut new = new_work_order(id, "Checked");
    let step = |place: usize| Step {
        key: format!("s{place}"),
        label: "Look at it".to_owned(),
        field: StepField::Text,
        required: false,
        condition: None,
        follow_up: false,
        risk: None,
    };
    let (key, title) = ("c0".to_owned(), "Weekly".to_owned());
    new.checklists = vec![AttachedChecklist {
        key,
        template: None,
        version: 1,
        title,
        steps: (0..STEPS).map(step).collect(),
    }];
    (id, ann.make(&Command::WorkOrder(work_order::Command::Create(Box::new(new)))))
}

fn answer(id: DocumentId, place: usize, answer: Option<&str>) -> Command {
    Command::WorkOrder(work_order::Command::Answer {
        id,
        checklist: "c0".to_owned(),
        step: format!("s{place}"),
        answer: answer.map(str::to_owned),
        remark: None,
        reading: None,
    })
}

async fn push_one(server: &TestServer, ann: &Hand, command: PushedCommand) -> CommandResult {
    ann.push(&server.state.sync, vec![command]).await.remove(0)
}

#[tokio::test]
async fn rows_that_come_and_go_one_after_the_other_are_what_the_document_says() {
    let (server, organisation, mut ann) = ann().await;
    let (id, create) = checked(&mut ann);
    let mut commands = vec![create];
    for round in ["one", "two"] {
        commands.extend((0..STEPS).map(|place| ann.make(&answer(id, place, Some(round)))));
        commands.extend((0..STEPS).step_by(2).map(|place| ann.make(&answer(id, place, None))));
    }
    for command in commands {
        let result = push_one(&server, &ann, command).await;
        assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    }
    assert_projected(&server, organisation).await;
    let mut connection = server.database.superuser().await;
    let answers: Vec<(String, String)> =
        sqlx::query_as("select step, answer from checklist_answer order by step")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(answers, ["s1", "s3", "s5"].map(|step| (step.to_owned(), "two".to_owned())));
}

#[tokio::test]
async fn rows_of_a_batch_that_failed_after_them_are_written_when_it_comes_again() {
    let (server, organisation, mut ann) = ann().await;
    let (id, create) = checked(&mut ann);
    let one = ann.make(&answer(id, 0, Some("one")));
    let two = ann.make(&answer(id, 1, Some("two")));
    let mut connection = server.database.superuser().await;
    let forbid = format!("alter table command add constraint odd check (command_id <> '{}')", two.id);
    sqlx::query(sqlx::AssertSqlSafe(forbid)).execute(&mut connection).await.unwrap();
    for command in [create, one] {
        let result = push_one(&server, &ann, command).await;
        assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    }
    let refused = push_one(&server, &ann, two.clone()).await;
    assert!(
        matches!(&refused, CommandResult::Rejected { code, .. } if code == "not_storable"),
        "{refused:?}"
    );
    assert_projected(&server, organisation).await;
    sqlx::query("alter table command drop constraint odd").execute(&mut connection).await.unwrap();
    let result = push_one(&server, &ann, two).await;
    assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    assert_projected(&server, organisation).await;
    let answers: i64 =
        sqlx::query_scalar("select count(*) from checklist_answer").fetch_one(&mut connection).await.unwrap();
    assert_eq!(answers, 2);
}

/// Each push is judged upon what the one before left: that a snapshot was taken has to be known there.
#[tokio::test]
async fn a_document_edited_over_and_over_gets_no_snapshot_with_every_edit() {
    let (server, _, mut ann) = ann().await;
    let id = new_document();
    let mut commands = vec![ann.make(&create_work_order(id, "Busy"))];
    let edit = |minutes| edit_work_order(id, vec![FieldEdit::EstimatedMinutes(Some(minutes))]);
    commands.extend((1..=110).map(|minutes| ann.make(&edit(minutes))));
    for command in commands {
        let result = push_one(&server, &ann, command).await;
        assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    }
    let mut connection = server.database.superuser().await;
    let (changes, taken): (i64, i64) =
        sqlx::query_as("select change_count, snapshot_change_count from document")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert!((32..=96).contains(&taken) && changes > 110, "one at {taken} of {changes}: every 32 changes");
}
