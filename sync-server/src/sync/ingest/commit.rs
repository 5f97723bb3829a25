//! Storing a judged batch in one transaction. Locks are taken in the same order everywhere: documents by id,
//! rows that features share, the feed's counter last, so that sequence numbers are in commit order.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use shared_model::document::DocumentKind;
use shared_model::features::view;
use shared_model::identity::{DeviceId, DocumentId, OrganisationId, PersonId};
use shared_model::ingest::{AcceptedItem, ItemFact};
use shared_model::permission::Scope;
use shared_model::sync_protocol::{Claim, CommandResult};
use sqlx::PgPool;

use super::attempt::Left;
use super::decision::Decided;
use super::queries::{self, NewCommand, NewRow};
use super::ruling::{AcceptedCommand, Ruling};
use super::{Core, Sender, decision};
use crate::clock::to_utc;
use crate::crash_point::{self, CrashPoint};
use crate::database::{TenantTransaction, tenant_keys, tenant_transaction};
use crate::document_store::{self, Snapshot, Stored, scopes_text, snapshot_is_due};
use crate::features;
use crate::projection::{self, Batch, Intake, Move, NewRecord, Projected, WrittenRows};
use crate::sync::chain;
use crate::sync::wake::Head;

/// What storing came to.
pub(super) enum Committed {
    /// Everything but the stale jobs is settled, by index.
    Done {
        results: Vec<(usize, CommandResult)>,
        panicked: Vec<(usize, &'static str, String)>,
        stale: Vec<usize>,
        /// Documents about which the server itself stated something.
        decided: BTreeSet<DocumentId>,
        /// Documents that were written.
        left: BTreeMap<DocumentId, Left>,
    },
    /// Somebody else created a document of the batch in the same moment, or deleted one: nothing is stored.
    Beaten,
}

/// Stores a batch, commits, and tells whoever waits for the feed.
pub(super) async fn store(
    core: &Core,
    mut transaction: TenantTransaction,
    organisation: OrganisationId,
    mut ruling: Ruling,
) -> anyhow::Result<Committed> {
    let mut stale = std::mem::take(&mut ruling.postponed);
    let mut results = std::mem::take(&mut ruling.results);
    results.extend(answer_held(&mut transaction, organisation, &ruling).await?);
    let panicked = std::mem::take(&mut ruling.panicked);
    if !update_existing(&mut transaction, organisation, &ruling).await? {
        transaction.rollback().await?;
        transaction = tenant_keys(&core.pool, organisation).await?;
        stale.extend(drop_stale(&mut transaction, organisation, &mut ruling).await?);
        // They are locked now; should one have moved all the same, nothing is stored.
        if !update_existing(&mut transaction, organisation, &ruling).await? {
            return Ok(Committed::Beaten);
        }
    }
    crash_point::pass(CrashPoint::DocumentsLocked);
    if ruling.accepted.is_empty() {
        give_back(core, organisation, ruling, &BTreeSet::new());
        let (decided, left) = (BTreeSet::new(), BTreeMap::new());
        return Ok(Committed::Done { results, panicked, stale, decided, left });
    }

    let raised = ruling.raised();
    if !insert_created(&mut transaction, organisation, &ruling, &raised).await? {
        return Ok(Committed::Beaten);
    }
    crash_point::pass(CrashPoint::DocumentsWritten);
    let decided = decide_and_project(core, &mut transaction, organisation, &mut ruling, &raised).await?;
    let Some(decided) = decided else { return Ok(Committed::Beaten) };
    let extended = extend_feed(core, &mut transaction, organisation, &ruling, &decided).await?;
    let Some((head, answers)) = extended else { return Ok(Committed::Beaten) };
    crash_point::pass(CrashPoint::BeforeCommit);
    transaction.commit().await?;
    crash_point::pass(CrashPoint::AfterCommit);
    results.extend(answers);

    for id in &raised {
        if let Some(stored) = ruling.documents.get_mut(id) {
            stored.state.version += 1;
        }
    }
    core.wake.moved(organisation, Head::of_feed(head.unsigned_abs()));
    crash_point::pass(CrashPoint::Woken);
    begin_snapshots(core, organisation, &mut ruling, &raised, head);
    let left = left(&ruling, &raised);
    give_back(core, organisation, ruling, &raised);
    let decided = decided.items.iter().map(|item| item.document).collect();
    Ok(Committed::Done { results, panicked, stale, decided, left })
}

fn left(ruling: &Ruling, raised: &BTreeSet<DocumentId>) -> BTreeMap<DocumentId, Left> {
    let left = raised.iter().filter_map(|id| {
        let Stored { written, state, .. } = ruling.documents.get(id)?;
        Some((*id, Left { written: written.clone(), snapshot_change_count: state.snapshot_change_count }))
    });
    left.collect()
}

/// Locks the documents, and takes every command out of the batch that was judged upon a state somebody else has
/// changed since, with all commands that share a document with it.
async fn drop_stale(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &mut Ruling,
) -> anyhow::Result<Vec<usize>> {
    let raised = ruling.raised();
    let version = |id: &DocumentId| ruling.documents.get(id).map_or(0, |stored| stored.state.version);
    let existing: Vec<DocumentId> = raised.into_iter().filter(|id| version(id) > 0).collect();
    let versions = document_store::lock(transaction, organisation, &existing).await?;
    let mut moved: BTreeSet<DocumentId> =
        existing.iter().filter(|id| versions.get(id) != Some(&version(id))).copied().collect();
    if moved.is_empty() {
        return Ok(Vec::new());
    }
    let mut stale = Vec::new();
    loop {
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut ruling.accepted)
            .into_iter()
            .partition(|command| command.touched.iter().any(|touched| moved.contains(&touched.document)));
        ruling.accepted = kept;
        if gone.is_empty() {
            break;
        }
        moved.extend(gone.iter().flat_map(|command| &command.touched).map(|touched| touched.document));
        stale.extend(gone.iter().map(|command| command.job));
    }
    ruling.documents.retain(|id, _| !moved.contains(id));
    stale.sort_unstable();
    Ok(stale)
}

