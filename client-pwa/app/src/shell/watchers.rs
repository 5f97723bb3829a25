//! What the app looks after while any page is open: updates, refusals, keeping the storage, an ended session.

use client_bridge::SyncStatus;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::idle::use_idle_lock;
use crate::browser;
use crate::engine_client::{Engine, Notice, refusal_text, use_engine};
use crate::hooks::{use_event, use_watched};
use crate::locale::t;
use crate::route::Route;
use crate::session::{Session, SignInAgain, remember_waiting, use_session};
use crate::widgets::{Toast, use_toast};

#[component]
pub fn Watchers() -> Html {
    let engine = use_engine();
    let session = use_session();
    let toaster = use_toast();
    let sync = use_watched(engine.sync());
    use_update_prompt(&engine);
    use_window_news(&engine);
    let rule = session.signed_in.device_lock.map(|rule| rule.idle_minutes);
    use_idle_lock(&engine, session.signed_in.device.id, rule);
    use_effect_with(engine.clone(), move |engine| {
        engine.on_notice(Callback::from(move |notice| match notice {
            Notice::Refused(refusal) => toaster.show(Toast::new("info", refusal_text(&refusal))),
            Notice::FirstSaved => browser::keep_storage(),
        }));
    });
    {
        let device = session.signed_in.device.id;
        let count = sync.is_told.then(|| sync.unsent() + sync.attention());
        use_effect_with(count, move |count| {
            if let Some(count) = *count {
                remember_waiting(device, count);
            }
        });
    }
    use_factor_prompt(&session);
    let put_off = use_state(|| false);
    let later = {
        let put_off = put_off.clone();
        Callback::from(move |()| put_off.set(true))
    };
    let onsigned = {
        let (change, engine, device) = (session.change.clone(), engine.clone(), session.signed_in.device.id);
        Callback::from(move |signed_in: shared_model::account::SignedIn| {
            if signed_in.device.id == device {
                engine.session_changed(Some(&signed_in));
            }
            change.emit(Some(signed_in));
        })
    };
    if sync.status == SyncStatus::SignedOut && !*put_off {
        html! { <SignInAgain email={session.signed_in.person.email.clone()} install={session.signed_in.device.id} {onsigned} onclose={later} /> }
    } else {
        html! {}
    }
}

/// Says why nothing is sent while a second factor is asked for and not set up; what is on the device stays usable.
#[hook]
fn use_factor_prompt(session: &Session) {
    let toaster = use_toast();
    let navigator = use_navigator();
    use_effect_with(session.signed_in.second_factor_due, move |is_due| {
        if *is_due {
            let set_up = Callback::from(move |()| {
                if let Some(navigator) = &navigator {
                    navigator.push(&Route::Security);
                }
            });
            let action = Some((t!("security-due-go"), set_up));
            toaster.show(Toast { icon: "shield-alert", text: t!("security-due"), action, lasting: false });
        }
    });
}

/// Passes on what only a window hears: the network coming and going, and being looked at again.
#[hook]
fn use_window_news(engine: &Engine) {
    let tell = |say: fn(&Engine)| {
        let engine = engine.clone();
        move || say(&engine)
    };
    use_event(browser::window().into(), "online", tell(|engine| engine.network_changed(true)));
    use_event(browser::window().into(), "offline", tell(|engine| engine.network_changed(false)));
    use_event(
        browser::document().into(),
        "visibilitychange",
        tell(|engine| {
            if browser::visible() {
                engine.sync_now();
            } else {
                browser::leave_field();
            }
        }),
    );
}

/// A new version waits until the person agrees; what is saved nowhere yet is never thrown away.
#[hook]
fn use_update_prompt(engine: &Engine) {
    let toaster = use_toast();
    let engine = engine.clone();
    use_event(browser::window().into(), "maintainpro:update-ready", move || {
        let (again, engine) = (toaster.clone(), engine.clone());
        toaster.show(update_toast(Callback::from(move |()| {
            if browser::has_unsent_text() || engine.has_unsaved() {
                again.show(update_toast_after_saving());
            } else {
                accept_update();
            }
        })));
    });
}

fn update_toast(accept: Callback<()>) -> Toast {
    let action = Some((t!("reload"), accept));
    Toast { icon: "download", text: t!("update-ready"), action, lasting: true }
}

fn update_toast_after_saving() -> Toast {
    let action = Some((t!("reload-anyway"), Callback::from(|()| accept_update())));
    Toast { icon: "pencil", text: t!("update-unsent"), action, lasting: true }
}

fn accept_update() {
    spawn_local(async { browser::announce("maintainpro:accept-update") });
}
