//! Honest devices always pass: whatever they edit, in whatever order their changes meet.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::document::step;
use crate::gate::{LIMITS, WriteKind};
use crate::permission::Permission;

/// What one device does next.
#[derive(Clone, Debug)]
enum Step {
    Title(String),
    Minutes(Option<i64>),
    Due(Option<i64>),
    Tag(u8, bool),
    Untag(u8),
    Text(String),
    LongText(u16),
    /// A field that came with a schema step: whoever writes it first brings the step along.
    Resolution(String),
    AddChecklist(u8),
    RemoveChecklist(u8),
    Answer(u8, u8, String),
    /// Settles whatever was written to the title concurrently.
    Settle,
    /// A fresh engine start: a new actor.
    Restart,
    /// The device's clock jumps.
    Clock(i64),
    /// Sends what it wrote and fetches what others wrote.
    Sync,
    /// The server joins all heads.
    Merge,
}

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

fn any_step() -> impl Strategy<Value = Step> {
    let text = "[ -~äß€\u{301}👩\u{200d}🔧\n]{0,24}";
    prop_oneof![
        2 => "[ -~é]{0,40}".prop_map(Step::Title),
        2 => any::<Option<i64>>().prop_map(Step::Minutes),
        2 => any::<Option<i64>>().prop_map(Step::Due),
        2 => (0..3_u8, any::<bool>()).prop_map(|(tag, on)| Step::Tag(tag, on)),
        2 => (0..3_u8).prop_map(Step::Untag),
        6 => text.prop_map(Step::Text),
        4 => text.prop_map(Step::Resolution),
        1 => (1_100..2_600_u16).prop_map(Step::LongText),
        2 => (0..3_u8).prop_map(Step::AddChecklist),
        2 => (0..3_u8).prop_map(Step::RemoveChecklist),
        4 => (0..3_u8, 0..3_u8, "[a-z]{0,8}").prop_map(|(list, step, answer)| Step::Answer(list, step, answer)),
        2 => Just(Step::Settle),
        2 => Just(Step::Restart),
        2 => (-2 * YEAR_MS..2 * YEAR_MS).prop_map(Step::Clock),
        6 => Just(Step::Sync),
        2 => Just(Step::Merge),
    ]
}

struct Device {
    document: Document,
    actor: ActorId,
    now: Timestamp,
    outbox: Vec<Vec<u8>>,
}

impl Device {
    fn new(number: u8) -> Self {
        let document = Document::new(DocumentKind::WorkOrder);
        Self { document, actor: ActorId::from_bytes([number; 16]), now: NOW, outbox: Vec::new() }
    }

    /// Takes the step and gives the fields it may write; a step that has no object to work on does nothing.
    fn take(&mut self, step: &Step) -> Vec<String> {
        let (path, kind) = match step {
            Step::Title(_) | Step::Settle => ("title".to_owned(), WriteKind::Put),
            Step::Minutes(_) => ("estimated_minutes".to_owned(), WriteKind::Put),
            Step::Due(_) => ("due".to_owned(), WriteKind::Put),
            Step::Tag(tag, _) => (format!("tags/t{tag}"), WriteKind::Put),
            Step::Untag(tag) => (format!("tags/t{tag}"), WriteKind::Delete),
            Step::Text(_) | Step::LongText(_) => ("description".to_owned(), WriteKind::Text),
            Step::Resolution(_) => ("resolution".to_owned(), WriteKind::Text),
            Step::AddChecklist(list) => (format!("checklists/k{list}"), WriteKind::Make),
            Step::RemoveChecklist(list) => (format!("checklists/k{list}"), WriteKind::Delete),
            Step::Answer(list, step, _) => (format!("checklists/k{list}/answers/s{step}"), WriteKind::Put),
            Step::Restart | Step::Clock(_) | Step::Sync | Step::Merge => return Vec::new(),
        };
        let keys: Vec<&str> = path.split('/').collect();
        let before = self.document.clone();
        let edit = self.document.edit::<_, EditError>(self.actor, self.now, |door| match step {
            Step::Title(text) => door.put_str(&keys, Some(text)),
            Step::Settle => door.settle(&keys, "settled"),
            Step::Minutes(minutes) => door.put_int(&keys, *minutes),
            Step::Due(due) => door.put_timestamp(&keys, due.map(Timestamp::from_millis)),
            Step::Tag(_, on) => door.put(&keys, *on),
            Step::Untag(_) | Step::RemoveChecklist(_) => door.remove(&keys),
            Step::Text(text) | Step::Resolution(text) => door.set_text(&keys, text),
            Step::LongText(length) => door.set_text(&keys, &"Öl ".repeat(usize::from(*length) / 3)),
            Step::AddChecklist(_) => door.insert_item(&keys, &checklist()),
            Step::Answer(_, _, answer) => door.put_str(&keys, Some(answer)),
            Step::Restart | Step::Clock(_) | Step::Sync | Step::Merge => Ok(()),
        });
        let Ok(((), made)) = edit else {
            assert!(matches!(step, Step::Answer(..)), "{step:?} is refused at the door");
            return Vec::new();
        };
        assert_gate_names_the_field(before, &made, &path, kind);
        self.outbox.extend(made);
        vec![path]
    }

    fn receive(&mut self, changes: &[automerge::Change]) {
        for change in changes {
            if !self.document.has_change(&change.hash()) {
                let checked = passes(&self.document, change.raw_bytes());
                self.document.apply(vec![checked.change]).unwrap();
            }
        }
    }
}

