//! Packs of a load: made at one moment, on their way for a while, and now and then lost, late or broken.

use rand::Rng;
use shared_model::features;
use shared_model::identity::DocumentId;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{
    DeviceEvent, Listed, Pack, PackFailure, PackPlace, PackToken, PackedDocument, Urgency, fingerprint,
    visible_snapshot,
};

use super::happening::Happening;
use super::log::Held;
use super::world::World;

impl World {
    /// A request for a pack reaches a node.
    pub fn packs(&mut self, device: usize, start: u64, fetch: u64, next: Option<&str>) {
        if self.devices[device].start != start || self.unlucky(40) {
            return;
        }
        let node = self.rng.random_range(0..self.nodes.len());
        let reached = self.devices[device].in_reach && self.nodes[node].up && !self.unlucky(12);
        let outcome = if reached {
            let grants = self.cast.grants_of(self.devices[device].whose.person).clone();
            let most = self.rng.random_range(1..=6);
            let listed = !self.rng.random_ratio(1, 10);
            self.make_pack(&grants, next, most, listed)
        } else {
            Err(PackFailure::Lost)
        };
        let event = match outcome {
            Ok(pack) => {
                let mut bytes = pack.encode();
                if self.unlucky(60) {
                    bytes.truncate(bytes.len() / 2);
                }
                DeviceEvent::PackArrived { fetch, bytes }
            }
            Err(cause) => DeviceEvent::PackFailed { fetch, cause },
        };
        if self.unlucky(40) {
            self.later(1..=400, Happening::PackComes { device, start, event: event.clone() });
        }
        self.later(1..=400, Happening::PackComes { device, start, event });
    }

    pub fn pack_comes(&mut self, device: usize, start: u64, event: DeviceEvent) {
        if self.devices[device].start == start {
            self.device_handles(device, event);
        }
    }

    /// What the server does in `sync::packs`, over the log in memory; now and then rows are missing.
    fn make_pack(
        &self,
        grants: &Grants,
        next: Option<&str>,
        most: usize,
        with_rows: bool,
    ) -> Result<Pack, PackFailure> {
        let rights: [u8; 16] = fingerprint(grants).try_into().unwrap();
        let token = match next {
            Some(text) => Some(PackToken::decode(text).ok_or(PackFailure::Refused)?),
            None => None,
        };
        if token.is_some_and(|token| token.rights != rights) {
            return Err(PackFailure::Stale);
        }
        let (since, chain) = token.map_or_else(
            || (self.log.head().seq, PackToken::chain_of(&self.log.head().chain_hash)),
            |token| (token.since, token.chain),
        );
        if self.log.chain_hash(since).is_none_or(|hash| PackToken::chain_of(&hash) != chain) {
            return Err(PackFailure::Stale);
        }
        let place = token.map_or(PackPlace::Rows { after: None }, |token| token.place);
        let mut pack = Pack::empty(rights.to_vec());
        let next = match place {
            PackPlace::Rows { after } => {
                let held = self.page(grants, after, most, |_| true);
                let through = (held.len() == most).then(|| held[most - 1].aggregate.id);
                let mut listed = Listed { after, through, ..Listed::default() };
                for held in held {
                    if with_rows {
                        listed.rows.push(row(held).into());
                    } else {
                        listed.unlisted.push(held.aggregate.id);
                    }
                }
                pack.listed = Some(listed);
                match through {
                    Some(_) => Some(PackPlace::Rows { after: through }),
                    None => Some(PackPlace::Documents { urgency: Urgency::Mine, after: None }),
                }
            }
            PackPlace::Documents { urgency, after } => {
                let changed = self.log.changed_since(since);
                // What changed meanwhile may have been in none of the packs before.
                let moved = |held: &Held| urgency == Urgency::Rest && changed.contains(&held.aggregate.id);
                let wanted = |held: &Held| urgency_of(held, grants) == urgency || moved(held);
                let held = self.page(grants, after, most, wanted);
                let last = (held.len() == most).then(|| held[most - 1].aggregate.id);
                for held in held {
                    let id = held.aggregate.id;
                    let stored = self.log.stored(id).and_then(|stored| visible_snapshot(stored, grants));
                    let row = if changed.contains(&id) { row(held) } else { Vec::new() };
                    pack.documents
                        .extend(stored.map(|snapshot| PackedDocument { snapshot, row: row.into() }));
                }
                match last {
                    Some(_) => Some(PackPlace::Documents { urgency, after: last }),
                    None => urgency.next().map(|urgency| PackPlace::Documents { urgency, after: None }),
                }
            }
        };
        pack.at = Some(self.log.head());
        pack.next = next.map(|place| PackToken { rights, since, chain, place }.encode());
        Ok(pack)
    }

    fn page(
        &self,
        grants: &Grants,
        after: Option<DocumentId>,
        most: usize,
        wanted: impl Fn(&Held) -> bool,
    ) -> Vec<&Held> {
        let readable = self.log.documents.iter().filter(|(id, held)| {
            after.is_none_or(|after| **id > after)
                && !held.deleted
                && grants.read_document(held.aggregate.document.kind(), &held.scopes)
                && wanted(held)
        });
        readable.map(|(_, held)| held).take(most).collect()
    }
}

fn row(held: &Held) -> Vec<u8> {
    serde_json::to_vec(&features::row(&held.aggregate)).unwrap()
}

fn urgency_of(held: &Held, grants: &Grants) -> Urgency {
    let own = shared_model::permission::Scope::Person(grants.person);
    if held.scopes.contains(&own) && features::row(&held.aggregate).is_open() {
        Urgency::Mine
    } else if held.scopes.len() > 1 {
        Urgency::Near
    } else {
        Urgency::Rest
    }
}
