//! Everything below a session: the engine of its person, then the pages.

use client_bridge::EngineStart;
use client_bridge::codec::Keys;
use gloo_timers::callback::Interval;
use shared_model::account::SignedIn;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::audit::AuditWitness;
use crate::browser;
use crate::engine_client::{Engine, EngineProvider, Farewell};
use crate::locale::t;
use crate::route::{self, Route};
use crate::session::{self, ApiProblem, Profile, Session};
use crate::settings::Appearance;
use crate::shell::{Shell, Watchers};
use crate::widgets::Empty;

/// An app that stays open asks for fresh rights, and keeps its session alive, so often.
const RENEW_EVERY_MS: u32 = 6 * 60 * 60 * 1_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub profile: Profile,
    pub signed_in: SignedIn,
    pub keys: Keys,
    /// Somebody signed in again or out.
    pub change: Callback<Option<SignedIn>>,
    /// The engine has erased everything of this person.
    pub onwiped: Callback<u64>,
}

#[component]
pub fn Desk(props: &Props) -> Html {
    let session = Session { signed_in: props.signed_in.clone().into(), change: props.change.clone() };
    let engine = {
        let props = props.clone();
        use_memo(props.profile.device, move |_| {
            session::set_device(Some(props.profile.device));
            browser::keep_titles_private(props.keys.seals.is_some());
            Engine::connect(engine_start(&props), farewell(&props))
        })
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
            <ContextProvider<Session> context={session}>
                <EngineProvider engine={engine.clone()}>
                    <Appearance>
                        <Watchers />
                        <AuditWitness />
                        <Shell><Switch<Route> render={route::page} /></Shell>
                    </Appearance>
                </EngineProvider>
            </ContextProvider<Session>>
        },
        Err(_) => {
            html! { <main><Empty icon="smartphone" title={t!("no-storage-title")} text={t!("no-storage-text")}><a class="btn" href="/recovery.html">{ t!("sync-recovery") }</a></Empty></main> }
        }
    }
}

fn engine_start(props: &Props) -> EngineStart {
    let signed_in = &props.signed_in;
    EngineStart {
        organisation: signed_in.organisation.id,
        person: signed_in.person.id,
        device: props.profile.device,
        // Somebody who is not known has the rights that the database holds.
        grants: (!signed_in.grants.is_empty()).then(|| session::grants_of(signed_in)),
        deposit_credential: props.profile.credential.clone(),
        generation: props.profile.generation,
        lock: None,
        locked_before: session::profile_of(props.profile.device).map_or(0, |profile| profile.locked),
        keys: props.keys,
    }
}

/// What ends a page: who locks or leaves it wants all forgotten that it holds, which only a new page does for sure.
fn farewell(props: &Props) -> Callback<Farewell> {
    let (device, onwiped) = (props.profile.device, props.onwiped.clone());
    Callback::from(move |farewell| match farewell {
        Farewell::SignedOut { here: true } => {
            session::sign_out(device);
            spawn_local(async move {
                session::leave(device).await;
                browser::reload();
            });
        }
        Farewell::SignedOut { here: false } => browser::reload(),
        Farewell::Locked { here } => {
            if here {
                session::change_profile(device, |profile| profile.locked += 1);
            }
            browser::reload();
        }
        Farewell::Wiped { handed_in } => {
            session::forget_wiped(device, handed_in);
            onwiped.emit(handed_in);
        }
    })
}

/// Asks the server for fresh rights. An ended session is the engine's to hear; it signs nobody out.
fn renew_session(session: &Session, engine: Option<&Engine>) {
    let (known, engine, session) = (session.signed_in.clone(), engine.cloned(), session.clone());
    spawn_local(async move {
        match session::renew().await {
            Ok(fresh) if fresh.device.id == known.device.id => {
                session::note_rights(&fresh);
                if let Some(engine) = engine {
                    engine.session_changed(Some(&fresh));
                }
                // The database did not say who they are, or they chose something on another device.
                if known.person != fresh.person {
                    session.renewed(fresh);
                }
            }
            Err(ApiProblem::Refused(problem)) if problem.status == 401 => {
                if let Some(engine) = engine {
                    engine.session_changed(None);
                }
            }
            // The server gives nobody the session of another install.
            Ok(_) | Err(_) => {}
        }
    });
}
