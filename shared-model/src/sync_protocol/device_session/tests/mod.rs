//! One device session, talked to by hand.

mod check;
mod deposits;
mod give_back;
mod loads;

use super::*;
use crate::sync_protocol::{
    CommandResult, Cursor, DeviceFrame, Disconnect, Fate, FeedItem, Pack, PackFailure, PackProgress, Plan,
    PushedCommand, PushedItem, ServerFrame, Snapshot, StoreReport,
};

const START: i64 = 1_800_000_000_000;

struct Talk {
    session: DeviceSession,
    now: i64,
    random: u64,
    /// The server answers whether a copy is right.
    checks: bool,
}

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: vec![7; 16].into(), seq, chain_hash: vec![u8::try_from(seq).unwrap(); 32].into() }
}

fn document(n: u8) -> DocumentId {
    DocumentId::from_bytes([n; 16])
}

fn entry(n: u8, documents: &[u8]) -> OutboxEntry {
    let command =
        PushedCommand { id: CommandId::from_bytes([n; 16]), intent: Vec::new().into(), items: Vec::new() };
    OutboxEntry::new(command, documents.iter().map(|n| document(*n)).collect())
}

fn id(n: u8) -> CommandId {
    CommandId::from_bytes([n; 16])
}

fn standing(seq: u64) -> Standing {
    Standing { cursor: Some(cursor(seq)), rights: vec![1], ..Standing::default() }
}

impl Talk {
    fn new(standing: Standing, outbox: Vec<OutboxEntry>) -> Self {
        let identity =
            DeviceIdentity { device: DeviceId::from_bytes([1; 16]), actor: ActorId::from_bytes([2; 16]) };
        Self {
            session: DeviceSession::new(identity, standing, outbox, Vec::new(), Vec::new()),
            now: START,
            random: 0,
            checks: false,
        }
    }

    fn tell(&mut self, event: DeviceEvent) -> Vec<DeviceEffect> {
        self.session.handle(Timestamp::from_millis(self.now), self.random, event)
    }

    fn hear(&mut self, frame: &ServerFrame) -> Vec<DeviceEffect> {
        let connection = self.session.line.connection().unwrap();
        self.tell(DeviceEvent::Received { connection, frame: frame.encode() })
    }

    /// Dials, says Hello, hears Welcome.
    fn open(&mut self, plan: Plan) -> Vec<DeviceEffect> {
        self.open_to(plan, 0)
    }

    fn open_to(&mut self, plan: Plan, schema: u8) -> Vec<DeviceEffect> {
        let effects = self.tell(DeviceEvent::Online);
        let [DeviceEffect::Dial { connection }] = effects[..] else { panic!("{effects:?}") };
        self.greet(connection, plan, schema)
    }

    fn greet(&mut self, connection: u64, plan: Plan, schema: u8) -> Vec<DeviceEffect> {
        let effects = self.tell(DeviceEvent::Connected { connection });
        assert!(matches!(sent(&effects)[..], [DeviceFrame::Hello { .. }]), "{effects:?}");
        self.hear(&ServerFrame::Welcome {
            protocol: 1,
            head: cursor(9),
            horizon: 0,
            checks: self.checks,
            server_time: Timestamp::from_millis(START),
            plan,
            rights: vec![1].into(),
            documents: 3,
            schema,
        })
    }

    fn stored(&mut self, ticket: u64) -> Vec<DeviceEffect> {
        self.tell(DeviceEvent::Stored { ticket, report: StoreReport::default() })
    }

    fn answer(&mut self, n: u8, result: CommandResult) -> Vec<DeviceEffect> {
        self.hear(&ServerFrame::PushResults { results: vec![(id(n), result)] })
    }

    fn retry_in(&self) -> i64 {
        let Link::Offline { retry_at: Some(at) } = self.session.status().link else {
            panic!("{:?}", self.session.status())
        };
        at.as_millis() - self.now
    }
}

