//! What a run came to: a row for each kind of fault.

use serde::Serialize;

use super::checks::Findings;

/// Sentences about what is broken that a row keeps.
const KEPT: usize = 12;

/// One kind of fault.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Row {
    /// What was done.
    pub fault: String,
    /// How often.
    pub times: usize,
    /// Commands that were acknowledged meanwhile.
    pub acknowledged: usize,
    /// Of those, lost; and saved ones that are nowhere.
    pub lost: usize,
    /// Devices that did not come to rest in time.
    pub stuck: usize,
    /// Everything else that was not as it should be.
    pub broken: Vec<String>,
    /// The longest it took from the heal to rest.
    pub worst_recovery_ms: u128,
    /// Why it could not be done here.
    pub skipped: Option<String>,
}

impl Row {
    /// An empty row.
    pub fn new(fault: impl Into<String>) -> Self {
        Self { fault: fault.into(), ..Self::default() }
    }

    /// A fault this machine does not let us make.
    pub fn skipped(fault: &str, why: impl Into<String>) -> Self {
        Self { skipped: Some(why.into()), ..Self::new(fault) }
    }

    /// Adds what was found after a round. The crew had so many commands acknowledged before.
    pub fn add(&mut self, findings: Findings, before: usize) {
        self.acknowledged += findings.acknowledged.saturating_sub(before);
        self.lost += findings.lost;
        self.stuck += findings.stuck;
        self.worst_recovery_ms = self.worst_recovery_ms.max(findings.recovery.as_millis());
        for broken in findings.broken {
            self.note(broken);
        }
    }

    /// Something is not as it should be.
    pub fn note(&mut self, broken: String) {
        eprintln!("  {}, after {} times: {broken}", self.fault, self.times);
        if self.broken.len() < KEPT {
            self.broken.push(broken);
        }
    }

    /// Is everything as it should be?
    pub fn is_fine(&self) -> bool {
        self.lost == 0 && self.stuck == 0 && self.broken.is_empty()
    }
}

/// A whole run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What chance was drawn from.
    pub seed: u64,
    /// A row for each kind of fault.
    pub rows: Vec<Row>,
}

impl Report {
    /// Was nothing lost, stuck or broken?
    pub fn is_fine(&self) -> bool {
        self.rows.iter().all(Row::is_fine)
    }

    /// One JSON object a row.
    pub fn print_json(&self) {
        for row in &self.rows {
            let mut line = serde_json::to_value(row).unwrap();
            line["seed"] = self.seed.into();
            println!("{line}");
        }
    }

    /// A table for people.
    pub fn print(&self) {
        println!("| fault | times | acknowledged | lost | stuck | broken | worst recovery |");
        println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        for row in &self.rows {
            match &row.skipped {
                Some(why) => println!("| {} | not possible on this machine: {why} | | | | | |", row.fault),
                None => println!(
                    "| {} | {} | {} | {} | {} | {} | {:.1} s |",
                    row.fault,
                    row.times,
                    row.acknowledged,
                    row.lost,
                    row.stuck,
                    row.broken.len(),
                    row.worst_recovery_ms as f64 / 1_000.0
                ),
            }
        }
        println!("\nseed {}", self.seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_acknowledged_counts_once_and_whatever_is_wrong_fails_the_run() {
        let found = |acknowledged| Findings { acknowledged, ..Findings::default() };
        let mut row = Row::new("kill");
        row.add(found(10), 0);
        row.add(found(25), 10);
        assert_eq!(row.acknowledged, 25);
        let report = |row: &Row| Report { seed: 1, rows: vec![row.clone()] };
        assert!(report(&row).is_fine());
        for wrong in [
            Findings { lost: 1, ..Findings::default() },
            Findings { stuck: 1, ..Findings::default() },
            Findings { broken: vec!["odd".to_owned()], ..Findings::default() },
        ] {
            assert!(!wrong.is_fine());
            let mut row = row.clone();
            row.add(wrong, 0);
            assert!(!report(&row).is_fine());
        }
    }
}
