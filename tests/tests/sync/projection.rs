//! Rows say what the feed says, whatever happens to them.

use maintainpro_tests::hand::{
    Hand, change_status, create_asset, create_part, create_storeroom, create_work_order, deliver,
    edit_work_order, issue, new_document, new_record,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use shared_model::document::DocumentKind;
use shared_model::features::work_order::{FieldEdit, Priority, Status};
use shared_model::features::{Command, comment};
use shared_model::permission::Role;
use sqlx::AssertSqlSafe;
use sync_server::projection::{Difference, rebuild, verify};

/// A server with one of everything.
async fn shop() -> (TestServer, Hand) {
    let server = TestServer::start().await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, "ann@demo.example", Role::Admin).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    let node = &server.state.sync;
    let (order, asset, part, room) = (new_document(), new_document(), new_document(), new_document());
    ann.act(node, &create_work_order(order, "Oil the hoist")).await;
    ann.act(node, &create_asset(asset, "H-1")).await;
    ann.act(node, &create_part(part, "6204")).await;
    ann.act(node, &create_storeroom(room, "Main")).await;
    ann.act(node, &deliver(room, part, 1)).await;
    ann.act(node, &issue(room, part, 3)).await;
    ann.act(node, &change_status(order, Status::InProgress)).await;
    // Two devices write the same field at the same time.
    let mut other = ann.restarted();
    ann.act(node, &edit_work_order(order, vec![FieldEdit::Priority(Priority::High)])).await;
    other.act(node, &edit_work_order(order, vec![FieldEdit::Priority(Priority::Low)])).await;
    (server, ann)
}

async fn check(server: &TestServer, ann: &Hand) -> Vec<Difference> {
    verify(&server.state.pool, ann.organisation, |_| {}).await.unwrap()
}

async fn tamper(server: &TestServer, statement: &str) {
    let mut connection = server.database.superuser().await;
    let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    assert_eq!(done.rows_affected(), 1, "{statement}");
}

#[tokio::test]
async fn what_was_written_change_by_change_equals_a_rebuild() {
    let (server, ann) = shop().await;
    assert_eq!(check(&server, &ann).await, []);
    let mut connection = server.database.superuser().await;
    let values: Vec<(String, String, bool)> =
        sqlx::query_as("select field, value, shown from conflict order by position")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    assert_eq!(values.len(), 2, "{values:?}");
    assert!(values.iter().all(|(field, _, _)| field == "priority"));
    assert_eq!(values.iter().filter(|(_, _, shown)| *shown).count(), 1);
}

#[tokio::test]
async fn a_tampered_row_is_found_and_a_rebuild_heals_it() {
    let (server, ann) = shop().await;
    for statement in [
        "update work_order set title = 'Something else'",
        "delete from asset",
        "update stock_balance set quantity_thousandths = 0",
        "update status_event set superseded = true",
        "update document_row set row = row || ' ' where document_id = (select asset_id from asset)",
        "insert into comment (organization_id, comment_id, doc_id, text, actor, at, received_at)
         select organization_id, asset_id, asset_id, 'never said', '\\x00', now(), now() from asset",
    ] {
        tamper(&server, statement).await;
        assert_ne!(check(&server, &ann).await, [], "{statement}");
        let mut steps = Vec::new();
        rebuild(&server.state.pool, ann.organisation, |progress| steps.push(progress.documents))
            .await
            .unwrap();
        assert_eq!(steps, [4]);
        assert_eq!(check(&server, &ann).await, [], "{statement}");
    }
}

#[tokio::test]
async fn nothing_derived_is_trusted() {
    for (statement, table) in [
        ("update document set scopes = '{person:x}' where kind = 'part'", "document"),
        ("update document set heads = '' where kind = 'asset'", "document"),
        ("update document set deleted_at = now() where kind = 'asset'", "document"),
        ("update feed set item_kind = 'deletion', payload = '' where record_kind = 'stock_movement'", "feed"),
        ("update feed set author = null where seq = 1", "feed"),
        ("update feed set payload = payload || '\\x00' where seq = 1", "feed"),
        ("update tenant_feed set head = head + 1", "feed"),
    ] {
        let (server, ann) = shop().await;
        let mut connection = server.database.superuser().await;
        sqlx::query("begin").execute(&mut connection).await.unwrap();
        sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
        sqlx::query("commit").execute(&mut connection).await.unwrap();
        let found = verify(&server.state.pool, ann.organisation, |_| {}).await;
        // A payload that no longer decodes stops the rebuild itself, which is a finding too.
        match found {
            Ok(found) => {
                assert!(found.iter().any(|difference| difference.table == table), "{statement}: {found:?}");
            }
            Err(error) => assert!(statement.contains("payload"), "{statement}: {error:#}"),
        }
    }
}

#[tokio::test]
async fn an_erased_payload_leaves_the_chain_checkable() {
    let (server, mut ann) = shop().await;
    let order =
        *ann.documents.iter().find(|(_, copy)| copy.document.kind() == DocumentKind::WorkOrder).unwrap().0;
    let comment = new_record();
    let said = comment::Command::Add {
        id: comment,
        document: order,
        kind: DocumentKind::WorkOrder,
        text: "A name to be forgotten".to_owned(),
    };
    ann.act(&server.state.sync, &Command::Comment(said)).await;
    tamper(&server, "update feed set payload = '' where record_kind = 'comment'").await;
    let told = ["comment", "work_order", "document_row"];
    assert!(check(&server, &ann).await.iter().all(|found| told.contains(&found.table)));
    rebuild(&server.state.pool, ann.organisation, |_| {}).await.unwrap();
    assert_eq!(check(&server, &ann).await, []);

    // A document with a hole is read like any other, by a node that has not seen it before as well.
    let other = TestServer::start_on(&server.database).await;
    ann.act(&other.state.sync, &edit_work_order(order, vec![FieldEdit::Title("After".to_owned())])).await;
    assert_eq!(check(&server, &ann).await, []);

    tamper(&server, "update feed set item_hash = sha256('') where record_kind = 'comment'").await;
    assert!(check(&server, &ann).await.iter().any(|found| found.table == "feed"), "the hash has to stay");
}
