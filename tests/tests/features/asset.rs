//! Assets: their rows, their tree, their meters.

use maintainpro_tests::hand::{new_document, new_record};
use maintainpro_tests::shop::{Shop, assert_holds};
use serde_json::json;

#[tokio::test]
async fn an_asset_is_a_row_with_its_place_and_its_words() {
    let mut shop = Shop::open().await;
    let (site, pump, seal) = (new_document(), new_document(), new_document());
    shop.give(json!({ "on": "location", "do": "create", "id": site, "name": "Kalgoorlie" })).await;
    shop.give(json!({
        "on": "asset", "do": "create", "id": pump, "tag": "P-101", "name": "Slurry pump", "site": site,
        "fields": [
            { "field": "serial", "value": "SN-7" }, { "field": "criticality", "value": "a" },
            { "field": "description", "value": "Behind the mill" },
        ],
    }))
    .await;
    shop.give(json!({ "on": "asset", "do": "create", "id": seal, "tag": "P-101-S", "name": "Seal", "parent": pump, "site": site }))
        .await;
    let rows = shop.rows("asset where parent is null").await;
    assert_eq!(rows.len(), 1);
    assert_holds(
        &rows[0],
        &json!({
            "asset_id": pump, "tag": "P-101", "serial": "SN-7", "criticality": "a", "status": "operating",
            "site": site, "scopes": [format!("site:{site}")],
        }),
    );
    for (words, found) in [("mill & slurry", 1), ("p & 101", 2), ("sn & 7", 1), ("crusher", 0)] {
        let table = format!("asset where search @@ to_tsquery('simple', '{words}')");
        assert_eq!(shop.rows(&table).await.len(), found, "{words}");
    }
    let mut client = shop.server.sign_in("demo", "ann@demo.example").await;
    assert_eq!(client.get("/api/assets/duplicate-tags").await.json(), json!([]));
}

#[tokio::test]
async fn a_reading_is_a_row_of_the_meter_it_was_read_from() {
    let mut shop = Shop::open().await;
    let (pump, reading) = (new_document(), new_record());
    shop.give(json!({
        "on": "asset", "do": "create", "id": pump, "tag": "P-1", "name": "Pump",
        "fields": [{ "field": "meter", "value": { "key": "m0", "name": "Hours run", "unit": "h" } }],
    }))
    .await;
    shop.give(json!({
        "on": "meter_reading", "do": "add", "id": reading, "asset": pump,
        "reading": { "meter": "m0", "value": 1_250_500, "unit": "h" },
    }))
    .await;
    let expected = json!({ "meter_reading_id": reading, "asset_id": pump, "meter": "m0", "value_thousandths": 1_250_500 });
    assert_holds(&shop.row("meter_reading").await, &expected);
}
