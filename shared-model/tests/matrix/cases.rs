//! Every command, at least once for every right that it may take. The compiler asks for a name of each command, and a test
//! for a case of each name.

use serde_json::{Value, json};
use shared_model::features::{
    Command, asset, checklist, comment, conflict, cost, labour_entry, location, meter_reading, part,
    stock_movement, storeroom, work_order,
};

use super::scene::{Scene, steps};

/// A command as somebody gives it.
pub struct Case {
    /// The command, and what is special about this one.
    pub name: &'static str,
    pub make: fn(&mut Scene) -> Value,
}

macro_rules! names {
    ($($name:literal = $pattern:pat,)+) => {
        /// What every command is called.
        pub const NAMES: &[&str] = &[$($name),+];

        /// What this command is called. There is no other arm: a new command gets a name and a case.
        pub fn name(command: &Command) -> &'static str {
            match command { $($pattern => $name),+ }
        }
    };
}

names! {
    "work_order.create" = Command::WorkOrder(work_order::Command::Create(_)),
    "work_order.edit" = Command::WorkOrder(work_order::Command::Edit { .. }),
    "work_order.assign" = Command::WorkOrder(work_order::Command::Assign { .. }),
    "work_order.change_status" = Command::WorkOrder(work_order::Command::ChangeStatus { .. }),
    "work_order.attach_checklist" = Command::WorkOrder(work_order::Command::AttachChecklist { .. }),
    "work_order.answer" = Command::WorkOrder(work_order::Command::Answer { .. }),
    "work_order.use_part" = Command::WorkOrder(work_order::Command::UsePart { .. }),
    "work_order.start_timer" = Command::WorkOrder(work_order::Command::StartTimer { .. }),
    "work_order.stop_timer" = Command::WorkOrder(work_order::Command::StopTimer { .. }),
    "work_order.correct_status" = Command::WorkOrder(work_order::Command::CorrectStatus { .. }),
    "work_order.correct" = Command::WorkOrder(work_order::Command::Correct(_)),
    "work_order.settle_notice" = Command::WorkOrder(work_order::Command::SettleNotice { .. }),
    "labour_entry.add" = Command::LabourEntry(labour_entry::Command::Add { .. }),
    "comment.add" = Command::Comment(comment::Command::Add { .. }),
    "asset.create" = Command::Asset(asset::Command::Create(_)),
    "asset.edit" = Command::Asset(asset::Command::Edit { .. }),
    "asset.move" = Command::Asset(asset::Command::Move { .. }),
    "location.create" = Command::Location(location::Command::Create(_)),
    "location.edit" = Command::Location(location::Command::Edit { .. }),
    "location.move" = Command::Location(location::Command::Move { .. }),
    "part.create" = Command::Part(part::Command::Create(_)),
    "part.edit" = Command::Part(part::Command::Edit { .. }),
    "storeroom.create" = Command::Storeroom(storeroom::Command::Create(_)),
    "storeroom.edit" = Command::Storeroom(storeroom::Command::Edit { .. }),
    "stock_movement.receive" = Command::StockMovement(stock_movement::Command::Receive(_)),
    "stock_movement.issue" = Command::StockMovement(stock_movement::Command::Issue(_)),
    "stock_movement.return" = Command::StockMovement(stock_movement::Command::Return(_)),
    "stock_movement.scrap" = Command::StockMovement(stock_movement::Command::Scrap(_)),
    "stock_movement.transfer" = Command::StockMovement(stock_movement::Command::Transfer { .. }),
    "stock_movement.count" = Command::StockMovement(stock_movement::Command::Count { .. }),
    "meter_reading.add" = Command::MeterReading(meter_reading::Command::Add { .. }),
    "checklist.create" = Command::Checklist(checklist::Command::Create(_)),
    "checklist.edit" = Command::Checklist(checklist::Command::Edit { .. }),
    "checklist.save_version" = Command::Checklist(checklist::Command::SaveVersion { .. }),
    "checklist.publish" = Command::Checklist(checklist::Command::Publish { .. }),
    "checklist.retire" = Command::Checklist(checklist::Command::Retire { .. }),
    "cost.enter" = Command::Cost(cost::Command::Enter { .. }),
    "cost.set_price" = Command::Cost(cost::Command::SetPrice { .. }),
    "cost.set_rate" = Command::Cost(cost::Command::SetRate { .. }),
    "conflict.settle" = Command::Conflict(conflict::Command::Settle { .. }),
}

