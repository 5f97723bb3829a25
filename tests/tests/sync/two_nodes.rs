//! Two nodes write at the same time: nothing is lost, nothing is given twice, nobody waits for ever.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::http::Method;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use maintainpro_tests::client::Client;
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::hand::{
    Hand, accepted, create_asset, create_part, create_work_order, edit_work_order, new_document,
};
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use serde_json::json;
use shared_model::account::SignedIn;
use shared_model::features::work_order::FieldEdit;
use shared_model::identity::{CommandId, OrganisationId};
use shared_model::permission::Role;
use shared_model::sync_protocol::{CommandResult, PushedCommand, ServerFrame};
use sync_server::projection::verify;
use sync_server::sync::{Sender, SyncNode, TypedCommand};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use uuid::Uuid;

/// Less than the pace at which a socket looks after its session by itself.
const AT_ONCE: Duration = Duration::from_secs(5);

struct Site {
    database: Arc<TestDatabase>,
    organisation: OrganisationId,
    first: TestServer,
    second: TestServer,
}

impl Site {
    async fn open() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        for email in ["ann@demo.example", "bob@demo.example"] {
            create_person(&database, organisation, email, Role::Admin).await;
        }
        let first = TestServer::start_on(&database).await;
        let second = TestServer::start_on(&database).await;
        Self { database, organisation, first, second }
    }

    async fn people(&self) -> (Hand, Hand) {
        let ann = Hand::sign_in(&self.first, "demo", "ann@demo.example").await;
        let bob = Hand::sign_in(&self.second, "demo", "bob@demo.example").await;
        (ann, bob)
    }

    async fn one<T>(&self, query: &'static str) -> T
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let mut connection = self.database.superuser().await;
        sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
    }

    async fn check(&self) {
        let differences = verify(&self.first.state.pool, self.organisation, |_| {}).await.unwrap();
        assert_eq!(differences, []);
        assert!(self.one::<bool>("select count(*) = max(seq) and min(seq) = 1 from feed").await, "a gap");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_unique_and_without_gaps() {
    let site = Site::open().await;
    let (ann, bob) = site.people().await;
    let create = |mut hand: Hand, node: SyncNode| async move {
        for n in 0..20 {
            let commands = (0..5).map(|_| hand.make(&create_work_order(new_document(), &format!("Job {n}"))));
            let commands = commands.collect();
            for result in hand.push(&node, commands).await {
                accepted(result);
            }
        }
    };
    tokio::join!(create(ann, site.first.state.sync.clone()), create(bob, site.second.state.sync.clone()));
    let numbers: Vec<String> = site.one("select array_agg(number) from work_order").await;
    let distinct: BTreeSet<String> = numbers.iter().cloned().collect();
    let expected: BTreeSet<String> = (1..=200).map(|n| format!("WO-{n:06}")).collect();
    assert_eq!(numbers.len(), 200);
    assert_eq!(distinct, expected);
    site.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_the_feed_sees_every_row_in_order() {
    let site = Site::open().await;
    let (ann, bob) = site.people().await;
    let write = |mut hand: Hand, node: SyncNode| async move {
        for n in 0..40 {
            hand.act(&node, &create_part(new_document(), &format!("P-{n}"))).await;
        }
    };
    let mut head = site.second.state.sync.wake().subscribe(site.organisation);
    let follow = async {
        let mut connection = site.database.superuser().await;
        let mut last = 0_i64;
        while last < 80 {
            head.changed().await.unwrap();
            let rows: Vec<i64> = sqlx::query_scalar("select seq from feed where seq > $1 order by seq")
                .bind(last)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            assert_eq!(rows, (last + 1..=last + rows.len() as i64).collect::<Vec<_>>(), "a row came late");
            last += rows.len() as i64;
        }
    };
    tokio::join!(
        write(ann, site.first.state.sync.clone()),
        write(bob, site.second.state.sync.clone()),
        follow
    );
    site.check().await;
}

#[tokio::test]
async fn an_answer_that_was_lost_comes_again_as_a_duplicate_from_any_node() {
    let site = Site::open().await;
    let (mut ann, _) = site.people().await;
    let command = ann.make(&create_work_order(new_document(), "Answered twice"));
    let mut head = site.second.state.sync.wake().subscribe(site.organisation);
    // The socket goes away between the commit and the answer.
    let (node, sender, first) = (site.first.state.sync.clone(), ann.sender.clone(), command.clone());
    let organisation = site.organisation;
    let pushing = tokio::spawn(async move {
        node.submit(organisation, &sender, vec![first]).await;
        std::future::pending::<()>().await;
    });
    head.wait_for(|head| head.feed >= 1).await.unwrap();
    pushing.abort();
    let again = ann.push(&site.second.state.sync, vec![command]).await;
    assert_eq!(again, [CommandResult::Duplicate { seqs: vec![1] }]);
    assert_eq!(site.one::<i64>("select count(*) from work_order").await, 1);
}

#[tokio::test]
async fn the_same_tag_typed_on_two_devices_is_shown_and_harms_nobody() {
    let site = Site::open().await;
    let (mut ann, mut bob) = site.people().await;
    let theirs =
        vec![ann.make(&create_asset(new_document(), "P-101")), ann.make(&create_part(new_document(), "1"))];
    let his =
        vec![bob.make(&create_part(new_document(), "2")), bob.make(&create_asset(new_document(), "p-101"))];
    let results =
        tokio::join!(ann.push(&site.first.state.sync, theirs), bob.push(&site.second.state.sync, his));
    results.0.into_iter().chain(results.1).for_each(|result| assert!(!accepted(result).is_empty()));
    let mut client = site.first.sign_in("demo", "ann@demo.example").await;
    let answer = client.get("/api/assets/duplicate-tags").await.json();
    assert_eq!(answer.as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer[0]["assets"].as_array().unwrap().len(), 2, "{answer}");
    site.check().await;
}

/// What one node executes while another stores the same is never taken for another command about what is there: the
/// second begins at every moment of the first one's work, after so many questions to the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_both_nodes_are_told_to_do_is_done_once() {
    const SWEEPS: u32 = 8;
    const MOMENTS: u32 = 30;
    let site = Site::open().await;
    for moment in (0..SWEEPS).flat_map(|_| 0..MOMENTS) {
        let id = new_document();
        let retitle = edit_work_order(id, vec![FieldEdit::Title("Pump 7 leaks".to_owned())]);
        let commands = [create_work_order(id, "Pump 7"), retitle]
            .map(|command| TypedCommand::new(CommandId::from_uuid(Uuid::new_v4()), command));
        let execute = |node: &SyncNode, after: u32| {
            let (node, commands, pool) = (node.clone(), commands.to_vec(), &site.first.state.pool);
            async move {
                for _ in 0..after {
                    sqlx::query("select").execute(pool).await.unwrap();
                }
                node.execute(site.organisation, &Sender::default(), commands).await
            }
        };
        let (first, second) =
            tokio::join!(execute(&site.first.state.sync, 0), execute(&site.second.state.sync, moment));
        let once = |(one, other): (&CommandResult, &CommandResult)| {
            matches!(
                (one, other),
                (CommandResult::Accepted { .. }, CommandResult::Duplicate { .. })
                    | (CommandResult::Duplicate { .. }, CommandResult::Accepted { .. })
            )
        };
        assert!(first.iter().zip(&second).all(once), "{moment}: {first:?} {second:?}");
    }
    site.check().await;
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket for the session of `client`.
async fn open_socket(server: &TestServer, client: &mut Client) -> Socket {
    let ticket = client.socket_ticket().await.ticket;
    let (socket, _) = connect_async(format!("ws://{}/sync?ticket={ticket}", server.address)).await.unwrap();
    socket
}

/// The code of the goodbye a socket hears before its end.
async fn goodbye(mut socket: Socket) -> Option<String> {
    let mut code = None;
    while let Some(Ok(message)) = socket.next().await {
        if let Message::Binary(bytes) = message
            && let ServerFrame::Goodbye { code: said, .. } = ServerFrame::decode(&bytes).unwrap()
        {
            code = Some(said);
        }
    }
    code
}

#[tokio::test]
async fn signing_out_at_one_node_closes_the_sockets_of_that_session_at_both() {
    let site = Site::open().await;
    let mut ann = site.first.sign_in("demo", "ann@demo.example").await;
    let mut bob = site.first.sign_in("demo", "bob@demo.example").await;
    let here = open_socket(&site.first, &mut ann).await;
    let there = open_socket(&site.second, &mut ann).await;
    let bystander = open_socket(&site.first, &mut bob).await;

    let answer = ann.call(Method::DELETE, "/api/session").await;
    assert!(answer.status.is_success(), "{answer:?}");
    both_are_signed_out(here, there).await;
    assert_eq!(goodbye(bystander).now_or_never(), None, "another session goes on");
}

#[tokio::test]
async fn somebody_elses_session_ended_at_one_node_closes_its_sockets_at_both() {
    let site = Site::open().await;
    let mut ann = site.first.sign_in("demo", "ann@demo.example").await;
    let mut bob = site.first.sign_in("demo", "bob@demo.example").await;
    let here = open_socket(&site.first, &mut ann).await;
    let there = open_socket(&site.second, &mut ann).await;

    let who: SignedIn = ann.get("/api/session").await.read();
    let answer = bob.call(Method::DELETE, &format!("/api/sessions?person={}", who.person.id)).await;
    assert!(answer.status.is_success(), "{answer:?}");
    both_are_signed_out(here, there).await;
}

#[tokio::test]
async fn somebody_deactivated_at_one_node_loses_their_sockets_at_both() {
    let site = Site::open().await;
    let mut ann = site.first.sign_in("demo", "ann@demo.example").await;
    let mut bob = site.first.sign_in("demo", "bob@demo.example").await;
    let here = open_socket(&site.first, &mut ann).await;
    let there = open_socket(&site.second, &mut ann).await;
    let bystander = open_socket(&site.second, &mut bob).await;

    let who: SignedIn = ann.get("/api/session").await.read();
    let path = format!("/api/people/{}", who.person.id);
    let answer = bob.give(Method::PATCH, &path, &json!({ "active": false })).await;
    assert!(answer.status.is_success(), "{answer:?}");
    both_are_signed_out(here, there).await;
    assert_eq!(goodbye(bystander).now_or_never(), None, "whoever did it goes on");
}

#[tokio::test]
async fn a_copied_token_ends_its_session_and_closes_the_sockets_at_both() {
    let site = Site::open().await;
    let mut ann = site.first.sign_in("demo", "ann@demo.example").await;
    let mut copy = ann.clone();
    let mut connection = site.database.superuser().await;
    let mut ago = async |hours: f64| {
        let earlier = "update session set token_used_at = now() - make_interval(secs => $1)";
        sqlx::query(earlier).bind(hours * 3600.0).execute(&mut connection).await.unwrap();
    };
    ago(13.0).await;
    ann.get("/api/session").await;
    assert_ne!(ann.cookie, copy.cookie);
    let here = open_socket(&site.first, &mut ann).await;
    let there = open_socket(&site.second, &mut ann).await;
    ago(0.2).await;
    assert_eq!(copy.get("/api/session").await.problem_code(), "session_replayed");
    both_are_signed_out(here, there).await;
}

async fn both_are_signed_out(one: Socket, other: Socket) {
    let both = async { tokio::join!(goodbye(one), goodbye(other)) };
    let ends = timeout(AT_ONCE, both).await.expect("both end at once");
    let signed_out = || Some("signed_out".to_owned());
    assert_eq!(ends, (signed_out(), signed_out()));
}

/// What builds upon another node's commands is asked for again and again, so that one batch is always judged while
/// another is under way. The first node has to look at the document all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_node_sees_what_another_one_wrote() {
    const ASKING: usize = 6;
    const PATIENCE: Duration = Duration::from_secs(60);
    let site = Site::open().await;
    let (mut ann, mut bob) = site.people().await;
    let (first, second) = (&site.first.state.sync, &site.second.state.sync);
    let id = new_document();
    ann.act(first, &create_work_order(id, "Pump")).await;
    bob.receive(&ann, id);
    let tag = |n: usize| edit_work_order(id, vec![FieldEdit::AddTag(format!("tag-{n}"))]);
    let missing = bob.make(&tag(0));
    let later: Vec<_> = (1..=ASKING).map(|n| bob.make(&tag(n))).collect();

    let asked = AtomicUsize::new(0);
    let ask = |command: PushedCommand| {
        let (bob, asked) = (&bob, &asked);
        async move {
            loop {
                match bob.push(first, vec![command.clone()]).await.remove(0) {
                    CommandResult::MissingDeps { .. } => _ = asked.fetch_add(1, Ordering::Relaxed),
                    result => return accepted(result),
                }
            }
        }
    };
    let everybody = later.into_iter().map(ask).collect::<FuturesUnordered<_>>().collect::<Vec<_>>();
    let writing = async {
        while asked.load(Ordering::Relaxed) < 5 * ASKING {
            tokio::task::yield_now().await;
        }
        accepted(bob.push(second, vec![missing.clone()]).await.remove(0));
    };
    timeout(PATIENCE, async { tokio::join!(everybody, writing) }).await.expect("a busy node goes on reading");
    assert_eq!(site.one::<i64>("select cardinality(tags)::bigint from work_order").await, 1 + ASKING as i64);
    site.check().await;
}
