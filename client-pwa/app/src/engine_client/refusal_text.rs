//! Refusals in words: what happened, and the next step.

use shared_model::workspace::Refusal;
use yew::AttrValue;

use crate::locale::t;

/// What to tell the person.
pub fn refusal_text(refusal: &Refusal) -> AttrValue {
    match refusal {
        Refusal::NotPermitted { .. } => t!("refusal-not-permitted"),
        Refusal::UnknownDocument { .. } => t!("refusal-unknown-document"),
        Refusal::AlreadyExists { .. } => t!("refusal-already-exists"),
        Refusal::Rule { rule, detail } => rule_text(rule, detail),
        Refusal::Value { field, .. } => t!("refusal-value", field = field.clone()),
        Refusal::Structure { .. } => t!("refusal-structure"),
    }
}

/// The words for the code of a rule; the server's refusals carry the same codes.
pub fn rule_text(rule: &str, detail: &str) -> AttrValue {
    match rule {
        "transition_not_allowed" => t!("refusal-transition"),
        "reason_needed" => t!("refusal-reason-needed"),
        "checklist_incomplete" => t!("refusal-checklist", steps = detail.to_owned()),
        "verifier_completed_it" => t!("refusal-verifier"),
        "server_too_old" => t!("refusal-server-too-old"),
        "still_coming" => t!("refusal-still-coming"),
        "not_permitted" => t!("refusal-not-permitted"),
        "unknown_document" => t!("refusal-unknown-document"),
        "already_exists" => t!("refusal-already-exists"),
        "document_deleted" => t!("refusal-document-deleted"),
        "rerooted" => t!("refusal-rerooted"),
        "changed_meanwhile" => t!("refusal-changed-meanwhile"),
        _ => {
            t!("refusal-other", detail = if detail.is_empty() { rule.to_owned() } else { detail.to_owned() })
        }
    }
}
