//! Who is to do it: people and teams, each a tap to add and a tap to take away.

use shared_model::identity::{DocumentId, PersonId, TeamId};
use yew::prelude::*;

use super::commands::{Assignee, assign, unassign};
use crate::engine_client::{Directory, Engine};
use crate::widgets::MenuItem;

/// Somebody to choose.
pub struct Candidate {
    pub who: Assignee,
    pub name: AttrValue,
    pub icon: &'static str,
}

/// Everybody who works here by name, then the teams.
pub fn candidates(directory: &Directory) -> Vec<Candidate> {
    let people = directory.active_people().into_iter().map(|person| Candidate {
        who: Assignee::Person(person.id),
        name: person.name.clone().into(),
        icon: "user",
    });
    let teams = directory.teams().into_iter().map(|(id, name)| Candidate {
        who: Assignee::Team(id),
        name,
        icon: "users",
    });
    people.chain(teams).collect()
}

/// The menu of a work order that these people and teams are to do.
pub fn assign_items(
    engine: &Engine,
    directory: &Directory,
    id: DocumentId,
    people: &[PersonId],
    teams: &[TeamId],
) -> Vec<MenuItem> {
    let item = |Candidate { who, name, icon }: Candidate| {
        let assigned = match who {
            Assignee::Person(person) => people.contains(&person),
            Assignee::Team(team) => teams.contains(&team),
        };
        let engine = engine.clone();
        let toggle = Callback::from(move |()| {
            engine.execute(if assigned { unassign(id, who) } else { assign(id, who) });
        });
        let mut item = MenuItem::new(icon, name, toggle);
        item.checked = Some(assigned);
        item
    };
    candidates(directory).into_iter().map(item).collect()
}