/// Commands that brought nothing new name the rows they are in.
async fn answer_held(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &Ruling,
) -> anyhow::Result<Vec<(usize, CommandResult)>> {
    let items: Vec<&AcceptedItem> = ruling.held.iter().flat_map(|(_, items)| items).collect();
    let seqs = queries::seqs_of(transaction, organisation, &items).await?;
    let answers = ruling.held.iter().map(|(job, items)| {
        let seqs = items.iter().filter_map(|item| seqs.get(&(item.document, item.item_id.clone())));
        (*job, CommandResult::Duplicate { seqs: seqs.map(|seq| seq.unsigned_abs()).collect() })
    });
    Ok(answers.collect())
}

/// Writes the documents that were there before, and locks them with that. False: somebody else has changed one of them
/// since it was judged upon.
async fn update_existing(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &Ruling,
) -> anyhow::Result<bool> {
    let raised = ruling.raised();
    let stored = raised.iter().filter_map(|id| ruling.documents.get(id));
    let existing = stored.filter(|stored| stored.state.version > 0);
    let existing: Vec<(&Stored, i64, &[Scope])> = existing
        .map(|stored| (stored, stored.state.version, ruling.scopes_of(stored.aggregate.id)))
        .collect();
    Ok(document_store::update_existing(transaction, organisation, &existing).await? == existing.len())
}

/// Writes new documents. False: somebody else created one of them in the same moment.
async fn insert_created(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &Ruling,
    raised: &BTreeSet<DocumentId>,
) -> anyhow::Result<bool> {
    let stored = raised.iter().filter_map(|id| ruling.documents.get(id));
    let created = stored.filter(|stored| stored.state.version == 0);
    let created: Vec<(&Stored, &[Scope])> =
        created.map(|stored| (stored, ruling.scopes_of(stored.aggregate.id))).collect();
    let inserted = document_store::insert_created(transaction, organisation, &created).await?;
    Ok(inserted == created.len() as u64)
}

