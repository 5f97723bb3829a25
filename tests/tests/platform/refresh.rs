//! The token of a session changes on networks that lose answers: nobody is signed out by that, and a copy of an old token shows.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use maintainpro_tests::client::{Answer, Client};
use maintainpro_tests::database::TestDatabase;
use maintainpro_tests::people::{create_organisation, create_person};
use maintainpro_tests::server::TestServer;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use shared_model::account::OpenSession;
use shared_model::hex;
use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use shared_model::permission::Role;
use sync_server::app_state::Settings;
use sync_server::auth::redeem_deposit_credential;
use sync_server::clock::Clock;

const NOON: Timestamp = Timestamp::from_millis(1_900_000_000_000);
/// A token that has been used for so long is changed.
const HALF_A_DAY: i64 = 12 * HOUR_MS;
/// So long after its successor's first use a token is still good.
const OVERLAP: i64 = 5 * MINUTE_MS;
const REPLAYED: &str = "session_replayed";

struct Story {
    database: Arc<TestDatabase>,
    server: TestServer,
    clock: Clock,
}

impl Story {
    async fn begin() -> Self {
        let database = TestDatabase::create().await;
        let organisation = create_organisation(&database, "demo").await;
        create_person(&database, organisation, "tech@demo.example", Role::Technician).await;
        let clock = Clock::manual(NOON);
        let server = node(&database, &clock).await;
        Self { database, server, clock }
    }

    async fn tech(&self) -> Client {
        self.server.sign_in("demo", "tech@demo.example").await
    }

    async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.database.superuser().await).await.unwrap()
    }
}

async fn node(database: &Arc<TestDatabase>, clock: &Clock) -> TestServer {
    let settings = Settings { clock: clock.clone(), ..Settings::default() };
    TestServer::start_with(database, settings).await
}

/// The cookie that an answer brings.
fn brought(answer: &Answer) -> Option<String> {
    let cookie = answer.header("set-cookie").split(';').next().filter(|cookie| !cookie.is_empty());
    cookie.map(str::to_owned)
}

/// Asks who is signed in, as the app does, and gets a new token.
async fn refreshed(client: &mut Client) -> String {
    let before = client.cookie.clone();
    let answer = client.get("/api/session").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_ne!(client.cookie, before, "the token is another one");
    client.cookie.clone().unwrap()
}

/// The same, of which the answer gets lost. Returns the token it brought.
async fn refreshed_in_vain(client: &Client) -> String {
    refreshed(&mut client.clone()).await
}

async fn is_in(client: &Client) -> bool {
    client.clone().get("/api/directory").await.status == StatusCode::OK
}

async fn refusal(client: &Client) -> String {
    let answer = client.clone().get("/api/directory").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    answer.problem_code()
}

fn with(client: &Client, cookie: &str) -> Client {
    let mut other = client.clone();
    other.cookie = Some(cookie.to_owned());
    other
}

/// How an answer gets lost.
#[derive(Clone, Copy)]
enum Luck {
    Arrives,
    /// It was on its way.
    Lost,
    /// The connection breaks after so many steps, while the server is at work or before.
    Broken(u32),
}

/// A tab asks who is signed in with what the jar holds. Whether there was an answer, and what it would have put into the jar.
async fn ask(tab: Client, luck: Luck) -> Option<Answer> {
    let request = Request::get("/api/session").body(Body::empty()).unwrap();
    let asking = tokio::spawn(async move { tab.clone().try_send(request).await });
    if let Luck::Broken(steps) = luck {
        for _ in 0..steps {
            tokio::task::yield_now().await;
        }
        asking.abort();
    }
    let answer = asking.await.ok()?.ok()?;
    assert_eq!(answer.status, StatusCode::OK, "nobody is signed out: {answer:?}");
    Some(answer)
}

/// A browser with one jar for all its tabs, on a bad network.
struct Browser {
    jar: Client,
    rng: SmallRng,
    lost: u32,
    tokens: BTreeSet<String>,
}

impl Browser {
    fn luck(&mut self) -> Luck {
        match self.rng.random_range(0..20) {
            0..4 => Luck::Arrives,
            4..17 => Luck::Lost,
            _ => Luck::Broken(self.rng.random_range(0..60)),
        }
    }

