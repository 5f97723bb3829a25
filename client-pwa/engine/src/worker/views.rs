//! Documents on somebody's screen: each is told again whenever it changes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use client_bridge::ToApp;
use shared_model::features;
use shared_model::identity::DocumentId;
use shared_model::sync_protocol::DeviceEvent;
use shared_model::workspace::Aggregate;

use super::Worker;

/// Screens remembered. Tabs that crash never close theirs, so the oldest ones go.
const MOST_VIEWS: usize = 64;

type Documents = BTreeMap<DocumentId, Aggregate>;

/// The open views, newest first.
#[derive(Debug, Default)]
pub struct Views {
    open: VecDeque<(u64, DocumentId)>,
}

impl Views {
    fn open(&mut self, request: u64, document: DocumentId) {
        self.close(request);
        self.open.push_front((request, document));
        self.open.truncate(MOST_VIEWS);
    }

    /// The screen is gone.
    pub fn close(&mut self, request: u64) {
        self.open.retain(|(open, _)| *open != request);
    }

    fn on(&self, documents: &BTreeSet<DocumentId>) -> Vec<(u64, DocumentId)> {
        self.open.iter().filter(|(_, document)| documents.contains(document)).copied().collect()
    }
}

impl Worker {
    pub(super) async fn open_view(&mut self, request: u64, document: DocumentId) {
        self.views.open(request, document);
        self.refresh_views(&BTreeSet::from([document])).await;
    }

    /// Tells the state of these documents to the screens that show them.
    pub(super) async fn refresh_views(&mut self, documents: &BTreeSet<DocumentId>) {
        let views = self.views.on(documents);
        let shown: BTreeSet<DocumentId> = views.iter().map(|(_, document)| *document).collect();
        if shown.is_empty() {
            return;
        }
        let Some(held) = self.held(&shown).await else { return };
        let absent: BTreeSet<DocumentId> =
            shown.iter().filter(|id| !held.contains_key(id)).copied().collect();
        let coming = if absent.is_empty() { absent } else { self.on_their_way(&absent).await };
        if !coming.is_empty() {
            self.tell_session(DeviceEvent::Wanted { documents: coming.iter().copied().collect() });
        }
        let Some(rates) = self.held(&rates_of(&held)).await else { return };
        for (request, document) in views {
            let aggregate = held.get(&document);
            self.channel.say(&ToApp::View {
                request,
                document,
                coming: coming.contains(&document),
                view: aggregate.and_then(|aggregate| serde_json::to_string(&features::view(aggregate)).ok()),
                costs: aggregate.and_then(|aggregate| costs(aggregate, &held, &rates)),
                pending: self.outbox.about(document),
            });
        }
        // Somebody looks at them: the next command or change finds them in memory.
        self.documents.keep(held.into_values().chain(rates.into_values()));
    }
}

/// The documents whose rates the shown ones cost, as far as nobody looks at them.
fn rates_of(held: &Documents) -> BTreeSet<DocumentId> {
    held.values().filter_map(features::priced_by).filter(|id| !held.contains_key(id)).collect()
}

fn costs(aggregate: &Aggregate, held: &Documents, rates: &Documents) -> Option<String> {
    let rates = features::priced_by(aggregate).and_then(|id| held.get(&id).or_else(|| rates.get(&id)));
    let lines = features::cost_lines(aggregate, rates);
    if lines.is_empty() { None } else { serde_json::to_string(&features::cost_sums(&lines)).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> DocumentId {
        DocumentId::from_bytes([n; 16])
    }

    #[test]
    fn only_open_screens_are_told() {
        let mut views = Views::default();
        views.open(1, id(1));
        views.open(2, id(1));
        views.open(3, id(2));
        views.close(2);
        assert_eq!(views.on(&BTreeSet::from([id(1), id(9)])), [(1, id(1))]);
        views.open(1, id(2));
        assert!(views.on(&BTreeSet::from([id(1)])).is_empty(), "a request shows one document");
    }

    #[test]
    fn screens_nobody_closed_are_forgotten_in_the_end() {
        let mut views = Views::default();
        (0..200).for_each(|request| views.open(request, id(1)));
        let told = views.on(&BTreeSet::from([id(1)]));
        assert_eq!((told.len(), told[0].0), (MOST_VIEWS, 199));
    }
}