/// In the order in which they are given, where that matters.
pub const CASES: &[Case] = &[
    case("work_order.create", |scene| create(scene, &json!({}))),
    case("work_order.create with a checklist", |scene| create(scene, &json!({ "checklists": [list("k1")] }))),
    case("work_order.create for somebody", |scene| {
        let people = json!({ "people": [scene.other], "assigned_event": scene.fresh() });
        create(scene, &people)
    }),
    case("work_order.create for somebody, without an event", |scene| {
        let people = json!({ "people": [scene.other] });
        create(scene, &people)
    }),
    case("work_order.edit the title", |scene| edit(scene, "work_order", "order", "title")),
    case("work_order.edit the resolution", |scene| edit(scene, "work_order", "order", "resolution")),
    case("work_order.assign", |scene| {
        json!({ "on": "work_order", "do": "assign", "id": scene.id("order"), "add_people": [scene.other],
            "event": scene.fresh() })
    }),
    case("work_order.change_status to assigned", |scene| step(scene, "new", "assigned")),
    case("work_order.change_status to in_progress", |scene| step(scene, "order", "in_progress")),
    case("work_order.change_status to on_hold", |scene| step(scene, "held", "on_hold")),
    case("work_order.change_status to completed", |scene| step(scene, "started", "completed")),
    case("work_order.change_status, reopening", |scene| step(scene, "completed", "in_progress")),
    case("work_order.change_status to verified", |scene| step(scene, "completed_too", "verified")),
    case("work_order.change_status to closed", |scene| step(scene, "verified", "closed")),
    case("work_order.change_status to cancelled", |scene| step(scene, "unwanted", "cancelled")),
    case(
        "work_order.attach_checklist",
        |scene| json!({ "on": "work_order", "do": "attach_checklist", "id": scene.id("order"), "checklist": list("k2") }),
    ),
    case("work_order.answer", |scene| answer(scene, "s1", "pass", &Value::Null)),
    case("work_order.answer with a reading", |scene| {
        let place = json!({ "id": scene.fresh(), "asset": scene.id("asset"), "meter": "m1" });
        answer(scene, "s2", "12", &place)
    }),
    case("work_order.use_part", |scene| used(scene, &[Value::Null, Value::Null, Value::Null])),
    case("work_order.use_part from a storeroom", |scene| {
        let taken = [json!(scene.id("part")), json!(scene.id("storeroom")), json!(scene.fresh())];
        used(scene, &taken)
    }),
    case(
        "work_order.start_timer",
        |scene| json!({ "on": "work_order", "do": "start_timer", "id": scene.id("order") }),
    ),
    case(
        "work_order.stop_timer",
        |scene| json!({ "on": "work_order", "do": "stop_timer", "id": scene.id("started"), "labour": scene.fresh() }),
    ),
    case("work_order.correct_status", |scene| {
        json!({ "on": "work_order", "do": "correct_status", "id": scene.id("order"), "event": scene.fresh(),
            "to": "closed" })
    }),
    case("work_order.correct", |scene| {
        json!({ "on": "work_order", "do": "correct", "id": scene.id("order"),
            "notices": [[scene.fresh(), { "kind": "impossible_step" }]] })
    }),
    case("work_order.settle_notice", |scene| {
        json!({ "on": "work_order", "do": "settle_notice", "id": scene.id("order"), "record": scene.fresh(),
            "notice": scene.uuid("notice") })
    }),
    case("labour_entry.add", |scene| labour(scene, scene.me)),
    case("labour_entry.add for somebody else", |scene| labour(scene, scene.other)),
    case("comment.add on a work order", |scene| remark(scene, "order", "work_order")),
    case("comment.add on an asset", |scene| remark(scene, "asset", "asset")),
    case(
        "asset.create",
        |scene| json!({ "on": "asset", "do": "create", "id": scene.fresh(), "tag": "P-8", "name": "Pump" }),
    ),
    case("asset.edit", |scene| edit(scene, "asset", "asset", "name")),
    case(
        "asset.move",
        |scene| json!({ "on": "asset", "do": "move", "id": scene.id("asset"), "location": scene.id("site_document") }),
    ),
    case(
        "location.create",
        |scene| json!({ "on": "location", "do": "create", "id": scene.fresh(), "name": "Yard" }),
    ),
    case("location.edit", |scene| edit(scene, "location", "site_document", "name")),
    case(
        "location.move",
        |scene| json!({ "on": "location", "do": "move", "id": scene.id("site_document"), "site": scene.id("site_document") }),
    ),
    case(
        "part.create",
        |scene| json!({ "on": "part", "do": "create", "id": scene.fresh(), "number": "7", "name": "Seal", "unit": "pcs" }),
    ),
    case("part.edit", |scene| edit(scene, "part", "part", "name")),
    case(
        "storeroom.create",
        |scene| json!({ "on": "storeroom", "do": "create", "id": scene.fresh(), "name": "Van" }),
    ),
    case("storeroom.edit", |scene| edit(scene, "storeroom", "storeroom", "name")),
    case("stock_movement.receive", |scene| movement(scene, "receive")),
    case("stock_movement.issue", |scene| movement(scene, "issue")),
    case("stock_movement.return", |scene| movement(scene, "return")),
    case("stock_movement.scrap", |scene| movement(scene, "scrap")),
    case("stock_movement.transfer", |scene| {
        json!({ "on": "stock_movement", "do": "transfer", "out": scene.fresh(), "into": scene.fresh(),
            "from": scene.id("storeroom"), "to": scene.id("second"), "part": scene.id("part"), "quantity": 1000 })
    }),
    case("stock_movement.count", |scene| {
        json!({ "on": "stock_movement", "do": "count", "id": scene.fresh(), "storeroom": scene.id("storeroom"),
            "part": scene.id("part"), "counted": 5000 })
    }),
    case("meter_reading.add", |scene| {
        json!({ "on": "meter_reading", "do": "add", "id": scene.fresh(), "asset": scene.id("asset"),
            "reading": { "meter": "m1", "value": 1000, "unit": "h" } })
    }),
    case(
        "checklist.create",
        |scene| json!({ "on": "checklist", "do": "create", "id": scene.fresh(), "title": "Walk" }),
    ),
    case("checklist.edit", |scene| edit(scene, "checklist", "template", "title")),
    case("checklist.save_version", |scene| {
        json!({ "on": "checklist", "do": "save_version", "id": scene.id("template"),
            "version": { "key": "v2", "steps": steps() } })
    }),
    // Before the publication: to publish what is published changes nothing.
    case(
        "checklist.retire",
        |scene| json!({ "on": "checklist", "do": "retire", "id": scene.id("template") }),
    ),
    case(
        "checklist.publish",
        |scene| json!({ "on": "checklist", "do": "publish", "id": scene.id("template"), "version": "v0" }),
    ),
    case("cost.enter on a work order", |scene| spend(scene, "order", "work_order")),
    case("cost.enter on an asset", |scene| spend(scene, "asset", "asset")),
    case("cost.set_price", |scene| {
        json!({ "on": "cost", "do": "set_price", "id": scene.fresh(), "part": scene.id("part"),
            "price": { "money": { "minor": 1, "currency": "EUR" }, "from": 0 } })
    }),
    case("cost.set_rate", |scene| {
        json!({ "on": "cost", "do": "set_rate", "id": scene.fresh(), "site": scene.id("site_document"),
            "rate": { "money": { "minor": 1, "currency": "EUR" }, "from": 0 } })
    }),
    case("conflict.settle the failure mode", |scene| settle(scene, "order", "work_order", "failure_mode")),
    case("conflict.settle the name of an asset", |scene| settle(scene, "asset", "asset", "name")),
    case("conflict.settle the title", |scene| settle(scene, "order", "work_order", "title")),
];