    /// Some tabs wake up and ask at the same time; answers come in any order, or not at all. One tab is slow: what it sends later
    /// still names the token of before.
    async fn wake_up(&mut self, clock: &Clock) {
        let before = self.jar.clone();
        let tabs: Vec<Luck> = (0..self.rng.random_range(2..=4)).map(|_| self.luck()).collect();
        let answers = join_all(tabs.iter().map(|luck| ask(before.clone(), *luck))).await;
        let mut answers: Vec<_> = answers.into_iter().zip(&tabs).collect();
        answers.shuffle(&mut self.rng);
        for (answer, luck) in answers {
            let brought = answer.as_ref().and_then(brought);
            match (brought, luck) {
                (Some(cookie), Luck::Arrives) => {
                    self.tokens.insert(cookie.clone());
                    self.jar.cookie = Some(cookie);
                }
                (Some(_), _) => self.lost += 1,
                // Whether the server had answered already, nobody knows.
                (None, _) => {}
            }
        }
        clock.advance(self.rng.random_range(0..MINUTE_MS));
        let (now, late) = tokio::join!(is_in(&self.jar), is_in(&before));
        assert!(now && late, "nobody is signed out");
        clock.advance(self.rng.random_range(0..MINUTE_MS));
        assert!(is_in(&before).await, "nor is a tab that is slower still");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_lost_answers_sign_nobody_out() {
    const LOST: u32 = 1_000;
    let story = Story::begin().await;
    let (mut browsers, mut first) = (Vec::new(), Vec::new());
    for seed in 0..4 {
        let jar = story.tech().await;
        first.push(session_id(&jar).await);
        let (rng, lost, tokens) = (SmallRng::seed_from_u64(seed), 0, BTreeSet::new());
        browsers.push(Browser { jar, rng, lost, tokens });
    }
    while browsers.iter().map(|browser| browser.lost).sum::<u32>() < LOST {
        story.clock.advance(HALF_A_DAY);
        for browser in &mut browsers {
            browser.wake_up(&story.clock).await;
        }
    }
    for (browser, id) in browsers.iter().zip(first) {
        assert_eq!(session_id(&browser.jar).await, id, "it is the session of the beginning");
        assert!(browser.tokens.len() > 30, "and its token has changed: {}", browser.tokens.len());
    }
    assert_eq!(story.count("select count(*) from session where replayed_at is null").await, 4);
}

async fn session_id(client: &Client) -> String {
    let answer = client.clone().get("/api/sessions").await;
    let sessions: Vec<OpenSession> = answer.read();
    sessions.into_iter().find(|session| session.is_current).unwrap().id.to_string()
}

#[tokio::test]
async fn a_token_changes_once_it_is_old_and_not_before() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    story.clock.advance(HALF_A_DAY - 1);
    assert_eq!(
        brought(&tech.get("/api/session").await),
        None,
        "an answer brings a token only when it is new"
    );
    story.clock.advance(1);
    let first = tech.cookie.clone().unwrap();
    let answer = tech.get("/api/session").await;
    assert_ne!(brought(&answer), Some(first));
    assert!(
        answer.header("set-cookie").contains("HttpOnly; SameSite=Strict; Max-Age=15552000"),
        "{answer:?}"
    );
    assert_eq!(brought(&tech.get("/api/session").await), None);
    assert!(is_in(&tech).await);
}

#[tokio::test]
async fn until_the_new_token_is_used_the_old_one_brings_the_same_again() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    story.clock.advance(HALF_A_DAY);
    let lost = refreshed_in_vain(&tech).await;
    for days in [0, 1, 7, 20] {
        story.clock.advance(days * DAY_MS);
        assert!(is_in(&tech).await, "the old one is good");
        assert_eq!(refreshed_in_vain(&tech).await, lost);
    }
    assert_eq!(refreshed(&mut tech).await, lost);
    assert!(is_in(&tech).await);
}

#[tokio::test]
async fn a_token_is_good_for_five_minutes_after_its_successors_first_use() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    let slow = tech.clone();
    story.clock.advance(HALF_A_DAY);
    let successor = refreshed(&mut tech).await;
    assert!(is_in(&tech).await);
    story.clock.advance(OVERLAP);
    assert!(is_in(&slow).await, "a tab was slow");
    assert_eq!(
        refreshed_in_vain(&slow).await,
        successor,
        "a browser that was killed had not written it down"
    );
    story.clock.advance(1);
    assert_eq!(refusal(&slow).await, REPLAYED);
    assert_eq!(refusal(&tech).await, REPLAYED);
}

