//! The directory on this device: names of people, teams and devices, who stands behind an actor, and how the organisation looks.

use std::collections::BTreeMap;

use client_bridge::database::DIRECTORY;
use client_bridge::database::directory::{ACTOR, DEVICE, ORGANISATION, PERSON, TEAM};
use serde::de::DeserializeOwned;
use shared_model::directory::{
    Directory, DirectoryActor, DirectoryDevice, DirectoryOrganisation, DirectoryPerson, DirectoryTeam,
};
use shared_model::identity::{ActorId, DeviceId, PersonId, TeamId};
use shared_model::sync_protocol::GivenActor;

use crate::local_store::Batch;

/// The directory in memory.
#[derive(Debug, Default)]
pub struct People {
    version: i64,
    people: BTreeMap<PersonId, DirectoryPerson>,
    teams: BTreeMap<TeamId, DirectoryTeam>,
    devices: BTreeMap<DeviceId, DirectoryDevice>,
    actors: BTreeMap<ActorId, DirectoryActor>,
    organisation: Option<DirectoryOrganisation>,
}

impl People {
    /// Who is behind an actor, as it is given back to a server that lost it.
    pub fn given_actor(&self, actor: ActorId) -> Option<GivenActor> {
        self.actors.get(&actor)?.given_back()
    }

    /// Is it known how the organisation looks?
    pub const fn know_organisation(&self) -> bool {
        self.organisation.is_some()
    }

    /// Reads the stored entries.
    pub fn read(entries: &[(String, Vec<u8>)]) -> Self {
        let mut directory = Directory::default();
        for (key, bytes) in entries {
            match key.split_inclusive('/').next() {
                Some(PERSON) => directory.people.extend(json(bytes)),
                Some(TEAM) => directory.teams.extend(json(bytes)),
                Some(DEVICE) => directory.devices.extend(json(bytes)),
                Some(ACTOR) => directory.actors.extend(json(bytes)),
                Some(ORGANISATION) => directory.organisation = json(bytes),
                _ => {}
            }
        }
        let mut people = Self::default();
        people.apply(directory);
        people
    }

    /// Writes what changed.
    pub fn write(batch: &mut Batch, change: &Directory) {
        let mut put = |kind: &str, id: String, bytes: serde_json::Result<Vec<u8>>| {
            if let Ok(bytes) = bytes {
                batch.put(DIRECTORY, format!("{kind}{id}"), bytes);
            }
        };
        for each in &change.people {
            put(PERSON, each.id.to_string(), serde_json::to_vec(each));
        }
        for each in &change.teams {
            put(TEAM, each.id.to_string(), serde_json::to_vec(each));
        }
        for each in &change.devices {
            put(DEVICE, each.id.to_string(), serde_json::to_vec(each));
        }
        for each in &change.actors {
            put(ACTOR, each.id.to_string(), serde_json::to_vec(each));
        }
        if let Some(organisation) = &change.organisation {
            put(ORGANISATION, String::new(), serde_json::to_vec(organisation));
        }
    }

    /// What changed is on disk.
    pub fn apply(&mut self, change: Directory) {
        self.version = change.version;
        self.people.extend(change.people.into_iter().map(|each| (each.id, each)));
        self.teams.extend(change.teams.into_iter().map(|each| (each.id, each)));
        self.devices.extend(change.devices.into_iter().map(|each| (each.id, each)));
        self.actors.extend(change.actors.into_iter().map(|each| (each.id, each)));
        self.organisation = change.organisation.or_else(|| self.organisation.take());
    }

    /// Everything, for a tab that has just opened.
    pub fn all(&self) -> Directory {
        Directory {
            version: self.version,
            people: self.people.values().cloned().collect(),
            teams: self.teams.values().cloned().collect(),
            devices: self.devices.values().cloned().collect(),
            actors: self.actors.values().cloned().collect(),
            organisation: self.organisation.clone(),
        }
    }
}

fn json<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local_store::Batch;

    fn directory() -> Directory {
        let person = PersonId::from_bytes([1; 16]);
        let team = TeamId::from_bytes([2; 16]);
        let device = DeviceId::from_bytes([3; 16]);
        Directory {
            version: 0,
            people: vec![DirectoryPerson {
                id: person,
                name: "Ada".to_owned(),
                active: true,
                roles: Vec::new(),
                teams: vec![team],
                custom_role: None,
            }],
            teams: vec![DirectoryTeam { id: team, name: "Mechanics".to_owned() }],
            devices: vec![DirectoryDevice { id: device, name: "Tablet".to_owned() }],
            actors: vec![DirectoryActor {
                id: ActorId::from_bytes([4; 16]),
                person: Some(person),
                device: Some(device),
                receipt: String::new(),
            }],
            organisation: Some(DirectoryOrganisation {
                name: "Riverside".to_owned(),
                accent_colour: Some("#7a1fa2".to_owned()),
                logo: None,
                language: None,
                time_zone: Some("Europe/Oslo".to_owned()),
            }),
        }
    }

    #[test]
    fn the_directory_is_read_as_it_was_written() {
        let mut batch = Batch::default();
        People::write(&mut batch, &directory());
        let entries: Vec<(String, Vec<u8>)> = batch
            .writes()
            .iter()
            .filter_map(|write| match write {
                crate::local_store::Write::Put { key, bytes, .. } => Some((key.clone(), bytes.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(People::read(&entries).all(), directory());
    }

    #[test]
    fn a_change_replaces_what_it_names_only() {
        let mut people = People::default();
        people.apply(directory());
        let renamed = DirectoryDevice { id: DeviceId::from_bytes([3; 16]), name: "Van 3".to_owned() };
        people.apply(Directory { version: 7, devices: vec![renamed.clone()], ..Directory::default() });
        assert_eq!(people.all(), Directory { version: 7, devices: vec![renamed], ..directory() });
    }
}
