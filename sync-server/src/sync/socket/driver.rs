//! Drives the session of one socket: bytes, answers and time go in, effects come out.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{FuturesUnordered, StreamExt};
use minicbor::bytes::ByteVec;
use shared_model::sync_protocol::{GivenBack, NodeEffect, NodeEvent, NodeSession, Peer, PushedCommand};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use uuid::Uuid;

use super::arrival::{close, event_of, hang_up};
use crate::app_state::AppState;
use crate::auth::{Caller, Standing};
use crate::crash_point::{self, CrashPoint};
use crate::sync::reach::Reach;
use crate::sync::wake::Head;
use crate::sync::{Sender, marks, reader, snapshots};

/// A device that does not take a frame for so long is dropped; it catches up by its cursor.
const SEND_TIMEOUT: Duration = Duration::from_secs(20);
/// Rights are read anew when the directory moves, before every push, when the session is said to have ended, and
/// behind all that at this pace.
const RECHECK: Duration = Duration::from_secs(30);

/// What an answer brings: the event for the session, and the caller if they were read anew.
struct Answer {
    event: NodeEvent,
    caller: Option<Caller>,
    /// It was asked whether the session is alive and has its rights.
    is_check: bool,
}

impl Answer {
    const fn of(event: NodeEvent) -> Self {
        Self { event, caller: None, is_check: false }
    }
}

/// Is it being looked whether the session is alive and has its rights? One look at a time, however often it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Checking {
    #[default]
    No,
    Yes,
    Again,
}

struct Driver {
    state: AppState,
    caller: Caller,
    reach: Reach,
    session: NodeSession,
    /// The version of the directory heard of.
    directory: u64,
    /// The version of rights heard of.
    rights: u64,
    checking: Checking,
    answers: FuturesUnordered<BoxFuture<'static, Answer>>,
}

/// Serves a socket until either side ends it.
pub(super) async fn drive(state: AppState, caller: Caller, mut socket: WebSocket) {
    metrics::gauge!("sync_sockets").increment(1.0);
    let mut head = state.sync.wake().subscribe(caller.organisation_id);
    let mut ended = state.sync.wake().ended_sessions();
    let shutdown = state.shutdown.clone();
    let mut driver = Driver::new(state, caller);
    // What was heard before is in what is read from now on.
    driver.directory = head.borrow_and_update().directory;
    let mut recheck = interval(RECHECK);
    recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
    recheck.reset();
    loop {
        let now = driver.state.clock.now();
        let wait = driver.session.wake_at().millis_since(now).clamp(0, 60_000).unsigned_abs();
        let event = tokio::select! {
            message = socket.recv() => match event_of(message) {
                Ok(event) => event,
                Err(None) => break,
                Err(Some(broken)) => {
                    hang_up(&mut socket, broken).await;
                    break;
                }
            },
            Some(answer) = driver.answers.next() => driver.take(answer),
            Ok(()) = head.changed() => driver.moved(&mut head),
            session = ended.recv() => {
                // An error: so many ended that this socket lost count.
                if session.is_err() || session.ok() == driver.caller.session_id {
                    driver.recheck();
                }
                continue;
            }
            () = shutdown.cancelled() => NodeEvent::ShuttingDown,
            _ = recheck.tick() => {
                driver.recheck();
                continue;
            }
            () = sleep(Duration::from_millis(wait)) => NodeEvent::Tick,
        };
        let is_answer = matches!(event, NodeEvent::Ingested { .. });
        if !driver.handle(event, &mut socket).await {
            break;
        }
        if is_answer {
            crash_point::pass(CrashPoint::AfterAnswer);
        }
    }
    metrics::gauge!("sync_sockets").decrement(1.0);
}

impl Driver {
    fn new(state: AppState, caller: Caller) -> Self {
        let peer = Peer { person: caller.person_id, device: caller.device_id, grants: caller.grants.clone() };
        let session = NodeSession::new(state.clock.now(), peer);
        let reach = Reach::of(&caller.grants);
        let (checking, answers) = (Checking::default(), FuturesUnordered::new());
        Self { state, caller, reach, session, directory: 0, rights: 0, checking, answers }
    }

    /// Passes an event on and carries out what comes of it; false when the socket is done.
    async fn handle(&mut self, event: NodeEvent, socket: &mut WebSocket) -> bool {
        for effect in self.session.handle(self.state.clock.now(), event) {
            match effect {
                NodeEffect::Send(frame) => {
                    let sent =
                        timeout(SEND_TIMEOUT, socket.send(Message::Binary(Bytes::from_owner(frame)))).await;
                    if !matches!(sent, Ok(Ok(()))) {
                        return false;
                    }
                }
                NodeEffect::Close => {
                    self.note_farewell();
                    close(socket, CloseFrame { code: close_code::AWAY, reason: "goodbye".into() }).await;
                    return false;
                }
                question => self.ask(question),
            }
        }
        true
    }

