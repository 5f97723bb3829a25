//! Wires between devices and nodes. One wire keeps the order of its frames, as a socket does; it loses, repeats
//! and cuts frames only before it breaks or by accident. Different wires know no order.

use rand::Rng;
use shared_model::sync_protocol::Disconnect;

use super::happening::Happening;
use super::world::World;

/// A socket between a device and a node.
#[derive(Debug)]
pub struct Wire {
    pub device: usize,
    /// Which start of the device dialed.
    pub start: u64,
    /// The device's name for it.
    pub connection: u64,
    pub node: usize,
    /// Frames pass. A dead wire may be one whose end nobody has told the device about.
    pub alive: bool,
    up_until: i64,
    down_until: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Up,
    Down,
}

impl World {
    pub fn new_wire(&mut self, device: usize, connection: u64, node: usize) -> u64 {
        self.last_wire += 1;
        let start = self.devices[device].start;
        let wire =
            Wire { device, start, connection, node, alive: true, up_until: self.now, down_until: self.now };
        self.wires.insert(self.last_wire, wire);
        self.last_wire
    }

    /// Puts a frame on a wire.
    pub fn transmit(&mut self, wire: u64, direction: Direction, mut frame: Vec<u8>) {
        if !self.wires.get(&wire).is_some_and(|wire| wire.alive) || self.unlucky(150) {
            return;
        }
        if self.unlucky(150) {
            self.put(wire, direction, frame.clone());
        }
        let cut = self.unlucky(300);
        if cut {
            frame.truncate(frame.len() / 2);
        }
        self.put(wire, direction, frame);
        if cut {
            self.cut(wire);
        }
    }

    fn put(&mut self, id: u64, direction: Direction, frame: Vec<u8>) {
        let at = self.now + self.rng.random_range(1..=80);
        let Some(wire) = self.wires.get_mut(&id) else { return };
        let (until, happening) = match direction {
            Direction::Up => (&mut wire.up_until, Happening::ToNode { wire: id, frame }),
            Direction::Down => (&mut wire.down_until, Happening::ToDevice { wire: id, frame }),
        };
        *until = at.max(*until);
        let at = *until;
        self.at(at, happening);
    }

    /// A wire breaks; sooner or later, or never, the device is told.
    pub fn cut(&mut self, id: u64) {
        let Some(wire) = self.wires.get_mut(&id).filter(|wire| wire.alive) else { return };
        wire.alive = false;
        let node = wire.node;
        self.nodes[node].sockets.remove(&id);
        if self.rng.random_ratio(2, 3) {
            self.later(1..=500, Happening::WireGone { wire: id, cause: Disconnect::Lost });
        }
    }

    /// The node closes: what it sent before still arrives.
    pub fn close_from_node(&mut self, id: u64) {
        let Some(wire) = self.wires.get(&id) else { return };
        let (node, at) = (wire.node, wire.down_until.max(self.now) + 1);
        self.nodes[node].sockets.remove(&id);
        self.at(at, Happening::WireGone { wire: id, cause: Disconnect::Lost });
    }

    /// The device closes.
    pub fn close_from_device(&mut self, device: usize, connection: u64) {
        let same = |wire: &&mut Wire| wire.device == device && wire.connection == connection;
        for wire in self.wires.values_mut().filter(same) {
            wire.alive = false;
        }
        let wires = &self.wires;
        for node in &mut self.nodes {
            node.sockets.retain(|id, _| wires.get(id).is_some_and(|wire| wire.alive));
        }
    }
}
