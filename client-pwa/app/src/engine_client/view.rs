//! Documents on screen: opened at the engine, shown in every later state, closed when the screen goes.

use client_bridge::ToEngine;
use shared_model::features::View;
use shared_model::identity::DocumentId;
use yew::prelude::*;

use super::{Engine, use_engine};
use crate::fresh_id;
use crate::hooks::Loadable;

/// A document with how many of its commands the server does not have yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub view: View,
    pub unsent: usize,
}

pub(super) struct Subscription {
    document: DocumentId,
    show: Callback<Loadable<Shown>>,
}

impl Engine {
    fn open(&self, document: DocumentId, show: Callback<Loadable<Shown>>) -> u64 {
        let request = fresh_id::request();
        self.0.views.borrow_mut().insert(request, Subscription { document, show });
        self.tell(&ToEngine::Open { request, document });
        request
    }

    fn close(&self, request: u64) {
        self.0.views.borrow_mut().remove(&request);
        self.tell(&ToEngine::Close { request });
    }

    pub(super) fn open_views(&self) {
        for (request, each) in self.0.views.borrow().iter() {
            self.tell(&ToEngine::Open { request: *request, document: each.document });
        }
    }

    pub(super) fn show_view(&self, request: u64, view: Option<&str>, unsent: usize) {
        let Some(show) = self.0.views.borrow().get(&request).map(|each| each.show.clone()) else { return };
        // A view this version cannot read is as good as none; the row still lists the document.
        match view.and_then(|json| serde_json::from_str(json).ok()) {
            Some(view) => show.emit(Loadable::Ready(Shown { view, unsent })),
            None => show.emit(Loadable::Missing),
        }
    }
}

/// The document, now and in every later state.
#[hook]
pub fn use_view(document: DocumentId) -> Loadable<Shown> {
    let engine = use_engine();
    let shown = use_state(|| (document, Loadable::Loading));
    {
        let shown = shown.setter();
        use_effect_with((engine, document), move |(engine, document)| {
            let (engine, document) = (engine.clone(), *document);
            let request = engine.open(document, Callback::from(move |view| shown.set((document, view))));
            move || engine.close(request)
        });
    }
    if shown.0 == document { shown.1.clone() } else { Loadable::Loading }
}
