//! A hand in the database is found, whichever row of whichever projection it touched, and a rebuild undoes it. The
//! tables are those that the features register: a new one fails here until the story below leads to a row of it.

use std::collections::BTreeSet;

use maintainpro_tests::hand::{
    accepted, change_status, create_part, create_storeroom, deliver, edit_work_order, issue, new_document,
    new_record, new_work_order,
};
use maintainpro_tests::shop::Shop;
use serde_json::json;
use shared_model::features::Command;
use shared_model::features::work_order::{self, FieldEdit, Status};
use shared_model::identity::DocumentId;
use sqlx::{AssertSqlSafe, PgConnection};
use sync_server::projection::{Derived, Table, derived, rebuild, tables, verify};

/// A story that leads to a row of every table.
async fn one_of_everything() -> Shop {
    let mut shop = Shop::open().await;
    let [site, pump, part, room, order] = [(); 5].map(|()| new_document());
    let person = shop.ann.person();
    shop.give(json!({ "on": "location", "do": "create", "id": site, "name": "Kalgoorlie" })).await;
    shop.give(json!({
        "on": "asset", "do": "create", "id": pump, "tag": "P-1", "name": "Pump",
        "fields": [{ "field": "meter", "value": { "key": "m0", "name": "Hours run", "unit": "h" } }],
    }))
    .await;
    shop.give(json!(create_part(part, "6204"))).await;
    shop.give(json!(create_storeroom(room, "Main"))).await;
    shop.give(json!(deliver(room, part, 1))).await;
    // More than was delivered: a discrepancy.
    shop.give(json!(issue(room, part, 3))).await;
    let step = json!([{ "key": "s0", "label": "Guards on", "type": "pass_fail" }]);
    shop.give(json!({
        "on": "checklist", "do": "create", "id": new_document(), "title": "Weekly check",
        "version": { "key": "v0", "steps": step }, "publish": true,
    }))
    .await;
    let mut new = new_work_order(order, "Oil the hoist");
    new.site = Some(site);
    new.checklists = serde_json::from_value(json!([
        { "key": "c0", "template": null, "version": 1, "title": "Weekly check", "steps": step },
    ]))
    .unwrap();
    shop.give(json!(Command::WorkOrder(work_order::Command::Create(Box::new(new))))).await;
    for command in [
        json!({ "on": "work_order", "do": "answer", "id": order, "checklist": "c0", "step": "s0", "answer": "pass" }),
        json!({
            "on": "work_order", "do": "use_part", "id": order,
            "part": {
                "key": "k0", "part": part, "storeroom": room, "movement": new_record(), "number": "6204",
                "name": "Bearing", "quantity": 1_000, "unit": "pcs",
            },
        }),
        json!({ "on": "comment", "do": "add", "id": new_record(), "document": order, "kind": "work_order", "text": "Dry" }),
        json!({
            "on": "labour_entry", "do": "add", "id": new_record(), "work_order": order,
            "entry": { "person": person, "minutes": 30 },
        }),
        json!({
            "on": "meter_reading", "do": "add", "id": new_record(), "asset": pump,
            "reading": { "meter": "m0", "value": 1_250_500, "unit": "h" },
        }),
        json!({
            "on": "cost", "do": "enter", "id": new_record(), "document": order, "kind": "work_order",
            "entry": { "money": { "minor": 1_050, "currency": "EUR" }, "kind": "part" },
        }),
        json!({
            "on": "cost", "do": "set_price", "id": new_record(), "part": part,
            "price": { "money": { "minor": 420, "currency": "EUR" }, "from": 0 },
        }),
        json!({
            "on": "cost", "do": "set_rate", "id": new_record(), "site": site,
            "rate": { "money": { "minor": 4_820, "currency": "EUR" }, "from": 0 },
        }),
    ] {
        shop.give(command).await;
    }
    disagree(&mut shop, order).await;
    verify_own_work(&mut shop, order).await;
    shop
}

/// Two devices name the work at the same time: a conflict.
async fn disagree(shop: &mut Shop, order: DocumentId) {
    let mut other = shop.ann.restarted();
    for (hand, title) in [(&mut shop.ann, "Oil both hoists"), (&mut other, "Grease the hoist")] {
        let title = FieldEdit::Title(title.to_owned());
        hand.act(&shop.server.state.sync, &edit_work_order(order, vec![title])).await;
    }
}

/// An app without rules lets somebody verify their own work: a notice.
async fn verify_own_work(shop: &mut Shop, order: DocumentId) {
    let node = &shop.server.state.sync;
    shop.ann.act(node, &change_status(order, Status::InProgress)).await;
    shop.ann.act(node, &change_status(order, Status::Completed)).await;
    let verified = shop.ann.state_status(order, Status::Verified);
    accepted(shop.ann.push(node, vec![verified]).await.remove(0));
}