fn sent(effects: &[DeviceEffect]) -> Vec<DeviceFrame> {
    let frame = |effect: &DeviceEffect| match effect {
        DeviceEffect::Send { frame, .. } => Some(DeviceFrame::decode(frame).unwrap()),
        _ => None,
    };
    effects.iter().filter_map(frame).collect()
}

fn pushed(effects: &[DeviceEffect]) -> Vec<CommandId> {
    let commands = sent(effects).into_iter().filter_map(|frame| match frame {
        DeviceFrame::Push { commands } => Some(commands),
        _ => None,
    });
    commands.flatten().map(|command| command.id).collect()
}

fn hangs_up(effects: &[DeviceEffect]) -> bool {
    effects.iter().any(|effect| matches!(effect, DeviceEffect::HangUp { .. }))
}

fn feed(from: u64, to: u64) -> ServerFrame {
    let item = |seq| FeedItem {
        seq,
        document: document(1),
        kind: crate::document::DocumentKind::Asset,
        received_at: Timestamp::default(),
        author: None,
        body: crate::sync_protocol::FeedBody::Leave,
        receipt: None,
        device: None,
    };
    ServerFrame::Feed { from, to: cursor(to), items: (from + 1..=to).map(item).collect(), at: None }
}

const MISSING: CommandResult = CommandResult::MissingDeps { hashes: Vec::new() };

fn accepted() -> CommandResult {
    CommandResult::Accepted { seqs: vec![1], receipts: Vec::new() }
}

fn rejected() -> CommandResult {
    CommandResult::Rejected { code: "not_permitted".to_owned(), detail: String::new() }
}

#[test]
fn back_off_doubles_with_full_jitter_up_to_twenty_seconds() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.random = u64::MAX;
    let mut waits = Vec::new();
    let effects = talk.tell(DeviceEvent::Online);
    let mut dialed = effects;
    for _ in 0..10 {
        let [DeviceEffect::Dial { connection }] = dialed[..] else { panic!("{dialed:?}") };
        talk.tell(DeviceEvent::Disconnected { connection, cause: Disconnect::Lost });
        waits.push(talk.retry_in());
        talk.now += talk.retry_in();
        dialed = talk.tell(DeviceEvent::Tick);
    }
    let windows = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000, 20_000, 20_000];
    let drawn: Vec<i64> = windows.iter().map(|window| (u64::MAX % window) as i64).collect();
    assert_eq!(waits, drawn);
}

#[test]
fn goodbye_says_when_to_come_back_or_that_somebody_has_to_sign_in() {
    let goodbye =
        |retry_after_ms| ServerFrame::Goodbye { code: String::new(), detail: String::new(), retry_after_ms };
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    assert!(hangs_up(&talk.hear(&goodbye(Some(7_000)))));
    assert_eq!(talk.retry_in(), 7_000);

    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    talk.hear(&goodbye(None));
    assert_eq!(talk.session.status().link, Link::SignInNeeded);
    assert_eq!(talk.session.wake_at(), None);
    assert!(matches!(talk.tell(DeviceEvent::SignedIn)[..], [DeviceEffect::Dial { .. }]));
}

#[test]
fn a_turn_the_server_gave_is_kept_and_is_no_failure() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.random = 1_999;
    let mut dialed = talk.tell(DeviceEvent::Online);
    for after_ms in [4_000, 9_000, 2_000] {
        let [DeviceEffect::Dial { connection }] = dialed[..] else { panic!("{dialed:?}") };
        let cause = Disconnect::ComeBack { after_ms };
        talk.tell(DeviceEvent::Disconnected { connection, cause });
        assert_eq!(talk.retry_in(), after_ms as i64 + 999);
        talk.now += talk.retry_in();
        dialed = talk.tell(DeviceEvent::Tick);
    }
    let [DeviceEffect::Dial { connection }] = dialed[..] else { panic!("{dialed:?}") };
    talk.tell(DeviceEvent::Disconnected { connection, cause: Disconnect::Lost });
    assert!(talk.retry_in() < 500, "the first failure waits as a first failure does");
}

