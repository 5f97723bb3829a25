//! Commands of a batch that have nothing in common are judged side by side, one panel a processor; those that name the
//! same document, or a new actor, or are one and the same, stay together and in order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::num::NonZero;
use std::thread;

use shared_model::document::step;
use shared_model::identity::{ActorId, DocumentId};
use shared_model::ingest::{actors_of, documents_of};

use super::Task;
use super::ruling::{self, Docket, Ruling};

/// With fewer commands a panel is done before the next one has begun.
const WORTH_A_PANEL: usize = 8;
/// More processors than this are left to other organisations.
const MAX_PANELS: usize = 4;

/// Divides a docket into parts that can be judged at the same time; at least one.
pub(super) fn divide(docket: Docket) -> Vec<Part> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let most = processors.min(MAX_PANELS).min(docket.jobs.len() / WORTH_A_PANEL);
    let panels = match most {
        0 | 1 => Vec::new(),
        most => split(&docket, most),
    };
    if panels.len() < 2 {
        let jobs = (0..docket.jobs.len()).collect();
        return vec![Part { docket, jobs }];
    }
    parts(docket, panels)
}

/// Commands of a docket, and all they are judged by.
pub(super) struct Part {
    docket: Docket,
    jobs: Vec<usize>,
}

impl Part {
    /// Judges its commands: each upon what those before it left.
    pub(super) fn rule(self) -> Ruling {
        ruling::rule(self.docket, self.jobs)
    }
}

fn parts(mut docket: Docket, panels: Vec<Panel>) -> Vec<Part> {
    let mut stored = std::mem::take(&mut docket.documents);
    let part = |Panel { jobs, documents }| {
        let documents = documents.iter().filter_map(|id| stored.remove_entry(id)).collect();
        Part { docket: Docket { documents, ..docket.clone() }, jobs }
    };
    panels.into_iter().map(part).collect()
}

/// Commands that are judged together, and the documents they name.
#[derive(Debug, Default, PartialEq, Eq)]
struct Panel {
    jobs: Vec<usize>,
    documents: BTreeSet<DocumentId>,
}

/// Panels of about the same size, at most so many; none when the commands cannot be told apart.
fn split(docket: &Docket, most: usize) -> Vec<Panel> {
    let mut kinship = Kinship::of(docket.jobs.len());
    let mut named = Vec::with_capacity(docket.jobs.len());
    let (mut documents, mut actors, mut ids) = (HashMap::new(), HashMap::new(), HashMap::new());
    for (job, asked) in docket.jobs.iter().enumerate() {
        // What is typed here is held against everything else in the batch.
        let Task::Pushed(command) = &asked.task else { return Vec::new() };
        kinship.meets(&mut ids, command.id, job);
        // Schema steps have authors of their own, who are nobody's.
        let is_new = |actor: &ActorId| !docket.owners.contains_key(actor) && !step::is_reserved(actor);
        for actor in actors_of(command).into_iter().filter(is_new) {
            kinship.meets(&mut actors, actor, job);
        }
        // What cannot be decoded names nothing, and is refused.
        let touched = documents_of(command).unwrap_or_default();
        touched.iter().for_each(|id| kinship.meets(&mut documents, *id, job));
        named.push(touched);
    }
    let mut families: BTreeMap<usize, Panel> = BTreeMap::new();
    for (job, documents) in named.into_iter().enumerate() {
        let family = families.entry(kinship.eldest(job)).or_default();
        family.jobs.push(job);
        family.documents.extend(documents);
    }
    let mut families: Vec<Panel> = families.into_values().collect();
    families.sort_by_key(|family| std::cmp::Reverse(family.jobs.len()));
    let mut panels: Vec<Panel> = (0..most.min(families.len())).map(|_| Panel::default()).collect();
    for family in families {
        if let Some(smallest) = panels.iter_mut().min_by_key(|panel| panel.jobs.len()) {
            smallest.jobs.extend(family.jobs);
            smallest.documents.extend(family.documents);
        }
    }
    panels.iter_mut().for_each(|panel| panel.jobs.sort_unstable());
    panels
}

/// Which commands belong together: each knows an earlier one of its family, or itself.
struct Kinship(Vec<usize>);

impl Kinship {
    fn of(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn eldest(&mut self, mut job: usize) -> usize {
        while self.0[job] != job {
            self.0[job] = self.0[self.0[job]];
            job = self.0[job];
        }
        job
    }

    /// `job` names what others may have named before.
    fn meets<Name: Eq + Hash>(&mut self, known: &mut HashMap<Name, usize>, name: Name, job: usize) {
        let other = *known.entry(name).or_insert(job);
        let (one, other) = (self.eldest(job), self.eldest(other));
        let (elder, younger) = (one.min(other), one.max(other));
        self.0[younger] = elder;
    }
}

#[cfg(test)]
mod tests;
