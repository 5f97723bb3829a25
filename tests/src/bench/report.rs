//! Figures on their way out: a line, a JSON object, a table in `docs/benchmarks.md`.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

/// A figure as it is shown: three digits that count.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Number(f64);

/// One figure with what it is held against.
#[derive(Clone, Debug, Serialize)]
pub struct Metric {
    /// What was measured.
    pub metric: String,
    /// What came out.
    pub ours: Number,
    /// What a peer does with the same in the same run.
    pub peer: Option<Number>,
    /// What the machine can do at most, measured in the same run.
    pub limit: Option<Number>,
    /// Ours ÷ limit, or ours ÷ peer where there is no limit.
    pub ratio: Option<Number>,
    /// What it should be.
    pub goal: &'static str,
    /// The unit of the figures.
    pub unit: &'static str,
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        if value == 0.0 || !value.is_finite() {
            return Self(0.0);
        }
        let unit = 10_f64.powf(value.abs().log10().floor() - 2.0).min(1.0);
        Self((value / unit).round() * unit)
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = match self.0.abs() {
            0.0 => 0,
            size if size >= 100.0 => 0,
            size if size >= 10.0 => 1,
            size if size >= 1.0 => 2,
            size if size >= 0.1 => 3,
            _ => 4,
        };
        write!(formatter, "{:.digits$}", self.0)
    }
}

impl Metric {
    /// A figure of its own.
    pub fn new(metric: impl Into<String>, ours: f64, unit: &'static str, goal: &'static str) -> Self {
        Self { metric: metric.into(), ours: ours.into(), peer: None, limit: None, ratio: None, goal, unit }
    }

    /// The same beside what the machine can do.
    #[must_use]
    pub fn beside_limit(self, limit: f64) -> Self {
        let ratio = Some((self.ours.0 / limit).into());
        Self { limit: Some(limit.into()), ratio, ..self }
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap()
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let mut line = format!("{:<64} {:>9} {:<12}", self.metric, self.ours.to_string(), self.unit);
        if let (Some(limit), Some(ratio)) = (self.limit, self.ratio) {
            let _ = write!(line, " {ratio} of the limit {limit}");
        }
        if !self.goal.is_empty() {
            let _ = write!(line, "  goal: {}", self.goal);
        }
        line
    }

    fn row(&self) -> String {
        let shown =
            |number: Option<Number>| number.map_or_else(|| "–".to_owned(), |number| number.to_string());
        format!(
            "| {} | {} {} | {} | {} | {} |",
            self.metric,
            self.ours,
            self.unit,
            shown(self.limit),
            shown(self.ratio),
            self.goal
        )
    }
}

/// Appends a run to `docs/benchmarks.md`. Figures of a build without optimisation are no figures.
pub fn append(metrics: &[Metric], quick: bool) -> anyhow::Result<()> {
    if metrics.is_empty() || cfg!(debug_assertions) {
        return Ok(());
    }
    let kind = if quick { "server, quick" } else { "server" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let mut text = format!(
        "\n## {}, commit {}: {kind}, {cores} cores\n\n",
        said("date", &["-u", "+%F %H:%M"]),
        said("git", &["describe", "--always", "--dirty"])
    );
    text.push_str("| what | ours | limit | ratio | goal |\n| --- | --- | --- | --- | --- |\n");
    for metric in metrics {
        text.push_str(&metric.row());
        text.push('\n');
    }
    let file = root().join("docs/benchmarks.md");
    fs::OpenOptions::new().append(true).open(file)?.write_all(text.as_bytes())?;
    Ok(())
}

/// The checkout.
pub fn root() -> PathBuf {
    let package = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).parent().unwrap().to_owned()
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    output.map_or_else(|_| "?".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_the_digits_that_count() {
        let shown = |value: f64| Number::from(value).to_string();
        assert_eq!(shown(12_345.6), "12346");
        assert_eq!(shown(12.345), "12.3");
        assert_eq!(shown(1.2345), "1.23");
        assert_eq!(shown(0.012_345), "0.0123");
        assert_eq!(shown(0.0), "0");
    }

    #[test]
    fn a_metric_is_one_json_object() {
        let metric = Metric::new("pushes", 60.0, "1/s", "≥ 60 %").beside_limit(100.0);
        let json: serde_json::Value = serde_json::from_str(&metric.json()).unwrap();
        assert_eq!(json["ours"], 60.0);
        assert_eq!(json["ratio"], 0.6);
        assert!(json["peer"].is_null());
    }
}
