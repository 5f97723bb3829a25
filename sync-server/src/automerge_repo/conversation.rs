//! Where a client and this node are about one document. Automerge's own sync state says what to send; here is what
//! it cannot know: that a change may be refused, and that nothing is kept whose past is not here.

use std::collections::BTreeSet;

use automerge::ChangeHash;
use automerge::sync::{BloomFilter, Have, Message, State, SyncDoc};
use shared_model::document::Document;
use shared_model::gate;
use shared_model::sync_protocol::CommandResult;

use super::sync_message::Offered;

/// Most bytes of changes that wait for their past.
const MAX_WAITING_BYTES: usize = 256 * 1024;
/// Most changes of one client that are remembered as refused.
const MAX_REFUSED: usize = 1_024;
const HASH_BYTES: usize = 32;
/// About what a conversation takes with nothing in it.
const OWN_BYTES: usize = 512;

/// A change that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its hash.
    pub hash: ChangeHash,
    /// A stable code.
    pub code: String,
    /// What to know about it.
    pub detail: String,
}

/// What became of an offered change.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the document.
    Taken,
    /// It waits for changes it builds upon.
    Waits,
    /// It is refused.
    Refused(Refusal),
    /// It could not be judged now.
    TryAgain,
    /// More is refused than can be remembered.
    TooMuch,
}

/// One client and one document.
#[derive(Default)]
pub struct Conversation {
    state: State,
    waiting: Vec<Offered>,
    missing: BTreeSet<ChangeHash>,
    refused: BTreeSet<ChangeHash>,
    /// The heads and needs last sent, and the heads they answered to.
    said: Option<[Vec<ChangeHash>; 3]>,
}

impl Conversation {
    /// Takes in what a client offers, without what is known, in the order of operation numbers.
    pub fn take_in(&mut self, document: &Document, offered: Vec<Offered>) {
        if !offered.is_empty() {
            // Whoever brings something is answered.
            self.said = None;
        }
        let mut seen = BTreeSet::new();
        self.waiting.extend(offered);
        self.waiting.retain(|change| {
            let known = document.has_change(&change.hash) || self.refused.contains(&change.hash);
            !known && seen.insert(change.hash)
        });
        self.waiting.sort_by_key(first_number);
    }

    /// The changes to be judged now. One that numbers on from an operation that is not here (an edit as of an older
    /// state need not name the newest change as its past) waits until that one is.
    pub fn ready(&mut self, document: &Document) -> Vec<Offered> {
        self.missing.clear();
        let automerge = document.automerge();
        let heads = document.heads();
        let newest = heads.iter().filter_map(|head| automerge.get_change_meta_by_hash(head));
        let mut next = newest.map(|change| change.max_op).max().unwrap_or(0) + 1;
        let (ready, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|change| {
            let numbers = gate::change_sequel(&change.bytes).unwrap_or_default().numbers;
            let is_ready = numbers.start <= next;
            if is_ready {
                next = next.max(numbers.end);
            }
            is_ready
        });
        self.waiting = waiting;
        ready
    }

    /// What waits although all that the client has is here: it is judged as it is.
    pub fn overdue(&mut self, document: &Document, heads: &[ChangeHash]) -> Vec<Offered> {
        let waiting: BTreeSet<ChangeHash> = self.waiting.iter().map(|change| change.hash).collect();
        let is_here = |hash: &ChangeHash| {
            document.has_change(hash) || self.refused.contains(hash) || waiting.contains(hash)
        };
        let sequels = self.waiting.iter().filter_map(|change| gate::change_sequel(&change.bytes).ok());
        let deps: Vec<ChangeHash> = sequels.flat_map(|sequel| sequel.deps).collect();
        self.missing.extend(deps.iter().filter(|dep| !is_here(dep)));
        if self.missing.is_empty() && heads.iter().all(is_here) {
            std::mem::take(&mut self.waiting)
        } else {
            Vec::new()
        }
    }

    /// Takes note of what became of a change.
    pub fn settle(&mut self, change: Offered, result: CommandResult) -> Fate {
        match result {
            CommandResult::Accepted { .. } | CommandResult::Duplicate { .. } => Fate::Taken,
            CommandResult::Retry { .. } => Fate::TryAgain,
            CommandResult::Rejected { code, detail } => self.refuse(change.hash, code, detail),
            CommandResult::MissingDeps { hashes } => {
                let deps = hashes.iter().filter_map(|hash| ChangeHash::try_from(hash.as_slice()).ok());
                let deps: Vec<ChangeHash> = deps.collect();
                if deps.iter().any(|dep| self.refused.contains(dep)) {
                    let detail = "it builds upon a change that was refused".to_owned();
                    return self.refuse(change.hash, "refused_past".to_owned(), detail);
                }
                self.missing.extend(deps);
                self.waiting.push(change);
                Fate::Waits
            }
        }
    }

