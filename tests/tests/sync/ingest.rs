//! The one way into the feed: what is accepted, what is refused, and that nothing is lost or given twice.

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    self, Hand, accepted, change_status, create_asset, create_part, create_storeroom, create_work_order,
    deliver, edit_work_order, issue, new_document, rejected,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::genesis::GENESIS_ACTOR;
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit, Priority, Status};
use shared_model::identity::{CommandId, OrganisationId};
use shared_model::permission::Role;
use shared_model::record::Record;
use shared_model::sync_protocol::{CommandResult, PushedItem};
use sqlx::Row;
use sync_server::app_state::Settings;
use sync_server::random;

/// A server with two organisations and a supervisor in each.
async fn two_tenants() -> (TestServer, Hand, Hand) {
    let server = TestServer::start().await;
    for slug in ["demo", "other"] {
        let organisation = create_organisation(&server.database, slug).await;
        create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
        create_person(&server.database, organisation, "bob@demo.example", Role::Technician).await;
    }
    let ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let other = Hand::sign_in(&server, "other", "ann@demo.example").await;
    (server, ann, other)
}

async fn count(database: &TestDatabase, query: &'static str) -> i64 {
    let mut connection = database.superuser().await;
    sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn an_accepted_command_is_in_the_feed_and_in_the_rows() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    let seqs = ann.act(node, &create_work_order(id, "Oil the hoist")).await;
    assert_eq!(seqs, [1]);
    let edits = vec![FieldEdit::Priority(Priority::High), FieldEdit::Description("squeaks".into())];
    ann.act(node, &edit_work_order(id, edits)).await;
    ann.act(node, &change_status(id, Status::InProgress)).await;

    let mut connection = server.database.superuser().await;
    let row = sqlx::query("select * from work_order").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.get::<String, _>("number"), "WO-000001");
    assert_eq!(row.get::<String, _>("title"), "Oil the hoist");
    assert_eq!(row.get::<String, _>("priority"), "high");
    assert_eq!(row.get::<String, _>("status"), "in_progress");
    let found: i64 = sqlx::query_scalar(
        "select count(*) from work_order_words where words @@ to_tsquery('simple', 'squeak:*')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(found, 1);
    let (seqs, authors): (Vec<i64>, i64) =
        sqlx::query_as("select array_agg(seq order by seq), count(author) from feed")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
    assert_eq!(authors, seqs.len() as i64 - 1, "everything but the number comes from Ann");
    let bound: i64 = sqlx::query_scalar("select count(*) from actor where person_id is not null")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(bound, 1);
}

#[tokio::test]
async fn the_same_command_twice_is_a_duplicate() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let command = ann.make(&create_work_order(new_document(), "Once"));
    let twice = ann.push(node, vec![command.clone(), command.clone()]).await;
    let seqs = accepted(twice[0].clone());
    assert_eq!(twice[1], CommandResult::Duplicate { seqs: seqs.clone() });
    assert_eq!(
        ann.push(node, vec![command.clone()]).await,
        [CommandResult::Duplicate { seqs: seqs.clone() }]
    );

    // After a restore the command may be unknown while its items are not.
    let mut renamed = command;
    renamed.id = CommandId::from_uuid(random::uuid(server.state.clock.now()));
    assert_eq!(ann.push(node, vec![renamed]).await, [CommandResult::Duplicate { seqs }]);
    assert_eq!(count(&server.database, "select count(*) from feed").await, 2, "the change and its number");
}

#[tokio::test]
async fn a_stock_movement_twice_moves_stock_once() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let (room, part) = (new_document(), new_document());
    ann.act(node, &create_part(part, "6204")).await;
    ann.act(node, &create_storeroom(room, "Main")).await;
    ann.act(node, &deliver(room, part, 10)).await;
    let mut taken = ann.make(&issue(room, part, 4));
    accepted(ann.push(node, vec![taken.clone()]).await.remove(0));
    taken.id = CommandId::from_uuid(random::uuid(server.state.clock.now()));
    assert!(matches!(ann.push(node, vec![taken]).await[0], CommandResult::Duplicate { .. }));
    assert_eq!(count(&server.database, "select quantity_thousandths from stock_balance").await, 6_000);
}