const fn case(name: &'static str, make: fn(&mut Scene) -> Value) -> Case {
    Case { name, make }
}

fn list(key: &str) -> Value {
    json!({ "key": key, "template": null, "version": 1, "title": "Round", "steps": steps() })
}

fn create(scene: &mut Scene, more: &Value) -> Value {
    let mut command = json!({ "on": "work_order", "do": "create", "id": scene.fresh(), "title": "Drips",
        "type": "corrective", "priority": "medium", "origin": "manual" });
    command.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    command
}

fn edit(scene: &Scene, on: &str, name: &str, field: &str) -> Value {
    json!({ "on": on, "do": "edit", "id": scene.id(name), "edits": [{ "field": field, "value": "x" }] })
}

fn step(scene: &mut Scene, name: &str, to: &str) -> Value {
    json!({ "on": "work_order", "do": "change_status", "id": scene.id(name), "event": scene.fresh(), "to": to,
        "reason": "because" })
}

fn answer(scene: &Scene, step: &str, answer: &str, reading: &Value) -> Value {
    json!({ "on": "work_order", "do": "answer", "id": scene.id("order"), "checklist": "k1", "step": step,
        "answer": answer, "reading": reading })
}

fn used(scene: &mut Scene, [part, storeroom, movement]: &[Value; 3]) -> Value {
    json!({ "on": "work_order", "do": "use_part", "id": scene.id("order"), "part": {
        "key": scene.fresh().simple().to_string(), "part": part, "storeroom": storeroom, "movement": movement,
        "number": "6204", "name": "Bearing", "quantity": 1000, "unit": "pcs" } })
}

fn labour(scene: &mut Scene, person: shared_model::identity::PersonId) -> Value {
    json!({ "on": "labour_entry", "do": "add", "id": scene.fresh(), "work_order": scene.id("order"),
        "entry": { "person": person, "minutes": 5 } })
}

fn remark(scene: &mut Scene, name: &str, kind: &str) -> Value {
    json!({ "on": "comment", "do": "add", "id": scene.fresh(), "document": scene.id(name), "kind": kind,
        "text": "Tightened" })
}

fn movement(scene: &mut Scene, what: &str) -> Value {
    json!({ "on": "stock_movement", "do": what, "id": scene.fresh(), "storeroom": scene.id("storeroom"),
        "part": scene.id("part"), "quantity": 1000 })
}

fn spend(scene: &mut Scene, name: &str, kind: &str) -> Value {
    json!({ "on": "cost", "do": "enter", "id": scene.fresh(), "document": scene.id(name), "kind": kind,
        "entry": { "money": { "minor": 1, "currency": "EUR" }, "kind": "other" } })
}

fn settle(scene: &Scene, name: &str, kind: &str, field: &str) -> Value {
    json!({ "on": "conflict", "do": "settle", "document": scene.id(name), "kind": kind, "field": field,
        "value": { "type": "str", "value": "VIB" }, "decision": format!("d-{field}") })
}
