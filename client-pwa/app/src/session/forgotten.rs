//! A password was forgotten: an email with a link is asked for.

use shared_model::people::PasswordReset;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{ApiProblem, tell};
use crate::locale::t;
use crate::widgets::{Field, TextField, icon};

const PATH: &str = "/api/password-resets";

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) email: String,
    pub(super) onback: Callback<()>,
}

#[derive(Clone, PartialEq)]
enum Step {
    Asking(AttrValue),
    Waiting,
    Sent,
}

#[component]
pub(super) fn Forgotten(props: &Props) -> Html {
    let email = use_state(|| props.email.clone());
    let step = use_state(|| Step::Asking(AttrValue::default()));
    let oninput = {
        let email = email.setter();
        Callback::from(move |text| email.set(text))
    };
    let onsubmit = {
        let (email, step) = (email.to_string(), step.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *step == Step::Waiting || email.trim().is_empty() {
                return;
            }
            step.set(Step::Waiting);
            let (reset, step) = (PasswordReset { email: email.clone() }, step.setter());
            spawn_local(async move {
                step.set(match tell("POST", PATH, &reset).await {
                    Ok(()) => Step::Sent,
                    Err(problem) => Step::Asking(explain(&problem)),
                });
            });
        })
    };
    let back = props.onback.reform(|_: MouseEvent| ());
    let back = html! { <div><button type="button" class="btn btn--ghost" onclick={back}>{ icon("arrow-left") }{ t!("back") }</button></div> };
    let (problem, busy) = match &*step {
        Step::Sent => {
            return html! {
                <section class="stack" style="--gap:1rem" role="status">
                    <h2 class="t-16">{ t!("forgotten-sent-title") }</h2>
                    <p>{ t!("forgotten-sent", email = email.to_string()) }</p>
                    { back }
                </section>
            };
        }
        Step::Asking(problem) => (problem.clone(), false),
        Step::Waiting => (AttrValue::default(), true),
    };
    let invalid = !problem.is_empty();
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true>
            <p class="soft">{ t!("forgotten-text") }</p>
            <Field id="email" label={t!("email")} {problem}>
                <TextField id="email" kind="email" autocomplete="username" value={(*email).clone()} {oninput} {invalid} style="min-block-size:max(2.75rem,var(--control))" />
            </Field>
            <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                if busy { <span class="spinner" aria-hidden="true"></span> }
                { t!("forgotten-go") }
            </button>
            { back }
        </form>
    }
}

fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "email_not_configured" => t!("forgotten-no-email"),
        "too_many_attempts" => t!("sign-in-throttled"),
        "invalid_email" => t!("people-value"),
        _ => t!("sign-in-unreachable"),
    }
}