#[tokio::test]
async fn a_draw_below_zero_is_accepted_and_stated() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let (room, part) = (new_document(), new_document());
    ann.act(node, &create_part(part, "6204")).await;
    ann.act(node, &create_storeroom(room, "Van 3")).await;
    ann.act(node, &deliver(room, part, 2)).await;
    ann.act(node, &issue(room, part, 3)).await;
    ann.act(node, &issue(room, part, 1)).await;
    assert_eq!(count(&server.database, "select quantity_thousandths from stock_balance").await, -2_000);
    assert_eq!(count(&server.database, "select count(*) from stock_discrepancy").await, 1);
    assert_eq!(count(&server.database, "select quantity_thousandths from stock_discrepancy").await, -1_000);
    assert_eq!(
        count(
            &server.database,
            "select count(*) from feed where record_kind = 'stock_discrepancy' and author is null"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_command_upon_something_unknown_names_what_is_missing() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    let create = ann.make(&create_work_order(id, "First"));
    let edit = ann.make(&edit_work_order(id, vec![FieldEdit::Priority(Priority::Low)]));
    let [CommandResult::MissingDeps { hashes }] = &ann.push(node, vec![edit.clone()]).await[..] else {
        panic!("accepted without its past")
    };
    assert_eq!(hashes.len(), 1);
    assert_eq!(hashes[0].len(), 32);
    let results = ann.push(node, vec![create, edit]).await;
    results.into_iter().for_each(|result| assert!(!accepted(result).is_empty()));
}

#[tokio::test]
async fn another_organisations_documents_do_not_exist() {
    let (server, mut ann, mut other) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Ours")).await;
    other.receive(&ann, id);
    let edit = other.make(&edit_work_order(id, vec![FieldEdit::Title("Theirs".to_owned())]));
    let result = other.push(node, vec![edit]).await.remove(0);
    assert!(matches!(result, CommandResult::MissingDeps { .. }), "{result:?}");
    let comment = other.make(&Command::Comment(shared_model::features::comment::Command::Add {
        id: hand::new_record(),
        document: id,
        kind: shared_model::document::DocumentKind::WorkOrder,
        text: "hello".to_owned(),
    }));
    assert_eq!(rejected(&other.push(node, vec![comment]).await[0]), "unknown_document");
    assert_eq!(count(&server.database, "select count(*) from work_order").await, 1);
    assert_eq!(count(&server.database, "select count(*) from quarantine").await, 1);
}

#[tokio::test]
async fn nobody_writes_under_an_actor_that_is_not_theirs() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Ours")).await;
    let mut bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
    let refusals =
        [(ann.actor, "foreign_actor"), (GENESIS_ACTOR, "reserved_actor"), (node.actor(), "foreign_actor")];
    for (actor, refusal) in refusals {
        bob.receive(&ann, id);
        bob.actor = actor;
        let edit = bob.make(&edit_work_order(id, vec![FieldEdit::Priority(Priority::Critical)]));
        assert_eq!(rejected(&bob.push(node, vec![edit]).await[0]), refusal);
    }
    assert_eq!(count(&server.database, "select count(*) from work_order where priority = 'medium'").await, 1);
}

