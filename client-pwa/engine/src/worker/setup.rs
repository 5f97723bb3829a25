//! Taking the database over, and reading what memory holds of it. No document is loaded here.

use std::collections::{BTreeSet, VecDeque};

use client_bridge::database::{ATTENTION, DIRECTORY, DOCUMENTS, META, OUTBOX, ROWS, meta, prefix_range};
use client_bridge::lock::Lock;
use client_bridge::rows::ROWS_VERSION;
use client_bridge::{EngineStart, ToApp};
use futures::channel::mpsc::UnboundedSender;
use shared_model::features;
use shared_model::identity::{ActorId, CommandId, DocumentId, uuid_v7};
use shared_model::instant::{DAY_MS, Timestamp};
use shared_model::sync_protocol::{DeviceIdentity, DeviceSession, Standing};

use super::recover::recover;
use super::sealing::Sealing;
use super::{Input, Worker, status, views};
use crate::channel::Channel;
use crate::clock;
use crate::documents::{self, Documents};
use crate::journal::{Folder, Journal};
use crate::local_store::values::{ActorState, decode, encode};
use crate::local_store::{Anew, Batch, Durability, LocalStore, StoreError};
use crate::network::Line;
use crate::outbox::Outbox;
use crate::people::People;
use crate::row_pages::{RowChanges, RowPages};

/// How long a finished command is remembered: longer than any tab keeps one.
const REMEMBER_MS: i64 = 2 * DAY_MS;
/// How long receipts are kept: longer than anybody waits to restore a backup.
const RECEIPTS_MS: i64 = 60 * DAY_MS;
/// How long an engine may run before what it wrote under is forgotten with the receipts of its last day.
const OWN_ACTORS_MS: i64 = 365 * DAY_MS;
/// Documents read at a time when rows are made again.
const REBUILD_CHUNK: usize = 200;

impl Worker {
    /// Opens and takes over the database; `begins`: nobody has it open, so that it can be made anew before.
    pub(super) async fn open(
        start: &EngineStart,
        channel: Channel,
        inputs: UnboundedSender<Input>,
        begins: bool,
    ) -> Result<Self, StoreError> {
        let actor = ActorState::fresh();
        let on_lost = says_lost(&inputs);
        let journals = Folder::open(&start.journal_folder(), start.keys).await;
        let newest = journals.as_ref().map_or(0, Folder::newest_epoch);
        let floor = clock::epoch_floor().max(newest.saturating_add(1));
        let first = first_batch(&actor, start.lock.as_ref());
        let say = |message| channel.say(&message);
        let anew = Anew { begins, alive: &|| say(ToApp::Starting), made: &|| say(ToApp::RowsReset) };
        let store =
            LocalStore::take_over(&start.database(), start.keys, &first, floor, &anew, on_lost).await?;
        if read_json(&store, meta::ROWS_VERSION).await? != Some(ROWS_VERSION) {
            rebuild_rows(&store, &channel).await?;
            channel.say(&ToApp::RowsReset);
        }
        let waiting = store.sealed_entries(OUTBOX).await?;
        let mut outbox = Outbox::read(store.keys_held(), &waiting, &store.sealed_entries(ATTENTION).await?);
        let journal = match journals {
            Some(journals) => {
                if recover(&store, &mut outbox, journals.unsettled().await, actor.actor).await? {
                    channel.say(&ToApp::RowsReset);
                }
                journals.begin(store.epoch(), outbox.unsettled()).await
            }
            None => Journal::none(store.keys_held()),
        };
        let people = People::read(&store.entries(DIRECTORY).await?);
        let standing = read_standing(&store, &people).await?;
        let (wanted, owed) = read_wanted(&store).await?;
        let grants = read_json(&store, meta::GRANTS).await?.or_else(|| start.grants.clone());
        let identity = DeviceIdentity { device: start.device, actor: actor.actor };
        let session =
            DeviceSession::new(identity, standing.clone(), outbox.to_vec(), wanted.clone(), owed.clone());
        let sealing = Sealing::left(&store).await?;
        Ok(Self {
            sealing,
            wiping: None,
            people,
            finished: finished_commands(&store).await?,
            last_contact: read_json(&store, meta::LAST_CONTACT).await?,
            standing,
            start: start.clone(),
            channel,
            line: Line::new(inputs.clone(), start.device, start.deposit_credential.clone()),
            inputs,
            store,
            superseded: false,
            trouble: None,
            documents: Documents::default(),
            rows: RowPages::default(),
            outbox,
            journal,
            unsaved: Vec::new(),
            grants,
            actor,
            wanted: wanted.into_iter().collect(),
            owed: owed.into_iter().collect(),
            session,
            effects: VecDeque::new(),
            views: views::Views::default(),
            status: status::Shown::default(),
            wake: None,
            heartbeat: None,
        })
    }

