//! A backup from before a root is restored: devices hold what was made upon the root, and the server has the old past.

use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::create_work_order;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::process::DataFolder;
use shared_model::permission::Role;
use sync_server::app_state::Settings;
use sync_server::projection::verify;
use sync_server::sync::receipt::ReceiptKey;

use super::*;

fn settings() -> Settings {
    Settings { receipt_key: ReceiptKey::from_bytes(&[7; 32]), ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_upon_a_root_that_a_backup_lacks_is_kept_for_an_operator() {
    let folder = DataFolder::create();
    let backup = folder.path().join("backup");
    let server = TestServer::start_with(&TestDatabase::create().await, settings()).await;
    let organisation = create_organisation(&server.database, "demo").await;
    create_person(&server.database, organisation, ANN, Role::Manager).await;
    let mut ann = HeadlessDevice::start(Account::sign_in(&server, "demo", ANN).await);
    let (order, born_later) = (new_document(), new_document());
    ann.execute(&create_work_order(order, "Pump 7")).unwrap();
    ann.until_settled().await;
    server.database.back_up(&backup).await;

    ann.execute(&create_work_order(born_later, "Pump 8")).unwrap();
    ann.until_settled().await;
    for document in [order, born_later] {
        let rerooted = server.state.sync.reroot(organisation, document, &BTreeSet::new()).await.unwrap();
        assert!(matches!(rerooted, Rerooted::Done { .. }), "{rerooted:?}");
        ann.until("upon the new root", |device| is_rooted(device, document)).await;
        type_line(&ann, document, "<upon the root>");
        ann.execute(&remark(document, "Said after the root")).unwrap();
        ann.until_settled().await;
    }

    let (address, old) = (server.address, server.database.clone());
    server.stop().await;
    drop(old);
    let database = TestDatabase::restore(&backup).await;
    let server = TestServer::start_with_at(&database, settings(), address).await;
    ann.until("back at the past", |device| {
        device.aggregate(order).is_some_and(|order| order.document.root().is_none())
    })
    .await;
    ann.until_settled().await;
    let said = |device: &mut Device, id| {
        let order = work_order::read(device.aggregate(id).unwrap());
        order.comments.into_iter().map(|comment| comment.text).collect::<Vec<_>>()
    };
    for document in [order, born_later] {
        assert_eq!(ann.look(|device| said(device, document)), ["Said after the root"], "facts are facts");
    }
    // What the server never had comes back whole, root and all.
    assert!(ann.look(|device| is_rooted(device, born_later)));
    let text = |device: &mut Device| work_order::read(device.aggregate(born_later).unwrap()).description;
    assert!(ann.look(text).contains("<upon the root>"));
    let mut connection = server.database.superuser().await;
    let kept: Vec<Vec<u8>> = sqlx::query_scalar("select bytes from quarantine where code = 'rerooted'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let line = b"<upon the root>";
    assert!(
        kept.iter().any(|bytes| bytes.windows(line.len()).any(|part| part == line)),
        "{} kept",
        kept.len()
    );
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);
    // And the work goes on.
    type_line(&ann, order, "<after>");
    type_line(&ann, born_later, "<after>");
    ann.until_settled().await;
    let mut fresh = HeadlessDevice::start(Account::sign_in(&server, "demo", ANN).await);
    fresh.until_settled().await;
    assert_eq!(fresh.look(heads), ann.look(heads));
    assert_eq!(verify(&server.state.pool, organisation, |_| {}).await.unwrap(), []);
}
