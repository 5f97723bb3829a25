//! Signing in: e-mail, password, and the organisation when the person works for several.

use shared_model::account::{OrganisationName, SignedIn};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{self, ApiProblem};
use super::organisation_choice::organisation_choice;
use super::waiting;
use crate::browser;
use crate::hooks::use_now;
use crate::locale::t;
use crate::widgets::{Field, Sheet, TextField, icon, icon_sized};

const CONNECTION_LOOK_MS: u32 = 5_000;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub onsigned: Callback<SignedIn>,
}

/// The page of somebody who is not signed in.
#[component]
pub fn SignInPage(props: &Props) -> Html {
    use_effect_with((), |()| browser::document().set_title(&t!("sign-in-document-title")));
    let waiting = use_memo((), |()| waiting::waiting());
    html! {
        <main class="cols cols--signin">
            <section class="signin">
                <div class="row" style="--gap:.625rem">
                    <span class="mark" style="inline-size:2.25rem;block-size:2.25rem;border-radius:10px">{ icon_sized("mark", 24) }</span>
                    <span class="t-18 w-str" style="letter-spacing:-.02em">{ "MaintainPro" }</span>
                </div>
                <div class="stack signin__form">
                    <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("sign-in") }</h1>
                    if let Some(waiting) = waiting.as_ref() {
                        <div class="banner" data-tone="neutral" style="border-radius:12px">
                            { icon("smartphone") }
                            <p><b>{ t!("sign-in-waiting", count = waiting.count) }</b>{ " " }{ t!("sign-in-waiting-whose", name = waiting.name.clone()) }</p>
                        </div>
                    }
                    <SignInForm onsigned={props.onsigned.clone()} />
                </div>
                <Connection />
            </section>
            <section class="signin__about" data-theme="dark" aria-label={t!("sign-in-about")}>
                <span class="signin__mark" aria-hidden="true">{ icon("mark") }</span>
                <div class="signin__words">
                    <p class="signin__lead">{ t!("sign-in-lead") }</p>
                    <p class="soft" style="margin-block-start:.625rem;font-size:var(--t-15)">{ t!("sign-in-promise") }</p>
                </div>
            </section>
        </main>
    }
}

#[component]
fn Connection() -> Html {
    use_now(CONNECTION_LOOK_MS);
    let (icon, words) = if browser::online() { ("wifi", t!("online")) } else { ("cloud-off", t!("offline")) };
    html! { <p class="t-12 muted row" style="--gap:.375rem">{ icon_sized(icon, 14) }{ words }</p> }
}

#[derive(Clone, PartialEq, Properties)]
pub struct AgainProps {
    /// Whose session ended.
    pub email: AttrValue,
    pub onsigned: Callback<SignedIn>,
    pub onclose: Callback<()>,
}

/// The same over a page whose session has ended: nothing on it is lost.
#[component]
pub fn SignInAgain(props: &AgainProps) -> Html {
    html! {
        <Sheet title={t!("sign-in-again")} subtitle={t!("sign-in-again-hint")} onclose={props.onclose.clone()}>
            <div style="padding:.25rem var(--gutter) 1.25rem">
                <SignInForm email={props.email.clone()} onsigned={props.onsigned.clone()} />
            </div>
        </Sheet>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    #[prop_or_default]
    email: AttrValue,
    onsigned: Callback<SignedIn>,
}

#[derive(Clone, PartialEq)]
enum Step {
    Asking,
    Waiting,
    Problem(AttrValue),
    Choosing(Vec<OrganisationName>),
}

#[component]
fn SignInForm(props: &FormProps) -> Html {
    let email = use_state(|| props.email.to_string());
    let password = use_state(String::new);
    let shown = use_state(|| false);
    let step = use_state(|| Step::Asking);
    let attempt = use_attempt(&email, &password, &step, &props.onsigned);
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
    let problem = if let Step::Problem(problem) = &*step { problem.clone() } else { AttrValue::default() };
    let invalid = !problem.is_empty();
    let busy = *step == Step::Waiting;
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(!*shown))
    };
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true>
            <Field id="email" label={t!("email")}>
                <TextField id="email" kind="email" autocomplete="username" value={(*email).clone()} oninput={set(&email)} style="min-block-size:max(2.75rem,var(--control))" />
            </Field>
            <Field id="password" label={t!("password")} {problem}>
                <div class={classes!("affix", invalid.then_some("affix--invalid"))} style="min-block-size:max(2.75rem,var(--control))">
                    <TextField id="password" kind={if *shown { "text" } else { "password" }} autocomplete="current-password"
                        value={(*password).clone()} oninput={set(&password)} {invalid} />
                    <button type="button" class="btn btn--ghost btn--icon" aria-pressed={shown.to_string()} aria-label={t!("show-characters")} onclick={toggle}>
                        { icon("eye") }
                    </button>
                </div>
            </Field>
            <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                if busy { <span class="spinner" aria-hidden="true"></span> }
                { t!("sign-in") }
            </button>
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
    onsigned: &Callback<SignedIn>,
) -> Callback<Option<String>> {
    let (email, password, step, onsigned) = (email.clone(), password.clone(), step.clone(), onsigned.clone());
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
            match api::sign_in(&email, &password, organisation.as_deref()).await {
                Ok(signed_in) => onsigned.emit(signed_in),
                Err(problem) => step.set(next_step(problem)),
            }
        });
    })
}

fn next_step(problem: ApiProblem) -> Step {
    match problem {
        ApiProblem::Unreachable => Step::Problem(t!("sign-in-unreachable")),
        ApiProblem::Refused(problem) => match problem.code.as_str() {
            "organisation_required" => Step::Choosing(problem.organisations),
            "too_many_attempts" => Step::Problem(t!("sign-in-throttled")),
            "busy" => Step::Problem(t!("sign-in-busy")),
            "wrong_credentials" | "invalid_email" | "invalid_password" => {
                Step::Problem(t!("sign-in-mismatch"))
            }
            _ => Step::Problem(t!("sign-in-unreachable")),
        },
    }
}
