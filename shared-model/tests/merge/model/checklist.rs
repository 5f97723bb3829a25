//! What the steps of a checklist make of their answers, by a table of all that is ever answered here.

use std::collections::BTreeMap;

use shared_model::features::checklist::Answer;
use shared_model::units::Quantity;

/// Keys of the steps that take answers.
const ANSWERED: &[&str] = &["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s8"];

/// What a text means as an answer to a step; `None`: the step does not take it.
pub fn meaning(step: &str, text: &str) -> Option<Answer> {
    let number = |thousandths| Answer::Number(Quantity::from_thousandths(thousandths));
    let chosen = |options: &[&str]| Answer::Choice(options.iter().map(|o| (*o).to_owned()).collect());
    Some(match (step, text) {
        ("s0", "pass") => Answer::Pass,
        ("s0", "fail") => Answer::Fail,
        ("s1", "2.5") => number(2_500),
        ("s1", "-3") => number(-3_000),
        ("s2", text) => Answer::Text(text.to_owned()),
        ("s3", "checked") => Answer::Checked,
        ("s4", "12706.5") => number(12_706_500),
        ("s5", "oil") => chosen(&["oil"]),
        ("s5", "oil\nwater") => chosen(&["oil", "water"]),
        ("s6", "1800000000000") => Answer::DateTime(1_800_000_000_000),
        ("s6", "1800000060000") => Answer::DateTime(1_800_000_060_000),
        ("s8", "left") => chosen(&["left"]),
        ("s8", "right") => chosen(&["right"]),
        _ => return None,
    })
}

/// How many steps are answered and how many there are to answer, where these answers are shown.
pub fn progress(shown: &BTreeMap<String, String>) -> (u32, u32) {
    let is = |step: &str, text: &str| shown.get(step).is_some_and(|answer| answer == text);
    let asked = ANSWERED.iter().filter(|step| match **step {
        "s3" => is("s0", "fail"),
        "s6" => is("s5", "oil\nwater"),
        _ => true,
    });
    let asked: Vec<&str> = asked.copied().collect();
    let answered = asked.iter().filter(|step| shown.contains_key(**step)).count();
    (u32::try_from(answered).unwrap(), u32::try_from(asked.len()).unwrap())
}
