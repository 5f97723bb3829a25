//! Who is it? Asked before anything changes how the account is opened, unless it was just shown.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use crate::browser;
use crate::locale::t;
use crate::session::{PasswordField, passkey, use_session};
use crate::widgets::{Dialog, Field, icon};

const FORM: &str = "proof";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// It is they: whatever was asked for can be asked for again.
    pub onproven: Callback<()>,
    pub onclose: Callback<()>,
}

#[component]
pub fn ProofDialog(props: &Props) -> Html {
    let email = use_session().signed_in.person.email.clone();
    let password = use_state(String::new);
    let problem = use_state(AttrValue::default);
    let busy = use_state_eq(|| false);
    use_effect_with((), |()| browser::focus("password"));
    let prove = {
        let (onproven, problem, busy) = (props.onproven.clone(), problem.setter(), busy.clone());
        Callback::from(move |password: Option<String>| {
            if *busy {
                return;
            }
            let (onproven, problem, busy) = (onproven.clone(), problem.clone(), busy.setter());
            busy.set(true);
            problem.set(AttrValue::default());
            spawn_local(async move {
                let proven = match password {
                    Some(password) => api::prove(password).await.map_err(|problem| super::explain(&problem)),
                    None => api::prove_with_passkey().await,
                };
                match proven {
                    Ok(()) => onproven.emit(()),
                    Err(words) => problem.set(words),
                }
                busy.set(false);
            });
        })
    };
    let onsubmit = {
        let (prove, password) = (prove.clone(), password.to_string());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !password.is_empty() {
                prove.emit(Some(password.clone()));
            }
        })
    };
    let with_passkey = prove.reform(|_: MouseEvent| None);
    let close = props.onclose.reform(|_: MouseEvent| ());
    let oninput = {
        let password = password.setter();
        Callback::from(move |text| password.set(text))
    };
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            if passkey::are_possible() {
                <button type="button" class="btn" onclick={with_passkey} disabled={*busy}>{ icon("lock-keyhole") }{ t!("passkey-use") }</button>
            }
            <button type="submit" form={FORM} class="btn btn--primary" disabled={*busy}>{ t!("proof-go") }</button>
        </>
    };
    let invalid = !problem.is_empty();
    html! {
        <Dialog title={t!("proof-title")} onclose={props.onclose.clone()} {actions}>
            <form id={FORM} class="stack" style="--gap:1rem" {onsubmit} novalidate=true>
                <p>{ t!("proof-text") }</p>
                <input type="email" autocomplete="username" value={email} readonly=true hidden=true />
                <Field id="password" label={t!("password")} problem={(*problem).clone()}>
                    <PasswordField value={(*password).clone()} {oninput} autocomplete="current-password" {invalid} />
                </Field>
            </form>
        </Dialog>
    }
}