#[test]
fn a_range_seen_before_is_skipped_an_overlap_is_cut_and_a_gap_begins_again() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    assert!(talk.hear(&feed(1, 3)).is_empty());
    match &talk.hear(&feed(2, 5))[..] {
        [DeviceEffect::StoreFeed { from: 3, items, .. }] => {
            assert_eq!(items.iter().map(|item| item.seq).collect::<Vec<_>>(), [4, 5]);
        }
        other => panic!("{other:?}"),
    }
    assert!(hangs_up(&talk.hear(&feed(6, 8))));
}

#[test]
fn it_does_not_dial_before_what_arrived_is_stored() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    talk.hear(&feed(3, 5));
    talk.tell(DeviceEvent::Disconnected { connection: 1, cause: Disconnect::Lost });
    talk.now += 1_000;
    assert!(talk.tell(DeviceEvent::Tick).is_empty());
    assert_eq!(talk.session.wake_at(), None, "the end of the transaction wakes it");
    assert!(matches!(talk.stored(1)[..], [DeviceEffect::Dial { .. }]));
    assert_eq!(talk.session.standing().cursor, Some(cursor(5)));
}

#[test]
fn what_schema_the_server_knows_is_remembered() {
    let mut talk = Talk::new(standing(3), Vec::new());
    let effects = talk.open_to(Plan::Delta, 4);
    assert!(matches!(effects[..], [DeviceEffect::StoreSchema { ticket: 1, schema: 4 }]), "{effects:?}");
    assert_eq!(talk.session.standing().schema, 0, "not before it is stored");
    talk.stored(1);
    let stored = talk.session.standing().clone();
    assert_eq!(stored.schema, 4);
    assert!(Talk::new(stored.clone(), Vec::new()).open_to(Plan::Delta, 4).is_empty());

    // A load ends with it, and a server that went back to an older version is believed.
    let load = LoadProgress {
        from: cursor(9),
        rights: vec![1],
        after: None,
        sweep: true,
        loaded: 0,
        documents: 0,
        packs: None,
        from_nothing: false,
    };
    assert_eq!(stored.after_page(&load, None, 0).schema, 4);
    let effects = Talk::new(stored, Vec::new()).open_to(Plan::Delta, 0);
    assert!(matches!(effects[..], [DeviceEffect::StoreSchema { schema: 0, .. }]), "{effects:?}");
}

/// What earlier versions stored and said ended before the schema.
#[test]
fn older_versions_knew_no_schema_step() {
    let standing = standing(3);
    let mut bytes = minicbor::to_vec(&standing).unwrap();
    // A map loses its last entry (4: 0).
    let schema = bytes.split_off(bytes.len() - 2);
    assert_eq!((bytes[0], schema), (0xa4, vec![4, 0]));
    bytes[0] -= 1;
    assert_eq!(minicbor::decode::<Standing>(&bytes).unwrap(), standing);

    let welcome = ServerFrame::Welcome {
        protocol: 1,
        head: cursor(9),
        horizon: 0,
        checks: false,
        server_time: Timestamp::default(),
        plan: Plan::Delta,
        rights: vec![1].into(),
        documents: 0,
        schema: 0,
    };
    // An array loses its last elements: whether the server checks copies, and its schema.
    let mut bytes = welcome.encode();
    assert_eq!((bytes[2], bytes.pop(), bytes.pop()), (0x89, Some(0xf4), Some(0)));
    bytes[2] -= 2;
    assert_eq!(ServerFrame::decode(&bytes).unwrap(), welcome);
}

