//! A headless device: the sync session and the replica, as in the browser, over a store in memory and a real
//! WebSocket. Stories and benchmarks use it where a browser would be too slow or too many.

mod network;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::SinkExt;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shared_model::account::SignedIn;
use shared_model::features::Command;
use shared_model::identity::{CommandId, PersonId};
use shared_model::permission::Grants;
use shared_model::sync_protocol::{
    DepositFailure, DeviceEffect, DeviceEvent, Disconnect, OutboxEntry, PackFailure,
};
use shared_model::workspace::Refusal;
use sync_server::{clock::Clock, random};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;

use network::{Depositing, Socket, deposited, dial, dialed, fetched, hand_in, receive};
pub use network::{Fetching, fetch_pack};

use crate::client::Client;
use crate::device::{Device, DeviceStore, Person};
use crate::server::TestServer;

/// Longer than anything takes; a test that gets here has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// A dial that takes longer has failed.
const DIAL: Duration = Duration::from_secs(10);

/// A person who is signed in, and the install they use.
#[derive(Clone, Debug)]
pub struct Account {
    client: Client,
    whose: Person,
    grants: Grants,
    /// What the registration gave.
    credential: Option<String>,
    /// What the device takes for the time.
    clock: Clock,
}

/// A device that is switched on and connected whenever it can be.
pub struct HeadlessDevice {
    account: Account,
    core: Arc<Mutex<Core>>,
    inbox: mpsc::UnboundedSender<Told>,
    progress: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

/// What the test tells the device's task.
enum Told {
    Event(DeviceEvent),
    /// The session was told already, under the same lock; this is what it asks for.
    Effects(Vec<DeviceEffect>),
}

/// What the device's task and the test share. Whoever stores something tells the session before anybody else can
/// store.
struct Core {
    device: Device,
    rng: SmallRng,
    clock: Clock,
    /// After so many storing transactions the device is dead, as if its power had gone; `None`: never.
    steps_left: Option<u64>,
}

impl Account {
    /// The person.
    pub const fn person(&self) -> PersonId {
        self.whose.person
    }

    /// The person and their install.
    pub const fn whose(&self) -> Person {
        self.whose
    }

    /// The same on a device that goes by this clock.
    #[must_use]
    pub fn by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Signs in on a new device.
    pub async fn sign_in(server: &TestServer, organisation: &str, email: &str) -> Self {
        let mut client = server.client();
        let signed_in = client.sign_in(organisation, email).await;
        Self::of(client, signed_in)
    }

    /// An account that is signed in already.
    pub fn of(client: Client, signed_in: SignedIn) -> Self {
        let whose = Person { person: signed_in.person.id, device: signed_in.device.id };
        let grants = Grants { person: whose.person, grants: signed_in.grants };
        Self { client, whose, grants, credential: signed_in.device.deposit_credential, clock: Clock::System }
    }
}

impl HeadlessDevice {
    /// Switches a new device on.
    pub fn start(account: Account) -> Self {
        let store = DeviceStore { grants: Some(account.grants.clone()), ..DeviceStore::default() };
        Self::start_with(account, store, None)
    }

    /// Switches a device on over what it kept. After `steps` storing transactions its power goes.
    pub fn start_with(account: Account, store: DeviceStore, steps: Option<u64>) -> Self {
        let mut rng = SmallRng::from_seed(random::bytes());
        let device = Device::start(account.whose, store, &mut || rng.random());
        let core =
            Arc::new(Mutex::new(Core { device, rng, clock: account.clock.clone(), steps_left: steps }));
        let (sender, inbox) = mpsc::unbounded_channel();
        let (told, progress) = watch::channel(0);
        let driver = Driver {
            core: Arc::clone(&core),
            client: account.client.clone(),
            inbox,
            told,
            socket: None,
            dialing: None,
            fetching: None,
            depositing: None,
            credential: account.credential.clone(),
            broken: None,
            unplugged: false,
        };
        let task = tokio::spawn(driver.run());
        let device = Self { account, core, inbox: sender, progress, task };
        device.tell(DeviceEvent::Online);
        device
    }

    /// The person does something. It is saved when this returns; `None`: there was nothing to do.
    pub fn execute(&self, command: &Command) -> Result<Option<CommandId>, Refusal> {
        Ok(self.make(command)?.map(|entry| entry.id()))
    }

    /// The same, and what was saved.
    pub fn make(&self, command: &Command) -> Result<Option<OutboxEntry>, Refusal> {
        self.make_from(|_| command.clone())
    }