    /// Whoever looks into a device that does not connect finds here what it was told.
    fn note_farewell(&self) {
        let code = self.session.farewell();
        let Caller { organisation_id: organisation, device_id: device, .. } = self.caller;
        metrics::counter!("sync_sockets_closed_total", "code" => code).increment(1);
        tracing::info!(%organisation, %device, code, "a socket is closed by the server");
    }

    fn take(&mut self, answer: Answer) -> NodeEvent {
        if let Some(caller) = answer.caller {
            self.reach = Reach::of(&caller.grants);
            self.caller = caller;
        }
        if answer.is_check && std::mem::take(&mut self.checking) == Checking::Again {
            self.recheck();
        }
        answer.event
    }

    /// Somebody told of news. Where somebody's rights changed they may be this person's; they are looked at before
    /// anything of the directory is told.
    fn moved(&mut self, head: &mut watch::Receiver<Head>) -> NodeEvent {
        let Head { feed, directory, rights } = *head.borrow_and_update();
        let is_news = directory > self.directory;
        self.directory = self.directory.max(directory);
        if rights > self.rights {
            self.rights = rights;
            self.recheck();
        } else if is_news {
            let event = NodeEvent::DirectoryMoved { version: self.directory };
            self.answers.push(ready(Answer::of(event)).boxed());
        }
        NodeEvent::HeadMoved { seq: feed }
    }

    /// Looks whether the session is alive and its rights are the same.
    fn recheck(&mut self) {
        if self.checking != Checking::No {
            self.checking = Checking::Again;
            return;
        }
        self.checking = Checking::Yes;
        let (state, caller, version) = (self.state.clone(), self.caller.clone(), self.directory);
        let answer = async move {
            let answer = match checked(&state, caller).await {
                Ok(Changed::Rights(caller)) => {
                    let event = NodeEvent::GrantsChanged { grants: caller.grants.clone() };
                    Answer { caller: Some(caller), ..Answer::of(event) }
                }
                Ok(Changed::Nothing) => Answer::of(NodeEvent::DirectoryMoved { version }),
                Err(answer) => answer,
            };
            Answer { is_check: true, ..answer }
        };
        self.answers.push(answer.boxed());
    }

    /// Begins to answer a question of the session.
    fn ask(&mut self, question: NodeEffect) {
        let answer = match question {
            // What every socket asks after every commit is a small future of its own.
            NodeEffect::ReadFeed { after, limit } => self.read_feed(after, limit),
            question => self.answer(question),
        };
        self.answers.push(answer);
    }

    fn read_feed(&self, after: u64, limit: usize) -> BoxFuture<'static, Answer> {
        let (state, organisation) = (self.state.clone(), self.caller.organisation_id);
        let answer = async move {
            let read = state.sync.feed_reader().rows(&state.pool, organisation, after, limit).await;
            Answer::of(read.map_or_else(|error| failed(&error), |rows| NodeEvent::FeedRead { after, rows }))
        };
        answer.boxed()
    }

    fn answer(&self, question: NodeEffect) -> BoxFuture<'static, Answer> {
        let (state, caller, reach) = (self.state.clone(), self.caller.clone(), self.reach.clone());
        let heard = self.directory;
        let answer = async move {
            let question = match question {
                NodeEffect::Ingest { batch, commands } => {
                    return ingest(&state, caller, batch, commands).await;
                }
                NodeEffect::TakeBack { epoch, documents } => {
                    return take_back(&state, caller, epoch, documents).await;
                }
                question => question,
            };
            let event = answer(&state, &caller, (&reach, heard), question).await;
            Answer::of(event.unwrap_or_else(|error| failed(&error)))
        };
        answer.boxed()
    }
}

fn failed(error: &anyhow::Error) -> NodeEvent {
    tracing::warn!(cause = format!("{error:#}"), "a socket's question could not be answered");
    NodeEvent::Failed
}

enum Changed {
    Nothing,
    Rights(Caller),
}