#[tokio::test]
async fn records_in_another_persons_name_and_wrong_kinds_are_refused() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Ours")).await;
    let bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;

    let spoken = ann.make(&change_status(id, Status::InProgress));
    let mut forged = spoken.clone();
    for item in &mut forged.items {
        if let PushedItem::Record { bytes } = item {
            let mut record = Record::decode(bytes).unwrap();
            record.author = Some(bob.person());
            *bytes = record.encode().into();
        }
    }
    assert_eq!(rejected(&ann.push(node, vec![forged]).await[0]), "foreign_author");

    let mut numbered = spoken.clone();
    for item in &mut numbered.items {
        if let PushedItem::Record { bytes } = item {
            let mut record = Record::decode(bytes).unwrap();
            record.kind = "number_assigned".to_owned();
            record.payload = br#"{"number":7}"#.to_vec();
            *bytes = record.encode().into();
        }
    }
    assert_eq!(rejected(&ann.push(node, vec![numbered]).await[0]), "not_permitted");

    let mut elsewhere = ann.make(&create_asset(new_document(), "P-1"));
    for item in &mut elsewhere.items {
        if let PushedItem::Change { document, .. } = item {
            *document = id;
        }
    }
    let result = ann.push(node, vec![elsewhere]).await.remove(0);
    assert!(!matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    accepted(ann.push(node, vec![spoken]).await.remove(0));
}

#[tokio::test]
async fn a_record_id_is_used_once_in_an_organisation() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let (first, second, event) = (new_document(), new_document(), hand::new_record());
    ann.act(node, &create_work_order(first, "First")).await;
    ann.act(node, &create_work_order(second, "Second")).await;
    let start = |id| {
        Command::WorkOrder(work_order::Command::ChangeStatus {
            id,
            event,
            to: Status::InProgress,
            reason: None,
            labour: None,
        })
    };
    ann.act(node, &start(first)).await;
    let again = ann.make(&start(second));
    assert_eq!(rejected(&ann.push(node, vec![again]).await[0]), "record_id_reused");
}

#[tokio::test]
async fn a_technician_may_not_do_what_takes_more() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Ours")).await;
    let mut bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
    bob.receive(&ann, id);
    let real = bob.sender.clone();
    bob.sender.grants.as_mut().unwrap().grants = ann.sender.grants.as_ref().unwrap().grants.clone();
    let cost = bob.make(&Command::Cost(shared_model::features::cost::Command::Enter {
        id: hand::new_record(),
        document: id,
        kind: shared_model::document::DocumentKind::WorkOrder,
        entry: shared_model::features::cost::CostEntry {
            money: shared_model::units::Money::parse("5", shared_model::units::Currency::EUR).unwrap(),
            kind: shared_model::features::cost::CostKind::Part,
            note: None,
            external: None,
        },
    }));
    bob.sender = real;
    assert_eq!(rejected(&bob.push(node, vec![cost]).await[0]), "not_permitted");
}

#[tokio::test]
async fn a_judge_that_panics_harms_one_command_only() {
    let database = TestDatabase::create().await;
    let organisation = create_organisation(&database, "demo").await;
    create_person(&database, organisation, "ann@demo.example", Role::Admin).await;
    let settings = Settings {
        judge: |command, submitter, standing, documents| {
            assert!(!command.intent.ends_with(b" "), "tripped");
            shared_model::ingest::judge(command, submitter, standing, documents)
        },
        ..Settings::default()
    };
    let server = TestServer::start_with(&database, settings).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let before = ann.make(&create_work_order(new_document(), "Before"));
    let mut poison = ann.make(&create_work_order(new_document(), "Poison"));
    let mut intent: Vec<u8> = poison.intent.into();
    intent.push(b' ');
    poison.intent = intent.into();
    let after = ann.make(&create_work_order(new_document(), "After"));
    let results = ann.push(&server.state.sync, vec![before, poison, after]).await;
    accepted(results[0].clone());
    assert_eq!(rejected(&results[1]), "judge_panicked");
    accepted(results[2].clone());
    assert_eq!(count(&database, "select count(*) from work_order").await, 2);
    assert_eq!(count(&database, "select count(*) from quarantine where code = 'judge_panicked'").await, 1);
}