/// Puts another value into a column of one row.
async fn change(database: &mut PgConnection, table: &Table, column: &str) {
    let kind: String = sqlx::query_scalar(
        "select typname::text from pg_attribute join pg_type on pg_type.oid = atttypid
         where attrelid = $1::regclass and attname = $2",
    )
    .bind(table.name)
    .bind(column)
    .fetch_one(&mut *database)
    .await
    .unwrap();
    let c = format!("\"{column}\"");
    let other = match kind.as_str() {
        "text" => format!("coalesce({c}, '') || 'x'"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "int4" | "int8" => format!("coalesce({c}, 0) + 1000"),
        "bool" => format!("not {c}"),
        "timestamptz" => format!("coalesce({c}, now()) + interval '1 second'"),
        "_text" => format!("{c} || array['x']"),
        "_uuid" => format!("{c} || array[gen_random_uuid()]"),
        "bytea" => format!("{c} || '\\x00'"),
        other => panic!("say how a {other} is changed, for {}.{column}", table.name),
    };
    strike(database, format!("update {} set {c} = {other} where {}", table.name, one(table))).await;
}

async fn delete(database: &mut PgConnection, table: &Table) {
    strike(database, format!("delete from {} where {}", table.name, one(table))).await;
}

/// What the database changes by itself when this column of the table changes, or a row goes.
fn followers(table: &Table, column: Option<&str>) -> impl Iterator<Item = &'static str> {
    let follows = move |each: &&Derived| {
        each.table == table.name && column.is_none_or(|column| each.follows.contains(&column))
    };
    derived().filter(follows).map(|each| each.name)
}

/// A row of the table, whichever comes first.
fn one(table: &Table) -> String {
    format!("ctid = (select ctid from {} limit 1)", table.name)
}

async fn strike(database: &mut PgConnection, statement: String) {
    let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(database).await;
    let done = done.unwrap_or_else(|error| panic!("{error}: {statement}"));
    assert_eq!(done.rows_affected(), 1, "{statement}");
}

/// Exactly these tables are named, and a rebuild makes everything as the feed says.
async fn is_found_and_healed(shop: &Shop, tampered: &BTreeSet<&str>) {
    let (pool, organisation) = (&shop.server.state.pool, shop.ann.organisation);
    let found = verify(pool, organisation, |_| {}).await.unwrap();
    let named: BTreeSet<&str> = found.iter().map(|difference| difference.table).collect();
    assert_eq!(named, *tampered, "{found:?}");
    rebuild(pool, organisation, |_| {}).await.unwrap();
    assert_eq!(verify(pool, organisation, |_| {}).await.unwrap(), []);
}

#[tokio::test]
async fn a_hand_on_any_column_of_any_projection_is_found() {
    let shop = one_of_everything().await;
    let mut database = shop.server.database.superuser().await;
    for name in tables().map(|table| table.name).chain(derived().map(|derived| derived.name)) {
        let count = format!("select count(*) from {name}");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut database).await.unwrap();
        assert!(rows > 0, "no story leads to a row of {name}: add it to `one_of_everything`");
    }
    let most = tables().map(|table| table.columns.len()).max().unwrap();
    assert!(most > 30, "the work order alone has more columns");
    for number in 0..most {
        let mut tampered = BTreeSet::new();
        for table in tables() {
            if let Some(column) = table.columns.get(number) {
                change(&mut database, table, column).await;
                tampered.insert(table.name);
                tampered.extend(followers(table, Some(column)));
            }
        }
        is_found_and_healed(&shop, &tampered).await;
    }
}

#[tokio::test]
async fn a_row_that_is_gone_from_any_projection_is_found() {
    let shop = one_of_everything().await;
    let mut database = shop.server.database.superuser().await;
    for table in tables() {
        delete(&mut database, table).await;
        // The rows that devices list are made when somebody loads; until then they may be missing.
        let rests = table.columns.contains(&"row_version");
        let missing = followers(table, None).chain([table.name]);
        is_found_and_healed(&shop, &if rests { BTreeSet::new() } else { missing.collect() }).await;
    }
}

#[tokio::test]
async fn a_hand_on_what_the_database_derives_is_found() {
    let shop = one_of_everything().await;
    let mut database = shop.server.database.superuser().await;
    for derived in derived() {
        let name = derived.name;
        let rest: Vec<_> =
            derived.columns.iter().filter(|column| **column != "work_order_id").copied().collect();
        let rest = rest.join(", ");
        let one = format!("ctid = (select ctid from {name} limit 1)");
        let stray = format!(
            "(organization_id, work_order_id, {rest}) select organization_id, gen_random_uuid(), {rest}"
        );
        let mut blows = vec![
            format!("delete from {name} where {one}"),
            format!("insert into {name} {stray} from {name} limit 1"),
        ];
        let changes = derived.columns.iter().map(|column| {
            let other = if *column == "work_order_id" { "gen_random_uuid()" } else { "'nonsense'" };
            format!("update {name} set {column} = {other} where {one}")
        });
        blows.extend(changes);
        for blow in blows {
            strike(&mut database, blow).await;
            is_found_and_healed(&shop, &[name].into()).await;
        }
    }
}
