//! Choosing a password with a link: to join, or for one that was forgotten.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use shared_model::account::SignedIn;
use shared_model::people::{
    AccountLink, LinkPurpose, LinkToken, PasswordChoice, PasswordProposal, PasswordStrength,
};
use shared_model::second_factor::SecondStep;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{ApiProblem, call, on_install};
use super::frame::frame;
use super::password_field::PasswordField;
use super::profiles;
use super::second_step::SecondStepForm;
use crate::browser;
use crate::hooks::use_event;
use crate::locale::{self, t};
use crate::widgets::{Field, Skeleton};

/// The path of the page; the secret stands behind the `#`.
pub const PATH: &str = "/join";
/// A pause in typing, after which the password is looked at.
const PAUSE_MS: u32 = 300;
const PATH_READ: &str = "/api/account-links/read";
const PATH_STRENGTH: &str = "/api/account-links/strength";
const PATH_USE: &str = "/api/account-links/use";

/// The secret in the address of the page, when it is this page.
pub fn token() -> Option<String> {
    let location = browser::window().location();
    let is_here = location.pathname().is_ok_and(|path| path == PATH);
    let token = location.hash().ok()?.trim_start_matches('#').to_owned();
    is_here.then_some(token)
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub token: AttrValue,
    pub onsigned: Callback<SignedIn>,
}

/// The page of somebody who followed a link.
#[component]
pub fn JoinPage(props: &Props) -> Html {
    let link = use_state(|| None::<Result<AccountLink, AttrValue>>);
    use_effect_with((), |()| browser::document().set_title(&t!("join-document-title")));
    {
        let (link, token) = (link.setter(), props.token.to_string());
        use_effect_with((), move |()| {
            spawn_local(async move {
                let said = call("POST", PATH_READ, Some(&LinkToken { token })).await;
                link.set(Some(said.map_err(|problem| explain(&problem))));
            });
        });
    }
    // Another link pasted into this tab changes nothing but what stands behind the `#`.
    use_event(browser::window().into(), "hashchange", browser::reload);
    frame(match &*link {
        None => html! { <Skeleton label={t!("loading")} cards={1} /> },
        Some(Err(text)) => html! {
            <>
                <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("join-no-link") }</h1>
                <p>{ text.clone() }</p>
                <div><a class="btn" href="/">{ t!("sign-in") }</a></div>
            </>
        },
        Some(Ok(link)) => {
            html! { <Choose link={link.clone()} token={props.token.clone()} onsigned={props.onsigned.clone()} /> }
        }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct ChooseProps {
    link: AccountLink,
    token: AttrValue,
    onsigned: Callback<SignedIn>,
}

#[component]
fn Choose(props: &ChooseProps) -> Html {
    let password = use_state(String::new);
    let problem = use_state(AttrValue::default);
    let busy = use_state_eq(|| false);
    let second = use_state(|| None::<SecondStep>);
    let strength = use_strength(&props.token, &password);
    let onsubmit = {
        let (props, password, problem, busy, second) =
            (props.clone(), password.to_string(), problem.setter(), busy.clone(), second.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || password.is_empty() {
                return;
            }
            busy.set(true);
            let (props, password, problem, busy, second) =
                (props.clone(), password.clone(), problem.clone(), busy.setter(), second.clone());
            spawn_local(async move {
                match choose(&props, password).await {
                    Ok(signed_in) => props.onsigned.emit(signed_in),
                    Err(refused) => match refused.second_step() {
                        // The password is chosen; what is left is as after any sign-in with it.
                        Some(step) => second.set(Some(step)),
                        None => problem.set(explain(&refused)),
                    },
                }
                busy.set(false);
            });
        })
    };
    if let Some(step) = &*second {
        return second_step(props, step);
    }
    let oninput = {
        let (password, problem) = (password.setter(), problem.setter());
        Callback::from(move |text| {
            problem.set(AttrValue::default());
            password.set(text);
        })
    };
    let (title, text) = match props.link.purpose {
        LinkPurpose::Invitation => (
            t!("join-title", name = props.link.display_name.clone()),
            t!(
                "join-text",
                organisation = props.link.organisation_name.clone(),
                email = props.link.email.clone()
            ),
        ),
        LinkPurpose::PasswordReset => (t!("reset-title"), t!("reset-text", email = props.link.email.clone())),
    };
    html! {
        <form class="stack" style="--gap:1.125rem" {onsubmit} novalidate=true>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ title }</h1>
            <p class="soft">{ text }</p>
            // What keeps passwords wants to know whose it is.
            <input type="email" autocomplete="username" value={props.link.email.clone()} readonly=true hidden=true />
            <Field id="password" label={t!("join-password")} problem={(*problem).clone()}>
                <PasswordField value={(*password).clone()} {oninput} autocomplete="new-password" invalid={!problem.is_empty()} />
            </Field>
            { meter(strength) }
            <button class="btn btn--primary btn--lg btn--block" style="min-block-size:3rem" aria-busy={busy.to_string()}>
                if *busy { <span class="spinner" aria-hidden="true"></span> }
                { t!("join-go") }
            </button>
        </form>
    }
}