    /// Refuses a change and takes note of it.
    pub fn refuse(&mut self, hash: ChangeHash, code: String, detail: String) -> Fate {
        self.refused.insert(hash);
        if self.refused.len() > MAX_REFUSED {
            return Fate::TooMuch;
        }
        Fate::Refused(Refusal { hash, code, detail })
    }

    /// Does more wait for its past than is kept?
    pub fn is_flooded(&self) -> bool {
        self.waiting_bytes() > MAX_WAITING_BYTES
    }

    /// The next message, if there is something to say: an answer to `heard`, or news of the document.
    pub fn next_message(&mut self, document: &Document, heard: Option<Message>) -> Option<Vec<u8>> {
        if let Some(heard) = heard {
            let mut automerge = document.automerge().clone();
            // It holds no changes, so there is nothing that Automerge could refuse.
            automerge.receive_sync_message(&mut self.state, heard).ok()?;
        }
        let before = self.state.clone();
        let message = document.automerge().generate_sync_message(&mut self.state);
        self.forget_what_is_shared(document);
        let mut message = message?;
        // A client that is not told of flags sends changes one by one, which is how they are judged.
        message.flags = None;
        message.need.retain(|hash| !self.refused.contains(hash));
        message.need.extend(self.missing.iter().filter(|hash| !self.refused.contains(hash)));
        message.need.sort_unstable();
        message.need.dedup();
        let theirs = self.state.their_heads.clone().unwrap_or_default();
        let said = [message.heads.clone(), message.need.clone(), theirs];
        // The heads of a client with a refused branch never become ours. Automerge would go on telling both ends.
        let goes_in_circles = !self.refused.is_empty() || !self.waiting.is_empty();
        if goes_in_circles && message.changes.is_empty() && self.said.as_ref() == Some(&said) {
            self.state = before;
            return None;
        }
        self.said = Some(said);
        Some(message.encode())
    }

    /// Once both ends are equal, the heads say all that the other end's summary said.
    fn forget_what_is_shared(&mut self, document: &Document) {
        let heads = document.heads();
        if self.state.their_heads.as_ref() == Some(&heads) {
            self.state.their_have = Some(vec![Have { last_sync: heads, bloom: BloomFilter::default() }]);
        }
    }

    fn waiting_bytes(&self) -> usize {
        self.waiting.iter().map(|change| change.bytes.len() + HASH_BYTES).sum()
    }

    /// About how much memory this takes.
    pub fn weight(&self) -> usize {
        let State { shared_heads, last_sent_heads, their_heads, their_need, their_have, sent_hashes, .. } =
            &self.state;
        let lists = [their_heads, their_need].into_iter().flatten().map(Vec::len).sum::<usize>();
        let said: usize = self.said.iter().flatten().map(Vec::len).sum();
        let hashes = shared_heads.len() + last_sent_heads.len() + sent_hashes.len() + lists + said;
        let hashes = hashes + self.missing.len() + self.refused.len();
        let haves = their_have.iter().flatten();
        let summaries = haves.map(|have| have.last_sync.len() * HASH_BYTES + have.bloom.to_bytes().len());
        OWN_BYTES + hashes * HASH_BYTES + summaries.sum::<usize>() + self.waiting_bytes()
    }
}