#[tokio::test]
async fn text_the_database_cannot_hold_is_shown_and_not_lost() {
    let (server, mut ann, _) = two_tenants().await;
    let id = new_document();
    ann.act(&server.state.sync, &create_work_order(id, "Nul \0 inside")).await;
    assert_eq!(
        count(&server.database, "select count(*) from work_order where title = 'Nul \u{fffd} inside'").await,
        1
    );
}

#[tokio::test]
async fn many_heads_are_joined_by_the_server() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let id = new_document();
    ann.act(node, &create_work_order(id, "Crowded")).await;
    let start = ann.clone();
    for n in 0..12 {
        let mut device = start.restarted();
        device.act(node, &edit_work_order(id, vec![FieldEdit::AddTag(format!("tag{n}"))])).await;
    }
    assert_eq!(count(&server.database, "select cardinality(tags)::bigint from work_order").await, 12);
    assert!(count(&server.database, "select length(heads)::bigint / 32 from document").await <= 9);
    assert!(
        count(&server.database, "select count(*) from feed where author is null and item_kind = 'change'")
            .await
            >= 1
    );
}

#[tokio::test]
async fn an_import_goes_the_same_way_in_large_batches() {
    let (server, ann, _) = two_tenants().await;
    let organisation: OrganisationId = ann.organisation;
    let now = server.state.clock.now();
    let commands: Vec<_> = (0..450)
        .map(|n| {
            let command = create_work_order(new_document(), &format!("Imported {n}"));
            sync_server::sync::TypedCommand::new(CommandId::from_uuid(random::uuid(now)), command)
        })
        .collect();
    let sender = sync_server::sync::Sender::default();
    let results = server.state.sync.execute(organisation, &sender, commands.clone()).await;
    assert!(
        results.iter().all(|result| matches!(result, CommandResult::Accepted { .. })),
        "{:?}",
        results[0]
    );
    let again = server.state.sync.execute(organisation, &sender, commands).await;
    assert!(again.iter().all(|result| matches!(result, CommandResult::Duplicate { .. })));
    let numbers = count(&server.database, "select count(distinct number) from work_order").await;
    assert_eq!(numbers, 450);
    assert_eq!(
        count(
            &server.database,
            "select count(*) from work_order where number between 'WO-000001' and 'WO-000450'"
        )
        .await,
        450
    );
}

#[tokio::test]
async fn one_command_the_database_does_not_take_leaves_the_others_alone() {
    let (server, mut ann, _) = two_tenants().await;
    let mut connection = server.database.superuser().await;
    sqlx::query("alter table work_order add constraint odd check (title <> 'Poison')")
        .execute(&mut connection)
        .await
        .unwrap();
    let titles = ["Before", "Poison", "After"];
    let commands = titles.map(|title| ann.make(&create_work_order(new_document(), title)));
    let results = ann.push(&server.state.sync, commands.to_vec()).await;
    accepted(results[0].clone());
    assert_eq!(rejected(&results[1]), "not_storable");
    accepted(results[2].clone());
    let kept: Vec<u8> = sqlx::query_scalar("select bytes from quarantine where code = 'not_storable'")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(kept, minicbor::to_vec(&commands[1]).unwrap());
    assert_eq!(count(&server.database, "select count(*) from work_order").await, 2);
    assert_eq!(count(&server.database, "select max(seq) - count(*) from feed").await, 0);
}

#[tokio::test]
async fn a_command_id_of_somebody_else_is_no_duplicate() {
    let (server, mut ann, _) = two_tenants().await;
    let node = &server.state.sync;
    let mut bob = Hand::sign_in(&server, "demo", "bob@demo.example").await;
    let first = ann.make(&create_work_order(new_document(), "Ann's"));
    let mut second = bob.make(&create_work_order(new_document(), "Bob's"));
    second.id = first.id;
    accepted(ann.push(node, vec![first]).await.remove(0));
    assert_eq!(rejected(&bob.push(node, vec![second]).await[0]), "command_id_taken");
}