    /// The person does something with what they see. Nothing arrives between the look and the deed.
    pub fn make_from(
        &self,
        deed: impl FnOnce(&mut Device) -> Command,
    ) -> Result<Option<OutboxEntry>, Refusal> {
        let core = &mut *self.core.lock().unwrap();
        let command = deed(&mut core.device);
        let (now, rng) = (core.clock.now(), &mut core.rng);
        let Some((_, saved)) = core.device.execute(now, &mut || rng.random(), &command)? else {
            return Ok(None);
        };
        let DeviceEvent::Saved(entry) = &saved else { unreachable!("{saved:?} is not saved") };
        let entry = entry.clone();
        let effects = core.device.handle(now, &mut || rng.random(), saved);
        // A dead device sends nothing.
        let _ = self.inbox.send(Told::Effects(effects));
        Ok(Some(entry))
    }

    /// Pulls the plug of the network. It stays pulled until [`Self::plug_in`].
    pub fn unplug(&self) {
        self.tell(DeviceEvent::Offline);
    }

    /// Puts the plug back in.
    pub fn plug_in(&self) {
        self.tell(DeviceEvent::Online);
    }

    /// Asks whether the copy is right.
    pub fn check_copy(&self) {
        self.tell(DeviceEvent::CheckCopy);
    }

    /// Looks at the device.
    pub fn look<T>(&self, look: impl FnOnce(&mut Device) -> T) -> T {
        look(&mut self.core.lock().unwrap().device)
    }

    /// Waits until something is true of the device.
    pub async fn until(&mut self, what: &str, is_true: impl FnMut(&mut Device) -> bool) {
        if !self.is_within(PATIENCE, is_true).await {
            panic!("not {what}: {:?}", self.look(|device| device.session.status()));
        }
    }

