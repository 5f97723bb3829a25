//! Two organisations on one server, filled alike: whatever is harvested from the one is put into every place of every
//! operation by people of the other. Nothing comes back, and nothing changes; nor where the application tells organisations
//! no longer apart, and row-level security is all there is.

mod alone;
mod filters;
mod places;
mod stage;

use std::collections::HashSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use futures_util::StreamExt;
use maintainpro_tests::client::{Answer, Client};
use uuid::Uuid;

use self::places::Probe;
use self::stage::{MARK, Stage};

/// Probes under way at once: more than there are connections to the database, so that these go from hand to hand.
const AT_ONCE: usize = 16;
/// After so many probes somebody of the first organisation works as well.
const BETWEEN: usize = 40;
const FEWEST_PROBES: usize = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_organisation_is_told_or_changed() {
    let stage = Stage::set().await;
    let fine = probe(&stage).await;
    assert!(fine > 200, "some probes are sound but for the foreign id, or they would say little: {fine}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_is_it_when_every_filter_of_the_application_is_gone() {
    let stage = Stage::set().await;
    filters::remove(&stage).await;
    let fine = probe(&stage).await;
    assert!(fine > 200, "without filters it goes on answering: {fine}");
}

/// Puts everything everywhere. How many probes were answered, rather than refused.
async fn probe(stage: &Stage) -> usize {
    let before = stage.rows_of_victim().await;
    let probes = places::all(stage).await;
    assert!(probes.len() >= FEWEST_PROBES, "{} probes", probes.len());
    let operations: HashSet<&str> = probes.iter().map(|probe| probe.operation.as_str()).collect();
    assert_eq!(stage.operations.iter().filter(|one| !operations.contains(one.name.as_str())).count(), 0);
    let (last, first): (Vec<&Probe>, Vec<&Probe>) = probes.iter().partition(|probe| probe.takes);
    let mut told = send(stage, &first).await;
    told.extend(send(stage, &last).await);
    let wrong: Vec<&String> = told.iter().flat_map(|(wrong, _)| wrong).collect();
    assert!(wrong.is_empty(), "{} leaks: {:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
    let after = stage.rows_of_victim().await;
    let changed: Vec<&String> = after.keys().filter(|table| after[*table] != before[*table]).collect();
    assert_eq!(changed, Vec::<&String>::new(), "nothing of theirs is changed");
    let fine = told.iter().filter(|(_, status)| status.is_success()).count();
    println!("{} probes of {} operations, {fine} answered", probes.len(), operations.len());
    fine
}

/// What is wrong with each answer, and its status.
async fn send(stage: &Stage, probes: &[&Probe]) -> Vec<(Vec<String>, StatusCode)> {
    let told = futures_util::stream::iter(probes.iter().enumerate()).map(|(count, probe)| async move {
        if count % BETWEEN == 0 {
            stage.victim_works().await;
        }
        let answer = ask(probe).await;
        (judge(stage, probe, &answer), answer.status)
    });
    told.buffer_unordered(AT_ONCE).collect().await
}

async fn ask(probe: &Probe) -> Answer {
    let mut request = Request::builder().method(probe.method.clone()).uri(&probe.address);
    for (name, value) in &probe.headers {
        request = request.header(*name, value);
    }
    let body = match &probe.body {
        Some(body) => {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    let mut client = Client::new(probe.client.address());
    client.cookie.clone_from(&probe.client.cookie);
    client.send(request.body(body).unwrap()).await
}

/// What is wrong with an answer.
fn judge(stage: &Stage, probe: &Probe, answer: &Answer) -> Vec<String> {
    let mut wrong = Vec::new();
    let what = |problem: &str| {
        let body = String::from_utf8_lossy(&answer.body[..answer.body.len().min(400)]).into_owned();
        format!(
            "{problem}: {} {} {:?} → {} {body}",
            probe.operation, probe.address, probe.body, answer.status
        )
    };
    if answer.status.is_server_error() {
        wrong.push(what("a server error"));
    }
    if probe.must_refuse && !answer.status.is_client_error() {
        wrong.push(what("not refused"));
    }
    let sent = format!("{} {:?} {:?}", probe.address, probe.body, probe.headers).to_lowercase();
    for id in ids_in(&answer.body) {
        if stage.foreign.contains(&id) && !sent.contains(&id.to_string()) {
            wrong.push(what(&format!("tells {id}")));
        }
    }
    let text = String::from_utf8_lossy(&answer.body).to_lowercase();
    if text.contains(MARK) && !sent.contains(MARK) {
        wrong.push(what("tells a word of theirs"));
    }
    wrong
}

/// Whatever could be an id in these bytes: in digits and dashes, and where it is binary, in sixteen bytes.
fn ids_in(body: &[u8]) -> HashSet<Uuid> {
    let is_text = std::str::from_utf8(body).is_ok();
    let written = body.windows(36).filter(|window| window[8] == b'-' && window[23] == b'-');
    let written = written.filter_map(|window| std::str::from_utf8(window).ok()?.parse().ok());
    let binary = body.windows(16).filter(|_| !is_text);
    written.chain(binary.filter_map(|window| Uuid::from_slice(window).ok())).collect()
}

/// Every documented operation.
struct Documented {
    name: String,
    method: Method,
    path: String,
    /// Names of parameters in the query.
    query: Vec<String>,
}