#[tokio::test]
async fn a_copy_of_any_age_ends_the_session_for_whoever_holds_it() {
    let story = Story::begin().await;
    let mut elsewhere = story.tech().await;
    for age in 1..=5 {
        let mut owner = story.tech().await;
        let mut tokens = vec![owner.cookie.clone().unwrap()];
        for _ in 0..5 {
            story.clock.advance(HALF_A_DAY);
            tokens.push(refreshed(&mut owner).await);
            assert!(is_in(&owner).await);
        }
        story.clock.advance(OVERLAP + 1);
        let stolen = with(&owner, &tokens[tokens.len() - 1 - age]);
        assert_eq!(refusal(&stolen).await, REPLAYED, "{age} before the last");
        for token in &tokens {
            assert_eq!(refusal(&with(&owner, token)).await, REPLAYED, "for everybody, at once");
        }
        let answer = owner.call(Method::POST, "/api/socket-tickets").await;
        assert_eq!(answer.problem_code(), REPLAYED, "{answer:?}");
        assert!(answer.json()["title"].as_str().unwrap().contains("Sign in again"), "{answer:?}");
    }
    assert_eq!(
        elsewhere.get("/api/session").await.status,
        StatusCode::OK,
        "another sign-in is another matter"
    );
    let mut again = story.tech().await;
    assert!(is_in(&again).await, "and signing in is as before");
    let open: Vec<OpenSession> = again.get("/api/sessions").await.read();
    assert_eq!(open.len(), 2, "{open:?}");
    let metrics = String::from_utf8(again.get("/metrics").await.body.to_vec()).unwrap();
    assert!(metrics.contains("session_replays_total"), "it is counted");
}

#[tokio::test]
async fn what_a_device_hands_in_is_not_touched_by_the_end_of_a_copied_session() {
    let story = Story::begin().await;
    let mut tech = story.server.client();
    let device = tech.sign_in("demo", "tech@demo.example").await.device;
    let old = tech.clone();
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut tech).await;
    assert!(is_in(&tech).await);
    story.clock.advance(OVERLAP + 1);
    assert_eq!(refusal(&old).await, REPLAYED);
    let credential = device.deposit_credential.unwrap();
    let depositor = redeem_deposit_credential(&story.server.state.pool, &credential).await.unwrap();
    assert_eq!(depositor.map(|depositor| (depositor.device, depositor.shut_out)), Some((device.id, None)));
    let again = tech.sign_in_again("demo", "tech@demo.example", device.id).await;
    assert_eq!(again.device.id, device.id, "and goes on where it was");
    assert!(is_in(&tech).await);
}

#[tokio::test]
async fn a_thief_who_refreshes_first_is_found_out_by_the_owner() {
    let story = Story::begin().await;
    let owner = story.tech().await;
    let mut thief = owner.clone();
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut thief).await;
    assert!(is_in(&thief).await);
    story.clock.advance(OVERLAP + 1);
    assert_eq!(refusal(&owner).await, REPLAYED);
    assert_eq!(refusal(&thief).await, REPLAYED);
}

#[tokio::test]
async fn a_thief_in_step_with_the_owner_is_found_out_when_one_of_them_is_not() {
    let story = Story::begin().await;
    let mut owner = story.tech().await;
    let mut thief = owner.clone();
    for _ in 0..3 {
        story.clock.advance(HALF_A_DAY);
        assert_eq!(refreshed(&mut thief).await, refreshed(&mut owner).await);
        assert!(is_in(&owner).await && is_in(&thief).await);
    }
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut owner).await;
    assert!(is_in(&owner).await);
    story.clock.advance(DAY_MS);
    assert_eq!(refusal(&thief).await, REPLAYED);
    assert_eq!(refusal(&owner).await, REPLAYED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tabs_that_ask_two_nodes_at_once_get_the_same_token() {
    let story = Story::begin().await;
    let other = node(&story.database, &story.clock).await;
    let mut here = story.tech().await;
    let mut there = here.at(other.address);
    for _ in 0..20 {
        story.clock.advance(HALF_A_DAY);
        let asked = join_all((0..8).map(|tab| {
            let mut tab = if tab % 2 == 0 { here.clone() } else { there.clone() };
            async move { refreshed(&mut tab).await }
        }));
        let tokens: BTreeSet<String> = asked.await.into_iter().collect();
        assert_eq!(tokens.len(), 1, "{tokens:?}");
        here.cookie = tokens.into_iter().next();
        assert!(is_in(&here).await && is_in(&there).await, "one is ahead, the other a moment behind");
        there.cookie.clone_from(&here.cookie);
    }
    let old = there.clone();
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut here).await;
    there.cookie.clone_from(&here.cookie);
    assert!(is_in(&there).await);
    story.clock.advance(OVERLAP + 1);
    assert_eq!(refusal(&old).await, REPLAYED);
    assert_eq!((refusal(&here).await, refusal(&there).await), (REPLAYED.to_owned(), REPLAYED.to_owned()));
}