    /// Does something come true of the device within so long?
    pub async fn is_within(
        &mut self,
        patience: Duration,
        mut is_true: impl FnMut(&mut Device) -> bool,
    ) -> bool {
        let waiting = async {
            loop {
                self.progress.borrow_and_update();
                if is_true(&mut self.core.lock().unwrap().device) {
                    return true;
                }
                if self.progress.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(patience, waiting).await.unwrap_or(false)
    }

    /// Waits until everything is sent, answered, fetched and stored.
    pub async fn until_settled(&mut self) {
        self.until("settled", |device| device.session.is_settled() && !device.has_to_store()).await;
    }

    /// Has the power gone?
    pub fn is_dead(&self) -> bool {
        self.task.is_finished()
    }

    /// Waits until the power that was to go has gone, and returns what the device kept.
    pub async fn until_dead(mut self) -> (Account, DeviceStore) {
        tokio::time::timeout(PATIENCE, &mut self.task).await.unwrap().unwrap();
        let store = self.core.lock().unwrap().device.store.clone();
        (self.account.clone(), store)
    }

    /// Waits until the power that was to go has gone, or a load is complete and it is taken away. Returns what the
    /// device kept.
    pub async fn until_dead_or_settled(self) -> (Account, DeviceStore) {
        let mut progress = self.progress.clone();
        let settled = async {
            while !self.look(|device| device.session.is_settled() && !device.has_to_store()) {
                if progress.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.unwrap();
        self.kill().await
    }

    /// Takes the power away, between any two storing transactions. Returns what the device kept.
    pub async fn kill(mut self) -> (Account, DeviceStore) {
        self.task.abort();
        // An aborted task ends with a cancellation, which is what was asked for.
        let _ = (&mut self.task).await;
        let store = self.core.lock().unwrap().device.store.clone();
        (self.account.clone(), store)
    }

    fn tell(&self, event: DeviceEvent) {
        // A dead device hears nothing.
        let _ = self.inbox.send(Told::Event(event));
    }
}

struct Driver {
    core: Arc<Mutex<Core>>,
    client: Client,
    inbox: mpsc::UnboundedReceiver<Told>,
    told: watch::Sender<u64>,
    socket: Option<(u64, Socket)>,
    dialing: Option<(u64, JoinHandle<Result<Socket, Disconnect>>)>,
    fetching: Fetching,
    depositing: Depositing,
    credential: Option<String>,
    /// A socket that broke while something was sent.
    broken: Option<u64>,
    unplugged: bool,
}

impl Driver {
    async fn run(mut self) {
        while let Some(effects) = self.next().await {
            for effect in effects {
                self.carry_out(effect).await;
            }
            self.told.send_modify(|count| *count += 1);
        }
    }

    /// What is to be done next; `None` when the power is gone.
    async fn next(&mut self) -> Option<Vec<DeviceEffect>> {
        if let Some(connection) = self.broken.take() {
            let cause = Disconnect::Lost;
            return Some(self.handle(DeviceEvent::Disconnected { connection, cause }));
        }
        let (wait, has_to_store) = {
            let core = self.core.lock().unwrap();
            let wait = core.device.session.wake_at().map(|at| at.millis_since(core.clock.now()).max(1));
            (wait.map_or(3_600_000, i64::unsigned_abs), core.device.has_to_store())
        };
        if has_to_store {
            return self.store();
        }
        let Self { inbox, socket, dialing, fetching, depositing, .. } = self;
        let event = tokio::select! {
            told = inbox.recv() => match told? {
                Told::Effects(effects) => return Some(effects),
                Told::Event(event) => event,
            },
            message = receive(socket) => message,
            (connection, dialed) = dialed(dialing) => match dialed {
                Ok(stream) => {
                    *socket = Some((connection, stream));
                    DeviceEvent::Connected { connection }
                }
                Err(cause) => DeviceEvent::Disconnected { connection, cause },
            },
            event = fetched(fetching) => event,
            event = deposited(depositing) => event,
            () = tokio::time::sleep(Duration::from_millis(wait)) => DeviceEvent::Tick,
        };
        match event {
            DeviceEvent::Offline => self.unplugged = true,
            DeviceEvent::Online => self.unplugged = false,
            _ => {}
        }
        Some(self.handle(event))
    }

    fn store(&self) -> Option<Vec<DeviceEffect>> {
        let core = &mut *self.core.lock().unwrap();
        match &mut core.steps_left {
            Some(0) => return None,
            Some(left) => *left -= 1,
            None => {}
        }
        let (now, rng) = (core.clock.now(), &mut core.rng);
        let stored = core.device.store_next(now, &mut || rng.random());
        Some(stored.map_or_else(Vec::new, |event| core.device.handle(now, &mut || rng.random(), event)))
    }

    fn handle(&self, event: DeviceEvent) -> Vec<DeviceEffect> {
        let core = &mut *self.core.lock().unwrap();
        let (now, rng) = (core.clock.now(), &mut core.rng);
        core.device.handle(now, &mut || rng.random(), event)
    }

    async fn carry_out(&mut self, effect: DeviceEffect) {
        match effect {
            DeviceEffect::Dial { connection } => {
                let (client, unplugged) = (self.client.clone(), self.unplugged);
                let dial = async move {
                    if unplugged {
                        return Err(Disconnect::Lost);
                    }
                    tokio::time::timeout(DIAL, dial(client)).await.unwrap_or(Err(Disconnect::Lost))
                };
                self.dialing = Some((connection, tokio::spawn(dial)));
            }
            DeviceEffect::Send { connection, frame } => {
                if let Some((_, socket)) = self.socket.as_mut().filter(|(open, _)| *open == connection)
                    && socket.send(Message::Binary(frame.into())).await.is_err()
                {
                    self.socket = None;
                    self.broken = Some(connection);
                }
            }
            DeviceEffect::HangUp { connection } => {
                self.socket.take_if(|(open, _)| *open == connection);
                if let Some((_, dialing)) = self.dialing.take_if(|(open, _)| *open == connection) {
                    dialing.abort();
                }
            }
            DeviceEffect::FetchPack { fetch, next } => {
                let client = self.client.clone();
                let unplugged = self.unplugged;
                let get = async move {
                    if unplugged { Err(PackFailure::Lost) } else { fetch_pack(client, next.as_deref()).await }
                };
                if let Some((_, old)) = self.fetching.replace((fetch, tokio::spawn(get))) {
                    old.abort();
                }
            }
            DeviceEffect::Deposit { deposit, commands } => {
                let (client, credential) = (self.client.clone(), self.credential.clone());
                let unplugged = self.unplugged;
                let hand_in = async move {
                    if unplugged {
                        Err(DepositFailure::Lost)
                    } else {
                        hand_in(client, credential, commands).await
                    }
                };
                self.depositing = Some((deposit, tokio::spawn(hand_in)));
            }
            stored => unreachable!("{stored:?} is stored, not sent"),
        }
    }
}

impl Drop for HeadlessDevice {
    fn drop(&mut self) {
        self.task.abort();
    }
}
