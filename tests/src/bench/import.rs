//! Rows of another system's history imported per second, through the same commands people use.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context;
use sync_server::features::import::{self, Options, RowResult, read_excavator};

use super::stage::Stage;
use super::{Bench, Metric, median, timed};

/// Imports generated rows, and the real file when `MAINTAINPRO_EXCAVATOR_CSV` names it.
pub fn measure(bench: &Bench) -> anyhow::Result<Vec<Metric>> {
    let stage = Stage::set()?;
    let generated = rows_of(generated(bench.load(5_000, 1_500)).as_bytes())?;
    let mut metrics = vec![rate(bench, &stage, "import of generated rows", &generated)?];
    if let Some(file) = std::env::var_os("MAINTAINPRO_EXCAVATOR_CSV") {
        let bytes = std::fs::read(&file).with_context(|| Path::new(&file).display().to_string())?;
        metrics.push(rate(bench, &stage, "import of the real file", &rows_of(&bytes)?)?);
    }
    Ok(metrics)
}

/// Imports the rows into a fresh organisation every time.
fn rate(bench: &Bench, stage: &Stage, what: &str, rows: &[RowResult]) -> anyhow::Result<Metric> {
    let mut rates = Vec::new();
    for run in 0..bench.runs() {
        let slug = format!("{}-{run}", what.replace(' ', "-"));
        let options = Options { organisation: stage.tenant(&slug)?.organisation, dry_run: false };
        let (sync, pool, rows) = (stage.state.sync.clone(), stage.state.pool.clone(), rows.to_vec());
        let count = rows.len();
        let (report, took) = timed(|| {
            stage.on_server(
                async move { import::work_orders(&sync, &pool, &options, rows, &mut |_, _| {}).await },
            )
        });
        anyhow::ensure!(report?.counts.imported == count, "not every row was imported");
        rates.push(count as f64 / took.as_secs_f64());
    }
    Ok(Metric::new(what, median(rates), "rows/s", ""))
}

fn rows_of(bytes: &[u8]) -> anyhow::Result<Vec<RowResult>> {
    Ok(read_excavator(bytes)?.collect())
}

fn generated(count: usize) -> String {
    let mut text = String::from("BscStartDate,Asset,OriginalShorttext,PMType,Cost\n");
    for row in 0..count {
        let (year, month, day) = (2001 + row % 12, 1 + row % 11, 1 + row % 28);
        let (asset, code) = (row % 5, 1 + row % 2);
        let _ = writeln!(
            text,
            "{year}-{month:02}-{day:02},E{asset},REPLACE BUCKET TOOTH {row},PM0{code},{row}.50"
        );
    }
    text
}
