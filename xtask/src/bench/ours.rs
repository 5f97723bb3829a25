//! The figures of our own server, by running its benchmarks and reading what they print.

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

/// What our benchmarks said.
pub struct Ours {
    figures: Vec<Value>,
    failures: Vec<String>,
}

impl Ours {
    /// Runs benchmarks one after the other; one that fails takes no other with it.
    pub fn measure(program: &Path, names: &[&str], quick: bool) -> Result<Self> {
        let mut ours = Self { figures: Vec::new(), failures: Vec::new() };
        for name in names {
            let mut run = workspace::program(program);
            run.args([name, "--json", "--unrecorded"]).args(quick.then_some("--quick"));
            let output = run.stderr(Stdio::inherit()).output().with_context(|| workspace::shown(&run))?;
            if !output.status.success() {
                ours.failures.push(format!("the benchmark {name} ended with {}", output.status));
            }
            ours.read(&String::from_utf8(output.stdout)?);
        }
        Ok(ours)
    }

    fn read(&mut self, text: &str) {
        self.figures.extend(text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()));
    }

    /// A figure by parts of its name.
    pub fn figure(&self, name: &[&str]) -> Result<f64, String> {
        self.field(name, "ours")
    }

    /// What was measured beside it as the machine's limit.
    pub fn limit(&self, name: &[&str]) -> Result<f64, String> {
        self.field(name, "limit")
    }

    fn field(&self, name: &[&str], field: &str) -> Result<f64, String> {
        let is_it = |figure: &&Value| {
            figure["metric"].as_str().is_some_and(|metric| name.iter().all(|part| metric.contains(part)))
        };
        self.figures.iter().find(is_it).and_then(|figure| figure[field].as_f64()).ok_or_else(|| {
            let failures = self.failures.join(", ");
            if failures.is_empty() { format!("no figure is called {}", name.join(" … ")) } else { failures }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_by_parts_of_their_names() {
        let mut ours = Ours { figures: Vec::new(), failures: Vec::new() };
        ours.read(
            "ingest …\n{\"metric\":\"ingest by submit, 1000 documents\",\"ours\":5.5,\"limit\":11.0}\n\
             {\"metric\":\"ingest by submit, 10000 documents\",\"ours\":4.5,\"limit\":null}\n",
        );
        assert_eq!(ours.figure(&["by submit", ", 1000 documents"]), Ok(5.5));
        assert_eq!(ours.limit(&["by submit", ", 1000 documents"]), Ok(11.0));
        assert_eq!(ours.figure(&["by submit", ", 10000 documents"]), Ok(4.5));
        assert!(ours.limit(&["by submit", ", 10000 documents"]).is_err());
        assert!(ours.figure(&["by pigeon"]).unwrap_err().contains("by pigeon"));
        ours.failures.push("the benchmark ingest ended with 1".to_owned());
        assert_eq!(ours.figure(&["by pigeon"]), Err("the benchmark ingest ended with 1".to_owned()));
    }
}
