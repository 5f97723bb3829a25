//! Locations: a tree that two people may tie into a circle.

use maintainpro_tests::hand::new_document;
use maintainpro_tests::shop::{Shop, assert_holds};
use serde_json::json;

#[tokio::test]
async fn a_location_is_a_row_below_its_parent() {
    let mut shop = Shop::open().await;
    let (site, hall) = (new_document(), new_document());
    shop.give(json!({ "on": "location", "do": "create", "id": site, "name": "Kalgoorlie" })).await;
    shop.give(json!({ "on": "location", "do": "create", "id": hall, "name": "Mill hall", "parent": site, "site": site }))
        .await;
    let rows = shop.rows("location where parent is not null").await;
    assert_eq!(rows.len(), 1);
    assert_holds(
        &rows[0],
        &json!({ "location_id": hall, "name": "Mill hall", "parent": site, "site": site }),
    );
    assert_holds(&shop.rows("location where parent is null").await[0], &json!({ "name": "Kalgoorlie" }));
}
