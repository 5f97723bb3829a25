//! How long the costliest messages take to judge, honest and hostile; how much memory is a matter of a test.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Bench, Metric, percentile};
use crate::fuzz::worst::messages;

const GOAL: &str = "≤ 250 ms";

/// The median of several runs of each; of those with one name, the longest.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let runs = bench.load(5, 3);
    let mut longest: BTreeMap<&str, f64> = BTreeMap::new();
    let mut order = Vec::new();
    for message in messages() {
        let frame = message.frame();
        let run = |_| {
            let begun = Instant::now();
            std::hint::black_box(message.judge(&frame));
            begun.elapsed().as_secs_f64() * 1e3
        };
        let mut took: Vec<f64> = (0..runs).map(run).collect();
        let median = percentile(&mut took, 0.5);
        if !longest.contains_key(message.name) {
            order.push(message.name);
        }
        let known = longest.entry(message.name).or_default();
        *known = known.max(median);
    }
    let metric = |name| Metric::new(format!("judge {name}"), longest[name], "ms", GOAL);
    Ok(order.into_iter().map(metric).collect())
}
