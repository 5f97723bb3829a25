//! Judging without storing: what would become of commands that the server itself gives.

use std::collections::HashSet;
use std::sync::Arc;

use shared_model::identity::{CommandId, OrganisationId};
use shared_model::sync_protocol::CommandResult;

use super::attempt::{self, Foreseen};
use super::lane::{self, Job};
use super::ruling::{Ruling, duplicate, rejected};
use super::{Core, Task};
use crate::sync::{Sender, TypedCommand};

/// Commands go the way every command goes, up to where it would be stored; each is judged upon what the ones before it
/// would have left. All of that is kept until the rehearsal ends.
pub struct Rehearsal {
    core: Arc<Core>,
    organisation: OrganisationId,
    foreseen: Foreseen,
    accepted: HashSet<CommandId>,
}

impl Rehearsal {
    /// Nothing has been rehearsed yet.
    pub(crate) fn begin(core: &Arc<Core>, organisation: OrganisationId) -> Self {
        let foreseen = Foreseen { is_whole: true, ..Foreseen::default() };
        Self { core: Arc::clone(core), organisation, foreseen, accepted: HashSet::new() }
    }

    /// What would become of these commands, in order. What would be accepted has no numbers and no receipts.
    pub async fn execute(&mut self, commands: Vec<TypedCommand>) -> anyhow::Result<Vec<CommandResult>> {
        let tasks = commands.into_iter().map(|typed| Task::Typed(Box::new(typed))).collect();
        let (mut pending, answer) = lane::submission(Sender::default(), tasks);
        while !pending.is_empty() {
            pending = self.round(pending).await?;
        }
        Ok(answer.await?)
    }

    /// Judges the commands, and returns those that wait for another one with the same id.
    async fn round(&mut self, jobs: Vec<Arc<Job>>) -> anyhow::Result<Vec<Arc<Job>>> {
        let (again, new): (Vec<_>, Vec<_>) =
            jobs.into_iter().partition(|job| self.accepted.contains(&job.task.id()));
        again.iter().for_each(|job| job.settle(duplicate(&[])));
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let judged = attempt::judge(&self.core, self.organisation, &new, &self.foreseen).await?;
        let mut ruling = judged.into_ruling();
        settle(&ruling);
        self.accepted.extend(ruling.accepted.iter().map(|command| command.id));
        self.foreseen.documents.append(&mut ruling.touched());
        Ok(ruling.postponed.iter().map(|job| Arc::clone(&new[*job])).collect())
    }
}

fn settle(ruling: &Ruling) {
    let jobs = &ruling.jobs;
    for command in &ruling.accepted {
        jobs[command.job].settle(CommandResult::Accepted { seqs: Vec::new(), receipts: Vec::new() });
    }
    ruling.held.iter().for_each(|(job, _)| jobs[*job].settle(duplicate(&[])));
    ruling.results.iter().for_each(|(job, result)| jobs[*job].settle(result.clone()));
    ruling.panicked.iter().for_each(|(job, code, detail)| jobs[*job].settle(rejected(code, detail)));
}
