//! Work orders and edits as a file, so that other systems can be measured with the same ones: each work order as the
//! very Automerge document and as plain fields, each edit as the very change and as the values it puts.

use std::collections::HashMap;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use automerge::{AutoSerde, Automerge, Change};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde_json::Value;
use shared_model::identity::{DocumentId, PersonId};
use shared_model::permission::{GrantLimit, Grants, Role};
use shared_model::sync_protocol::{PushedCommand, PushedItem};
use sync_server::clock::Clock;
use sync_server::random;

use super::maker::Maker;

/// As many as push in the benchmark of the ingest.
const DEVICES: usize = 24;

/// What one device holds and does: one line of the file.
#[derive(Serialize)]
struct Device {
    work_orders: Vec<WorkOrder>,
    edits: Vec<Edit>,
}

#[derive(Serialize)]
struct WorkOrder {
    id: DocumentId,
    /// The Automerge document, base64.
    saved: String,
    /// The same as plain values.
    fields: Value,
}

#[derive(Serialize)]
struct Edit {
    /// Which of the device's work orders.
    work_order: usize,
    /// Automerge changes, base64.
    changes: Vec<String>,
    /// The hash of the last change, hexadecimal.
    head: String,
    /// The values it puts, each with its path.
    puts: Vec<Put>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Put {
    path: Vec<String>,
    value: Value,
}

/// Writes what 24 devices hold and do, so many work orders and edits between them.
pub fn write(file: &Path, work_orders: usize, edits: usize) -> anyhow::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(file)?);
    let person = PersonId::from_uuid(random::uuid(Clock::System.now()));
    let everything = Role::Manager.grants(GrantLimit::Organisation);
    for number in 0..DEVICES {
        let share = |of: usize| of / DEVICES + usize::from(number < of % DEVICES);
        let grants = Grants { person, grants: everything.clone() };
        let device = device(Maker::new(grants, number as u64), share(work_orders), share(edits))?;
        serde_json::to_writer(&mut out, &device)?;
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}

fn device(mut hand: Maker, count: usize, edits: usize) -> anyhow::Result<Device> {
    hand.create(count);
    let (mut work_orders, mut live, mut places) = (Vec::new(), Vec::new(), HashMap::new());
    for (id, aggregate) in &hand.documents {
        let saved = aggregate.document.save();
        let document = Automerge::load(&saved)?;
        let fields = fields(&document)?;
        places.insert(*id, work_orders.len());
        work_orders.push(WorkOrder { id: *id, saved: BASE64.encode(saved), fields: fields.clone() });
        live.push((document, fields));
    }
    let edits = hand.edit(edits).into_iter().map(|command| edit(&command, &places, &mut live));
    Ok(Device { work_orders, edits: edits.collect::<anyhow::Result<_>>()? })
}

fn edit(
    command: &PushedCommand,
    places: &HashMap<DocumentId, usize>,
    live: &mut [(Automerge, Value)],
) -> anyhow::Result<Edit> {
    let changes = command.items.iter().filter_map(|item| match item {
        PushedItem::Change { document, bytes, .. } => Some((*document, bytes.to_vec())),
        PushedItem::Record { .. } => None,
    });
    let changes: Vec<(DocumentId, Vec<u8>)> = changes.collect();
    let (document, last) = changes.last().context("an edit changes something")?;
    let work_order = *places.get(document).context("an edit is of the device's own work orders")?;
    let head = Change::from_bytes(last.clone())?.hash().to_string();
    let (document, before) = &mut live[work_order];
    for (_, change) in &changes {
        document.apply_changes([Change::from_bytes(change.clone())?])?;
    }
    let after = fields(document)?;
    let mut puts = Vec::new();
    differences(before, &after, &mut Vec::new(), &mut puts);
    anyhow::ensure!(!puts.is_empty(), "an edit puts a value");
    *before = after;
    Ok(Edit {
        work_order,
        changes: changes.iter().map(|(_, bytes)| BASE64.encode(bytes)).collect(),
        head,
        puts,
    })
}

fn fields(document: &Automerge) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(AutoSerde::from(document))?)
}

/// What to put into `before` to make it `after`; nothing is ever taken away by an edit of one field.
fn differences(before: &Value, after: &Value, path: &mut Vec<String>, puts: &mut Vec<Put>) {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        if before != after {
            puts.push(Put { path: path.clone(), value: after.clone() });
        }
        return;
    };
    for (key, value) in new {
        path.push(key.clone());
        differences(old.get(key).unwrap_or(&Value::Null), value, path, puts);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_the_values_that_changed() {
        let before = json!({"title": "Pump", "c": {"s1": {"a": 1}, "s2": {}}});
        let after = json!({"title": "Pump", "c": {"s1": {"a": 2}, "s2": {"a": "x"}}});
        let mut puts = Vec::new();
        differences(&before, &after, &mut Vec::new(), &mut puts);
        let put = |path: [&str; 3], value| Put { path: path.map(str::to_owned).to_vec(), value };
        assert_eq!(puts, [put(["c", "s1", "a"], json!(2)), put(["c", "s2", "a"], json!("x"))]);
    }

    #[test]
    fn a_file_holds_every_work_order_and_every_edit() {
        let folder = std::env::temp_dir().join(format!("export-{}", random::uuid(Clock::System.now())));
        write(&folder, 30, 50).unwrap();
        let text = std::fs::read_to_string(&folder).unwrap();
        std::fs::remove_file(&folder).unwrap();
        let devices: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all = |what: &str| devices.iter().map(|device| device[what].as_array().unwrap().len()).sum();
        let (work_orders, edits): (usize, usize) = (all("work_orders"), all("edits"));
        assert_eq!((devices.len(), work_orders, edits), (DEVICES, 30, 50));
        let edited = &devices[0]["edits"][0]["work_order"];
        assert!(edited.as_u64().unwrap() < devices[0]["work_orders"].as_array().unwrap().len() as u64);
    }
}
