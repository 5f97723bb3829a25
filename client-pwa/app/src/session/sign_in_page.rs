//! Signing in: e-mail, password, and the organisation when the person works for several.

use shared_model::account::{OrganisationName, SignedIn};
use shared_model::identity::DeviceId;
use shared_model::second_factor::SecondStep;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{self, ApiProblem, Where};
use super::forgotten::Forgotten;
use super::frame::frame;
use super::organisation_choice::organisation_choice;
use super::password_field::PasswordField;
use super::second_step::SecondStepForm;
use super::{passkey, profiles};
use crate::browser;
use crate::locale::t;
use crate::widgets::{Field, Sheet, TextField, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onsigned: Callback<SignedIn>,
    /// They cannot unlock what they have here and begin with a fresh database.
    pub is_anew: bool,
    /// Back to those who have data here, where there are any.
    pub onback: Callback<()>,
}

/// The page of somebody who is not signed in.
#[component]
pub fn SignInPage(props: &Props) -> Html {
    use_effect_with((), |()| browser::document().set_title(&t!("sign-in-document-title")));
    let profiles = use_memo((), |()| profiles::all());
    let waiting = profiles.iter().filter(|profile| profile.waiting > 0);
    let can_go_back = profiles.iter().any(|profile| !profile.signed_out);
    let onback = props.onback.reform(|_: MouseEvent| ());
    frame(html! {
        <>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("sign-in") }</h1>
            if props.is_anew { <p>{ t!("sign-in-anew") }</p> }
            for profile in waiting {
                <div class="banner" data-tone="neutral" style="border-radius:12px">
                    { icon("smartphone") }
                    <p><b>{ t!("sign-in-waiting", count = profile.waiting) }</b>{ " " }{ t!("sign-in-waiting-whose", name = profile.initials.clone()) }</p>
                </div>
            }
            <SignInForm is_anew={props.is_anew} onsigned={props.onsigned.clone()} />
            if can_go_back {
                <div><button type="button" class="btn btn--ghost" onclick={onback}>{ icon("arrow-left") }{ t!("back") }</button></div>
            }
        </>
    })
}

#[derive(Clone, PartialEq, Properties)]
pub struct AgainProps {
    /// Whose session ended, and on which install.
    pub email: AttrValue,
    pub install: DeviceId,
    pub onsigned: Callback<SignedIn>,
    pub onclose: Callback<()>,
}

/// The same over a page whose session has ended: nothing on it is lost.
#[component]
pub fn SignInAgain(props: &AgainProps) -> Html {
    html! {
        <Sheet title={t!("sign-in-again")} subtitle={t!("sign-in-again-hint")} onclose={props.onclose.clone()}>
            <div style="padding:.25rem var(--gutter) 1.25rem">
                <SignInForm email={props.email.clone()} install={props.install} onsigned={props.onsigned.clone()} />
            </div>
        </Sheet>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    #[prop_or_default]
    email: AttrValue,
    #[prop_or_default]
    is_anew: bool,
    #[prop_or_default]
    install: Option<DeviceId>,
    onsigned: Callback<SignedIn>,
}

impl FormProps {
    fn place(&self) -> Where {
        Where { is_anew: self.is_anew, install: self.install }
    }
}

#[derive(Clone, PartialEq)]
enum Step {
    Asking,
    Waiting,
    Problem(AttrValue),
    Choosing(Vec<OrganisationName>),
    /// The password was right; the organisation, if one was chosen.
    Second(SecondStep, Option<String>),
    Forgotten,
}

#[component]
fn SignInForm(props: &FormProps) -> Html {
    let email = use_state(|| props.email.to_string());
    let password = use_state(String::new);
    let step = use_state(|| Step::Asking);
    let attempt = use_attempt(&email, &password, &step, props);
    let onsubmit = {
        let attempt = attempt.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            attempt.emit(None);
        })
    };
    if let Step::Choosing(organisations) = &*step {
        let onback = {
            let step = step.clone();
            Callback::from(move |()| step.set(Step::Asking))
        };
        let onchoose = attempt.reform(Some);
        return organisation_choice(organisations, &onchoose, &onback);
    }
    if let Step::Second(second, organisation) = &*step {
        let onback = {
            let step = step.clone();
            Callback::from(move |words: AttrValue| {
                step.set(if words.is_empty() { Step::Asking } else { Step::Problem(words) });
            })
        };
        return html! {
            <SecondStepForm step={second.clone()} email={email.to_string()} organisation={organisation.clone()} place={props.place()}
                onsigned={props.onsigned.clone()} {onback} />
        };
    }
    if *step == Step::Forgotten {
        let onback = {
            let step = step.clone();
            Callback::from(move |()| step.set(Step::Asking))
        };
        return html! { <Forgotten email={email.to_string()} {onback} /> };
    }
    let forgotten = {
        let step = step.clone();
        Callback::from(move |_: MouseEvent| step.set(Step::Forgotten))
    };
    let with_passkey = passkey_attempt(&step, props);
    let problem = if let Step::Problem(problem) = &*step { problem.clone() } else { AttrValue::default() };
    let invalid = !problem.is_empty();
    let busy = *step == Step::Waiting;
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true>
            <Field id="email" label={t!("email")}>
                <TextField id="email" kind="email" autocomplete="username" value={(*email).clone()} oninput={set(&email)} style="min-block-size:max(2.75rem,var(--control))" />
            </Field>
            <Field id="password" label={t!("password")} {problem}>
                <PasswordField value={(*password).clone()} oninput={set(&password)} autocomplete="current-password" {invalid} />
            </Field>
            <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                if busy { <span class="spinner" aria-hidden="true"></span> }
                { t!("sign-in") }
            </button>
            if passkey::are_possible() {
                <button type="button" class="btn btn--lg btn--block" style="min-block-size:3rem" onclick={with_passkey}>
                    { icon("lock-keyhole") }{ t!("passkey-sign-in") }
                </button>
            }
            <div><button type="button" class="btn btn--ghost" onclick={forgotten}>{ t!("forgotten") }</button></div>
        </form>
    }
}

