//! Documents on screen: opened at the engine, shown in every later state, closed when the screen goes.

use std::cell::Cell;
use std::rc::Rc;

use client_bridge::ToEngine;
use shared_model::features::{CostSum, View};
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
    /// What it cost, as far as this device knows.
    pub costs: Rc<Vec<CostSum>>,
}

/// What the engine says of a document.
pub(super) struct Told<'m> {
    pub view: Option<&'m str>,
    pub costs: Option<&'m str>,
    pub coming: bool,
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

    /// A document as it is now, once; nothing when it is not here.
    pub fn look(&self, document: DocumentId, seen: Callback<Option<View>>) {
        // The request is known only after the callback is made.
        let asked = Rc::new(Cell::new(None));
        let (engine, answered) = (self.clone(), asked.clone());
        let request = self.open(
            document,
            Callback::from(move |view| {
                if matches!(view, Loadable::Loading | Loadable::Coming) {
                    return;
                }
                if let Some(request) = answered.take() {
                    engine.close(request);
                }
                match view {
                    Loadable::Ready(Shown { view, .. }) => seen.emit(Some(view)),
                    Loadable::Missing => seen.emit(None),
                    Loadable::Loading | Loadable::Coming => {}
                }
            }),
        );
        asked.set(Some(request));
    }

    pub(super) fn open_views(&self) {
        for (request, each) in self.0.views.borrow().iter() {
            self.tell(&ToEngine::Open { request: *request, document: each.document });
        }
    }

    pub(super) fn show_view(&self, request: u64, told: &Told<'_>) {
        let Told { view, costs, coming, unsent } = *told;
        let Some(show) = self.0.views.borrow().get(&request).map(|each| each.show.clone()) else { return };
        // A view this version cannot read is as good as none; the row still lists the document.
        match view.and_then(|json| serde_json::from_slice(json.as_bytes()).ok()) {
            Some(view) => {
                let costs =
                    costs.and_then(|json| serde_json::from_slice(json.as_bytes()).ok()).unwrap_or_default();
                show.emit(Loadable::Ready(Shown { view, unsent, costs: Rc::new(costs) }));
            }
            None if coming => show.emit(Loadable::Coming),
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

/// Several documents at once, as far as they are here, now and in every later state.
#[hook]
pub fn use_views(documents: &[DocumentId]) -> Vec<View> {
    let engine = use_engine();
    let shown = use_mut_ref(Vec::<View>::new);
    let redraw = use_force_update();
    {
        let shown = shown.clone();
        use_effect_with((engine, documents.to_vec()), move |(engine, documents)| {
            let show = |document: DocumentId| {
                let (shown, redraw) = (shown.clone(), redraw.clone());
                engine.open(
                    document,
                    Callback::from(move |view| {
                        shown.borrow_mut().retain(|other| other.id() != document);
                        if let Loadable::Ready(Shown { view, .. }) = view {
                            shown.borrow_mut().push(view);
                        }
                        redraw.force_update();
                    }),
                )
            };
            let requests: Vec<u64> = documents.iter().copied().map(show).collect();
            let engine = engine.clone();
            move || requests.into_iter().for_each(|request| engine.close(request))
        });
    }
    let shown = shown.borrow();
    shown.iter().filter(|view| documents.contains(&view.id())).cloned().collect()
}