#[test]
fn commands_go_out_in_order_a_few_at_a_time_and_again_after_a_break() {
    let mut talk = Talk::new(standing(3), (1..=6).map(|n| entry(n, &[n])).collect());
    assert_eq!(pushed(&talk.open(Plan::Delta)), [id(1), id(2), id(3), id(4)]);
    assert_eq!(pushed(&talk.answer(1, accepted())), [id(5)]);
    talk.tell(DeviceEvent::Disconnected { connection: 1, cause: Disconnect::Lost });
    talk.now += 1_000;
    let outcome = talk.stored(1);
    assert!(matches!(outcome[..], [DeviceEffect::Dial { .. }]), "{outcome:?}");
    assert_eq!(talk.session.status().waiting, 5, "an answer is stored before a command is forgotten");
    talk.tell(DeviceEvent::Connected { connection: 2 });
    let welcome = ServerFrame::Welcome {
        protocol: 1,
        head: cursor(9),
        horizon: 0,
        checks: false,
        server_time: Timestamp::default(),
        plan: Plan::Delta,
        rights: vec![1].into(),
        documents: 0,
        schema: 0,
    };
    assert_eq!(pushed(&talk.hear(&welcome)), [id(2), id(3), id(4), id(5)]);
}

#[test]
fn large_commands_travel_alone() {
    let mut outbox = vec![entry(1, &[1]), entry(2, &[2])];
    for large in &mut outbox {
        large.command.intent = vec![b' '; 200 * 1024].into();
    }
    let mut talk = Talk::new(standing(3), outbox);
    assert_eq!(pushed(&talk.open(Plan::Delta)), [id(1)]);
    assert_eq!(pushed(&talk.answer(1, accepted())), [id(2)]);
}

#[test]
fn a_refusal_counts_only_when_nothing_before_it_is_open() {
    let mut talk = Talk::new(standing(3), vec![entry(1, &[1]), entry(2, &[1])]);
    talk.open(Plan::Delta);
    talk.answer(1, CommandResult::Retry { after_ms: 300 });
    assert!(talk.answer(2, rejected()).is_empty(), "its document may just not have arrived");
    talk.now += 300;
    assert_eq!(pushed(&talk.tell(DeviceEvent::Tick)), [id(1)]);
    assert_eq!(pushed(&talk.answer(1, accepted())), [id(2)], "once the one before is answered");
}

/// A frame with an answer is lost, and those behind it are answered all the same.
#[test]
fn one_answer_that_does_not_come_is_missed_however_many_others_do() {
    let mut talk = Talk::new(standing(3), (1..=40).map(|n| entry(n, &[n])).collect());
    talk.open(Plan::Delta);
    for n in 2..=9 {
        talk.now += 4_000;
        talk.answer(n, accepted());
        let effects = talk.tell(DeviceEvent::Tick);
        assert_eq!(hangs_up(&effects), n == 9, "{n}: a command is on its way for {} s", (n - 1) * 4);
    }
}

#[test]
fn a_command_that_keeps_missing_something_is_refused_in_the_end() {
    let mut talk = Talk::new(standing(3), vec![entry(1, &[1])]);
    talk.open(Plan::Delta);
    for _ in 0..2 {
        assert!(talk.answer(1, MISSING).is_empty());
        talk.now += 1_000;
        assert_eq!(pushed(&talk.tell(DeviceEvent::Tick)), [id(1)]);
    }
    let effects = talk.answer(1, MISSING);
    let [DeviceEffect::Settle { fates, .. }, ..] = &effects[..] else { panic!("{effects:?}") };
    assert!(matches!(&fates[..], [(_, Fate::Refused { code, .. })] if code == "missing_deps"));
}

