//! Signed heads: they continue one another, on any node, and devices can tell.

use maintainpro_tests::server::TestServer;
use shared_model::audit::{Contradiction, HeadWithProof, Log, Witness};
use sync_server::app_state::Settings;
use sync_server::audit::key::is_signed;
use sync_server::audit::signing::{self, newest_with_proof};
use sync_server::database::tenant_transaction;
use sync_server::sync::epoch;

use super::Story;

#[tokio::test]
async fn a_device_follows_the_trail_however_it_grows() {
    let mut story = Story::begin().await;
    let mut witness = Witness::default();
    for (entries, orders) in [(1, 0), (0, 0), (2, 1), (13, 0), (0, 3), (1, 1), (30, 2)] {
        story.grow(entries).await;
        if orders > 0 {
            story.work(orders).await;
        }
        let seen = (witness.seen(Log::Entries), witness.seen(Log::Feed));
        let said = story.head(seen).await;
        assert!(is_signed(&said.head), "{said:?}");
        witness.hear(said).unwrap();
    }
    let head = witness.head.clone().unwrap();
    assert!(head.entries.size > 50 && head.feed.size >= 7, "{head:?}");
    // Nothing has happened since: it is the same head.
    let again = story.head((head.entries.size, head.feed.size)).await;
    assert_eq!((again.head.clone(), again.entries.len(), again.feed.len()), (head, 0, 0));
    // Whoever claims to have seen more than there is gets no proof.
    let beyond = story.head((u64::MAX, u64::MAX)).await;
    assert!(beyond.entries.is_empty() && beyond.feed.is_empty());
}

#[tokio::test]
async fn everybody_gets_the_head_and_nobody_without_a_session() {
    let story = Story::begin().await;
    let mut tech = story.server.sign_in("demo", "tech@demo.example").await;
    assert!(tech.get("/api/audit/head").await.status.is_success());
    assert_eq!(story.server.client().get("/api/audit/head").await.problem_code(), "not_signed_in");
    assert_eq!(tech.get("/api/audit/head?entries=-1").await.problem_code(), "bad_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_sign_at_the_same_time_sign_the_same_trail() {
    let story = Story::begin().await;
    let seed = [5; 32];
    let settings = || Settings { audit_seed: seed, ..Settings::default() };
    let mut nodes = Vec::new();
    for _ in 0..2 {
        nodes.push(TestServer::start_with(&story.server.database, settings()).await);
    }
    let mut witness = Witness::default();
    for _ in 0..10 {
        let seen = (witness.seen(Log::Entries), witness.seen(Log::Feed));
        let sign = |node: &TestServer| {
            let (state, organisation) = (node.state.clone(), story.organisation);
            async move {
                let now = state.clock.now();
                signing::sign(&state.pool, &state.audit_key, organisation, now).await.unwrap();
                let said = newest_with_proof(&state.pool, &state.audit_key, organisation, seen, now).await;
                said.unwrap().unwrap()
            }
        };
        let (one, other, ()) = tokio::join!(sign(&nodes[0]), sign(&nodes[1]), story.grow(3));
        let (first, second) =
            if one.head.entries.size <= other.head.entries.size { (one, other) } else { (other, one) };
        witness.clone().hear(second).unwrap();
        witness.hear(first).unwrap();
    }
    assert!(witness.seen(Log::Entries) > 20);
}

#[tokio::test]
async fn trails_that_have_grown_are_found_without_a_tenant() {
    let story = Story::begin().await;
    let pool = &story.server.state.pool;
    assert_eq!(signing::unsigned(pool).await.unwrap(), [story.organisation]);
    story.sign().await;
    assert_eq!(signing::unsigned(pool).await.unwrap(), []);
    story.work(1).await;
    assert_eq!(signing::unsigned(pool).await.unwrap(), [story.organisation]);
    story.sign().await;
    story.grow(1).await;
    assert_eq!(signing::unsigned(pool).await.unwrap(), [story.organisation]);
}

#[tokio::test]
async fn a_restored_backup_begins_another_history_and_its_witnesses_keep_the_one_before() {
    let mut story = Story::begin().await;
    let mut witness = Witness::default();
    story.work(2).await;
    witness.hear(story.head((0, 0)).await).unwrap();
    let state = &story.server.state;
    assert!(epoch::begin(&state.pool, story.organisation, None, state.clock.now()).await.unwrap());
    assert_eq!(story.actions().await.last().unwrap(), "history_begun");
    let before = witness.head.clone().unwrap();
    witness.hear(story.head((0, 0)).await).unwrap();
    assert_eq!((witness.ended.as_slice(), witness.contradicted_by.as_ref()), (&[before][..], None));
    // Within one history nothing may be missing.
    let mut said = story.head((0, 0)).await;
    said.head.entries.size -= 1;
    assert_eq!(witness.hear(said), Err(Contradiction::Shorter));
}

#[tokio::test]
async fn whoever_only_asks_gets_a_head_that_is_a_few_seconds_old() {
    let mut story = Story::begin().await;
    let ask = async |story: &mut Story| -> HeadWithProof { story.admin.get("/api/audit/head").await.read() };
    let first = ask(&mut story).await;
    story.grow(3).await;
    assert_eq!(
        ask(&mut story).await.head,
        first.head,
        "a thousand devices that ask at once cost one signature"
    );
    let (state, now) = (&story.server.state, story.server.state.clock.now().plus_millis(5_000));
    let key = &state.audit_key;
    let later = newest_with_proof(&state.pool, key, story.organisation, (0, 0), now).await.unwrap().unwrap();
    assert_eq!(later.head.entries.size, first.head.entries.size + 3);
    // Somebody else is signing: nobody waits for that.
    let mut busy = tenant_transaction(&state.pool, story.organisation).await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("audit {}", story.organisation))
        .execute(&mut *busy)
        .await
        .unwrap();
    story.grow(1).await;
    let now = now.plus_millis(5_000);
    let meanwhile = newest_with_proof(&state.pool, key, story.organisation, (0, 0), now).await.unwrap();
    assert_eq!(meanwhile.unwrap().head, later.head);
}
