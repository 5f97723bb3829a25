//! The page: what there is, and what can be done about it.

use shared_model::identity::PasskeyId;
use shared_model::second_factor::{AuthenticatorSecret, Factors, Passkey};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use super::ProofDialog;
use super::api::{self, Failure};
use super::codes_dialog::CodesDialog;
use super::passkeys::{NameDialog, Passkeys};
use super::password_dialog::PasswordDialog;
use super::set_up_dialog::SetUpDialog;
use crate::browser;
use crate::engine_client::use_engine;
use crate::hooks::use_layout;
use crate::locale::{day_and_time, t};
use crate::route::Route;
use crate::session::{self, use_session};
use crate::shell::Page;
use crate::widgets::{Dialog, Empty, Skeleton, Toast, icon, icon_with, use_toast};

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<Factors>, AttrValue>;

/// What somebody wants done.
#[derive(Clone, PartialEq)]
enum Deed {
    SetUpApp,
    RemoveApp,
    MakeCodes,
    AddPasskey(String),
    RenamePasskey(PasskeyId, String),
    RemovePasskey(PasskeyId),
    ChangePassword(String),
}

/// What lies over the page.
#[derive(Clone, PartialEq)]
enum Over {
    Nothing,
    /// Who is it, before this is done?
    Proof(Deed),
    /// Really?
    Sure(Deed),
    App(AuthenticatorSecret),
    NewPasskey,
    Rename(Passkey),
    Password,
    /// Nothing but the word that there is another password.
    PasswordChanged,
    Codes(Vec<String>),
}

impl Deed {
    /// Does it, and says what to show then.
    async fn done(self) -> Result<Over, Failure> {
        match self {
            Self::SetUpApp => Ok(Over::App(api::draw_secret().await?)),
            Self::RemoveApp => Ok(api::remove_app().await.map(|()| Over::Nothing)?),
            Self::MakeCodes => Ok(codes(api::make_codes().await?.codes)),
            Self::AddPasskey(name) => Ok(codes(api::add_passkey(name).await?.codes)),
            Self::RenamePasskey(id, name) => {
                Ok(api::rename_passkey(id, name).await.map(|()| Over::Nothing)?)
            }
            Self::RemovePasskey(id) => Ok(api::remove_passkey(id).await.map(|()| Over::Nothing)?),
            Self::ChangePassword(password) => {
                Ok(api::change_password(password).await.map(|()| Over::PasswordChanged)?)
            }
        }
    }
}

fn codes(codes: Vec<String>) -> Over {
    if codes.is_empty() { Over::Nothing } else { Over::Codes(codes) }
}

