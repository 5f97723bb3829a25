//! The second step of signing in: a code, a passkey, or a recovery code.

use shared_model::account::SignedIn;
use shared_model::second_factor::{Factor, SecondStep, SecondStepAnswer};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{self, ApiProblem, Where};
use super::passkey;
use crate::browser;
use crate::locale::t;
use crate::widgets::{Field, TextField, icon};

const CODE: &str = "second-step-code";

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) step: SecondStep,
    /// Who signs in, and where if they chose.
    pub(super) email: AttrValue,
    #[prop_or_default]
    pub(super) organisation: Option<String>,
    #[prop_or_default]
    pub(super) place: Where,
    pub(super) onsigned: Callback<SignedIn>,
    /// Begin anew: also where it took too long.
    pub(super) onback: Callback<AttrValue>,
}

/// What the form knows.
struct State {
    /// It is a recovery code that is typed.
    recovering: UseStateHandle<bool>,
    code: UseStateHandle<String>,
    problem: UseStateHandle<AttrValue>,
    busy: UseStateHandle<bool>,
}

#[component]
pub(super) fn SecondStepForm(props: &Props) -> Html {
    let has = |factor| props.step.factors.contains(&factor);
    let by_code = has(Factor::AuthenticatorApp);
    let state = State {
        recovering: use_state_eq(|| !by_code && !has(Factor::Passkey)),
        code: use_state(String::new),
        problem: use_state(AttrValue::default),
        busy: use_state_eq(|| false),
    };
    // Whoever typed a password goes on typing.
    use_effect_with(*state.recovering, |_| browser::focus(CODE));
    let send = sending(props, &state);
    let onsubmit = submitting(&props.step, &state, &send);
    let onpasskey = showing(&props.step, &state, &send);
    let turn = {
        let (code, problem, recovering) =
            (state.code.setter(), state.problem.setter(), state.recovering.clone());
        Callback::from(move |_: MouseEvent| {
            code.set(String::new());
            problem.set(AttrValue::default());
            recovering.set(!*recovering);
        })
    };
    let back = props.onback.reform(|_: MouseEvent| AttrValue::default());
    let (recovering, busy) = (*state.recovering, *state.busy);
    let is_typed = recovering || by_code;
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true aria-labelledby="second-step">
            <div>
                <h2 id="second-step" class="t-18 w-str">{ t!("second-step") }</h2>
                <p class="soft">{ t!("second-step-for", email = props.email.to_string()) }</p>
            </div>
            { field(&state, by_code) }
            if is_typed {
                <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                    if busy { <span class="spinner" aria-hidden="true"></span> }
                    { t!("sign-in") }
                </button>
            }
            if let Some(onclick) = onpasskey {
                <button type="button" class={classes!("btn", "btn--lg", "btn--block", (!is_typed).then_some("btn--primary"))} style="min-block-size:3rem" {onclick} disabled={busy}>
                    { icon("lock-keyhole") }{ t!("passkey-use") }
                </button>
            }
            <div class="row row--wrap" style="--gap:.5rem">
                <button type="button" class="btn btn--ghost" onclick={back}>{ icon("arrow-left") }{ t!("back") }</button>
                if has(Factor::RecoveryCode) && (by_code || has(Factor::Passkey)) {
                    <button type="button" class="btn btn--ghost" onclick={turn}>
                        { if recovering { t!("second-step-other-way") } else { t!("recovery-code-use") } }
                    </button>
                }
            </div>
        </form>
    }
}

/// Where a code is typed; without an app, only a problem may stand there.
fn field(state: &State, by_code: bool) -> Html {
    let (code, problem) = ((*state.code).clone(), (*state.problem).clone());
    let invalid = !problem.is_empty();
    let oninput = {
        let (code, problem) = (state.code.setter(), state.problem.setter());
        Callback::from(move |text| {
            problem.set(AttrValue::default());
            code.set(text);
        })
    };
    let class = classes!("input", "mono");
    match (*state.recovering, by_code) {
        (true, _) => html! {
            <Field id={CODE} label={t!("recovery-code")} hint={t!("recovery-code-hint")} {problem}>
                <TextField id={CODE} value={code} {oninput} {invalid} autocomplete="off" {class} style={TALL} />
            </Field>
        },
        (false, true) => html! {
            <Field id={CODE} label={t!("second-step-code")} hint={t!("second-step-code-hint")} {problem}>
                <TextField id={CODE} value={code} {oninput} {invalid} autocomplete="one-time-code" inputmode="numeric" most={7} {class} style={TALL} />
            </Field>
        },
        (false, false) if invalid => {
            html! { <p class="error" role="alert">{ icon("circle-alert") }<span>{ problem }</span></p> }
        }
        (false, false) => Html::default(),
    }
}

fn answer(step: &SecondStep) -> SecondStepAnswer {
    let token = step.token.clone();
    SecondStepAnswer { token, code: None, recovery_code: None, passkey: None, device: None }
}

/// Sends an answer, and says what came of it.
fn sending(props: &Props, state: &State) -> Callback<SecondStepAnswer> {
    let (props, problem, busy) = (props.clone(), state.problem.setter(), state.busy.setter());
    Callback::from(move |answer: SecondStepAnswer| {
        let (props, problem, busy) = (props.clone(), problem.clone(), busy.clone());
        busy.set(true);
        spawn_local(async move {
            match api::second_step(answer, &props.email, props.organisation.as_deref(), props.place).await {
                Ok(signed_in) => props.onsigned.emit(signed_in),
                Err(refused) if refused.code() == "sign_in_expired" => {
                    props.onback.emit(t!("second-step-expired"));
                }
                Err(refused) => problem.set(explain(&refused)),
            }
            busy.set(false);
        });
    })
}

/// What was typed is the answer.
fn submitting(step: &SecondStep, state: &State, send: &Callback<SecondStepAnswer>) -> Callback<SubmitEvent> {
    let (send, answer, code) = (send.clone(), answer(step), state.code.to_string());
    let (recovering, busy, problem) = (*state.recovering, *state.busy, state.problem.setter());
    Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        if busy || code.trim().is_empty() {
            return;
        }
        problem.set(AttrValue::default());
        let typed = Some(code.clone());
        send.emit(match recovering {
            true => SecondStepAnswer { recovery_code: typed, ..answer.clone() },
            false => SecondStepAnswer { code: typed, ..answer.clone() },
        });
    })
}

/// A passkey is the answer, where there is one.
fn showing(
    step: &SecondStep,
    state: &State,
    send: &Callback<SecondStepAnswer>,
) -> Option<Callback<MouseEvent>> {
    let options = step.passkey_options.clone()?;
    let (send, answer, problem) = (send.clone(), answer(step), state.problem.setter());
    Some(Callback::from(move |_: MouseEvent| {
        let (send, problem, options, answer) =
            (send.clone(), problem.clone(), options.clone(), answer.clone());
        problem.set(AttrValue::default());
        spawn_local(async move {
            match passkey::show(&options).await {
                Ok(shown) => send.emit(SecondStepAnswer { passkey: Some(shown), ..answer }),
                Err(words) => problem.set(words),
            }
        });
    }))
}

const TALL: &str = "min-block-size:max(2.75rem,var(--control))";

fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "wrong_second_factor" => t!("second-step-wrong"),
        "passkey_copied" => t!("passkey-copied"),
        "too_many_attempts" => t!("sign-in-throttled"),
        "device_revoked" => t!("join-device-revoked"),
        _ => t!("sign-in-unreachable"),
    }
}
