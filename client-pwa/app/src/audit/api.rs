//! What is asked of the server about the trail.

use shared_model::audit::{AsOf, HeadWithProof, ListedEntry, Timeline};
use shared_model::identity::{DeviceId, DocumentId, PersonId};
use shared_model::instant::Timestamp;
use yew::AttrValue;

use crate::clock;
use crate::locale::t;
use crate::session::{ApiProblem, call};

const NOTHING: Option<&()> = None;
/// Entries of a page.
pub(super) const PAGE: usize = 50;
/// The whole trail as files.
pub(super) const AS_JSON: &str = "/api/audit/export.json";
pub(super) const AS_CSV: &str = "/api/audit/export.csv";

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) action: Option<AttrValue>,
    pub(super) person: Option<PersonId>,
}

pub(super) async fn entries(filter: &Filter, before: Option<u64>) -> Result<Vec<ListedEntry>, ApiProblem> {
    let mut path = format!("/api/audit?limit={PAGE}");
    if let Some(action) = &filter.action {
        path += &format!("&action={action}");
    }
    if let Some(person) = filter.person {
        path += &format!("&person={person}");
    }
    if let Some(before) = before {
        path += &format!("&before={before}");
    }
    call("GET", &path, NOTHING).await
}

/// The newest head, with proof that it continues the one over so many entries and rows of the feed.
pub(super) async fn head((entries, feed): (u64, u64)) -> Result<HeadWithProof, ApiProblem> {
    call("GET", &format!("/api/audit/head?entries={entries}&feed={feed}"), NOTHING).await
}

/// What happened to a document before a place of the feed.
pub(super) async fn timeline(id: DocumentId, before: Option<u64>) -> Result<Timeline, ApiProblem> {
    let before = before.map(|before| format!("?before={before}")).unwrap_or_default();
    call("GET", &format!("/api/documents/{id}/timeline{before}"), NOTHING).await
}

/// What it said at a moment.
pub(super) async fn as_of(
    id: DocumentId,
    at: Timestamp,
    device: Option<DeviceId>,
) -> Result<AsOf, ApiProblem> {
    let at = clock::date(at).to_iso_string();
    let device = device.map(|device| format!("&device={device}")).unwrap_or_default();
    call("GET", &format!("/api/documents/{id}/as-of?at={at}{device}"), NOTHING).await
}

/// Why it did not work, for whoever tried.
pub(super) fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "forbidden" => t!("audit-forbidden"),
        "not_found" => t!("timeline-not-found"),
        "not_signed_in" => t!("people-sign-in"),
        _ => t!("audit-unreachable"),
    }
}