    /// The fencing epoch of this engine.
    pub(super) const fn epoch(&self) -> u64 {
        self.store.epoch()
    }
}

fn says_lost(inputs: &UnboundedSender<Input>) -> impl Fn() + 'static {
    let inputs = inputs.clone();
    move || drop(inputs.unbounded_send(Input::StorageLost))
}

/// Written with the raised epoch: a fresh actor, and a lock that is not written yet; command ids and receipts are forgotten in time.
fn first_batch(actor: &ActorState, lock: Option<&Lock>) -> Batch {
    let mut batch = Batch::default();
    put_actor(&mut batch, actor);
    if let Some(lock) = lock {
        batch.put(META, meta::LOCK.to_owned(), lock.to_bytes());
    }
    let oldest = Timestamp::from_millis(0);
    let old = clock::now().plus_millis(-REMEMBER_MS);
    let key = |at| meta::command(CommandId::from_uuid(uuid_v7(at, [0; 10])));
    batch.delete_range(META, (key(oldest), key(old)));
    let stale = clock::now().plus_millis(-RECEIPTS_MS);
    batch.delete_range(META, (meta::RECEIPTS.to_owned(), meta::receipts(stale, 0)));
    // An engine may have written for long after it began.
    let begun = stale.plus_millis(-OWN_ACTORS_MS);
    let nobody = ActorId::from_bytes([0; 16]);
    batch.delete_range(META, (meta::OWN_ACTORS.to_owned(), meta::own_actor(begun, nobody)));
    batch
}

/// From here on the device writes under this actor.
pub(super) fn put_actor(batch: &mut Batch, actor: &ActorState) {
    batch.put(META, meta::ACTOR.to_owned(), encode(actor));
    batch.put(META, meta::own_actor(clock::now(), actor.actor), Vec::new());
}

async fn read_json<T: serde::de::DeserializeOwned>(
    store: &LocalStore,
    key: &str,
) -> Result<Option<T>, StoreError> {
    Ok(store.get(META, key).await?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

async fn read_decoded<T>(store: &LocalStore, key: &str) -> Result<T, StoreError>
where
    T: Default + for<'b> minicbor::Decode<'b, ()>,
{
    Ok(store.get(META, key).await?.and_then(|bytes| decode(&bytes)).unwrap_or_default())
}

/// How far this device is. A version before left out of the directory how the organisation looks; then it begins anew.
async fn read_standing(store: &LocalStore, people: &People) -> Result<Standing, StoreError> {
    let standing: Standing = read_decoded(store, meta::STANDING).await?;
    let directory_version = if people.know_organisation() { standing.directory_version } else { 0 };
    Ok(Standing { directory_version, ..standing })
}

/// Documents to fetch whole, and those of which a server that lost its history may lack something.
async fn read_wanted(store: &LocalStore) -> Result<(Vec<DocumentId>, Vec<DocumentId>), StoreError> {
    Ok((read_decoded(store, meta::WANTED).await?, read_decoded(store, meta::OWED).await?))
}

async fn finished_commands(store: &LocalStore) -> Result<BTreeSet<CommandId>, StoreError> {
    let keys = store.keys(META, &prefix_range(meta::COMMANDS)).await?;
    Ok(keys.iter().filter_map(|key| key.strip_prefix(meta::COMMANDS)?.parse().ok()).collect())
}

/// Makes all rows again from the documents: they changed their shape, or a load was interrupted.
/// Tabs wait for as long as they hear that it goes on.
async fn rebuild_rows(store: &LocalStore, channel: &Channel) -> Result<(), StoreError> {
    let mut pages = RowPages::default();
    let mut batch = Batch::default();
    batch.delete_range(ROWS, prefix_range(""));
    let mut changes = RowChanges::default();
    let ids: Vec<DocumentId> =
        store.keys(DOCUMENTS, &prefix_range("")).await?.iter().filter_map(|key| key.parse().ok()).collect();
    for chunk in ids.chunks(REBUILD_CHUNK) {
        channel.say(&ToApp::Starting);
        let read = documents::read(store, chunk).await?;
        changes.changed.extend(read.iter().map(|aggregate| (aggregate.id, features::row(aggregate))));
    }
    channel.say(&ToApp::Starting);
    pages.write(&mut batch, &changes);
    pages.write_waiting(&mut batch);
    channel.say(&ToApp::Starting);
    store.commit(&batch, Durability::Relaxed).await
}
