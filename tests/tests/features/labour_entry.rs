//! Labour, remarks and parts of a work order as rows.

use maintainpro_tests::hand::{create_work_order, new_document, new_record};
use maintainpro_tests::shop::{Shop, assert_holds};
use serde_json::json;

#[tokio::test]
async fn everything_done_on_a_work_order_is_a_row() {
    let mut shop = Shop::open().await;
    let id = new_document();
    let ann = shop.ann.person();
    shop.give(json!(create_work_order(id, "Change the bearing"))).await;
    shop.give(json!({
        "on": "labour_entry", "do": "add", "id": new_record(), "work_order": id,
        "entry": { "person": ann, "minutes": 90, "note": "with Bob" },
    }))
    .await;
    shop.give(json!({
        "on": "comment", "do": "add", "id": new_record(), "document": id, "kind": "work_order",
        "text": "Shaft is worn",
    }))
    .await;
    shop.give(json!({
        "on": "work_order", "do": "use_part", "id": id,
        "part": { "key": "p0", "part": null, "storeroom": null, "movement": null, "number": "6204",
                  "name": "Bearing", "quantity": 2_000, "unit": "pcs" },
    }))
    .await;
    let labour =
        json!({ "work_order_id": id, "person": ann, "minutes": 90, "note": "with Bob", "author": ann });
    assert_holds(&shop.row("labour_entry").await, &labour);
    assert_holds(
        &shop.row("comment").await,
        &json!({ "doc_id": id, "text": "Shaft is worn", "author": ann }),
    );
    let part = json!({ "work_order_id": id, "number": "6204", "quantity_thousandths": 2_000 });
    assert_holds(&shop.row("work_order_part").await, &part);
    let totals = json!({ "labour_minutes": 90, "comments": 1, "parts_used": 1 });
    assert_holds(&shop.row("work_order").await, &totals);
}