/// The engine gates its own bytes before it saves them.
fn assert_gate_names_the_field(mut before: Document, made: &[Vec<u8>], path: &str, kind: WriteKind) {
    for bytes in made {
        let checked = passes(&before, bytes);
        if step::find(before.kind(), bytes).is_some() {
            assert!(checked.writes.is_empty(), "{:?}", checked.writes);
            before.apply(vec![checked.change]).unwrap();
            continue;
        }
        let first = &checked.writes[0];
        assert_eq!(first.path.join("/"), path);
        // Writing the value that is shown anyway deletes the others beside it.
        assert!(first.kind == kind || (first.kind, kind) == (WriteKind::Delete, WriteKind::Put), "{first:?}");
        for write in &checked.writes {
            assert!(write.path.join("/").starts_with(path), "{write:?} is not under {path}");
            let field = DocumentKind::WorkOrder.fields().field(&write.path).unwrap();
            assert_eq!((write.field.path, write.field.permission), (field.path, field.permission));
        }
        before.apply(vec![checked.change]).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn honest_devices_always_pass(devices in 2..=5_usize, steps in vec((0..5_usize, any_step()), 1..40)) {
        let mut server = Device::new(0x55);
        let mut devices: Vec<Device> = (1..=devices).map(|n| Device::new(u8::try_from(n).unwrap())).collect();
        let mut starts = 100;
        for (which, step) in &steps {
            let which = which % devices.len();
            let device = &mut devices[which];
            device.take(step);
            match step {
                Step::Restart => {
                    starts += 1;
                    device.actor = ActorId::from_bytes([starts; 16]);
                }
                Step::Clock(by) => device.now = device.now.plus_millis(*by),
                Step::Sync => sync(&mut server, device),
                Step::Merge => merge(&mut server),
                _ => {}
            }
        }
        for _ in 0..2 {
            devices.iter_mut().for_each(|device| sync(&mut server, device));
        }
        for device in &devices {
            prop_assert_eq!(device.document.heads(), server.document.heads());
        }
        let saved = server.document.save();
        prop_assert_eq!(Document::load(DocumentKind::WorkOrder, &saved).unwrap().heads(), server.document.heads());
    }
}

fn sync(server: &mut Device, device: &mut Device) {
    for bytes in device.outbox.drain(..) {
        // Only a step may have come before, from another device.
        let held = step::find(DocumentKind::WorkOrder, &bytes)
            .is_some_and(|s| server.document.has_change(&s.hash()));
        if held {
            assert!(matches!(check(&server.document, &bytes), Ok(Verdict::Held(_))));
            continue;
        }
        let checked = passes(&server.document, &bytes);
        server.document.apply(vec![checked.change]).unwrap();
    }
    device.receive(&server.document.changes_since(&device.document.heads()));
}

fn merge(server: &mut Device) {
    let mut copy = server.document.clone();
    if let Some(bytes) = copy.merge_heads(SERVER) {
        let checked = passes(&server.document, &bytes);
        assert!(checked.writes.is_empty());
        server.document.apply(vec![checked.change]).unwrap();
    }
}

#[test]
fn long_text_is_split_and_passes() {
    let mut device = Device::new(1);
    let mut server = Device::new(0x55);
    for text in ["schön ".repeat(1_700), String::new(), "x".repeat(10_000), "y".repeat(10_000)] {
        let (_, made) = device
            .document
            .edit::<_, EditError>(device.actor, NOW, |door| door.set_text(&["description"], &text))
            .unwrap();
        assert!(made.len() >= 3, "{} changes", made.len());
        for bytes in &made {
            let checked = passes(&server.document, bytes);
            assert_eq!(checked.writes.len(), 1);
            assert_eq!(checked.writes[0].kind, WriteKind::Text);
            assert_eq!(checked.writes[0].field.permission, Permission::WorkOrderEdit);
            server.document.apply(vec![checked.change]).unwrap();
        }
    }
    assert_eq!(server.document.heads(), device.document.heads());
}

#[test]
fn seventeen_branches_meet() {
    let mut server = Device::new(0x55);
    let mut devices: Vec<Device> = (1..=17).map(Device::new).collect();
    for device in &mut devices {
        device.take(&Step::Title(format!("by {}", device.actor)));
        device.take(&Step::Text("seen".to_owned()));
    }
    devices.iter_mut().for_each(|device| sync(&mut server, device));
    assert_eq!(server.document.heads().len(), 17);
    // One device settles the seventeen titles: seventeen dependencies, seventeen predecessors.
    sync(&mut server, &mut devices[0]);
    devices[0].take(&Step::Settle);
    sync(&mut server, &mut devices[0]);
    assert_eq!(server.document.heads().len(), 1);
    assert!(server.document.conflicts().is_empty());
}

#[test]
fn branches_joined_by_the_server() {
    let mut server = Device::new(0x55);
    let mut devices: Vec<Device> = (1..=9).map(Device::new).collect();
    devices.iter_mut().for_each(|device| drop(device.take(&Step::Tag(0, true))));
    devices.iter_mut().for_each(|device| sync(&mut server, device));
    merge(&mut server);
    assert_eq!(server.document.heads().len(), 1);
    for device in &mut devices {
        sync(&mut server, device);
        device.take(&Step::Untag(0));
    }
    devices.iter_mut().for_each(|device| sync(&mut server, device));
}

/// Many changes before, and still every one of them small.
#[test]
fn honest_changes_stay_far_below_the_limits() {
    let mut device = Device::new(1);
    for n in 0..200 {
        device.take(&Step::Title(format!("{n}")));
    }
    device.take(&Step::LongText(2_500));
    let longest = device.outbox.iter().map(Vec::len).max().unwrap();
    assert!(longest < LIMITS.change_bytes / 8, "{longest} bytes");
}
