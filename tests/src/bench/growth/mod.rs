//! What a push costs as its organisation grows and as its document grows older, and what the server keeps in memory of
//! all that was pushed.

mod history;
mod organisation;

use super::{Bench, Metric};

/// Measures organisations of several sizes, then documents with histories of several lengths.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let mut metrics = organisation::measure(bench)?;
    metrics.extend(history::measure(bench)?);
    Ok(metrics)
}