/// The link is spent: whoever is too late for this signs in with the new password.
fn second_step(props: &ChooseProps, step: &SecondStep) -> Html {
    let onback = Callback::from(|_| browser::go_to_sign_in());
    html! {
        <SecondStepForm step={step.clone()} email={props.link.email.clone()} onsigned={props.onsigned.clone()} {onback} />
    }
}

/// What the server says of a password, a moment after it was typed.
#[hook]
fn use_strength(token: &AttrValue, password: &str) -> Option<PasswordStrength> {
    let strength = use_state(|| None::<PasswordStrength>);
    {
        let (strength, token) = (strength.setter(), token.to_string());
        use_effect_with(password.to_owned(), move |password| {
            let proposal = PasswordProposal { token, password: password.clone() };
            // An answer about what was typed before comes too late.
            let is_asked = Rc::new(Cell::new(true));
            let still = is_asked.clone();
            let looks = (!proposal.password.is_empty()).then(|| {
                Timeout::new(PAUSE_MS, move || {
                    spawn_local(async move {
                        // Without an answer the page just does not know; the server looks again at the end.
                        let said = call("POST", PATH_STRENGTH, Some(&proposal)).await.ok();
                        if still.get() {
                            strength.set(said);
                        }
                    });
                })
            });
            move || {
                is_asked.set(false);
                drop(looks);
            }
        });
    }
    strength.filter(|_| !password.is_empty())
}

/// How good the password is, and what makes it bad.
fn meter(strength: Option<PasswordStrength>) -> Html {
    let (share, tone, words) = match strength {
        None => (0, "neutral", t!("join-hint")),
        Some(PasswordStrength { score, is_enough: true, .. }) => {
            (u32::from(score) * 25, "green", t!("join-strong"))
        }
        Some(PasswordStrength { score, weakness, .. }) => {
            let why = weakness.map_or_else(
                || t!("join-hint"),
                |weakness| locale::text(&format!("weak-{}", weakness.code()), None),
            );
            (u32::from(score).max(1) * 20, if score < 2 { "red" } else { "amber" }, why)
        }
    };
    html! {
        <div class="stack" style="--gap:.375rem" data-tone={tone}>
            <span class="bar" aria-hidden="true"><i style={format!("--v:{share}%")}></i></span>
            <p class="t-14 muted" role="status">{ words }</p>
        </div>
    }
}

async fn choose(props: &ChooseProps, password: String) -> Result<SignedIn, ApiProblem> {
    let email = &props.link.email;
    let attempt = |device| PasswordChoice {
        token: props.token.to_string(),
        password: password.clone(),
        device: Some(device),
    };
    let known = vec![profiles::registration(email, None)];
    on_install(known, async |device| call("POST", PATH_USE, Some(&attempt(device))).await).await
}

fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "link_used_or_expired" => t!("join-expired"),
        "weak_password" | "invalid_password" => t!("join-weak"),
        "device_revoked" => t!("join-device-revoked"),
        "busy" => t!("sign-in-busy"),
        _ => t!("join-unreachable"),
    }
}