/// Lets every feature decide what the server has to state, then write its rows. `None`: somebody else changed a document
/// that the server would set right.
async fn decide_and_project(
    core: &Core,
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &mut Ruling,
    raised: &BTreeSet<DocumentId>,
) -> anyhow::Result<Option<Decided>> {
    let mut decisions = Vec::new();
    {
        let intake = intake(organisation, ruling, raised);
        for decide in features::ALL.iter().filter_map(|feature| feature.decide) {
            decisions.extend(decide(transaction, &intake).await?);
        }
    }
    let decided = decision::adopt(core, ruling, decisions);
    crash_point::pass(CrashPoint::Decided);
    if !rewrite_corrected(transaction, organisation, ruling, raised, &decided).await? {
        return Ok(None);
    }
    read_decided(ruling, &decided.items).await?;
    let documents = raised.iter().filter_map(|id| {
        let (stored, view) = (ruling.documents.get(id)?, ruling.views.get(id)?);
        let scopes = ruling.scopes_of(*id);
        Some(Projected { aggregate: &stored.aggregate, view, scopes })
    });
    let (documents, records) = (documents.collect(), new_records(ruling, &decided.items).collect());
    let known = raised.iter().filter_map(|id| Some((*id, ruling.documents.get(id)?.written.clone())));
    let batch = Batch { organisation, documents, records, written: WrittenRows::new(known) };
    projection::project(transaction, &batch).await?;
    for (id, written) in batch.written.into_inner() {
        if let Some(stored) = ruling.documents.get_mut(&id) {
            stored.written = written;
        }
    }
    crash_point::pass(CrashPoint::Projected);
    Ok(Some(decided))
}

fn intake<'a>(organisation: OrganisationId, ruling: &'a Ruling, raised: &BTreeSet<DocumentId>) -> Intake<'a> {
    let documents = raised.iter().filter_map(|id| Some((*id, &ruling.documents.get(id)?.aggregate)));
    let moves = ruling.accepted.iter().flat_map(|command| {
        let author = ruling.jobs[command.job].sender.grants.as_ref().map(|grants| grants.person);
        command.touched.iter().map(move |touched| Move {
            document: touched.document,
            author,
            before: &touched.before,
            after: &touched.after,
        })
    });
    Intake {
        organisation,
        now: ruling.now,
        created: created(ruling, raised),
        records: new_records(ruling, &[]).collect(),
        documents: documents.collect(),
        moves: moves.collect(),
    }
}

/// Writes documents once more that the server changed itself. False: somebody else has changed one of them.
async fn rewrite_corrected(
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &mut Ruling,
    raised: &BTreeSet<DocumentId>,
    decided: &Decided,
) -> anyhow::Result<bool> {
    let changed = decided.changed.iter().filter_map(|id| {
        let stored = ruling.documents.get(id)?;
        Some((stored, stored.state.version + i64::from(raised.contains(id)), ruling.scopes_of(*id)))
    });
    let changed: Vec<(&Stored, i64, &[Scope])> = changed.collect();
    if document_store::update_existing(transaction, organisation, &changed).await? != changed.len() {
        return Ok(false);
    }
    for id in &decided.changed {
        if let Some(stored) = ruling.documents.get_mut(id) {
            stored.state.version += 1;
        }
    }
    Ok(true)
}

fn created(ruling: &Ruling, raised: &BTreeSet<DocumentId>) -> Vec<(DocumentId, DocumentKind)> {
    let raised = raised.iter().filter_map(|id| ruling.documents.get(id));
    let created = raised.filter(|stored| stored.state.version == 0);
    created.map(|stored| (stored.aggregate.id, stored.aggregate.document.kind())).collect()
}

fn new_records<'a>(ruling: &'a Ruling, decided: &'a [AcceptedItem]) -> impl Iterator<Item = NewRecord<'a>> {
    let items = ruling.accepted.iter().flat_map(|command| &command.items).chain(decided);
    items.filter(|item| !item.known).filter_map(|item| match &item.fact {
        ItemFact::Record(record) => NewRecord::new(record, item.kind, ruling.now),
        ItemFact::Change { .. } => None,
    })
}

