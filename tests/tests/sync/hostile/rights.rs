//! What a person may not do: a technician, somebody who may only ask for work, and a contractor who may only see
//! what is given to them. The bytes are those of an honest engine; only the right is missing.

use maintainpro_tests::hand::{
    create_asset, create_part, create_storeroom, create_work_order, deliver, issue, new_document, new_record,
};
use shared_model::document::DocumentKind;
use shared_model::features::{Command, cost};
use shared_model::permission::{GrantLimit, Role};
use shared_model::record::{Record, RecordKind};
use shared_model::sync_protocol::PushedCommand;
use shared_model::units::{Currency, Money};

use super::craft::{Craft, MAKE_MAP, Op, PUT, genesis_id, id_at, int, null, string};
use super::scene::{Scene, add_remark, change, command, fact};
use super::{Case, Chapter, play};

const NO: &str = "rejected not_permitted";

pub(super) const TECHNICIAN: Chapter = Chapter::of_technician(
    "Rights of a technician",
    &[
        Case::command("a technician begins a part", NO, |scene| {
            make(scene, &create_part(new_document(), "X"))
        }),
        Case::command("a technician begins a storeroom", NO, |scene| {
            make(scene, &create_storeroom(new_document(), "X"))
        }),
        Case::command("a technician begins a place", NO, |scene| {
            begun(scene, DocumentKind::Location, "name")
        }),
        Case::command("a technician begins a checklist", NO, |scene| {
            begun(scene, DocumentKind::ChecklistTemplate, "title")
        }),
        Case::command("a technician renames a part", NO, |scene| {
            let document = &scene.ann.documents[&scene.part].document;
            let bytes = Craft::after(document, scene.eve.actor, &[Op::put("external", string("x"))]).bytes();
            command(vec![change(scene.part, DocumentKind::Part, bytes)])
        }),
        Case::command("a technician receives stock", NO, |scene| {
            make(scene, &deliver(scene.storeroom, scene.part, 5))
        }),
        Case::command("a technician enters a cost", NO, |scene| make(scene, &spend(scene))),
        Case::command("a technician names a price", NO, |scene| {
            let payload = r#"{"money":{"minor":1,"currency":"EUR"},"from":0}"#;
            fact(&scene.record(RecordKind::Price, scene.part, payload))
        }),
        Case::command("a technician gives a number", NO, |scene| {
            fact(&scene.record(RecordKind::NumberAssigned, scene.order, r#"{"number":1}"#))
        }),
        Case::command("a technician states a discrepancy", NO, |scene| {
            let movement = new_record();
            let payload = format!(r#"{{"part":"{}","balance":-1,"movement":"{movement}"}}"#, scene.part);
            fact(&scene.record(RecordKind::StockDiscrepancy, scene.storeroom, &payload))
        }),
        Case::command("a technician corrects a status as the server does", NO, |scene| {
            let payload = r#"{"to":"closed","saw":[],"correction":true}"#;
            fact(&scene.record(RecordKind::StatusEvent, scene.order, payload))
        }),
    ],
);

pub(super) const REQUESTER: Chapter = Chapter {
    title: "Rights of a requester",
    role: Role::Requester,
    limit: GrantLimit::Organisation,
    cases: &[
        Case::change("a requester changes a title", NO, |scene| {
            scene.edit(|door| door.put_str(&["title"], Some("Mine now")))
        }),
        Case::change("a requester clears a due date", NO, |scene| {
            scene.craft(&[Op::put("due", null())]).bytes()
        }),
        Case::change("a requester rewrites a description", NO, |scene| {
            scene.edit(|door| door.set_text(&["description"], "Nothing to see"))
        }),
        Case::change("a requester tags", NO, |scene| scene.edit(|door| door.put(&["tags", "x"], true))),
        Case::change("a requester removes a tag", NO, |scene| {
            scene.edit(|door| door.remove(&["tags", "leak"]))
        }),
        Case::change("a requester assigns", NO, |scene| {
            let person = scene.eve.person().to_string();
            scene.edit(|door| door.put(&["people", &person], true))
        }),
        Case::change("a requester answers a checklist", NO, |scene| {
            scene.edit(|door| door.put(&["checklists", "k1", "answers", "s1"], "pass"))
        }),
        Case::change("a requester removes a checklist", NO, |scene| {
            scene.edit(|door| door.remove(&["checklists", "k1"]))
        }),
        Case::change("a requester adds a checklist", NO, |scene| {
            let checklists = genesis_id(&scene.document, "checklists");
            scene.craft(&[Op::on(Some(checklists), "k9", MAKE_MAP, null())]).bytes()
        }),
        Case::change("a requester starts a timer", NO, |scene| {
            scene.edit(|door| door.put_timestamp(&["downtime_start"], Some(super::scene::NOW)))
        }),
        Case::change("a requester estimates", NO, |scene| {
            scene.craft(&[Op::put("estimated_minutes", int(5))]).bytes()
        }),
        Case::change("a requester decides a conflict", NO, |scene| {
            let decisions = genesis_id(&scene.document, "decisions");
            scene.craft(&[Op::on(Some(decisions), "d1", MAKE_MAP, null())]).bytes()
        }),
        Case::change("a requester hides one forbidden write among many", NO, |scene| {
            let item = id_at(&scene.document, &["checklists", "k1", "answers"]);
            let put = Op::on(Some(item), "s1", PUT, string("pass"));
            scene.craft(&[Op::put("due", null()), put]).bytes()
        }),
        Case::command("a requester finishes the work", NO, |scene| {
            fact(&scene.record(RecordKind::StatusEvent, scene.order, r#"{"to":"completed","saw":[]}"#))
        }),
        Case::command("a requester enters hours", NO, |scene| {
            let payload = format!(r#"{{"person":"{}","minutes":5}}"#, scene.eve.person());
            fact(&scene.record(RecordKind::LabourEntry, scene.order, &payload))
        }),
        Case::command("a requester takes parts", NO, |scene| {
            make(scene, &issue(scene.storeroom, scene.part, 1))
        }),
        Case::command("a requester begins an asset", NO, |scene| {
            make(scene, &create_asset(new_document(), "X"))
        }),
        Case::command("a requester remarks upon what others asked for", NO, |scene| {
            make(scene, &add_remark(new_record(), scene.order))
        }),
        Case::change("a requester asks for what others asked for", NO, |scene| {
            let person = scene.eve.person().to_string();
            scene.edit(|door| door.put_str(&["requester"], Some(&person)))
        }),
        Case::command("a requester remarks upon an asset", NO, |scene| {
            fact(&scene.record(RecordKind::Comment, scene.asset, r#"{"text":"hello"}"#))
        }),
        Case::command("a requester reads a meter", NO, |scene| {
            let payload = r#"{"meter":"hours","value":1000,"unit":"h"}"#;
            fact(&scene.record(RecordKind::MeterReading, scene.asset, payload))
        }),
    ],
};

pub(super) const CONTRACTOR: Chapter = Chapter {
    title: "Scopes of a contractor",
    role: Role::Contractor,
    limit: GrantLimit::Own,
    cases: &[
        Case::change("a contractor answers somebody else's checklist", NO, |scene| {
            scene.edit(|door| door.put(&["checklists", "k1", "answers", "s1"], "pass"))
        }),
        Case::change("a contractor takes somebody else's work", NO, |scene| {
            let person = scene.eve.person().to_string();
            scene.edit(|door| door.put(&["people", &person], true))
        }),
        Case::command("a contractor remarks upon somebody else's work", NO, |scene| {
            make(scene, &add_remark(new_record(), scene.order))
        }),
        Case::command("a contractor states the status of somebody else's work", NO, |scene| {
            fact(&scene.record(RecordKind::StatusEvent, scene.order, r#"{"to":"in_progress","saw":[]}"#))
        }),
        Case::command("a contractor begins a work order", NO, |scene| {
            make(scene, &create_work_order(new_document(), "More work"))
        }),
        Case::command("a contractor gives their work away", NO, |scene| {
            let document = &scene.eve.documents[&scene.mine].document;
            let people = genesis_id(document, "people");
            let op = Op::on(Some(people), "x1", PUT, (2, Vec::new()));
            let bytes = Craft::after(document, scene.eve.actor, &[op]).bytes();
            command(vec![change(scene.mine, DocumentKind::WorkOrder, bytes)])
        }),
        Case::command("a contractor asks for Ann's remark again", NO, |scene| {
            let known = &scene.ann.documents[&scene.order].records[&scene.remark];
            fact(&Record {
                author: Some(scene.eve.person()),
                id: new_record(),
                actor: scene.eve.actor,
                ..known.clone()
            })
        }),
    ],
};

/// A command that Eve believes she may give.
fn make(scene: &Scene, command: &Command) -> PushedCommand {
    scene.presumptuous().make(command)
}

fn begun(scene: &Scene, kind: DocumentKind, key: &'static str) -> PushedCommand {
    let document = shared_model::document::Document::new(kind);
    let bytes = Craft::after(&document, scene.eve.actor, &[Op::put(key, string("x"))]).bytes();
    command(vec![change(new_document(), kind, bytes)])
}

fn spend(scene: &Scene) -> Command {
    Command::Cost(cost::Command::Enter {
        id: new_record(),
        document: scene.order,
        kind: DocumentKind::WorkOrder,
        entry: cost::CostEntry {
            money: Money::parse("123.45", Currency::EUR).unwrap(),
            kind: cost::CostKind::Service,
            note: None,
            external: None,
        },
    })
}

#[tokio::test]
async fn rights_of_a_technician() {
    play(&TECHNICIAN).await;
}

#[tokio::test]
async fn rights_of_a_requester() {
    play(&REQUESTER).await;
}

#[tokio::test]
async fn scopes_of_a_contractor() {
    play(&CONTRACTOR).await;
}