#[component]
pub fn SecurityPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    let over = use_state(|| Over::Nothing);
    let busy = use_state_eq(|| false);
    let toast = use_toast();
    let is_phone = use_layout().is_phone();
    let is_due = use_session().signed_in.second_factor_due;
    let read = use_reading(&answer);
    use_effect_with((), {
        let read = read.clone();
        move |()| read.emit(())
    });
    let fail = {
        let over = over.setter();
        Callback::from(move |(deed, failure): (Deed, Failure)| match failure {
            Failure::ProofRequired => over.set(Over::Proof(deed)),
            Failure::Said(words) => toast.show(Toast::new("circle-alert", words)),
        })
    };
    let act = acting(&over, &busy, &read, &fail);
    let body = match &*answer {
        Err(text) => html! { <Empty icon="cloud-off" title={text.clone()} /> },
        Ok(None) => html! { <Skeleton label={t!("loading")} /> },
        Ok(Some(factors)) => html! {
            <div class="stack" style="--gap:1rem;max-inline-size:48rem">
                if is_due {
                    <div class="banner" data-tone="amber" style="border-radius:12px" role="status">
                        { icon("shield-alert") }<p><b>{ t!("security-due") }</b>{ " " }{ t!("security-due-text") }</p>
                    </div>
                }
                <Passkeys factors={factors.clone()} busy={*busy}
                    onadd={show(&over, |()| Over::NewPasskey)} onrename={show(&over, Over::Rename)}
                    onremove={show(&over, |id| Over::Sure(Deed::RemovePasskey(id)))} />
                { app(factors, *busy, &act, &over) }
                <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-labelledby="own-password">
                    <h2 id="own-password" class="t-16">{ t!("password") }</h2>
                    if *over == Over::PasswordChanged { <p class="t-14" role="status">{ t!("security-password-changed") }</p> }
                    <div><button type="button" class="btn" onclick={show(&over, |_: MouseEvent| Over::Password)} disabled={*busy}>{ icon("pencil") }{ t!("security-password-change") }</button></div>
                </section>
                if factors.is_any() { { recovery(factors, *busy, &over) } }
                <Link<Route> to={Route::Sessions} classes="card list__row">
                    { icon("monitor") }<span class="grow">{ t!("sessions") }</span>{ icon_with("chevron-right", 20, "muted") }
                </Link<Route>>
            </div>
        },
    };
    html! {
        <Page title={t!("security")} subtitle={t!("security-subtitle")} back={is_phone.then_some(Route::More)}>
            { body }
            { dialog(&over, &act, &read, &fail) }
        </Page>
    }
}

/// Asks the server what there is.
#[hook]
fn use_reading(answer: &UseStateHandle<Answer>) -> Callback<()> {
    let (session, engine, answer) = (use_session(), use_engine(), answer.setter());
    Callback::from(move |()| {
        let (answer, session, engine) = (answer.clone(), session.clone(), engine.clone());
        spawn_local(async move {
            let said = api::factors().await;
            // What the organisation asked for is there: now everything else is as well.
            let is_settled = said.as_ref().is_ok_and(Factors::is_any) && session.signed_in.second_factor_due;
            answer.set(said.map(Some).map_err(|problem| super::explain(&problem)));
            if is_settled && let Ok(fresh) = session::renew().await {
                engine.session_changed(Some(&fresh));
                session.renewed(fresh);
            }
        });
    })
}

/// Does what somebody wants, and shows what came of it.
fn acting(
    over: &UseStateHandle<Over>,
    busy: &UseStateHandle<bool>,
    read: &Callback<()>,
    fail: &Callback<(Deed, Failure)>,
) -> Callback<Deed> {
    let (over, busy, read, fail) = (over.setter(), busy.clone(), read.clone(), fail.clone());
    Callback::from(move |deed: Deed| {
        if *busy {
            return;
        }
        let (over, busy, read, fail) = (over.clone(), busy.setter(), read.clone(), fail.clone());
        busy.set(true);
        over.set(Over::Nothing);
        spawn_local(async move {
            match deed.clone().done().await {
                Ok(next) => {
                    over.set(next);
                    read.emit(());
                }
                Err(failure) => fail.emit((deed, failure)),
            }
            busy.set(false);
        });
    })
}

/// A callback that lays something over the page.
fn show<T: 'static>(over: &UseStateHandle<Over>, what: impl Fn(T) -> Over + 'static) -> Callback<T> {
    let over = over.setter();
    Callback::from(move |value| over.set(what(value)))
}

fn app(factors: &Factors, busy: bool, act: &Callback<Deed>, over: &UseStateHandle<Over>) -> Html {
    let set_up = act.reform(|_: MouseEvent| Deed::SetUpApp);
    let remove = show(over, |_: MouseEvent| Over::Sure(Deed::RemoveApp));
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-labelledby="app">
            <h2 id="app" class="t-16">{ t!("security-app") }</h2>
            if let Some(app) = factors.authenticator_app {
                <p class="t-14 muted">{ t!("sessions-used", when = day_and_time(app.last_used_at).to_string()) }</p>
                <div class="row row--wrap" style="--gap:.5rem">
                    <button type="button" class="btn" onclick={set_up} disabled={busy}>{ icon("smartphone") }{ t!("security-app-again") }</button>
                    <button type="button" class="btn" onclick={remove} disabled={busy}>{ icon("trash-2") }{ t!("security-app-remove") }</button>
                </div>
            } else {
                <p class="t-14 muted">{ t!("security-app-text") }</p>
                <div><button type="button" class="btn" onclick={set_up} disabled={busy}>{ icon("smartphone") }{ t!("security-app-set-up") }</button></div>
            }
        </section>
    }
}

