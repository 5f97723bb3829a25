//! The queue of one organisation on one node, and the task that works it off in micro-batches.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use shared_model::identity::OrganisationId;
use shared_model::sync_protocol::CommandResult;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::attempt::{self, Foreseen, Judged};
use super::{Core, Sender, Task};
use crate::telemetry::whole_millis;

/// How long a batch waits for company since the last came.
const QUIET: Duration = Duration::from_millis(1);
/// How long it waits at most, while company keeps coming.
const GATHER: Duration = Duration::from_millis(5);
/// Most commands of one transaction.
const MAX_BATCH: usize = 200;
/// Submissions that wait before the next one has to.
const QUEUE: usize = 64;
/// What is pushed at once is judged within this time; what takes longer is counted.
const JUDGE_WITHIN: Duration = Duration::from_millis(250);
/// What a device waits when the lane cannot answer.
pub(super) const RETRY_AFTER_MS: u64 = 1_000;

/// One command on its way.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) sender: Arc<Sender>,
    pub(super) task: Task,
    /// Where its result belongs in its submission.
    position: usize,
    submission: Arc<Submission>,
}

impl Job {
    /// Counts time that a processor spent on judging this command.
    pub(super) fn judged_for(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.submission.judged_nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Answers for this command.
    pub(super) fn settle(&self, result: CommandResult) {
        self.submission.results.lock()[self.position] = Some(result);
    }
}

/// Answers when its last command is settled, or dropped.
#[derive(Debug)]
struct Submission {
    /// By a person: nobody chooses how much the server's own work takes, such as an import.
    is_pushed: bool,
    judged_nanoseconds: AtomicU64,
    results: parking_lot::Mutex<Vec<Option<CommandResult>>>,
    reply: parking_lot::Mutex<Option<oneshot::Sender<Vec<CommandResult>>>>,
}

impl Submission {
    /// The gate's limits are what bounds the time; here is seen whether they do.
    fn measure(&self, commands: usize) {
        if !self.is_pushed {
            return;
        }
        let judged = Duration::from_nanos(self.judged_nanoseconds.load(Ordering::Relaxed));
        metrics::histogram!("sync_push_judge_duration_seconds").record(judged);
        if judged > JUDGE_WITHIN {
            metrics::counter!("sync_push_judge_overruns_total").increment(1);
            tracing::warn!(commands, judged_ms = whole_millis(judged), "what was pushed took long to judge");
        }
    }
}

impl Drop for Submission {
    fn drop(&mut self) {
        let results = std::mem::take(&mut *self.results.lock());
        self.measure(results.len());
        let retry = || CommandResult::Retry { after_ms: RETRY_AFTER_MS };
        let results = results.into_iter().map(|result| result.unwrap_or_else(retry)).collect();
        if let Some(reply) = self.reply.lock().take() {
            // Nobody waits any more when the socket is gone; the commands are in the feed all the same.
            let _ = reply.send(results);
        }
    }
}

/// Commands that set out together, and where their results come once the last of them is settled or dropped.
pub(super) fn submission(
    sender: Sender,
    tasks: Vec<Task>,
) -> (Vec<Arc<Job>>, oneshot::Receiver<Vec<CommandResult>>) {
    let (reply, answer) = oneshot::channel();
    let submission = Arc::new(Submission {
        is_pushed: sender.grants.is_some(),
        judged_nanoseconds: AtomicU64::default(),
        results: parking_lot::Mutex::new(vec![None; tasks.len()]),
        reply: parking_lot::Mutex::new(Some(reply)),
    });
    let sender = Arc::new(sender);
    let jobs = tasks.into_iter().enumerate().map(|(position, task)| {
        let (sender, submission) = (Arc::clone(&sender), Arc::clone(&submission));
        Arc::new(Job { sender, task, position, submission })
    });
    (jobs.collect(), answer)
}

/// The way into an organisation's feed.
#[derive(Clone)]
pub(crate) struct Lane(mpsc::Sender<Vec<Arc<Job>>>);

impl Lane {
    /// Opens the queue and starts its task, which ends with the last handle.
    pub(crate) fn open(core: &Arc<Core>, organisation: OrganisationId) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(work(Arc::clone(core), organisation, receiver));
        Self(sender)
    }

    /// Has its task ended? What is queued here is answered with Retry, now and for ever.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// A lane whose task has ended.
    #[cfg(test)]
    pub(crate) fn closed() -> Self {
        Self(mpsc::channel(1).0)
    }

    /// Queues commands and waits for their results.
    pub(crate) async fn settle(&self, sender: Sender, tasks: Vec<Task>) -> Vec<CommandResult> {
        let count = tasks.len();
        let retry = || vec![CommandResult::Retry { after_ms: RETRY_AFTER_MS }; count];
        let (jobs, answer) = submission(sender, tasks);
        if self.0.send(jobs).await.is_err() {
            return retry();
        }
        answer.await.unwrap_or_else(|_| retry())
    }
}

/// Settles batch after batch. While one is stored, the next is gathered and judged upon what that one will
/// leave; should it turn out otherwise, the next is judged again.
async fn work(core: Arc<Core>, organisation: OrganisationId, queue: mpsc::Receiver<Vec<Arc<Job>>>) {
    let mut intake = Intake { queue, waiting: Vec::new() };
    let mut next = intake.batch().await.map(|jobs| (jobs, None));
    while let Some((jobs, judged)) = next {
        let judged = match judged {
            Some(judged) => Some(judged),
            None => heard(attempt::judge(&core, organisation, &jobs, &Foreseen::default())).await,
        };
        let foreseen = judged.as_ref().map_or_else(Foreseen::default, Judged::foreseen);
        let is_judged = judged.is_some();
        let (fate, following) = tokio::join!(attempt::settle(&core, organisation, jobs, judged), async {
            let jobs = intake.batch().await?;
            // Without knowing what comes before there is nothing to judge upon.
            let judged = match is_judged {
                true => heard(attempt::judge(&core, organisation, &jobs, &foreseen)).await,
                false => None,
            };
            Some((jobs, judged))
        });
        next = following.map(|(jobs, judged)| (jobs, judged.and_then(|judged| judged.after(&fate))));
    }
}

/// A judgement, unless it failed: then it is tried again when its turn has come, and the failure dealt with.
async fn heard(judging: impl Future<Output = anyhow::Result<Judged>>) -> Option<Judged> {
    AssertUnwindSafe(judging).catch_unwind().await.ok()?.ok()
}

/// Where batches are gathered.
struct Intake {
    queue: mpsc::Receiver<Vec<Arc<Job>>>,
    waiting: Vec<Arc<Job>>,
}

impl Intake {
    /// The next batch; `None` when nobody will submit anything any more.
    async fn batch(&mut self) -> Option<Vec<Arc<Job>>> {
        if self.waiting.is_empty() {
            self.waiting = self.queue.recv().await?;
        }
        let deadline = Instant::now() + GATHER;
        while self.waiting.len() < MAX_BATCH {
            let quiet = Instant::now() + QUIET;
            match timeout_at(deadline.min(quiet), self.queue.recv()).await {
                Ok(Some(jobs)) => self.waiting.extend(jobs),
                Ok(None) | Err(_) => break,
            }
        }
        let rest = self.waiting.split_off(self.waiting.len().min(MAX_BATCH));
        Some(std::mem::replace(&mut self.waiting, rest))
    }
}
