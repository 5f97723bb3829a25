//! What the demonstration works on: generated with a fixed seed, through the same commands people use. Times are
//! relative to the moment the organisation was founded, so that some work is overdue, due today and coming up.

mod checklists;
mod content;
mod dice;
mod machines;
mod orders;
mod rates;
mod stock;

use shared_model::features::Command;
use shared_model::identity::{CommandId, DocumentId, PersonId};
use shared_model::instant::Timestamp;
use shared_model::permission::Role;

use dice::Dice;

/// The seed of the demo organisation.
const SEED: u64 = 0x4d61_696e_7461_696e;

/// One thing somebody did at some time: its commands have one fate.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Names it.
    pub id: CommandId,
    /// Deeds of an earlier phase come first; inside a phase their order does not matter.
    pub phase: Phase,
    /// When.
    pub at: Timestamp,
    /// Who; `None`: the server, as an import would.
    pub person: Option<PersonId>,
    /// What.
    pub commands: Vec<Command>,
}

/// What has to be there before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Sites, areas, machines, parts, storerooms, templates; in the order they were made.
    Plant,
    /// Work is written down.
    Written,
    /// Work is done, or begun.
    Worked,
    /// Work is interrupted, or verified.
    Judged,
}

/// Somebody who works in the demonstration.
#[derive(Clone, Copy, Debug)]
pub struct Worker {
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// Index of the site they work at; `None`: everywhere.
    pub site: Option<usize>,
}

/// Who works where.
#[derive(Clone, Debug)]
pub struct Crew {
    /// The people.
    pub workers: Vec<Worker>,
    /// The two sites; named beforehand, because grants may name them.
    pub sites: [DocumentId; 2],
}

impl Crew {
    fn with_role(&self, role: Role, site: usize) -> Vec<PersonId> {
        let here = self
            .workers
            .iter()
            .filter(|worker| worker.role == role && worker.site.is_none_or(|place| place == site));
        here.map(|worker| worker.person).collect()
    }
}

/// Everything that happened in the demo organisation until `now`, in order: two sites, 200 assets, 150 parts,
/// 40 checklists, 2,000 work orders.
pub fn history(crew: &Crew, now: Timestamp) -> Vec<Deed> {
    let mut dice = Dice::new(SEED, now);
    let (places, mut deeds) = machines::places(crew, now, &mut dice);
    let machines = machines::machines(&places, now, &mut dice, &mut deeds);
    let templates = checklists::templates(now, &mut dice, &mut deeds);
    let stock = stock::stock(crew, &places, now, &mut dice, &mut deeds);
    let plant = orders::Plant { crew, machines: &machines, templates: &templates, stock: &stock };
    orders::orders(&plant, now, &mut dice, &mut deeds);
    rates::rates(crew, now, &mut dice, &mut deeds);
    // Few long runs of one author each, instead of thousands of short ones.
    deeds.sort_by_key(|deed| (deed.phase, deed.person));
    deeds
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shared_model::document::DocumentKind;
    use shared_model::identity::ActorId;
    use shared_model::permission::{GrantLimit, Grants};
    use shared_model::workspace::{Aggregate, Author, Workspace};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn crew() -> Crew {
        let roles = [
            (Role::Supervisor, None),
            (Role::Technician, Some(0)),
            (Role::Technician, Some(1)),
            (Role::Contractor, None),
        ];
        let workers = roles.iter().enumerate().map(|(index, (role, site))| {
            let person = PersonId::from_bytes([u8::try_from(index).unwrap() + 1; 16]);
            Worker { person, role: *role, site: *site }
        });
        Crew {
            workers: workers.collect(),
            sites: [DocumentId::from_bytes([0xa1; 16]), DocumentId::from_bytes([0xa2; 16])],
        }
    }

    fn author(crew: &Crew, person: Option<PersonId>) -> Author {
        let actor = ActorId::from_bytes([7; 16]);
        let worker = crew.workers.iter().find(|worker| Some(worker.person) == person);
        worker.map_or(Author::Server { actor }, |worker| {
            let limit =
                if worker.role == Role::Contractor { GrantLimit::Own } else { GrantLimit::Organisation };
            let grants = Grants { person: worker.person, grants: worker.role.grants(limit) };
            Author::Person { grants, actor }
        })
    }

    #[test]
    fn every_deed_is_allowed_and_makes_the_promised_numbers() {
        let crew = crew();
        let mut all: BTreeMap<DocumentId, Aggregate> = BTreeMap::new();
        for deed in history(&crew, NOW) {
            let touched = deed.commands.iter().flat_map(Command::documents);
            let named: Vec<Aggregate> = touched.filter_map(|touch| all.remove(&touch.document)).collect();
            let mut workspace = Workspace::new(author(&crew, deed.person), deed.at, 1, named);
            for command in &deed.commands {
                command.execute(&mut workspace).unwrap_or_else(|refusal| panic!("{refusal}: {command:?}"));
            }
            all.extend(workspace.finish().aggregates);
        }
        let count = |kind| all.values().filter(|aggregate| aggregate.document.kind() == kind).count();
        assert_eq!(count(DocumentKind::Asset), 200);
        assert_eq!(count(DocumentKind::Part), 150);
        assert_eq!(count(DocumentKind::ChecklistTemplate), 40);
        assert_eq!(count(DocumentKind::WorkOrder), 2_000);
        assert_eq!(count(DocumentKind::Storeroom), 3);
    }

    #[test]
    fn the_same_moment_makes_the_same_history() {
        let text = |now| format!("{:?}", history(&crew(), now));
        assert_eq!(text(NOW), text(NOW));
        assert_ne!(text(NOW), text(NOW.plus_millis(1)));
    }
}
