//! The engine at work: inputs come one after the other (what tabs ask goes first), and each is dealt with before
//! the next, transactions included. So nothing in memory changes under anybody's hands.

mod absorb;
mod check;
mod commands;
mod export;
mod give_back;
mod life;
mod rebuild;
mod recover;
mod sealing;
mod settle;
mod setup;
mod status;
mod storage;
mod views;
mod wipe;

use std::collections::{BTreeSet, VecDeque};

use client_bridge::{EngineStart, ToEngine};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures::stream::{PollNext, select_with_strategy};
use futures::{FutureExt, StreamExt};
use gloo_timers::callback::{Interval, Timeout};
use shared_model::identity::{CommandId, DocumentId};
use shared_model::instant::Timestamp;
use shared_model::permission::Grants;
use shared_model::sync_protocol::{
    DeviceEffect, DeviceEvent, DeviceSession, Disconnect, Standing, StoreReport,
};

use crate::channel::Channel;
use crate::clock;
use crate::documents::Documents;
use crate::journal::Journal;
use crate::local_store::LocalStore;
use crate::local_store::values::ActorState;
use crate::network::{Line, deposit, pack};
use crate::outbox::Outbox;
use crate::people::People;
use crate::row_pages::RowPages;

pub use life::run;

/// Something the engine has to deal with.
pub enum Input {
    /// A tab asks.
    Asked(ToEngine),
    /// Something for the session.
    Device(DeviceEvent),
    /// A ticket arrived, or did not.
    Ticket { connection: u64, outcome: Result<String, Disconnect> },
    /// A connection took too long to open.
    DialTimedOut { connection: u64 },
    /// An administrator wants this device erased.
    WipeAsked,
    /// Tell the tabs how things stand.
    StatusDue,
    /// The browser closed the database, or somebody wants to delete it.
    StorageLost,
    /// Look whether the database works again.
    HealDue,
}

/// The engine.
pub struct Worker {
    start: EngineStart,
    channel: Channel,
    inputs: UnboundedSender<Input>,
    store: LocalStore,
    /// Another engine has the database now.
    superseded: bool,
    trouble: Option<storage::Trouble>,
    /// What is stored is being sealed anew.
    sealing: Option<sealing::Sealing>,
    /// This device is to be erased.
    wiping: Option<wipe::Wiping>,
    documents: Documents,
    rows: RowPages,
    outbox: Outbox,
    /// The second copy of the outbox.
    journal: Journal,
    /// Commands of tabs that the database did not take; the tabs send them again.
    unsaved: Vec<export::Unsaved>,
    people: People,
    grants: Option<Grants>,
    /// Commands that have run, so that a hand-over runs none twice.
    finished: BTreeSet<CommandId>,
    actor: ActorState,
    standing: Standing,
    wanted: BTreeSet<DocumentId>,
    owed: BTreeSet<DocumentId>,
    last_contact: Option<Timestamp>,
    session: DeviceSession,
    effects: VecDeque<DeviceEffect>,
    line: Line,
    views: views::Views,
    status: status::Shown,
    wake: Option<Timeout>,
    heartbeat: Option<Interval>,
}

impl Worker {
    /// Deals with inputs until another engine takes over; returns the epoch that is over. Effects of the session
    /// wait while a tab asks.
    async fn work(mut self, asked: UnboundedReceiver<Input>, others: UnboundedReceiver<Input>) -> u64 {
        let mut inputs = select_with_strategy(asked, others, |_: &mut ()| PollNext::Left);
        self.begin();
        self.execute_unsaved().await;
        while !self.superseded {
            let input = if self.effects.is_empty() && !self.is_sealing() && !self.may_erase() {
                inputs.next().await
            } else {
                inputs.next().now_or_never().flatten()
            };
            if let Some(input) = input {
                self.deal_with(input).await;
            } else if self.may_erase() {
                self.erase().await;
            } else if let Some(effect) = self.effects.pop_front() {
                self.carry_out(effect).await;
            } else if self.is_sealing() {
                self.seal_some().await;
            } else {
                break;
            }
        }
        self.epoch()
    }

    async fn deal_with(&mut self, input: Input) {
        match input {
            Input::Asked(question) => self.answer(question).await,
            Input::Device(event) => self.tell_session(event),
            Input::Ticket { connection, outcome } => {
                let event = self.line.ticket_arrived(connection, outcome);
                event.into_iter().for_each(|event| self.tell_session(event));
            }
            Input::DialTimedOut { connection } => {
                let event = self.line.timed_out(connection);
                event.into_iter().for_each(|event| self.tell_session(event));
            }
            Input::WipeAsked => self.wipe_asked(),
            Input::StatusDue => self.status_due(),
            Input::StorageLost => self.storage_lost(),
            Input::HealDue => self.heal().await,
        }
    }

