//! One organisation that wants everything at once, and another that goes on working beside it. What holds the loud one
//! up is counted or locked, never timed: the quiet one is served while the loud one's work is still waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use maintainpro_tests::bench::line::Line;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{Hand, accepted, create_part, create_work_order, new_document};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use maintainpro_tests::until::until;
use parking_lot::{Condvar, Mutex};
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, DeviceFrame, PushedCommand, ServerFrame};
use sqlx::PgConnection;
use sync_server::app_state::Settings;
use tokio::task::JoinHandle;

/// Devices of the loud organisation, each with as many commands under way as the server takes from one.
const DEVICES: usize = 32;
const UNDER_WAY: usize = 64;
const BATCH: usize = 16;
/// Commands of each device.
const COMMANDS: usize = 128;
/// Commands of the quiet organisation, one after the other.
const QUIET: usize = 8;
/// What may be stored for the loud organisation while one command of the quiet one is: three batches of its lane.
const OVERTAKEN: usize = 600;

/// Somebody at a socket of their own.
struct Desk {
    hand: Hand,
    client: Client,
}

impl Desk {
    async fn sign_in(server: &TestServer, organisation: &str) -> Self {
        let email = format!("ann@{organisation}.example");
        let mut hand = Hand::sign_in(server, organisation, &email).await;
        let mut client = server.client();
        hand.sender.device = Some(client.sign_in(organisation, &email).await.device.id);
        Self { hand, client }
    }

    async fn line(&mut self) -> Line {
        let ticket = self.client.socket_ticket().await.ticket;
        let mut line = Line::open(self.client.address(), &ticket).await.unwrap();
        line.stand(self.hand.sender.device.unwrap()).await.unwrap();
        line
    }

    /// New parts, nobody has pushed them yet.
    fn parts(&mut self, count: usize) -> Vec<PushedCommand> {
        (0..count)
            .map(|number| self.hand.make(&create_part(new_document(), &format!("P-{number}"))))
            .collect()
    }
}

async fn neighbours(settings: Settings) -> (TestServer, Desk, Desk) {
    let server = TestServer::start_with(&TestDatabase::create().await, settings).await;
    for slug in ["loud", "quiet"] {
        let organisation = create_organisation(&server.database, slug).await;
        create_person(&server.database, organisation, &format!("ann@{slug}.example"), Role::Admin).await;
    }
    let (loud, quiet) = (Desk::sign_in(&server, "loud").await, Desk::sign_in(&server, "quiet").await);
    (server, loud, quiet)
}

/// Hears the results of one push, all accepted; how many.
async fn hear_results(line: &mut Line) -> usize {
    loop {
        if let ServerFrame::PushResults { results } = line.hear().await.unwrap() {
            return results.into_iter().map(|(_, result)| drop(accepted(result))).count();
        }
    }
}

