//! Parts, storerooms and what moves between them.

use maintainpro_tests::hand::{new_document, new_record};
use maintainpro_tests::shop::{Shop, assert_holds};
use serde_json::{Value, json};
use shared_model::identity::DocumentId;

async fn stock(shop: &Shop, storeroom: DocumentId) -> i64 {
    let rows = shop.rows(&format!("stock_balance where storeroom_id = '{storeroom}'")).await;
    rows.first().map_or(0, |row| row["quantity_thousandths"].as_i64().unwrap())
}

#[tokio::test]
async fn stock_is_the_sum_of_its_movements() {
    let mut shop = Shop::open().await;
    let (part, main, van) = (new_document(), new_document(), new_document());
    shop.give(json!({
        "on": "part", "do": "create", "id": part, "number": "6204-2RS", "name": "Bearing", "unit": "pcs",
        "fields": [{ "field": "category", "value": "Bearings" }],
    }))
    .await;
    for (id, name) in [(main, "Main store"), (van, "Van 3")] {
        shop.give(json!({ "on": "storeroom", "do": "create", "id": id, "name": name })).await;
    }
    assert_holds(&shop.row("part").await, &json!({ "number": "6204-2RS", "category": "Bearings" }));
    assert_eq!(shop.rows("storeroom").await.len(), 2);

    let movement = |what: &str, quantity: i64| -> Value {
        json!({
            "on": "stock_movement", "do": what, "id": new_record(), "storeroom": main, "part": part,
            "quantity": quantity * 1_000,
        })
    };
    shop.give(movement("receive", 20)).await;
    shop.give(movement("issue", 5)).await;
    shop.give(movement("return", 1)).await;
    shop.give(movement("scrap", 2)).await;
    assert_eq!(stock(&shop, main).await, 14_000);
    shop.give(json!({
        "on": "stock_movement", "do": "transfer", "out": new_record(), "into": new_record(), "from": main,
        "to": van, "part": part, "quantity": 4_000,
    }))
    .await;
    assert_eq!((stock(&shop, main).await, stock(&shop, van).await), (10_000, 4_000));
    shop.give(json!({
        "on": "stock_movement", "do": "count", "id": new_record(), "storeroom": van, "part": part,
        "counted": 3_000,
    }))
    .await;
    assert_eq!(stock(&shop, van).await, 3_000);
    let counted = shop.rows("stock_movement where kind = 'count_adjustment'").await;
    assert_holds(&counted[0], &json!({ "quantity_thousandths": -1_000 }));
}

#[tokio::test]
async fn a_count_over_rest_starts_from_the_whole_ledger() {
    let mut shop = Shop::open().await;
    let (part, room) = (new_document(), new_document());
    shop.give(
        json!({ "on": "part", "do": "create", "id": part, "number": "1", "name": "Nut", "unit": "pcs" }),
    )
    .await;
    shop.give(json!({ "on": "storeroom", "do": "create", "id": room, "name": "Main" })).await;
    shop.give(json!({
        "on": "stock_movement", "do": "receive", "id": new_record(), "storeroom": room, "part": part,
        "quantity": 9_000,
    }))
    .await;
    let mut client = shop.server.sign_in("demo", "ann@demo.example").await;
    let count = json!({
        "on": "stock_movement", "do": "count", "id": new_record(), "storeroom": room, "part": part,
        "counted": 7_000,
    });
    let answer = client.post("/api/commands", &json!({ "command": count })).await;
    assert_eq!(answer.json()["changed"], true, "{answer:?}");
    assert_eq!(stock(&shop, room).await, 7_000);
}
