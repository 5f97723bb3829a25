//! One figure of ours beside one of a peer, or beside what it must not exceed.

use serde_json::{Value, json};

/// Which way a figure is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Rates.
    More,
    /// Times, sizes, counts of messages.
    Less,
}

/// What ours stands beside.
#[derive(Clone, Debug, PartialEq)]
pub enum Beside {
    /// A peer, measured in the same run.
    Peer(f64),
    /// What the machine can do at most, measured in the same run, or what was asked for.
    Limit(f64),
    /// Nothing, and why.
    NotMeasured(String),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was measured, and beside whom.
    pub metric: String,
    /// What came out, or why nothing did.
    pub ours: Result<f64, String>,
    /// What it stands beside.
    pub beside: Beside,
    /// Which way it is good.
    pub better: Better,
    /// The ratio to reach.
    pub goal: Option<f64>,
    /// The unit of both figures.
    pub unit: &'static str,
    /// What a reader must know to read the row rightly.
    pub note: String,
}

impl Comparison {
    /// How many times better ours is: above one is better, whichever way the figure goes.
    pub fn ratio(&self) -> Option<f64> {
        let other = match self.beside {
            Beside::Peer(other) | Beside::Limit(other) => other,
            Beside::NotMeasured(_) => return None,
        };
        let ours = self.ours.as_ref().ok().copied()?;
        let (above, below) = match self.better {
            Better::More => (ours, other),
            Better::Less => (other, ours),
        };
        (below > 0.0).then_some(above / below)
    }

    /// One JSON object.
    pub fn json(&self) -> Value {
        let figure = |value: Option<f64>| value.map_or(Value::Null, |value| json!(rounded(value)));
        let mut object = json!({
            "metric": self.metric,
            "ours": figure(self.ours.as_ref().ok().copied()),
            "peer": figure(if let Beside::Peer(peer) = self.beside { Some(peer) } else { None }),
            "limit": figure(if let Beside::Limit(limit) = self.beside { Some(limit) } else { None }),
            "ratio": figure(self.ratio()),
            "goal": figure(self.goal),
            "unit": self.unit,
        });
        let remark = self.remark();
        if !remark.is_empty() {
            object["note"] = json!(remark);
        }
        object
    }

    /// One row of a table in Markdown.
    pub fn row(&self) -> String {
        let other = match self.beside {
            Beside::Peer(other) | Beside::Limit(other) => shown(other),
            Beside::NotMeasured(_) => "not measured".to_owned(),
        };
        let ours = self.ours.as_ref().map_or_else(|_| "not measured".to_owned(), |ours| shown(*ours));
        let optional = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), shown);
        let goal = self.goal.map_or_else(|| "–".to_owned(), |goal| format!("≥ {}", shown(goal)));
        let verdict = match (self.ratio(), self.goal) {
            (Some(ratio), Some(goal)) if ratio < goal => " (missed)",
            _ => "",
        };
        format!(
            "| {} | {ours} {} | {other} | {} | {goal}{verdict} | {} |",
            self.metric,
            self.unit,
            optional(self.ratio()),
            self.remark()
        )
    }

    fn remark(&self) -> String {
        let missing = match (&self.ours, &self.beside) {
            (Err(why), _) => Some(format!("ours not measured: {why}")),
            (_, Beside::NotMeasured(why)) => Some(format!("not measured: {why}")),
            _ => None,
        };
        let parts = missing.into_iter().chain((!self.note.is_empty()).then(|| self.note.clone()));
        parts.collect::<Vec<_>>().join("; ").replace(['|', '\n'], " ")
    }
}

/// Three digits that count.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let unit = 10_f64.powf(value.abs().log10().floor() - 2.0).min(1.0);
    // By the reciprocal, so that no digits appear from nowhere.
    (value / unit).round() / (1.0 / unit).round()
}

fn shown(value: f64) -> String {
    rounded(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(ours: f64, beside: Beside, better: Better) -> Comparison {
        Comparison {
            metric: "pushes | beside a peer".to_owned(),
            ours: Ok(ours),
            beside,
            better,
            goal: Some(3.0),
            unit: "1/s",
            note: String::new(),
        }
    }

    #[test]
    fn a_ratio_above_one_is_better_whichever_way_the_figure_goes() {
        assert_eq!(comparison(300.0, Beside::Peer(100.0), Better::More).ratio(), Some(3.0));
        assert_eq!(comparison(100.0, Beside::Peer(300.0), Better::Less).ratio(), Some(3.0));
        assert_eq!(comparison(50.0, Beside::Limit(100.0), Better::More).ratio(), Some(0.5));
        assert_eq!(comparison(200.0, Beside::Limit(300.0), Better::Less).ratio(), Some(1.5));
        assert_eq!(comparison(0.0, Beside::Peer(1.0), Better::Less).ratio(), None);
    }

    #[test]
    fn a_peer_that_fails_leaves_a_row_that_says_why() {
        let row = comparison(300.0, Beside::NotMeasured("it\nfell over".to_owned()), Better::More);
        let json = row.json();
        assert_eq!(json["ours"], 300.0);
        assert!(json["peer"].is_null() && json["ratio"].is_null());
        assert_eq!(json["note"], "not measured: it fell over");
        assert!(row.row().contains("| not measured | – | ≥ 3 | not measured: it fell over |"));
    }

    #[test]
    fn ours_may_be_missing_too() {
        let mut row = comparison(0.0, Beside::Peer(1.0), Better::More);
        row.ours = Err("no such figure".to_owned());
        assert!(row.json()["ours"].is_null());
        assert_eq!(row.ratio(), None);
        assert_eq!(row.json()["note"], "ours not measured: no such figure");
    }

    #[test]
    fn a_line_has_the_fields_that_are_read_by_others() {
        let json = comparison(1_234.56, Beside::Peer(411.5), Better::More).json();
        assert_eq!(json["ours"], 1_235.0);
        assert_eq!(json["peer"], 412.0);
        assert_eq!(json["ratio"], 3.0);
        assert_eq!(json["goal"], 3.0);
        assert!(json["limit"].is_null());
        assert_eq!(comparison(1.0, Beside::Limit(2.0), Better::More).json()["limit"], 2.0);
    }

    #[test]
    fn a_missed_goal_is_said() {
        assert!(comparison(200.0, Beside::Peer(100.0), Better::More).row().contains("≥ 3 (missed)"));
        assert!(!comparison(300.0, Beside::Peer(100.0), Better::More).row().contains("missed"));
    }

    #[test]
    fn figures_keep_three_digits() {
        assert_eq!(shown(12_345.6), "12346");
        assert_eq!(shown(12.345), "12.3");
        assert_eq!(shown(0.012_345), "0.0123");
        assert_eq!(shown(0.3), "0.3");
        assert_eq!(shown(0.0), "0");
    }
}
