//! Devices: switched on and off, in and out of reach, their storing transactions one at a time.

use rand::Rng;
use shared_model::instant::Timestamp;
use shared_model::sync_protocol::{DeviceEffect, DeviceEvent, Disconnect, Peer};

use super::happening::Happening;
use super::network::Direction;
use super::world::World;
use crate::device::{Device, DeviceStore, Person};

pub struct SimulatedDevice {
    pub whose: Person,
    /// `None` while it is switched off.
    pub device: Option<Device>,
    /// What it keeps while it is switched off.
    kept: DeviceStore,
    /// Counts how often it was switched on.
    pub start: u64,
    /// How wrong its clock is.
    pub clock_error: i64,
    pub in_reach: bool,
    pub acts_left: u32,
    wake: Option<i64>,
    storing: bool,
}

impl SimulatedDevice {
    fn new(whose: Person, acts_left: u32) -> Self {
        Self {
            whose,
            device: None,
            kept: DeviceStore::default(),
            start: 0,
            clock_error: 0,
            in_reach: true,
            acts_left,
            wake: None,
            storing: false,
        }
    }

    /// What it keeps, while it is switched off.
    pub fn kept(&mut self) -> Option<&mut DeviceStore> {
        self.device.is_none().then_some(&mut self.kept)
    }

    pub fn store(&self) -> &DeviceStore {
        self.device.as_ref().map_or(&self.kept, |device| &device.store)
    }
}

impl World {
    pub fn add_device(&mut self, whose: Person, acts_left: u32) {
        self.devices.push(SimulatedDevice::new(whose, acts_left));
    }

    /// What the clock of a device shows.
    pub fn device_time(&self, device: usize) -> Timestamp {
        self.time().plus_millis(self.devices[device].clock_error)
    }

    pub fn switch_on(&mut self, device: usize) {
        let simulated = &mut self.devices[device];
        if simulated.device.is_some() {
            return;
        }
        let rng = &mut self.rng;
        let kept = std::mem::take(&mut simulated.kept);
        simulated.device = Some(Device::start(simulated.whose, kept, &mut || rng.random()));
        simulated.start += 1;
        (simulated.wake, simulated.storing) = (None, false);
        self.device_handles(device, DeviceEvent::Online);
    }

    /// Everything in memory is gone, between any two steps.
    pub fn kill(&mut self, device: usize) {
        let simulated = &mut self.devices[device];
        if let Some(running) = simulated.device.take() {
            simulated.kept = running.store;
            self.model.kills += 1;
            let wires = self.wires.iter().filter(|(_, wire)| wire.device == device && wire.alive);
            for connection in wires.map(|(_, wire)| wire.connection).collect::<Vec<_>>() {
                self.close_from_device(device, connection);
            }
            self.later(50..=4_000, Happening::SwitchedOn { device });
        }
    }

    pub fn in_reach(&mut self, device: usize) {
        self.devices[device].in_reach = true;
        self.device_handles(device, DeviceEvent::Online);
    }

    pub fn out_of_reach(&mut self, device: usize) {
        self.devices[device].in_reach = false;
        let wires = self.wires.iter().filter(|(_, wire)| wire.device == device && wire.alive);
        for wire in wires.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.cut(wire);
        }
        if self.rng.random_ratio(1, 2) {
            self.device_handles(device, DeviceEvent::Offline);
        }
        self.later(1_000..=30_000, Happening::InReach { device });
    }

    pub fn device_wakes(&mut self, device: usize, start: u64) {
        if self.devices[device].start == start {
            self.devices[device].wake = None;
            self.device_handles(device, DeviceEvent::Tick);
        }
    }

    pub fn dialed(&mut self, device: usize, start: u64, connection: u64) {
        if self.devices[device].start != start || self.devices[device].device.is_none() {
            return;
        }
        let node = self.rng.random_range(0..self.nodes.len());
        if !self.devices[device].in_reach || !self.nodes[node].up || self.unlucky(20) {
            let cause = Disconnect::Lost;
            return self.device_handles(device, DeviceEvent::Disconnected { connection, cause });
        }
        let wire = self.new_wire(device, connection, node);
        let whose = self.devices[device].whose;
        let grants = self.cast.grants_of(whose.person).clone();
        self.open_socket(wire, node, Peer { person: whose.person, device: whose.device, grants });
        self.device_handles(device, DeviceEvent::Connected { connection });
    }

    pub fn reaches_device(&mut self, wire: u64, frame: Vec<u8>) {
        let wire = self.wires.get(&wire).filter(|wire| wire.alive);
        if let Some(wire) = wire.filter(|wire| self.devices[wire.device].start == wire.start) {
            let (device, connection) = (wire.device, wire.connection);
            self.device_handles(device, DeviceEvent::Received { connection, frame });
        }
    }

    pub fn wire_gone(&mut self, wire: u64, cause: Disconnect) {
        let Some(wire) = self.wires.get_mut(&wire) else { return };
        wire.alive = false;
        if self.devices[wire.device].start == wire.start {
            let (device, connection) = (wire.device, wire.connection);
            self.device_handles(device, DeviceEvent::Disconnected { connection, cause });
        }
    }

    pub fn device_stores(&mut self, device: usize, start: u64) {
        let now = self.device_time(device);
        let rng = &mut self.rng;
        let simulated = &mut self.devices[device];
        if simulated.start != start {
            return;
        }
        simulated.storing = false;
        let Some(running) = &mut simulated.device else { return };
        let event = running.store_next(now, &mut || rng.random());
        if self.unlucky(40) {
            return self.kill(device);
        }
        if let Some(event) = event {
            self.device_handles(device, event);
        }
    }

    /// Passes an event to a device and carries out what it asks for.
    pub fn device_handles(&mut self, device: usize, event: DeviceEvent) {
        let now = self.device_time(device);
        let rng = &mut self.rng;
        let simulated = &mut self.devices[device];
        let Some(running) = &mut simulated.device else { return };
        let effects = running.handle(now, &mut || rng.random(), event);
        let start = simulated.start;
        let delay = running.session.wake_at().map(|at| at.millis_since(now).max(1));
        let has_to_store = running.has_to_store();
        if let Some(wake) = delay.map(|delay| self.now + delay)
            && simulated.wake.is_none_or(|set| wake < set)
        {
            simulated.wake = Some(wake);
            self.at(wake, Happening::DeviceWakes { device, start });
        }
        if has_to_store && !std::mem::replace(&mut self.devices[device].storing, true) {
            self.later(1..=20, Happening::Stores { device, start });
        }
        for effect in effects {
            match effect {
                DeviceEffect::Dial { connection } => {
                    self.later(5..=200, Happening::Dialed { device, start, connection });
                }
                DeviceEffect::HangUp { connection } => self.close_from_device(device, connection),
                DeviceEffect::Send { connection, frame } => {
                    let mut wires = self.wires.iter();
                    let found =
                        wires.find(|(_, w)| w.device == device && w.connection == connection && w.alive);
                    if let Some(wire) = found.map(|(id, _)| *id) {
                        self.transmit(wire, Direction::Up, frame);
                    }
                }
                DeviceEffect::FetchPack { fetch, next } => {
                    self.later(5..=60, Happening::Packs { device, start, fetch, next });
                }
                other => unreachable!("{other:?} is stored, not sent"),
            }
        }
    }
}
