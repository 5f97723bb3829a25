//! Servers that are killed: at any moment, and at every point between two steps of the way into the feed.

use std::time::{Duration, Instant};

use rand::Rng;
use sync_server::crash_point::CrashPoint;
use tokio::time::timeout;

use super::report::Row;
use super::stage::{Stage, a_while};

/// How long a point may take to be reached while everybody works.
const REACHED_WITHIN: Duration = Duration::from_secs(60);

/// kill -9 of so many servers, one or all at a time, at random moments.
pub async fn kill(stage: &mut Stage, kills: usize) -> anyhow::Result<Row> {
    let mut row = Row::new("kill -9 of a server");
    while row.times < kills {
        stage.begin_round().await;
        let killed = stage.amid_work(async |site, crew, rng| {
            a_while(rng, 400).await;
            let nodes = site.addresses().len();
            let one = rng.random_range(0..nodes);
            let all = rng.random_bool(0.25);
            let victims: Vec<usize> = (0..nodes).filter(|node| all || *node == one).collect();
            victims.iter().for_each(|node| site.kill(*node));
            for node in &victims {
                let address = site.start(*node, None).await?;
                let led = crew.members.iter().filter(|member| member.node == *node);
                led.for_each(|member| member.proxy.lead_to(address));
            }
            let healed = Instant::now();
            a_while(rng, 100).await;
            anyhow::Ok((victims.len(), healed))
        });
        let (killed, healed) = killed.await?;
        row.times += killed;
        stage.end_round(healed, &mut row).await;
        progress(&row, kills);
    }
    Ok(row)
}

/// Lets a server die at each of these points. The stage has one node, whose build knows the points.
pub async fn crash_at(stage: &mut Stage, points: &[CrashPoint]) -> anyhow::Result<Row> {
    let mut row = Row::new("crash between two steps");
    for point in points {
        stage.begin_round().await;
        let healed = stage.amid_work(async |site, crew, rng| {
            site.kill(0);
            // A node binds its own actor once; devices seldom bring another.
            let most = if *point == CrashPoint::ActorsBound { 1 } else { 3 };
            let pass = rng.random_range(1..=most);
            let lead = |address| crew.members.iter().for_each(|member| member.proxy.lead_to(address));
            lead(site.start(0, Some(format!("{}:{pass}", point.name()))).await?);
            let died = timeout(REACHED_WITHIN, site.died(0)).await.is_ok();
            site.kill(0);
            lead(site.start(0, None).await?);
            let healed = Instant::now();
            a_while(rng, 100).await;
            anyhow::Ok((died, healed))
        });
        let (died, healed) = healed.await?;
        row.times += 1;
        if !died {
            row.note(format!("nobody came by {}", point.name()));
        }
        stage.end_round(healed, &mut row).await;
        progress(&row, points.len());
    }
    Ok(row)
}

/// Says how far a long run is.
pub fn progress(row: &Row, of: usize) {
    eprintln!(
        "{}: {} of {of}, {} acknowledged, {} lost, {} stuck, worst recovery {} ms",
        row.fault, row.times, row.acknowledged, row.lost, row.stuck, row.worst_recovery_ms
    );
}