/// Pushes everything, always as much under way as it may be.
async fn flood(mut line: Line, commands: Vec<PushedCommand>, stored: Arc<AtomicUsize>) {
    let mut batches = commands.chunks(BATCH);
    for batch in batches.by_ref().take(UNDER_WAY / BATCH) {
        line.say(&DeviceFrame::Push { commands: batch.to_vec() }).await.unwrap();
    }
    let mut left = commands.len();
    while left > 0 {
        let heard = hear_results(&mut line).await;
        left -= heard;
        stored.fetch_add(heard, Ordering::SeqCst);
        if let Some(batch) = batches.next() {
            line.say(&DeviceFrame::Push { commands: batch.to_vec() }).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pushes_is_not_in_front_of_the_neighbour() {
    let (_server, mut loud, mut quiet) = neighbours(Settings::default()).await;
    let mut line = quiet.line().await;
    let mut alone = Vec::new();
    for command in quiet.parts(QUIET) {
        let begun = Instant::now();
        line.say(&DeviceFrame::Push { commands: vec![command] }).await.unwrap();
        assert_eq!(hear_results(&mut line).await, 1);
        alone.push(begun.elapsed());
    }
    let stored = Arc::<AtomicUsize>::default();
    let mut devices = Vec::new();
    for _ in 0..DEVICES {
        loud.hand = loud.hand.restarted();
        devices.push((loud.line().await, loud.parts(COMMANDS)));
    }
    let devices: Vec<JoinHandle<()>> = devices
        .into_iter()
        .map(|(line, commands)| tokio::spawn(flood(line, commands, Arc::clone(&stored))))
        .collect();
    until("flooded", async || if stored.load(Ordering::SeqCst) > 0 { Ok(()) } else { Err(0) }).await;

    let (mut beside, mut overtaken) = (Vec::new(), Vec::new());
    for command in quiet.parts(QUIET) {
        let (begun, before) = (Instant::now(), stored.load(Ordering::SeqCst));
        // Only while the loud one has more under way than may overtake does this say anything.
        if DEVICES * COMMANDS - before < 2 * OVERTAKEN {
            break;
        }
        line.say(&DeviceFrame::Push { commands: vec![command] }).await.unwrap();
        assert_eq!(hear_results(&mut line).await, 1);
        beside.push(begun.elapsed());
        overtaken.push(stored.load(Ordering::SeqCst) - before);
    }
    println!("alone {alone:?}, beside the flood {beside:?}, which was stored meanwhile: {overtaken:?}");
    assert!(beside.len() >= QUIET / 2, "the flood was over too soon: {overtaken:?}");
    assert!(overtaken.iter().all(|commands| *commands <= OVERTAKEN), "{overtaken:?}");
    // The loud one is served as well, every command of it.
    for device in devices {
        device.await.unwrap();
    }
    assert_eq!(stored.load(Ordering::SeqCst), DEVICES * COMMANDS);
}

/// Locks rows of an organisation until the transaction is rolled back.
async fn hold(connection: &mut PgConnection, rows: &'static str, desk: &Desk) {
    sqlx::query("begin").execute(&mut *connection).await.unwrap();
    sqlx::query(rows).bind(desk.hand.organisation.as_uuid()).execute(connection).await.unwrap();
}

/// Waits until so many statements wait for a lock.
async fn until_stuck(connection: &mut PgConnection, least: i64) {
    until("stuck", async || {
        let stuck: i64 = sqlx::query_scalar(
            "select count(*) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        if stuck >= least { Ok(()) } else { Err(stuck) }
    })
    .await;
}

/// Asks for something so many times at once.
fn ask(client: &Client, method: &Method, path: &'static str, times: usize) -> Vec<JoinHandle<Answer>> {
    let ask = |_| {
        let (mut client, method) = (client.clone(), method.clone());
        tokio::spawn(async move { client.call(method, path).await })
    };
    (0..times).map(ask).collect()
}

/// Everybody is answered: as they should be, or told to come back.
async fn answered(asked: Vec<JoinHandle<Answer>>, well: StatusCode, least: usize) {
    let answers = join_all(asked).await.into_iter().map(|answer| answer.unwrap().status);
    let (good, other): (Vec<_>, Vec<_>) = answers.partition(|status| *status == well);
    assert!(good.len() >= least, "{good:?} {other:?}");
    assert!(other.iter().all(|status| *status == StatusCode::SERVICE_UNAVAILABLE), "{other:?}");
}

/// Does everything a device does: a request, a socket, a push, a first load.
async fn works(quiet: &mut Desk) {
    for _ in 0..3 {
        assert_eq!(quiet.client.get("/api/session").await.status, StatusCode::OK);
        let mut line = quiet.line().await;
        let commands = quiet.parts(1);
        line.say(&DeviceFrame::Push { commands }).await.unwrap();
        assert_eq!(hear_results(&mut line).await, 1);
        assert_eq!(quiet.client.get("/api/packs").await.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_are_stuck_leave_connections_to_the_neighbour() {
    let (server, loud, mut quiet) = neighbours(Settings::default()).await;
    let [mut holder, mut watcher] = [server.database.superuser().await, server.database.superuser().await];
    hold(&mut holder, "select from session where organization_id = $1 for update", &loud).await;
    // Each waits for its session with a connection in hand; there are fewer connections than that.
    let asked = ask(&loud.client, &Method::POST, "/api/socket-tickets", 24);
    until_stuck(&mut watcher, 2).await;
    works(&mut quiet).await;
    sqlx::query("rollback").execute(&mut holder).await.unwrap();
    answered(asked, StatusCode::CREATED, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_loads_that_are_stuck_leave_packs_to_the_neighbour() {
    let (server, mut loud, mut quiet) = neighbours(Settings::default()).await;
    let node = &server.state.sync;
    loud.hand.act(node, &create_work_order(new_document(), "Oil the hoist")).await;
    let [mut holder, mut watcher] = [server.database.superuser().await, server.database.superuser().await];
    // A row that is missing is made by the first load that finds out, with the document locked.
    sqlx::query("delete from document_row").execute(&mut watcher).await.unwrap();
    hold(&mut holder, "select from document where organization_id = $1 for update", &loud).await;
    let asked = ask(&loud.client, &Method::GET, "/api/packs", 12);
    until_stuck(&mut watcher, 2).await;
    works(&mut quiet).await;
    sqlx::query("rollback").execute(&mut holder).await.unwrap();
    answered(asked, StatusCode::OK, 2).await;
}

/// Closed while the commands that say so are judged.
static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
const SLOW: &[u8] = b"\"slow\"";
/// Longer than judging what is pushed at once may take.
const LONG: Duration = Duration::from_millis(300);

/// How many pushes took too long to judge.
fn overruns(server: &TestServer) -> u64 {
    let measured = server.state.metrics.render();
    let count = measured.lines().find_map(|line| line.strip_prefix("sync_push_judge_overruns_total "));
    count.map_or(0, |count| count.trim().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_take_for_ever_to_judge_hold_up_nobody_else() {
    let settings = Settings {
        judge: |command, submitter, standing, documents| {
            if &command.intent[..] == SLOW {
                GATE.1.wait_while(&mut GATE.0.lock(), |is_open| !*is_open);
            }
            shared_model::ingest::judge(command, submitter, standing, documents)
        },
        ..Settings::default()
    };
    let (server, mut loud, mut quiet) = neighbours(settings).await;
    let (noted, begun) = (overruns(&server), Instant::now());
    let mut pushing = Vec::new();
    for _ in 0..DEVICES {
        loud.hand = loud.hand.restarted();
        let mut commands = loud.parts(2);
        commands.iter_mut().for_each(|command| command.intent = SLOW.to_vec().into());
        let (node, hand) = (server.state.sync.clone(), loud.hand.clone());
        pushing.push(tokio::spawn(async move { hand.push(&node, commands).await }));
    }
    works(&mut quiet).await;
    assert!(pushing.iter().all(|pushed| !pushed.is_finished()));
    until("long at it", async || if begun.elapsed() > LONG { Ok(()) } else { Err(begun.elapsed()) }).await;
    *GATE.0.lock() = true;
    GATE.1.notify_all();
    let results: Vec<CommandResult> =
        join_all(pushing).await.into_iter().flat_map(|results| results.unwrap()).collect();
    assert_eq!(results.into_iter().map(|result| drop(accepted(result))).count(), 2 * DEVICES);
    assert!(overruns(&server) > noted, "whoever runs the server sees that something took too long");
}