#[test]
fn after_a_refusal_the_documents_it_connects_are_rebuilt_from_the_server() {
    let mut talk = Talk::new(standing(3), vec![entry(1, &[1]), entry(2, &[1, 2]), entry(3, &[9])]);
    talk.open(Plan::Delta);
    let effects = talk.answer(1, rejected());
    assert!(matches!(effects[..], [DeviceEffect::Settle { .. }]), "command 2 is not answered: {effects:?}");
    // Saved meanwhile, it waits: it builds on what is dead.
    assert!(talk.tell(DeviceEvent::Saved(entry(4, &[2]))).is_empty());
    let asked = vec![document(1), document(2)];
    let fetch = DeviceFrame::FetchDocuments { documents: asked.clone() };
    assert_eq!(sent(&talk.answer(2, MISSING)), [fetch]);
    let effects = talk.hear(&ServerFrame::Snapshots {
        at: cursor(3),
        items: Vec::new(),
        through: None,
        asked: asked.clone(),
    });
    let [DeviceEffect::Rebuild { ticket, documents, set_aside, .. }] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!((documents, set_aside.len()), (&asked, 0));
    let mut again = entry(5, &[1]);
    again.replays = 1;
    let report =
        StoreReport { removed: vec![id(1), id(2), id(4)], added: vec![again], ..StoreReport::default() };
    assert_eq!(pushed(&talk.tell(DeviceEvent::Stored { ticket: *ticket, report })), [id(5)]);

    // Refused again, it is not tried a third time.
    talk.answer(5, rejected());
    let effects = talk.hear(&ServerFrame::Snapshots {
        at: cursor(3),
        items: Vec::new(),
        through: None,
        asked: vec![document(1)],
    });
    let [DeviceEffect::Rebuild { set_aside, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*set_aside, [id(5)]);
}

#[test]
fn silence_is_asked_about_and_then_given_up_on() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    talk.now += 15_000;
    assert_eq!(sent(&talk.tell(DeviceEvent::Tick)), [DeviceFrame::Ping { nonce: 0, stored: 3 }]);
    talk.now += 9_999;
    assert!(talk.tell(DeviceEvent::Tick).is_empty());
    talk.now += 1;
    assert!(hangs_up(&talk.tell(DeviceEvent::Tick)));
}

#[test]
fn a_pong_tells_of_frames_that_were_lost() {
    for (sent, stays) in [(Some(3), true), (Some(4), false), (None, false)] {
        let mut talk = Talk::new(standing(3), Vec::new());
        talk.open(Plan::Delta);
        let effects = talk.hear(&ServerFrame::Pong { nonce: 0, sent, directory: 0 });
        assert_eq!(hangs_up(&effects), !stays, "{sent:?}");
    }
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut talk = Talk::new(standing(3), Vec::new());
    talk.open(Plan::Delta);
    talk.now -= 3_600_000;
    assert!(talk.tell(DeviceEvent::Tick).is_empty());
    let wake = talk.session.wake_at().unwrap().as_millis();
    assert_eq!(wake - talk.now, 15_000);
}

#[test]
fn bytes_that_are_no_frame_end_the_connection_and_nothing_else() {
    let mut talk = Talk::new(standing(3), vec![entry(1, &[1])]);
    talk.open(Plan::Delta);
    let portal = b"<html>Please accept our terms</html>".to_vec();
    assert!(hangs_up(&talk.tell(DeviceEvent::Received { connection: 1, frame: portal })));
    assert_eq!(talk.session.status().waiting, 1);
}

/// Each has as many facts as would take a while to judge; a message brings no more than is judged in one go.
#[test]
fn heavy_commands_go_out_one_after_the_other() {
    let facts = vec![PushedItem::Record { bytes: Vec::new().into() }; 200];
    let heavy = |n: u8| {
        let command = PushedCommand { id: id(n), intent: Vec::new().into(), items: facts.clone() };
        OutboxEntry::new(command, vec![document(n)])
    };
    let mut talk = Talk::new(standing(3), vec![heavy(1), heavy(2), entry(3, &[3])]);
    assert_eq!(pushed(&talk.open(Plan::Delta)), [id(1)]);
    assert_eq!(pushed(&talk.answer(1, accepted())), [id(2), id(3)]);
}