/// The number of a change's first operation; what has none is judged first, and refused.
fn first_number(change: &Offered) -> u64 {
    gate::change_sequel(&change.bytes).map_or(0, |sequel| sequel.numbers.start)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use automerge::sync::State;
    use automerge::transaction::Transactable;
    use automerge::{ActorId as AutomergeActor, Automerge, PatchLog, ROOT};
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};
    use shared_model::document::DocumentKind;
    use shared_model::gate::{Binding, Numbering, Refused, Verdict};

    use super::*;
    use crate::automerge_repo::sync_message::Received;

    /// One document at a node.
    struct Node {
        document: Document,
        refused: usize,
    }

    impl Node {
        fn judge(&mut self, conversation: &mut Conversation, changes: Vec<Offered>) -> bool {
            let mut taken = false;
            for change in changes {
                let bind = |_: &_| Binding::Device;
                let verdict =
                    gate::check_numbered_change(&self.document, &change.bytes, Numbering::Isolated, bind);
                let result = match verdict {
                    Ok(Verdict::New(checked)) => {
                        self.document.apply(vec![checked.change]).unwrap();
                        CommandResult::Duplicate { seqs: Vec::new() }
                    }
                    Ok(Verdict::Held(_)) => CommandResult::Duplicate { seqs: Vec::new() },
                    Err(Refused::MissingDeps(hashes)) => CommandResult::MissingDeps {
                        hashes: hashes.into_iter().map(|hash| hash.0.to_vec().into()).collect(),
                    },
                    Err(refused) => {
                        self.refused += 1;
                        CommandResult::Rejected {
                            code: refused.code().to_owned(),
                            detail: refused.to_string(),
                        }
                    }
                };
                taken |= conversation.settle(change, result) == Fate::Taken;
            }
            taken
        }

        fn hear(&mut self, conversation: &mut Conversation, bytes: &[u8]) -> Option<Vec<u8>> {
            let Received { summary, changes } = Received::decode(bytes).unwrap();
            conversation.take_in(&self.document, changes);
            loop {
                let ready = conversation.ready(&self.document);
                if !self.judge(conversation, ready) {
                    break;
                }
            }
            let overdue = conversation.overdue(&self.document, &summary.heads);
            self.judge(conversation, overdue);
            conversation.next_message(&self.document, Some(summary))
        }
    }

    /// An unmodified client, and the wires to and from it.
    struct Guest {
        automerge: Automerge,
        state: State,
        conversation: Conversation,
        up: VecDeque<Vec<u8>>,
        down: VecDeque<Vec<u8>>,
    }

    impl Guest {
        fn new(node: &Node, rng: &mut SmallRng) -> Self {
            let mut automerge = node.document.automerge().clone();
            automerge.set_actor(AutomergeActor::from(rng.random::<[u8; 16]>()));
            let (up, down) = Default::default();
            Self { automerge, state: State::new(), conversation: Conversation::default(), up, down }
        }

        fn say(&mut self) {
            let message = self.automerge.generate_sync_message(&mut self.state);
            self.up.extend(message.map(Message::encode));
        }

        fn edit(&mut self, older: Option<&[ChangeHash]>, text: &str) {
            let heads = older.map_or_else(|| self.automerge.get_heads(), <[ChangeHash]>::to_vec);
            let mut transaction = match older {
                Some(_) => self.automerge.transaction_at(PatchLog::inactive(), &heads).unwrap(),
                None => self.automerge.transaction(),
            };
            transaction.put(ROOT, "external", text).unwrap();
            transaction.commit();
            self.say();
        }

        /// Passes one message on, if there is one under way; is there more?
        fn deliver(&mut self, node: &mut Node, rng: &mut SmallRng) -> bool {
            let upwards = self.down.is_empty() || rng.random();
            if upwards && let Some(bytes) = self.up.pop_front() {
                self.down.extend(node.hear(&mut self.conversation, &bytes));
            } else if let Some(bytes) = self.down.pop_front() {
                let message = Message::decode(&bytes).unwrap();
                self.automerge.receive_sync_message(&mut self.state, message).unwrap();
                self.say();
            }
            !self.up.is_empty() || !self.down.is_empty()
        }
    }

    #[test]
    fn honest_clients_end_with_the_same_heads_whatever_their_filters_hold_back() {
        for seed in 0..600 {
            let mut rng = SmallRng::seed_from_u64(seed);
            let mut node = Node { document: Document::new(DocumentKind::WorkOrder), refused: 0 };
            let mut guests = [Guest::new(&node, &mut rng), Guest::new(&node, &mut rng)];
            for step in 0..40 {
                let guest = &mut guests[rng.random_range(0..2)];
                match rng.random_range(0..6) {
                    0 => guest.edit(None, &format!("{seed} {step}")),
                    1 => {
                        let all = guest.automerge.get_changes(&[]);
                        let at = all[rng.random_range(0..all.len())].hash();
                        guest.edit(Some(&[at]), &format!("{seed} {step}"));
                    }
                    2 => {
                        let news = guest.conversation.next_message(&node.document, None);
                        guest.down.extend(news);
                    }
                    _ => _ = guest.deliver(&mut node, &mut rng),
                }
            }
            let mut rounds = 0;
            let mut quiet = false;
            while !quiet {
                rounds += 1;
                assert!(rounds < 1_000, "seed {seed} goes in circles");
                for guest in &mut guests {
                    while guest.deliver(&mut node, &mut rng) {}
                }
                quiet = true;
                for guest in &mut guests {
                    let news = guest.conversation.next_message(&node.document, None);
                    quiet &= news.is_none();
                    guest.down.extend(news);
                }
            }
            assert_eq!(node.refused, 0, "seed {seed}");
            for guest in &guests {
                assert_eq!(guest.automerge.get_heads(), node.document.heads(), "seed {seed}");
            }
        }
    }
}
