//! What goes wrong.

use rand::Rng;
use rand::seq::IndexedRandom;
use shared_model::document::DocumentKind;
use shared_model::identity::DocumentId;
use shared_model::permission::{GrantLimit, Role};

use super::happening::Happening;
use super::world::World;

impl World {
    /// One fault, and the next one later.
    pub fn fault(&mut self) {
        if self.calm {
            return;
        }
        self.model.faults += 1;
        let device = self.rng.random_range(0..self.devices.len());
        match self.rng.random_range(0..100) {
            0..25 => self.cut_some_wire(),
            25..45 => self.kill(device),
            45..65 => self.out_of_reach(device),
            65..75 => {
                let node = self.rng.random_range(0..self.nodes.len());
                self.crash(node);
            }
            75..83 if self.model.deletions => self.decide_existence(),
            83..90 if self.model.horizons => self.raise_horizon(),
            75..90 if self.model.roots => self.reroot(),
            75..90 => self.clock_jumps(device),
            90..93 if self.model.restores => self.restore(),
            90..96 if self.model.rots => self.rot(device),
            _ if self.model.rights_change => self.rights_change(),
            _ => self.cut_some_wire(),
        }
        self.later(500..=6_000, Happening::Fault);
    }

    fn cut_some_wire(&mut self) {
        let alive: Vec<u64> = self.wires.iter().filter(|(_, wire)| wire.alive).map(|(id, _)| *id).collect();
        if !alive.is_empty() {
            let wire = alive[self.rng.random_range(0..alive.len())];
            self.cut(wire);
        }
    }

    /// A manager deletes some work order, or an operator brings one back.
    fn decide_existence(&mut self) {
        let orders: Vec<(DocumentId, bool)> = self
            .log
            .documents
            .iter()
            .filter(|(_, held)| held.aggregate.document.kind() == DocumentKind::WorkOrder)
            .map(|(id, held)| (*id, held.deleted))
            .collect();
        let Some((id, deleted)) = orders.choose(&mut self.rng).copied() else { return };
        // Where a backup takes both away, what was said in between is known to nobody.
        if deleted && self.model.restores {
            return;
        }
        let now = self.time();
        self.log.decide_existence(now, id, !deleted);
        self.model.deleted.insert(id);
        self.note(&format!("{id} {}", if deleted { "restored" } else { "deleted" }));
        self.hint(self.log.head().seq);
    }

    /// Time passes: what devices that are away have missed by now is too old to be told row by row.
    fn raise_horizon(&mut self) {
        let head = self.log.head().seq;
        let horizon = self.rng.random_range(self.log.horizon.min(head)..=head);
        self.note(&format!("the horizon is {horizon} of {head}"));
        self.log.horizon = horizon;
    }

    fn clock_jumps(&mut self, device: usize) {
        const DAY: i64 = 86_400_000;
        let jump = match self.rng.random_range(0..4) {
            0 => self.rng.random_range(-400 * DAY..400 * DAY),
            1 => self.rng.random_range(-60_000..60_000),
            _ => self.rng.random_range(-3_600_000..3_600_000),
        };
        self.devices[device].clock_error += jump;
    }

    /// Somebody gets other rights; the sockets hear of it sooner or later.
    fn rights_change(&mut self) {
        let sites = self.cast.sites.clone();
        let who = self.rng.random_range(1..self.cast.people.len());
        let technician = |limit| Role::Technician.grants(limit);
        let grants = match self.rng.random_range(0..6) {
            0 => technician(GrantLimit::Site(sites[0])),
            1 => technician(GrantLimit::Site(sites[1])),
            2 => technician(GrantLimit::Organisation),
            3 => Role::Office.grants(GrantLimit::Organisation),
            4 => Role::Contractor.grants(GrantLimit::Own),
            _ => Vec::new(),
        };
        self.cast.people[who].grants = grants;
        self.cast.directory_version += 1;
        let grants = self.cast.people[who].clone();
        let devices = &self.devices;
        let theirs = self.wires.iter().filter(|(_, wire)| devices[wire.device].whose.person == grants.person);
        for wire in theirs.map(|(id, _)| *id).collect::<Vec<_>>() {
            self.later(1..=500, Happening::Rights { wire, grants: grants.clone() });
        }
    }
}
