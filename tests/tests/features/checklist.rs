//! Checklists: templates in the catalogue, and answers as rows of the work.

use maintainpro_tests::hand::{new_document, new_work_order};
use maintainpro_tests::shop::{Shop, assert_holds};
use serde_json::{Value, json};
use shared_model::features::{Command, work_order};

fn steps() -> Value {
    json!([
        { "key": "s0", "label": "Guards on", "type": "pass_fail", "required": true },
        { "key": "s1", "label": "Oil temperature", "type": "number", "unit": "°C", "max": 80_000 },
        { "key": "s2", "label": "Remarks", "type": "text" },
    ])
}

#[tokio::test]
async fn a_template_is_a_row_with_the_steps_of_its_published_version() {
    let mut shop = Shop::open().await;
    let id = new_document();
    shop.give(json!({
        "on": "checklist", "do": "create", "id": id, "title": "Weekly pump check",
        "version": { "key": "v0", "steps": steps() }, "publish": true,
    }))
    .await;
    let expected = json!({
        "checklist_template_id": id, "title": "Weekly pump check", "published_version": 1, "steps": 3,
        "retired": false,
    });
    assert_holds(&shop.row("checklist_template").await, &expected);
    shop.give(json!({ "on": "checklist", "do": "retire", "id": id })).await;
    assert_holds(
        &shop.row("checklist_template").await,
        &json!({ "retired": true, "published_version": null }),
    );
}

#[tokio::test]
async fn an_answer_is_a_row_until_it_is_taken_back() {
    let mut shop = Shop::open().await;
    let id = new_document();
    let mut new = new_work_order(id, "Check the pump");
    new.checklists = serde_json::from_value(json!([
        { "key": "c0", "template": null, "version": 1, "title": "Weekly pump check", "steps": steps() },
    ]))
    .unwrap();
    shop.give(json!(Command::WorkOrder(work_order::Command::Create(Box::new(new))))).await;
    assert_eq!(shop.rows("checklist_answer").await, Vec::<Value>::new());
    let answer = |step: &str, answer: Value, remark: Value| {
        json!({
            "on": "work_order", "do": "answer", "id": id, "checklist": "c0", "step": step, "answer": answer,
            "remark": remark,
        })
    };
    shop.give(answer("s0", json!("pass"), Value::Null)).await;
    shop.give(answer("s1", json!("92.5"), json!("too hot"))).await;
    let rows = shop.rows("checklist_answer").await;
    assert_eq!(rows.len(), 2);
    assert_holds(&rows[0], &json!({ "step": "s0", "label": "Guards on", "answer": "pass", "failed": false }));
    assert_holds(&rows[1], &json!({ "step": "s1", "answer": "92.5", "remark": "too hot", "failed": true }));
    assert_holds(&shop.row("work_order").await, &json!({ "steps_answered": 2, "steps_total": 3 }));
    shop.give(answer("s0", Value::Null, Value::Null)).await;
    assert_eq!(shop.rows("checklist_answer").await.len(), 1);
}