/// Is the session still alive, and are the rights the same? `Err`: what to tell the session instead.
async fn checked(state: &AppState, caller: Caller) -> Result<Changed, Answer> {
    match state.checks.standing(state, &caller).await {
        // It comes back, and hears with its ticket that it is to erase itself.
        Ok(Standing::Open(now)) if now.is_to_wipe != caller.is_to_wipe => Err(Answer::of(NodeEvent::Failed)),
        Ok(Standing::Open(now)) if now.grants == caller.grants => Ok(Changed::Nothing),
        Ok(Standing::Open(now)) => Ok(Changed::Rights(now)),
        Ok(Standing::Ended) => Err(Answer::of(NodeEvent::SignedOut)),
        // It comes back by itself, and is let in again once its organisation is.
        Ok(Standing::Suspended) => Err(Answer::of(NodeEvent::Failed)),
        Err(error) => {
            tracing::warn!(cause = %error, "a socket's session could not be checked");
            Err(Answer::of(NodeEvent::Failed))
        }
    }
}

/// Who sends, with the rights of this moment. `Err`: what to tell the session instead.
async fn present(state: &AppState, caller: Caller) -> Result<(Caller, Sender), Answer> {
    let caller = match checked(state, caller.clone()).await? {
        Changed::Nothing => caller,
        Changed::Rights(now) => now,
    };
    let (grants, device) = (Some(caller.grants.clone()), Some(caller.device_id));
    Ok((caller, Sender { grants, device, ..Sender::default() }))
}

async fn take_back(
    state: &AppState,
    caller: Caller,
    epoch: Option<ByteVec>,
    documents: Vec<GivenBack>,
) -> Answer {
    let (caller, giver) = match present(state, caller).await {
        Ok(present) => present,
        Err(answer) => return answer,
    };
    let epoch = epoch.and_then(|epoch| Uuid::from_slice(&epoch).ok());
    let results = state.sync.take_back(caller.organisation_id, &giver, epoch, documents).await;
    // Nobody is told that something is safe without where: then it is given once more, and is a duplicate.
    match reader::end_of_feed(&state.pool, caller.organisation_id).await {
        Ok(at) => Answer::of(NodeEvent::TakenBack { results, at }),
        Err(error) => {
            tracing::warn!(cause = %error, "the end of the feed could not be read");
            Answer::of(NodeEvent::Failed)
        }
    }
}

/// Commands are judged by the rights of the moment they arrive.
async fn ingest(state: &AppState, caller: Caller, batch: u64, commands: Vec<PushedCommand>) -> Answer {
    let (caller, sender) = match present(state, caller).await {
        Ok(present) => present,
        Err(answer) => return answer,
    };
    let ids: Vec<_> = commands.iter().map(|command| command.id).collect();
    let results = state.sync.submit(caller.organisation_id, &sender, commands).await;
    crash_point::pass(CrashPoint::BeforeAnswer);
    Answer::of(NodeEvent::Ingested { batch, results: ids.into_iter().zip(results).collect() })
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    (reach, heard): (&Reach, u64),
    question: NodeEffect,
) -> anyhow::Result<NodeEvent> {
    let (pool, organisation) = (&state.pool, caller.organisation_id);
    Ok(match question {
        NodeEffect::ReadHead { cursor, seen, resumes } => {
            let place = (cursor.as_ref(), seen.as_ref());
            let read = reader::head(pool, organisation, place, resumes, reach).await?;
            let reader::HeadRead { head, horizon, standing, documents } = read;
            NodeEvent::HeadRead { head, horizon, standing, documents }
        }
        NodeEffect::ReadSnapshots { after, budget } => {
            let page =
                snapshots::page(pool, state.sync.receipt_key(), organisation, reach, after, budget).await?;
            NodeEvent::SnapshotsRead { at: page.at, documents: page.documents, through: page.through }
        }
        NodeEffect::ReadDocuments { request, documents } => {
            let key = state.sync.receipt_key();
            let (at, documents) = snapshots::documents(pool, key, organisation, reach, &documents).await?;
            NodeEvent::DocumentsRead { request, at, documents }
        }
        NodeEffect::ReadMarks { after, limit } => {
            let read = marks::marks(pool, organisation, reach, after, limit).await?;
            NodeEvent::MarksRead { at: read.at, documents: read.documents, through: read.through }
        }
        NodeEffect::ReadDirectory { since } => {
            let (reader, sources) = (state.sync.directory_reader(), (pool, state.sync.receipt_key()));
            let changes = reader.read(sources, organisation, (since, heard)).await?;
            NodeEvent::DirectoryRead { version: changes.version, changes: changes.json.clone() }
        }
        NodeEffect::Send(_)
        | NodeEffect::Close
        | NodeEffect::Ingest { .. }
        | NodeEffect::TakeBack { .. }
        | NodeEffect::ReadFeed { .. } => NodeEvent::Tick,
    })
}
