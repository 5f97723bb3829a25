//! What passes the gate and what does not.

mod craft;
mod envelope;
mod fields;
mod form;
mod honest;
mod isolated;
mod mutation;
mod past;
mod records;
mod table;
mod ungated;

use crate::document::genesis::GENESIS_ACTOR;
use crate::document::{Document, DocumentKind, EditError};
use crate::gate::{Binding, Checked, Refused, Verdict, check_change};
use crate::identity::ActorId;
use crate::instant::Timestamp;
use ungated::{Harm, expect, without_gate};

const ALICE: ActorId = ActorId::from_bytes([0xa1; 16]);
const BOB: ActorId = ActorId::from_bytes([0xb2; 16]);
const SERVER: ActorId = ActorId::from_bytes([0x55; 16]);
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn bind(actor: &ActorId) -> Binding {
    if *actor == SERVER { Binding::Server } else { Binding::Device }
}

fn check(document: &Document, bytes: &[u8]) -> Result<Verdict, Refused> {
    check_change(document, bytes, bind)
}

/// The change passes as a new one.
fn passes(document: &Document, bytes: &[u8]) -> Checked {
    match check(document, bytes) {
        Ok(Verdict::New(checked)) => *checked,
        other => panic!("expected a new change, got {other:?}"),
    }
}

/// The gate refuses with this code, and this is what Automerge would do.
#[track_caller]
fn refused(document: &Document, bytes: &[u8], code: &str, harm: Harm) {
    match check(document, bytes) {
        Err(refused) => assert_eq!(refused.code(), code, "{refused}"),
        Ok(verdict) => panic!("expected {code}, got {verdict:?}"),
    }
    expect(document, bytes, harm);
}

/// A work order with a title and a description that Alice wrote, and a checklist with one answer.
fn work_order() -> Document {
    let mut document = Document::new(DocumentKind::WorkOrder);
    let edit = document.edit::<_, EditError>(ALICE, NOW, |door| {
        door.put_str(&["title"], Some("Pump 7 drips"))?;
        door.set_text(&["description"], "Wet floor")?;
        door.put(&["tags", "leak"], true)?;
        door.insert_item(&["checklists", "k1"], &checklist())
    });
    edit.unwrap();
    document
}

fn checklist() -> automerge::hydrate::Value {
    use automerge::hydrate::{Map, Value};
    let empty = || Value::Map(Map::default());
    let entries = [
        ("title", Value::from("Start-up")),
        ("steps", Value::from("[]")),
        ("answers", empty()),
        ("remarks", empty()),
    ];
    Value::from(std::collections::HashMap::from(entries))
}
