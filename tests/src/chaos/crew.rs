//! People who go on working whatever happens: honest commands on headless devices, each behind a network of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use parking_lot::Mutex;
use rand::Rng;
use rand::rngs::SmallRng;
use rand::seq::IndexedRandom;
use shared_model::document::DocumentKind;
use shared_model::features::work_order::{self, FieldEdit, Priority, Status};
use shared_model::features::{Command, comment, labour_entry};
use shared_model::identity::{CommandId, DocumentId};
use shared_model::sync_protocol::OutboxEntry;
use tokio_util::sync::CancellationToken;

use super::proxy::Proxy;
use crate::client::Client;
use crate::hand::{
    change_status, create_part, create_storeroom, create_work_order, deliver, edit_work_order, issue,
    new_document, new_record,
};
use crate::headless::{Account, HeadlessDevice};

/// Between two commands of a busy crew, at most.
const BREATH_MS: u64 = 25;

/// A device and the way it has to the server.
pub struct Member {
    /// The device.
    pub device: HeadlessDevice,
    /// Its network.
    pub proxy: Proxy,
    /// The node its network leads to.
    pub node: usize,
}

/// People of one organisation, all with the same rights.
pub struct Crew {
    /// Somebody who is signed in.
    client: Client,
    /// Who they are.
    pub members: Vec<Member>,
    /// Work orders, the first of which everybody works on most.
    orders: Mutex<Vec<DocumentId>>,
    room: DocumentId,
    part: DocumentId,
    /// Every command that was saved on a device.
    said: Mutex<BTreeMap<CommandId, OutboxEntry>>,
}

impl Crew {
    /// Signs people in, one device each, and furnishes the place they work at.
    pub async fn hire(organisation: &str, emails: &[String], nodes: &[SocketAddr]) -> Self {
        let (mut members, mut clients) = (Vec::new(), Vec::new());
        for (number, email) in emails.iter().enumerate() {
            let node = number % nodes.len();
            let proxy = Proxy::open(nodes[node]).await;
            let mut client = Client::new(proxy.address);
            let signed_in = client.sign_in(organisation, email).await;
            clients.push(client.clone());
            let device = HeadlessDevice::start(Account::of(client, signed_in));
            members.push(Member { device, proxy, node });
        }
        let (room, part) = (new_document(), new_document());
        let crew = Self {
            client: clients.remove(0),
            members,
            orders: Mutex::default(),
            room,
            part,
            said: Mutex::default(),
        };
        for command in
            [create_storeroom(room, "Main"), create_part(part, "6204"), deliver(room, part, 100_000)]
        {
            crew.say(0, &command);
        }
        crew.new_order(0);
        crew
    }

    /// Somebody who is signed in, at another address.
    pub fn client(&self, address: SocketAddr) -> Client {
        self.client.at(address)
    }

    /// Works until it is over: somebody does something every few milliseconds.
    pub async fn work(&self, rng: &mut SmallRng, over: &CancellationToken) {
        while !over.is_cancelled() {
            self.do_something(rng);
            let breath = Duration::from_millis(rng.random_range(1..=BREATH_MS));
            tokio::select! {
                () = over.cancelled() => {}
                () = tokio::time::sleep(breath) => {}
            }
        }
    }

    /// Switches a device off, as if its power had gone, and on again over what it kept.
    pub async fn power_cycle(&mut self, number: usize) {
        let Member { device, proxy, node } = self.members.remove(number);
        let (account, store) = device.kill().await;
        let device = HeadlessDevice::start_with(account, store, None);
        self.members.insert(number, Member { device, proxy, node });
    }

    /// All is well again with every network.
    pub fn heal(&self) {
        self.members.iter().for_each(|member| member.proxy.heal());
    }

    /// What was said.
    pub fn said(&self) -> BTreeMap<CommandId, OutboxEntry> {
        self.said.lock().clone()
    }

    fn do_something(&self, rng: &mut SmallRng) {
        let who = rng.random_range(0..self.members.len());
        let here = |id: &DocumentId| {
            self.members[who].device.look(|device| {
                device.store.documents.get(id).is_some_and(|copy| copy.kind == DocumentKind::WorkOrder)
            })
        };
        let orders: Vec<DocumentId> = self.orders.lock().iter().copied().filter(here).collect();
        let hot = rng.random_bool(0.4).then(|| orders.first()).flatten();
        let Some(order) = hot.or_else(|| orders.choose(rng)).copied() else { return };
        match rng.random_range(0..100) {
            0..8 => self.new_order(who),
            act => {
                if let Some(command) = self.idea(rng, who, order, act) {
                    self.say(who, &command);
                }
            }
        }
    }

    fn new_order(&self, who: usize) {
        let id = new_document();
        if self.say(who, &create_work_order(id, "Pump")) {
            self.orders.lock().push(id);
        }
    }

    fn idea(&self, rng: &mut SmallRng, who: usize, order: DocumentId, act: u32) -> Option<Command> {
        let text = format!("{:08x}", rng.random::<u32>());
        Some(match act {
            8..40 => edit_work_order(order, vec![FieldEdit::AddTag(text)]),
            40..52 => edit_work_order(order, vec![FieldEdit::Title(text)]),
            52..58 => edit_work_order(order, vec![FieldEdit::Priority(*Priority::ALL.choose(rng)?)]),
            58..72 => Command::Comment(comment::Command::Add {
                id: new_record(),
                document: order,
                kind: DocumentKind::WorkOrder,
                text,
            }),
            72..84 => {
                let person = self.members[who].device.look(|device| device.whose.person);
                let entry = labour_entry::LabourEntry { person, minutes: 5, started: None, note: Some(text) };
                Command::LabourEntry(labour_entry::Command::Add {
                    id: new_record(),
                    work_order: order,
                    entry,
                })
            }
            84..92 => self.members[who].device.look(|device| {
                let from = work_order::read(device.aggregate(order)?).status;
                // What asks for a reason is left to the simulator.
                let ways = [Status::InProgress, Status::Completed];
                let to = ways.into_iter().find(|to| from.may_become(*to))?;
                Some(change_status(order, to))
            })?,
            _ => issue(self.room, self.part, 1),
        })
    }

    /// Somebody gives a command; whether their device took it.
    fn say(&self, who: usize, command: &Command) -> bool {
        // Held while the device saves, so that nobody sees an acknowledged command that was not said.
        let mut said = self.said.lock();
        // What the rules refuse on the device (somebody else was faster) was never said.
        let Ok(Some(entry)) = self.members[who].device.make(command) else { return false };
        said.insert(entry.id(), entry);
        true
    }
}
