//! Some devices, everything they made, and the model of what must survive.

use std::collections::BTreeSet;

use automerge::{Change, ChangeHash};
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use shared_model::document::step;
use shared_model::features::{Command, view};
use shared_model::identity::DocumentId;
use shared_model::instant::Timestamp;
use shared_model::workspace::Item;

use crate::draw::{Draw, Slot};
use crate::model::{Model, Scene};
use crate::replica::{Parcel, Replica};

pub struct World {
    pub devices: Vec<Replica>,
    pub model: Model,
    parcels: Vec<Parcel>,
    /// The change each event made in each document.
    changes: Vec<(usize, DocumentId, ChangeHash)>,
    events: usize,
}

impl World {
    /// Devices that all hold the same first documents of every kind.
    pub fn new(devices: usize) -> Self {
        let numbers = 0..u8::try_from(devices).unwrap();
        let mut world = Self {
            devices: numbers.map(Replica::new).collect(),
            model: Model::default(),
            parcels: Vec::new(),
            changes: Vec::new(),
            events: 0,
        };
        for slot in Slot::CREATE {
            assert!(world.try_act(0, *slot, 0), "{slot:?}");
        }
        assert!(world.try_act(0, Slot::StoreroomCreate, 1));
        world.deliver_everything(0);
        world
    }

    /// Somebody does something; what is refused changes nothing.
    pub fn act(&mut self, device: usize, slot: Slot, dice: u64) {
        self.try_act(device, slot, dice);
    }

    /// As [`Self::act`]; says whether it could be drawn and was not refused.
    pub fn try_act(&mut self, device: usize, slot: Slot, dice: u64) -> bool {
        let mut draw = Draw::new(&self.devices[device], self.events, dice);
        let Some(command) = draw.command(slot) else {
            self.events += 1;
            return false;
        };
        assert_eq!(Slot::of(&command), slot);
        self.give(device, slot, &command)
    }

    /// Somebody types into the first work order's description.
    pub fn write(&mut self, device: usize, dice: u64) {
        let command = Draw::new(&self.devices[device], self.events, dice).description();
        self.give(device, Slot::WorkOrderEdit, &command);
    }

    fn give(&mut self, device: usize, slot: Slot, command: &Command) -> bool {
        let event = self.events;
        self.events += 1;
        let replica = &self.devices[device];
        let touched: Vec<DocumentId> = command.documents().iter().map(|touch| touch.document).collect();
        let scene = Scene {
            event,
            person: replica.person,
            now: Timestamp::from_millis(1_700_000_000_000 + i64::try_from(event).unwrap() * 61_000),
            known: self.known(device, &touched),
            before: touched
                .iter()
                .filter_map(|id| replica.aggregates.get(id).map(|a| (*id, view(a))))
                .collect(),
        };
        // An outbox stores commands: the bytes it reads back must say the same.
        let stored = serde_json::to_vec(command).unwrap();
        assert_eq!(serde_json::from_slice::<Command>(&stored).unwrap(), *command);

        let server = matches!(slot, Slot::WorkOrderCorrectStatus | Slot::WorkOrderCorrect);
        let Ok(made) = self.devices[device].run(command, server, scene.now) else { return false };
        let changed = self.remember_changes(event, &made);
        let predicted = self.model.apply(&scene, command);
        assert_eq!(changed, predicted, "the documents that {command:?} changes");
        self.parcels.extend(made);
        true
    }

    fn known(&self, device: usize, touched: &[DocumentId]) -> BTreeSet<(usize, DocumentId)> {
        let aggregates = &self.devices[device].aggregates;
        let knows = |id: &DocumentId, hash: &ChangeHash| {
            aggregates.get(id).is_some_and(|aggregate| aggregate.document.has_change(hash))
        };
        let events = self.changes.iter().filter(|(_, id, hash)| touched.contains(id) && knows(id, hash));
        events.map(|(event, id, _)| (*event, *id)).collect()
    }

    fn remember_changes(&mut self, event: usize, made: &[Parcel]) -> BTreeSet<DocumentId> {
        let mut changed = BTreeSet::new();
        for parcel in made {
            if let Item::Change { document, bytes, .. } = &parcel.item
                && step::find(parcel.kind, bytes).is_none()
            {
                assert!(changed.insert(*document), "one command, one change of a document");
                self.changes.push((event, *document, Change::from_bytes(bytes.clone()).unwrap().hash()));
            }
        }
        changed
    }

    /// Some parcels arrive at a device: any part, in any order, some twice.
    pub fn deliver_some(&mut self, device: usize, dice: u64) {
        let mut random = SmallRng::seed_from_u64(dice);
        let mut parcels: Vec<Parcel> = Vec::new();
        for parcel in &self.parcels {
            for _ in 0..random.random_range(0..=2u8) {
                parcels.push(parcel.clone());
            }
        }
        parcels.shuffle(&mut random);
        self.devices[device].receive(parcels);
    }

    /// Everything arrives everywhere, in another order at each device.
    pub fn deliver_everything(&mut self, dice: u64) {
        let mut random = SmallRng::seed_from_u64(dice);
        for device in &mut self.devices {
            let mut parcels = self.parcels.clone();
            parcels.shuffle(&mut random);
            device.receive(parcels);
            assert_eq!(device.waiting(), 0);
        }
    }
}
