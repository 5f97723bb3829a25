//! Documents on somebody's screen: each is told again whenever it changes.

use std::collections::{BTreeSet, VecDeque};

use client_bridge::ToApp;
use shared_model::features;
use shared_model::identity::DocumentId;
use shared_model::workspace::Aggregate;

use super::Worker;

/// Screens remembered. Tabs that crash never close theirs, so the oldest ones go.
const MOST_VIEWS: usize = 64;

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
        for (request, document) in views {
            let aggregate = held.get(&document);
            self.channel.say(&ToApp::View {
                request,
                document,
                view: aggregate.and_then(|aggregate| serde_json::to_string(&features::view(aggregate)).ok()),
                costs: aggregate.and_then(costs),
                pending: self.outbox.about(document),
            });
        }
        // Somebody looks at them: the next command or change finds them in memory.
        self.documents.keep(held.into_values());
    }
}

fn costs(aggregate: &Aggregate) -> Option<String> {
    let lines = features::costs(aggregate);
    if lines.is_empty() { None } else { serde_json::to_string(&lines).ok() }
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