#[tokio::test]
async fn a_restart_of_the_server_changes_nothing() {
    let Story { database, server, clock } = Story::begin().await;
    let mut tech = server.sign_in("demo", "tech@demo.example").await;
    let first = tech.cookie.clone().unwrap();
    clock.advance(HALF_A_DAY);
    let lost = refreshed_in_vain(&tech).await;
    server.stop().await;
    let server = node(&database, &clock).await;
    tech = tech.at(server.address);
    assert_eq!(refreshed(&mut tech).await, lost);
    assert!(is_in(&tech).await);
    server.stop().await;
    let server = node(&database, &clock).await;
    clock.advance(OVERLAP + 1);
    tech = tech.at(server.address);
    assert!(is_in(&tech).await);
    assert_eq!(refusal(&with(&tech, &first)).await, REPLAYED);
}

#[tokio::test]
async fn refreshing_does_not_lengthen_the_half_year() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    let first = tech.cookie.clone().unwrap();
    for _ in 0..179 {
        story.clock.advance(DAY_MS);
        refreshed(&mut tech).await;
        assert!(is_in(&tech).await);
    }
    story.clock.advance(DAY_MS);
    assert_eq!(refusal(&tech).await, "not_signed_in");
    assert_eq!(refusal(&with(&tech, &first)).await, "not_signed_in", "what is over is not replayed");
}

#[tokio::test]
async fn a_token_of_what_has_ended_opens_nothing_and_ends_nothing() {
    let story = Story::begin().await;
    let (mut tech, stays) = (story.tech().await, story.tech().await);
    let first = tech.cookie.clone().unwrap();
    let (organisation, _) = first.split_once('.').unwrap();
    let unknown = format!("{organisation}.{}", "A".repeat(43));
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut tech).await;
    assert!(is_in(&tech).await);
    assert_eq!(refusal(&with(&tech, &unknown)).await, "not_signed_in");
    assert!(is_in(&tech).await, "a guess ends nobody's session");

    let second = tech.cookie.clone().unwrap();
    assert_eq!(tech.call(Method::DELETE, "/api/session").await.status, StatusCode::NO_CONTENT);
    story.clock.advance(HALF_A_DAY);
    for token in [&first, &second] {
        assert_eq!(refusal(&with(&tech, token)).await, "not_signed_in", "it was signed out");
    }
    story.clock.advance(31 * DAY_MS);
    assert_eq!(refusal(&stays).await, "not_signed_in", "it was not used for a month");
}

#[tokio::test]
async fn a_session_from_before_tokens_changed_goes_on() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    let mut connection = story.database.superuser().await;
    sqlx::query("update session set token_used_at = null").execute(&mut connection).await.unwrap();
    story.clock.advance(20 * DAY_MS);
    assert_eq!(brought(&tech.get("/api/session").await), None, "its half day begins now");
    story.clock.advance(HALF_A_DAY);
    refreshed(&mut tech).await;
    assert!(is_in(&tech).await);
}

#[tokio::test]
async fn of_all_tokens_nothing_but_hashes_is_stored() {
    let story = Story::begin().await;
    let mut tech = story.tech().await;
    let mut tokens = vec![tech.cookie.clone().unwrap()];
    for _ in 0..4 {
        story.clock.advance(HALF_A_DAY);
        tokens.push(refreshed(&mut tech).await);
        let rows = stored(&story).await;
        for (_, secret) in tokens.iter().filter_map(|token| token.split_once('.')) {
            let digits = hex::encode(&URL_SAFE_NO_PAD.decode(secret).unwrap());
            assert!(!rows.contains(secret) && !rows.contains(&digits), "{rows}");
        }
        assert!(is_in(&tech).await);
    }
    story.clock.advance(HALF_A_DAY / 2);
    assert!(is_in(&tech).await);
    assert_eq!(story.count("select count(*) from session where token_salt is not null").await, 0);
    assert_eq!(story.count("select count(*) from past_session_token").await, 4);
    assert_eq!(tech.call(Method::DELETE, "/api/session").await.status, StatusCode::NO_CONTENT);
    assert_eq!(story.count("select count(*) from past_session_token").await, 0, "they go with their session");
}

/// Everything that is kept of sessions, as text.
async fn stored(story: &Story) -> String {
    let query = "select concat((select string_agg(session::text, ' ') from session),
                               (select string_agg(past::text, ' ') from past_session_token as past))";
    sqlx::query_scalar(query).fetch_one(&mut story.database.superuser().await).await.unwrap()
}