/// Reads the documents anew about which the server has stated something, on a blocking thread: a long one takes
/// its time.
async fn read_decided(ruling: &mut Ruling, decided: &[AcceptedItem]) -> anyhow::Result<()> {
    let mut stated = BTreeMap::new();
    for id in decided.iter().map(|item| item.document).filter(|id| ruling.views.contains_key(id)) {
        if let Some(stored) = ruling.documents.get(&id) {
            stated.insert(id, stored.aggregate.clone());
        }
    }
    if stated.is_empty() {
        return Ok(());
    }
    let read = move || stated.iter().map(|(id, aggregate)| (*id, view(aggregate))).collect::<Vec<_>>();
    ruling.views.extend(tokio::task::spawn_blocking(read).await?);
    Ok(())
}

/// Takes the counter, adds the rows, remembers the commands. Returns the new head and the commands' answers; `None`: a
/// document was deleted that is written without being locked.
async fn extend_feed(
    core: &Core,
    transaction: &mut TenantTransaction,
    organisation: OrganisationId,
    ruling: &Ruling,
    decided: &Decided,
) -> anyhow::Result<Option<(i64, Vec<(usize, CommandResult)>)>> {
    let known: Vec<&AcceptedItem> =
        ruling.accepted.iter().flat_map(|command| &command.items).filter(|item| item.known).collect();
    let mut seqs = queries::seqs_of(transaction, organisation, &known).await?;
    let (mut head, mut hash) = queries::lock_head(transaction, organisation).await?;
    crash_point::pass(CrashPoint::CounterTaken);
    if document_store::any_deleted(transaction, organisation, &ruling.unwatched()).await? {
        return Ok(None);
    }
    let mut rows = Vec::new();
    let drafts = drafts(ruling, decided);
    for draft in &drafts {
        head += 1;
        let item = draft.item;
        hash =
            chain::link(&hash, head, queries::item_kind(item), item.document, &item.item_hash, item.author);
        let device = draft.device();
        let receipt = core.receipt_key.sign(organisation, &claim(item, device));
        seqs.insert((item.document, item.item_id.clone()), head);
        rows.push(NewRow {
            seq: head,
            item,
            chain_hash: hash,
            scopes_before: scopes_text(draft.before),
            scopes_after: scopes_text(draft.after),
            receipt,
            device,
            command: draft.command.map(|command| command.id),
        });
    }
    let (commands, answers) = answers(core, organisation, ruling, &seqs);
    let received_at = to_utc(ruling.now);
    queries::extend_feed(transaction, organisation, &rows, received_at).await?;
    crash_point::pass(CrashPoint::FeedExtended);
    queries::insert_commands(transaction, organisation, &commands, received_at).await?;
    Ok(Some((head, answers)))
}

fn claim(item: &AcceptedItem, device: Option<DeviceId>) -> Claim<'_> {
    Claim::Item { document: item.document, item: &item.item_hash, author: item.author, device }
}

/// A feed row before it has a number.
struct Draft<'a> {
    item: &'a AcceptedItem,
    command: Option<&'a AcceptedCommand>,
    sender: Option<&'a Sender>,
    before: &'a [Scope],
    after: &'a [Scope],
}

impl Draft<'_> {
    /// The device it was made on, unless the server itself made it.
    fn device(&self) -> Option<DeviceId> {
        self.sender.filter(|_| self.item.author.is_some())?.device
    }
}

/// The new rows in order. The first item of a command in a document carries where the document was before the
/// command; with the others it is where it was put, so that coming and going is told once.
fn drafts<'a>(ruling: &'a Ruling, decided: &'a Decided) -> Vec<Draft<'a>> {
    let mut drafts = Vec::new();
    for command in &ruling.accepted {
        let mut begun: BTreeSet<DocumentId> = BTreeSet::new();
        for item in command.items.iter().filter(|item| !item.known) {
            let touched = command.touched.iter().find(|touched| touched.document == item.document);
            let (first, after) =
                touched.map_or((&[][..], &[][..]), |touched| (&touched.before[..], &touched.after[..]));
            let before = if begun.insert(item.document) { first } else { after };
            let sender = Some(&*ruling.jobs[command.job].sender);
            drafts.push(Draft { item, command: Some(command), sender, before, after });
        }
    }
    let mut begun: BTreeSet<DocumentId> = BTreeSet::new();
    for item in &decided.items {
        let after = ruling.scopes_of(item.document);
        let before = decided.before.get(&item.document).filter(|_| begun.insert(item.document));
        let before = before.map_or(after, Vec::as_slice);
        drafts.push(Draft { item, command: None, sender: None, before, after });
    }
    drafts
}