fn set(state: &UseStateHandle<String>) -> Callback<String> {
    let state = state.clone();
    Callback::from(move |value| state.set(value))
}

/// One attempt to sign in, to the organisation chosen if there is one.
#[hook]
fn use_attempt(
    email: &UseStateHandle<String>,
    password: &UseStateHandle<String>,
    step: &UseStateHandle<Step>,
    props: &FormProps,
) -> Callback<Option<String>> {
    let (email, password, step) = (email.clone(), password.clone(), step.clone());
    let (onsigned, place) = (props.onsigned.clone(), props.place());
    Callback::from(move |organisation: Option<String>| {
        if *step == Step::Waiting {
            return;
        }
        if email.trim().is_empty() || password.is_empty() {
            step.set(Step::Problem(t!("sign-in-both")));
            return;
        }
        step.set(Step::Waiting);
        let (email, password) = (email.to_string(), password.to_string());
        let (step, onsigned) = (step.setter(), onsigned.clone());
        spawn_local(async move {
            match api::sign_in(&email, &password, organisation.as_deref(), place).await {
                Ok(signed_in) => onsigned.emit(signed_in),
                Err(problem) => step.set(next_step(problem, organisation)),
            }
        });
    })
}

/// Signing in with a passkey and nothing else.
fn passkey_attempt(step: &UseStateHandle<Step>, props: &FormProps) -> Callback<MouseEvent> {
    let (step, onsigned, place) = (step.clone(), props.onsigned.clone(), props.place());
    Callback::from(move |_: MouseEvent| {
        if *step == Step::Waiting {
            return;
        }
        step.set(Step::Waiting);
        let (step, onsigned) = (step.setter(), onsigned.clone());
        spawn_local(async move {
            match sign_in_with_passkey(place).await {
                Ok(signed_in) => onsigned.emit(signed_in),
                Err(words) => step.set(Step::Problem(words)),
            }
        });
    })
}

async fn sign_in_with_passkey(place: Where) -> Result<SignedIn, AttrValue> {
    let challenge = api::passkey_challenge().await.map_err(|problem| passkey_problem(&problem))?;
    let shown = passkey::show(&challenge.options).await?;
    api::passkey_sign_in(challenge.token, shown, place).await.map_err(|problem| passkey_problem(&problem))
}

fn passkey_problem(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "wrong_second_factor" => t!("passkey-unknown"),
        "passkey_copied" => t!("passkey-copied"),
        "passkeys_unavailable" => t!("passkey-not-possible"),
        "sign_in_expired" => t!("second-step-expired"),
        "device_revoked" => t!("join-device-revoked"),
        _ => t!("sign-in-unreachable"),
    }
}

fn next_step(problem: ApiProblem, organisation: Option<String>) -> Step {
    if let Some(second) = problem.second_step() {
        return Step::Second(second, organisation);
    }
    match problem {
        ApiProblem::Unreachable => Step::Problem(t!("sign-in-unreachable")),
        ApiProblem::Refused(problem) => match problem.code.as_str() {
            "organisation_required" => Step::Choosing(problem.organisations),
            "too_many_attempts" => Step::Problem(t!("sign-in-throttled")),
            "busy" => Step::Problem(t!("sign-in-busy")),
            "organisation_suspended" => Step::Problem(t!("sign-in-suspended")),
            "wrong_credentials" | "invalid_email" | "invalid_password" => {
                Step::Problem(t!("sign-in-mismatch"))
            }
            _ => Step::Problem(t!("sign-in-unreachable")),
        },
    }
}
