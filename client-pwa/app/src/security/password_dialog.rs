//! Choosing another password.

use yew::prelude::*;

use crate::browser;
use crate::locale::t;
use crate::session::{PasswordField, use_session};
use crate::widgets::{Dialog, Field};

const FORM: &str = "change-password";

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) onchoose: Callback<String>,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn PasswordDialog(props: &Props) -> Html {
    let email = use_session().signed_in.person.email.clone();
    let password = use_state(String::new);
    use_effect_with((), |()| browser::focus("password"));
    let onsubmit = {
        let (password, onchoose) = (password.to_string(), props.onchoose.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !password.is_empty() {
                onchoose.emit(password.clone());
            }
        })
    };
    let oninput = {
        let password = password.setter();
        Callback::from(move |text| password.set(text))
    };
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="submit" form={FORM} class="btn btn--primary">{ t!("save") }</button>
        </>
    };
    html! {
        <Dialog title={t!("security-password-change")} onclose={props.onclose.clone()} {actions}>
            <form id={FORM} class="stack" style="--gap:1rem" {onsubmit} novalidate=true>
                <p>{ t!("security-password-text") }</p>
                // What keeps passwords wants to know whose it is.
                <input type="email" autocomplete="username" value={email} readonly=true hidden=true />
                <Field id="password" label={t!("join-password")} hint={t!("join-hint")}>
                    <PasswordField value={(*password).clone()} {oninput} autocomplete="new-password" invalid=false />
                </Field>
            </form>
        </Dialog>
    }
}