    async fn answer(&mut self, question: ToEngine) {
        match question {
            ToEngine::Hello => self.greet(),
            ToEngine::Execute { command_id, command } => self.execute(command_id, &command).await,
            ToEngine::Open { request, document } => self.open_view(request, document).await,
            ToEngine::Close { request } => self.views.close(request),
            ToEngine::CheckCopy => self.tell_session(DeviceEvent::CheckCopy),
            ToEngine::SyncNow => self.tell_session(DeviceEvent::Online),
            ToEngine::NetworkChanged { online: true } => self.tell_session(DeviceEvent::Online),
            ToEngine::NetworkChanged { online: false } => self.tell_session(DeviceEvent::Offline),
            ToEngine::RetryAttention { command_id } => self.retry(command_id).await,
            ToEngine::DiscardAttention { command_id } => self.discard(command_id).await,
            ToEngine::ExportUnsent { request } => self.export(request),
            ToEngine::Seal { keys } => self.change_keys(keys).await,
            ToEngine::KeepLock { lock } => self.keep_lock(lock).await,
            ToEngine::KeysWanted => self.tell_keys(),
            ToEngine::SessionChanged { signed_in, grants, session } => {
                self.session_changed(signed_in, grants, session).await;
            }
            ToEngine::Unknown => {}
        }
    }

    async fn carry_out(&mut self, effect: DeviceEffect) {
        match effect {
            DeviceEffect::Dial { connection } => self.line.dial(connection),
            DeviceEffect::Send { connection, frame } => self.line.send(connection, &frame),
            DeviceEffect::HangUp { connection } => self.line.hang_up(connection),
            DeviceEffect::FetchPack { fetch, next } => {
                pack::fetch(self.start.device, fetch, next, &self.inputs);
            }
            DeviceEffect::Deposit { deposit: number, commands } => {
                let (credential, deposit) =
                    (self.start.deposit_credential.clone(), self.outbox.deposit(commands));
                deposit::hand_in(number, credential, deposit, &self.inputs);
            }
            storing => {
                if takes_long(&storing) {
                    self.beat();
                }
                let Some((ticket, report)) = self.store(storing).await else { return };
                self.tell_session(match report {
                    Some(report) => DeviceEvent::Stored { ticket, report },
                    None => DeviceEvent::StoreFailed { ticket },
                });
            }
        }
    }

    /// Carries out one storing transaction: its ticket, and what it found out, if it succeeded.
    async fn store(&mut self, effect: DeviceEffect) -> Option<(u64, Option<StoreReport>)> {
        Some(match effect {
            DeviceEffect::StoreFeed { ticket, from, to, items } => {
                (ticket, self.store_feed(from, &to, &items).await)
            }
            DeviceEffect::StorePage { ticket, load, through, items } => {
                (ticket, self.store_page(&load, through, &items).await)
            }
            DeviceEffect::StorePack { ticket, load, pack } => (ticket, self.store_pack(&load, *pack).await),
            DeviceEffect::StoreFetched { ticket, asked, items } => {
                (ticket, self.store_fetched(&asked, &items).await)
            }
            DeviceEffect::StoreDirectory { ticket, version, changes, grants } => {
                (ticket, self.store_directory(version, &changes, &grants).await)
            }
            DeviceEffect::StoreSchema { ticket, schema } => (ticket, self.store_schema(schema).await),
            DeviceEffect::StoreSeen { ticket, at } => (ticket, self.store_seen(at.as_ref()).await),
            DeviceEffect::Compare { ticket, documents, snapshots } => {
                (ticket, self.compare(&documents, &snapshots).await)
            }
            DeviceEffect::SettleGiven { ticket, documents, wanted } => {
                (ticket, self.settle_given(&documents, wanted).await)
            }
            DeviceEffect::MarkCopy { ticket, after } => (ticket, self.mark_copy(after).await),
            DeviceEffect::JudgeCopy { ticket, manifests, except } => {
                (ticket, self.judge_copy(&manifests, &except).await)
            }
            DeviceEffect::StoreChecked { ticket, at } => (ticket, self.store_checked(at).await),
            DeviceEffect::Settle { ticket, fates } => (ticket, self.settle(fates).await),
            DeviceEffect::Rebuild { ticket, documents, snapshots, set_aside } => {
                (ticket, self.rebuild(&documents, &snapshots, &set_aside).await)
            }
            DeviceEffect::Dial { .. }
            | DeviceEffect::Send { .. }
            | DeviceEffect::HangUp { .. }
            | DeviceEffect::FetchPack { .. }
            | DeviceEffect::Deposit { .. } => return None,
        })
    }

    /// Passes an event to the session; what it asks for waits in line.
    fn tell_session(&mut self, event: DeviceEvent) {
        let now = clock::now();
        self.effects.extend(self.session.handle(now, clock::random_number(), event));
        self.wake = self.session.wake_at().map(|at| {
            let inputs = self.inputs.clone();
            let delay = u32::try_from(at.millis_since(now).max(0)).unwrap_or(u32::MAX >> 1);
            Timeout::new(delay, move || drop(inputs.unbounded_send(Input::Device(DeviceEvent::Tick))))
        });
        self.status_changed();
    }
}

/// Tabs must not take this for a dead engine.
const fn takes_long(effect: &DeviceEffect) -> bool {
    matches!(
        effect,
        DeviceEffect::StorePage { .. }
            | DeviceEffect::StorePack { .. }
            | DeviceEffect::Compare { .. }
            | DeviceEffect::MarkCopy { .. }
            | DeviceEffect::JudgeCopy { .. }
    )
}