fn answers<'a>(
    core: &Core,
    organisation: OrganisationId,
    ruling: &'a Ruling,
    seqs: &HashMap<(DocumentId, Vec<u8>), i64>,
) -> (Vec<NewCommand<'a>>, Vec<(usize, CommandResult)>) {
    let mut commands = Vec::new();
    let mut answers = Vec::new();
    for command in &ruling.accepted {
        let sender = &ruling.jobs[command.job].sender;
        let author = sender.grants.as_ref().map(|grants| grants.person);
        // What the server added itself (merge changes) is no answer to what was pushed.
        let items: Vec<&AcceptedItem> = command.items.iter().filter(|item| item.author == author).collect();
        let seq = |item: &&AcceptedItem| seqs.get(&(item.document, item.item_id.clone())).copied();
        let numbers: Vec<i64> = items.iter().filter_map(seq).collect();
        // Somebody else may have brought what was here already: a receipt would name the wrong author.
        let new = items.iter().filter(|item| !item.known);
        let receipts =
            new.map(|item| core.receipt_key.sign(organisation, &claim(item, sender.device)).into());
        answers.push((
            command.job,
            CommandResult::Accepted {
                seqs: numbers.iter().map(|seq| seq.unsigned_abs()).collect(),
                receipts: receipts.collect(),
            },
        ));
        let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
        commands.push(NewCommand {
            id: command.id,
            author: author.map(PersonId::as_uuid),
            device: sender.device.map(DeviceId::as_uuid),
            seqs: texts.join(" "),
            intent: &command.intent,
        });
    }
    (commands, answers)
}

/// Begins to write the snapshots that are due, beside everything else and one batch of them at a time: they are a
/// cache, so what is put off or fails costs a longer replay and no more.
fn begin_snapshots(
    core: &Core,
    organisation: OrganisationId,
    ruling: &mut Ruling,
    raised: &BTreeSet<DocumentId>,
    head: i64,
) {
    let is_due = |id: &DocumentId, stored: &Stored| raised.contains(id) && snapshot_is_due(stored);
    let mut due = ruling.documents.iter_mut().filter(|(id, stored)| is_due(id, stored)).peekable();
    if due.peek().is_none() {
        return;
    }
    let Ok(turn) = Arc::clone(&core.snapshot_turn).try_acquire_owned() else { return };
    let due = due.map(|(_, stored)| {
        stored.state.snapshot_change_count = stored.state.change_count;
        stored.clone()
    });
    let (due, pool): (Vec<Stored>, _) = (due.collect(), core.pool.clone());
    tokio::spawn(async move {
        if let Err(error) = write_snapshots(&pool, organisation, due, head).await {
            tracing::warn!(%organisation, cause = format!("{error:#}"), "snapshots could not be written");
        }
        drop(turn);
    });
}

async fn write_snapshots(
    pool: &PgPool,
    organisation: OrganisationId,
    due: Vec<Stored>,
    head: i64,
) -> anyhow::Result<()> {
    let take = |stored: &Stored| Snapshot::take(&stored.aggregate, stored.state.change_count);
    let taking =
        tokio::task::spawn_blocking(move || due.iter().map(take).collect::<anyhow::Result<Vec<_>>>());
    let snapshots = taking.await??;
    crash_point::pass(CrashPoint::SnapshotsTaken);
    let mut transaction = tenant_transaction(pool, organisation).await?;
    document_store::write_snapshots(&mut transaction, organisation, &snapshots, head).await?;
    crash_point::pass(CrashPoint::SnapshotsWritten);
    transaction.commit().await?;
    crash_point::pass(CrashPoint::SnapshotsCommitted);
    Ok(())
}

/// Returns documents to the cache: those committed, and those nothing was done to.
fn give_back(core: &Core, organisation: OrganisationId, ruling: Ruling, raised: &BTreeSet<DocumentId>) {
    for (id, stored) in ruling.documents {
        if stored.state.version > 0 || raised.contains(&id) {
            core.documents.put(organisation, stored);
        }
    }
}