fn recovery(factors: &Factors, busy: bool, over: &UseStateHandle<Over>) -> Html {
    let make = show(over, |_: MouseEvent| Over::Sure(Deed::MakeCodes));
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-labelledby="recovery">
            <h2 id="recovery" class="t-16">{ t!("recovery-codes") }</h2>
            <p class="t-14 muted">{ t!("recovery-codes-left", count = factors.recovery_codes_left) }</p>
            <div><button type="button" class="btn" onclick={make} disabled={busy}>{ icon("rotate-cw") }{ t!("recovery-codes-make") }</button></div>
        </section>
    }
}

fn dialog(
    over: &UseStateHandle<Over>,
    act: &Callback<Deed>,
    read: &Callback<()>,
    fail: &Callback<(Deed, Failure)>,
) -> Html {
    let onclose = show(over, |()| Over::Nothing);
    match &**over {
        Over::Nothing | Over::PasswordChanged => Html::default(),
        Over::Password => {
            html! { <PasswordDialog onchoose={act.reform(Deed::ChangePassword)} {onclose} /> }
        }
        Over::Proof(deed) => {
            let deed = deed.clone();
            html! { <ProofDialog onproven={act.reform(move |()| deed.clone())} {onclose} /> }
        }
        Over::Sure(deed) => sure(deed, act, &onclose),
        Over::App(secret) => {
            let ondone = {
                let (over, read) = (over.setter(), read.clone());
                Callback::from(move |made| {
                    over.set(codes(made));
                    read.emit(());
                })
            };
            let onfail = {
                let (fail, over) = (fail.clone(), over.setter());
                Callback::from(move |failure| {
                    over.set(Over::Nothing);
                    fail.emit((Deed::SetUpApp, failure));
                })
            };
            html! { <SetUpDialog secret={secret.clone()} {ondone} {onfail} {onclose} /> }
        }
        Over::NewPasskey => {
            html! { <NameDialog title={t!("passkey-add")} name={browser::device_name()} onname={act.reform(Deed::AddPasskey)} {onclose} /> }
        }
        Over::Rename(passkey) => {
            let id = passkey.id;
            html! { <NameDialog title={t!("passkey-rename")} name={passkey.name.clone()} onname={act.reform(move |name| Deed::RenamePasskey(id, name))} {onclose} /> }
        }
        Over::Codes(codes) => html! { <CodesDialog codes={codes.clone()} {onclose} /> },
    }
}

fn sure(deed: &Deed, act: &Callback<Deed>, onclose: &Callback<()>) -> Html {
    let (title, text, go) = match deed {
        Deed::MakeCodes => {
            (t!("recovery-codes-make"), t!("recovery-codes-make-text"), t!("recovery-codes-make"))
        }
        Deed::RemoveApp => {
            (t!("security-app-remove-title"), t!("security-remove-text"), t!("security-remove"))
        }
        _ => (t!("passkey-remove-title"), t!("security-remove-text"), t!("security-remove")),
    };
    let done = {
        let deed = deed.clone();
        act.reform(move |_: MouseEvent| deed.clone())
    };
    let close = onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="button" class="btn btn--primary" onclick={done}>{ go }</button>
        </>
    };
    html! { <Dialog {title} onclose={onclose.clone()} {actions}><p>{ text }</p></Dialog> }
}
