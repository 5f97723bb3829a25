//! The root: who works here, whether their data is locked, then the pages. What it takes to get there is told in
//! [`crate::session`].

use shared_model::account::SignedIn;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::browser;
use crate::hooks::{Layout, use_layout_watch};
use crate::locale;
use crate::session::{
    self, ChoosePage, JoinPage, Opened, Profile, SetPinPage, SignInPage, Stage, UnlockPage, WipedPage,
};
use crate::signed_in::Desk;
use crate::widgets::ToastHost;

#[component]
pub fn App() -> Html {
    let layout = use_layout_watch();
    let stage = use_state(|| Stage::Opening);
    let joining = use_state(session::join_token);
    {
        let stage = stage.setter();
        use_effect_with((), move |()| {
            if let Some(root) = browser::document().document_element() {
                let _ = root.set_attribute("lang", locale::language().tag());
            }
            spawn_local(async move { stage.set(session::begin().await) });
        });
    }
    let body = if joining.is_some() {
        let signed = signed(&stage);
        let joining_set = joining.setter();
        let onsigned = Callback::from(move |signed_in| {
            browser::go_home();
            signed.emit(signed_in);
            joining_set.set(None);
        });
        html! { <JoinPage token={joining.as_deref().unwrap_or_default().to_owned()} {onsigned} /> }
    } else {
        page(&stage)
    };
    html! { <ContextProvider<Layout> context={layout}><ToastHost>{ body }</ToastHost></ContextProvider<Layout>> }
}

fn page(stage: &UseStateHandle<Stage>) -> Html {
    let ask_who = {
        let stage = stage.setter();
        Callback::from(move |()| {
            session::set_current(None);
            stage.set(session::who());
        })
    };
    match (**stage).clone() {
        Stage::Opening => Html::default(),
        Stage::Choosing(profiles) => {
            let onother = go(stage, Stage::SigningIn { is_anew: false });
            html! { <ChoosePage {profiles} onchoose={enter(stage)} {onother} /> }
        }
        Stage::SigningIn { is_anew } => {
            html! { <SignInPage {is_anew} onsigned={signed(stage)} onback={ask_who} /> }
        }
        Stage::Locked { profile, lock, fresh } => {
            let onopen = opened(stage, &profile, fresh);
            let onforgotten = go(stage, Stage::SigningIn { is_anew: true });
            let key = profile.device.to_string();
            html! { <UnlockPage {key} {profile} {lock} {onopen} onswitch={ask_who} onwiped={wiped(stage)} {onforgotten} /> }
        }
        Stage::ChoosingPin { profile, signed_in } => {
            let onset = {
                let (stage, profile, signed_in) = (stage.setter(), profile.clone(), signed_in.clone());
                Callback::from(move |keys| {
                    let (stage, profile, signed_in) = (stage.clone(), profile.clone(), signed_in.clone());
                    spawn_local(async move { stage.set(session::keep(profile, signed_in, keys).await) });
                })
            };
            html! { <SetPinPage {profile} idle_minutes={signed_in.device_lock.map(|rule| rule.idle_minutes)} {onset} /> }
        }
        Stage::In { profile, signed_in, keys } => {
            let change = {
                let stage = stage.clone();
                let out = ask_who;
                Callback::from(move |session: Option<SignedIn>| match session {
                    Some(signed_in) => signed(&stage).emit(signed_in),
                    None => out.emit(()),
                })
            };
            let key = profile.device.to_string();
            html! { <Desk {key} {profile} {signed_in} {keys} {change} onwiped={wiped(stage)} /> }
        }
        Stage::Wiped { handed_in } => html! { <WipedPage {handed_in} ongo={ask_who} /> },
    }
}

fn go(stage: &UseStateHandle<Stage>, next: Stage) -> Callback<()> {
    let stage = stage.setter();
    Callback::from(move |()| stage.set(next.clone()))
}

fn wiped(stage: &UseStateHandle<Stage>) -> Callback<u64> {
    let stage = stage.setter();
    Callback::from(move |handed_in| stage.set(Stage::Wiped { handed_in }))
}

/// Somebody is chosen who has data here.
fn enter(stage: &UseStateHandle<Stage>) -> Callback<Profile> {
    let stage = stage.setter();
    Callback::from(move |profile: Profile| {
        let stage = stage.clone();
        spawn_local(async move { stage.set(session::enter(profile).await) });
    })
}

/// Somebody has signed in.
fn signed(stage: &UseStateHandle<Stage>) -> Callback<SignedIn> {
    let (now, stage) = ((**stage).clone(), stage.setter());
    Callback::from(move |signed_in: SignedIn| {
        let (now, stage) = (now.clone(), stage.clone());
        spawn_local(async move { stage.set(session::signed_in(now, signed_in).await) });
    })
}

/// A database is unlocked. `fresh` is what the server has just answered.
fn opened(stage: &UseStateHandle<Stage>, profile: &Profile, fresh: Option<SignedIn>) -> Callback<Opened> {
    let (stage, profile) = (stage.setter(), profile.clone());
    Callback::from(move |opened| {
        let (stage, profile, fresh) = (stage.clone(), profile.clone(), fresh.clone());
        spawn_local(async move { stage.set(session::unlocked(profile, opened, fresh).await) });
    })
}
