//! Answers a person has given that the device has not written yet: shown at once, dropped when the work order
//! itself says something else.

use std::rc::Rc;

use shared_model::features::work_order::ChecklistExecution;

/// A few keys of steps, each with the answer that is replaced and the one that was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Given(Vec<(String, Option<String>, Option<String>)>);

impl Given {
    /// The same with one answer more, over what the list says now.
    #[must_use]
    pub fn with(&self, list: &ChecklistExecution, step: &str, answer: Option<String>) -> Self {
        let mut next = self.without(step);
        next.0.push((step.to_owned(), list.answers.get(step).cloned(), answer));
        next
    }

    /// The same without the answer to a step: it was refused.
    #[must_use]
    pub fn without(&self, step: &str) -> Self {
        let mut next = self.0.clone();
        next.retain(|(other, ..)| other != step);
        Self(next)
    }

    /// The same without those that the list has answers of its own for.
    #[must_use]
    pub fn waiting(&self, list: &ChecklistExecution) -> Self {
        let mut next = self.0.clone();
        next.retain(|(step, before, _)| list.answers.get(step) == before.as_ref());
        Self(next)
    }

    /// The list as the person left it.
    pub fn over(&self, list: &Rc<ChecklistExecution>) -> Rc<ChecklistExecution> {
        let waiting = self.waiting(list);
        if waiting.0.is_empty() {
            return list.clone();
        }
        let mut shown = (**list).clone();
        for (step, _, answer) in &waiting.0 {
            match answer {
                Some(answer) => shown.answers.insert(step.clone(), answer.clone()),
                None => shown.answers.remove(step),
            };
        }
        Rc::new(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_shows_until_the_work_order_says_its_own() {
        let list = |answer: Option<&str>| {
            let answers = answer.map(|answer| ("s0".to_owned(), answer.to_owned())).into_iter().collect();
            Rc::new(ChecklistExecution { answers, ..empty() })
        };
        let shown = |given: &Given, list| given.over(&list).answers.get("s0").cloned();
        let given = Given::default().with(&list(None), "s0", Some("pass".to_owned()));
        assert_eq!(shown(&given, list(None)).as_deref(), Some("pass"));
        assert_eq!(shown(&given, list(Some("fail"))).as_deref(), Some("fail"));
        assert_eq!(shown(&given.without("s0"), list(None)), None);
        let taken_back = given.with(&list(Some("pass")), "s0", None);
        assert_eq!(shown(&taken_back, list(Some("pass"))), None);
    }

    fn empty() -> ChecklistExecution {
        serde_json::from_value(serde_json::json!({
            "key": "c0", "template": null, "version": 1, "title": "", "steps": [], "answers": {}, "remarks": {},
        }))
        .unwrap()
    }
}
