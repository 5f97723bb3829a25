//! A role that an administrator changes reaches the devices of everybody who has it, as if they had been given another one.

use axum::http::Method;
use serde_json::json;

use super::*;
use maintainpro_tests::client::Client;
use maintainpro_tests::people::create_person_of;
use shared_model::custom_role::ListedRole;
use shared_model::permission::Permission;

async fn only_role(admin: &mut Client) -> ListedRole {
    let roles: Vec<ListedRole> = admin.get("/api/roles").await.read();
    roles.into_iter().find(|role| role.role.built_in().is_none()).unwrap()
}

#[tokio::test]
async fn everybody_who_has_a_changed_role_loads_again_under_its_new_rights() {
    let (server, organisation) = site().await;
    create_person(&server.database, organisation, "ada@demo.example", Role::Admin).await;
    let mut admin = server.sign_in("demo", "ada@demo.example").await;
    let permissions = [Permission::WorkOrderRead, Permission::AssetRead];
    let given = (&permissions[..], GrantLimit::Organisation);
    create_person_of(&server.database, &mut admin, organisation, "kim@demo.example", given).await;
    let mut ann = Hand::sign_in(&server, "demo", "ann@demo.example").await;
    for command in [create_work_order(new_document(), "Drips"), create_asset(new_document(), "P-7")] {
        ann.act(&server.state.sync, &command).await;
    }
    let mut kim = Socket::open(&server, "demo", "kim@demo.example").await;
    let mut bob = Socket::open(&server, "demo", "bob@demo.example").await;
    assert_eq!(kim.load().await.len(), 2);
    bob.load().await;

    let role = only_role(&mut admin).await;
    let change = json!({ "version": role.version, "permissions": ["work_order:read"] });
    let answer = admin.give(Method::PATCH, &format!("/api/roles/{}", role.role), &change).await;
    assert!(answer.status.is_success(), "{answer:?}");
    assert_eq!(kim.goodbye().await, "rights_changed");
    let mut again = Socket::open(&server, "demo", "kim@demo.example").await;
    let held = again.load().await;
    assert_eq!(held.iter().map(|snapshot| snapshot.kind).collect::<Vec<_>>(), [DocumentKind::WorkOrder]);

    // Nobody else's device notices.
    let told = create_work_order(new_document(), "Whistles");
    let last = ann.act(&server.state.sync, &told).await.into_iter().max().unwrap();
    bob.feed_until(move |item| item.seq == last).await;
}
