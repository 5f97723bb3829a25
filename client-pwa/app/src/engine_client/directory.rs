//! The organisation, people, teams, devices and actors by name, as far as this device knows them.

use std::collections::BTreeMap;

use shared_model::directory::{self, CustomRole, DirectoryOrganisation, DirectoryPerson};
use shared_model::identity::{ActorId, DeviceId, PersonId, TeamId};
use shared_model::permission::Grants;
use yew::AttrValue;

use crate::locale::t;
use crate::sorting::sort_by;

/// How the organisation shows itself, and what holds for whoever chose nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    pub name: AttrValue,
    pub accent_colour: Option<AttrValue>,
    /// A `data:` address.
    pub logo: Option<AttrValue>,
    pub language: Option<AttrValue>,
    pub time_zone: Option<AttrValue>,
}

impl From<DirectoryOrganisation> for Organisation {
    fn from(told: DirectoryOrganisation) -> Self {
        Self {
            name: told.name.into(),
            accent_colour: told.accent_colour.map(AttrValue::from),
            logo: told.logo.map(AttrValue::from),
            language: told.language.map(AttrValue::from),
            time_zone: told.time_zone.map(AttrValue::from),
        }
    }
}

/// The directory.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Nothing before a server has told of it.
    pub organisation: Option<Organisation>,
    people: BTreeMap<PersonId, DirectoryPerson>,
    teams: BTreeMap<TeamId, AttrValue>,
    devices: BTreeMap<DeviceId, AttrValue>,
    actors: BTreeMap<ActorId, (Option<PersonId>, Option<DeviceId>)>,
    /// The rights of the person on this device.
    pub grants: Option<Grants>,
    /// Was it looked for in the database, or told by the engine? Until then nothing can be said to be missing.
    pub looked_up: bool,
}

impl Directory {
    /// What the database holds, for as long as the engine has said nothing.
    pub(super) fn begin(&mut self, stored: directory::Directory) {
        self.looked_up = true;
        if self.people.is_empty() {
            self.apply(stored, None);
        }
    }

    pub(super) fn apply(&mut self, change: directory::Directory, grants: Option<Grants>) {
        self.people.extend(change.people.into_iter().map(|person| (person.id, person)));
        self.teams.extend(change.teams.into_iter().map(|team| (team.id, team.name.into())));
        self.devices.extend(change.devices.into_iter().map(|device| (device.id, device.name.into())));
        self.actors.extend(change.actors.into_iter().map(|actor| (actor.id, (actor.person, actor.device))));
        if let Some(organisation) = change.organisation {
            self.organisation = Some(organisation.into());
        }
        if grants.is_some() {
            self.grants = grants;
        }
    }

    /// Everybody who works here, by name.
    pub fn active_people(&self) -> Vec<&DirectoryPerson> {
        let mut people: Vec<_> = self.people.values().filter(|person| person.active).collect();
        sort_by(&mut people, |a, b| a.name.cmp(&b.name));
        people
    }

    /// Every team, by name.
    pub fn teams(&self) -> Vec<(TeamId, AttrValue)> {
        let mut teams: Vec<_> = self.teams.iter().map(|(id, name)| (*id, name.clone())).collect();
        sort_by(&mut teams, |a, b| a.1.as_str().cmp(&b.1));
        teams
    }

    /// A person's name.
    pub fn person(&self, id: PersonId) -> AttrValue {
        self.people.get(&id).map_or_else(|| t!("somebody"), |person| person.name.clone().into())
    }

    /// A person's name, if it is a person.
    pub fn person_if_known(&self, id: PersonId) -> Option<AttrValue> {
        self.people.get(&id).map(|person| person.name.clone().into())
    }

    /// A person's first role, where the organisation made it itself.
    pub fn custom_role(&self, id: PersonId) -> Option<&CustomRole> {
        self.people.get(&id)?.custom_role.as_ref()
    }

    /// Is anything known of this person yet?
    pub fn knows(&self, id: PersonId) -> bool {
        self.people.contains_key(&id)
    }

    /// A team's name.
    pub fn team(&self, id: TeamId) -> AttrValue {
        self.teams.get(&id).cloned().unwrap_or_else(|| t!("a-team"))
    }

    /// A team's name, if it is a team.
    pub fn team_if_known(&self, id: TeamId) -> Option<AttrValue> {
        self.teams.get(&id).cloned()
    }

    /// A device's name, if it is known.
    pub fn device(&self, id: DeviceId) -> Option<AttrValue> {
        self.devices.get(&id).cloned()
    }

    /// The author's name; the server has none.
    pub fn author(&self, id: Option<PersonId>) -> AttrValue {
        id.map_or_else(|| t!("the-server"), |id| self.person(id))
    }

    /// The person and the device behind an actor, as far as known.
    pub fn actor(&self, id: ActorId) -> (Option<PersonId>, Option<AttrValue>) {
        let (person, device) = self.actors.get(&id).copied().unwrap_or_default();
        (person, device.and_then(|device| self.devices.get(&device).cloned()))
    }
}
