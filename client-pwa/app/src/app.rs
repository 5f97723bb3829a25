//! The root: session, engine, layout, toasts, router. One screen long.

use std::rc::Rc;

use client_bridge::EngineStart;
use gloo_timers::callback::Interval;
use shared_model::account::SignedIn;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::audit::AuditWitness;
use crate::browser;
use crate::engine_client::{Engine, EngineProvider};
use crate::hooks::{Layout, use_layout_watch};
use crate::locale::{self, t};
use crate::route::{self, Route};
use crate::session::{self, ApiProblem, JoinPage, Session, SignInPage};
use crate::shell::{Shell, Watchers};
use crate::widgets::{Empty, ToastHost};

/// An app that stays open asks for fresh rights, and keeps its session alive, so often.
const RENEW_EVERY_MS: u32 = 6 * 60 * 60 * 1_000;

#[component]
pub fn App() -> Html {
    let layout = use_layout_watch();
    let signed_in = use_state(|| session::stored().map(Rc::new));
    use_effect_with((), |()| {
        let root = browser::document().document_element();
        if let Some(root) = root {
            let _ = root.set_attribute("lang", locale::language().tag());
        }
    });
    let change = {
        let signed_in = signed_in.setter();
        use_callback((), move |session: Option<SignedIn>, ()| {
            session::store(session.as_ref());
            session::set_ended_offline(false);
            signed_in.set(session.map(Rc::new));
        })
    };
    let joining = use_state(session::join_token);
    let body = match (*signed_in).clone() {
        _ if joining.is_some() => {
            let onsigned = {
                let (change, joining) = (change.clone(), joining.setter());
                Callback::from(move |signed_in| {
                    browser::go_home();
                    change.emit(Some(signed_in));
                    joining.set(None);
                })
            };
            html! { <JoinPage token={joining.as_deref().unwrap_or_default().to_owned()} {onsigned} /> }
        }
        None => html! { <SignInPage onsigned={change.reform(Some)} /> },
        Some(signed_in) => {
            let key = signed_in.person.id.to_string();
            let session = Session { signed_in, change: change.clone() };
            html! { <ContextProvider<Session> {key} context={session}><SignedInApp /></ContextProvider<Session>> }
        }
    };
    html! { <ContextProvider<Layout> context={layout}><ToastHost>{ body }</ToastHost></ContextProvider<Layout>> }
}

/// Everything below a session: the engine of its person, then the pages.
#[component]
fn SignedInApp() -> Html {
    let session = session::use_session();
    let engine = {
        let session = session.clone();
        use_memo(session.signed_in.person.id, move |_| Engine::connect(engine_start(&session)))
    };
    {
        let (session, engine) = (session.clone(), engine.clone());
        use_effect_with((), move |()| {
            renew_session(&session, (*engine).as_ref().ok());
            let again = {
                let (session, engine) = (session.clone(), engine.clone());
                Interval::new(RENEW_EVERY_MS, move || renew_session(&session, (*engine).as_ref().ok()))
            };
            move || {
                drop(again);
                if let Ok(engine) = engine.as_ref() {
                    engine.stop();
                }
            }
        });
    }
    match engine.as_ref() {
        Ok(engine) => html! {
            <EngineProvider engine={engine.clone()}>
                <BrowserRouter>
                    <Watchers />
                    <AuditWitness />
                    <Shell><Switch<Route> render={route::page} /></Shell>
                </BrowserRouter>
            </EngineProvider>
        },
        Err(_) => {
            html! { <main><Empty icon="smartphone" title={t!("no-storage-title")} text={t!("no-storage-text")}><a class="btn" href="/recovery.html">{ t!("sync-recovery") }</a></Empty></main> }
        }
    }
}

fn engine_start(session: &Session) -> EngineStart {
    let signed_in = &session.signed_in;
    EngineStart {
        organisation: signed_in.organisation.id,
        person: signed_in.person.id,
        device: signed_in.device.id,
        grants: Some(session.grants()),
        deposit_credential: session::deposit_credential(signed_in.device.id),
    }
}

/// Asks the server for fresh rights. An ended session is the engine's to hear; it signs nobody out.
fn renew_session(session: &Session, engine: Option<&Engine>) {
    let (known, engine) = (session.signed_in.clone(), engine.cloned());
    spawn_local(async move {
        if session::ended_offline() && session::end_session().await.is_ok() {
            session::set_ended_offline(false);
        }
        match session::renew().await {
            Ok(fresh) if fresh.person.id == known.person.id => {
                session::store(Some(&fresh));
                if let Some(engine) = engine {
                    engine.session_changed(Some(session::grants_of(&fresh)));
                }
            }
            // The cookie belongs to somebody else who signed in meanwhile, in another tab.
            Ok(fresh) => {
                session::store(Some(&fresh));
                browser::reload();
            }
            Err(ApiProblem::Refused(problem)) if problem.status == 401 => {
                if let Some(engine) = engine {
                    engine.session_changed(None);
                }
            }
            Err(_) => {}
        }
    });
}
