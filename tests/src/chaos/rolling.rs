//! A rolling restart: one node after the other ends well and starts again, while people work and read over the API.

use std::time::{Duration, Instant};

use axum::http::Method;
use rand::rngs::SmallRng;
use tokio_util::sync::CancellationToken;

use super::crew::Crew;
use super::proxy::Proxy;
use super::report::Row;
use super::servers::progress;
use super::site::Site;
use super::stage::{Stage, a_while};
use crate::client::Client;

/// Devices are back within so long of the last restart.
pub const BACK_WITHIN: Duration = Duration::from_secs(5);
const READ_EVERY: Duration = Duration::from_millis(10);

/// So many rolling restarts.
pub async fn restart(stage: &mut Stage, rounds: usize, back_within: Duration) -> anyhow::Result<Row> {
    let mut row = Row::new("rolling restart");
    for _ in 0..rounds {
        stage.begin_round().await;
        let balancer = Proxy::open(stage.site.addresses()[0]).await;
        let over = CancellationToken::new();
        let reading = tokio::spawn(read(stage.crew.client(balancer.address), over.clone()));
        let restarted =
            stage.amid_work(async |site, crew, rng| one_by_one(site, crew, rng, &balancer).await).await;
        over.cancel();
        let (reads, failures) = reading.await?;
        restarted?;
        row.times += 1;
        let restarted = Instant::now();
        let recovery = stage.end_round(restarted, &mut row).await;
        if recovery > back_within {
            row.note(format!("devices took {recovery:?} to be back"));
        }
        if reads == 0 {
            row.note("nobody read".to_owned());
        }
        failures.into_iter().for_each(|failure| row.note(failure));
        progress(&row, rounds);
    }
    Ok(row)
}

/// A balancer sends nobody new to a node that is about to end.
async fn one_by_one(
    site: &mut Site,
    crew: &Crew,
    rng: &mut SmallRng,
    balancer: &Proxy,
) -> anyhow::Result<()> {
    let nodes = site.addresses().len();
    for node in 0..nodes {
        let next = site.addresses()[(node + 1) % nodes];
        balancer.lead_to(next);
        crew.members
            .iter()
            .filter(|member| member.node == node)
            .for_each(|member| member.proxy.lead_to(next));
        a_while(rng, 100).await;
        site.end(node).await?;
        let address = site.start(node, None).await?;
        crew.members
            .iter()
            .filter(|member| member.node == node)
            .for_each(|member| member.proxy.lead_to(address));
        a_while(rng, 200).await;
    }
    Ok(())
}

/// Reads again and again; how often, and what went wrong.
async fn read(mut client: Client, over: CancellationToken) -> (usize, Vec<String>) {
    let (mut reads, mut failures) = (0, Vec::new());
    while !over.is_cancelled() {
        let request = axum::http::Request::builder().method(Method::GET).uri("/api/work-orders");
        match client.try_send(request.body(axum::body::Body::empty()).unwrap()).await {
            Ok(answer) if answer.status.is_success() => reads += 1,
            Ok(answer) => failures.push(format!("a read was answered {}", answer.status)),
            Err(error) => failures.push(format!("a read got no answer: {error:#}")),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
    (reads, failures)
}
