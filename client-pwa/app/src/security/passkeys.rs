//! The list of passkeys, and the dialog that names one.

use shared_model::identity::PasskeyId;
use shared_model::second_factor::{Factors, Passkey};
use yew::prelude::*;

use crate::browser;
use crate::locale::{day, day_and_time, t};
use crate::session::passkey;
use crate::widgets::{Dialog, Field, TextField, icon, icon_sized};

const FORM: &str = "name-passkey";
const NAME: &str = "passkey-name";

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) factors: Factors,
    pub(super) busy: bool,
    pub(super) onadd: Callback<()>,
    pub(super) onrename: Callback<Passkey>,
    pub(super) onremove: Callback<PasskeyId>,
}

#[component]
pub(super) fn Passkeys(props: &Props) -> Html {
    let add = props.onadd.reform(|_: MouseEvent| ());
    // A passkey belongs to the name of a host, and this page may be open under another one.
    let here = browser::window().location().hostname().unwrap_or_default();
    let trouble = match &props.factors.passkey_host {
        None => Some(t!("passkey-no-name")),
        Some(host) if *host != here => Some(t!("passkey-other-host", host = host.clone())),
        Some(_) if !passkey::are_possible() => Some(t!("passkey-not-possible")),
        Some(_) => None,
    };
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-labelledby="passkeys">
            <h2 id="passkeys" class="t-16">{ t!("passkeys") }</h2>
            <p class="t-14 muted">{ t!("passkeys-text") }</p>
            if !props.factors.passkeys.is_empty() {
                <ul class="list" aria-label={t!("passkeys")}>{ for props.factors.passkeys.iter().map(|passkey| row(props, passkey)) }</ul>
            }
            if let Some(trouble) = trouble {
                <p class="hint row row--top tone" data-tone="amber" style="--gap:.375rem">{ icon("triangle-alert") }<span>{ trouble }</span></p>
            } else {
                <div><button type="button" class="btn" onclick={add} disabled={props.busy}>{ icon("plus") }{ t!("passkey-add") }</button></div>
            }
        </section>
    }
}

fn row(props: &Props, passkey: &Passkey) -> Html {
    let (id, name) = (passkey.id, passkey.name.clone());
    let rename = {
        let passkey = passkey.clone();
        props.onrename.reform(move |_: MouseEvent| passkey.clone())
    };
    let remove = props.onremove.reform(move |_: MouseEvent| id);
    let used = match passkey.last_used_at {
        Some(at) => t!("sessions-used", when = day_and_time(at).to_string()),
        None => t!("passkey-unused"),
    };
    html! {
        <li key={id.to_string()} class="list__row">
            { icon_sized("lock-keyhole", 20) }
            <span class="grow">
                <b class="t-16" style="display:block;overflow-wrap:anywhere">{ name.clone() }</b>
                <span class="t-14 muted" style="display:block">{ t!("passkey-since", when = day(passkey.created_at).to_string()) }{ " · " }{ used }</span>
            </span>
            <button type="button" class="btn btn--ghost btn--icon" onclick={rename} disabled={props.busy} aria-label={t!("passkey-rename-n", name = name.clone())}>{ icon("pencil") }</button>
            <button type="button" class="btn btn--ghost btn--icon" onclick={remove} disabled={props.busy} aria-label={t!("passkey-remove-n", name = name)}>{ icon("trash-2") }</button>
        </li>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub(super) struct NameProps {
    pub(super) title: AttrValue,
    pub(super) name: AttrValue,
    pub(super) onname: Callback<String>,
    pub(super) onclose: Callback<()>,
}

/// What is it called?
#[component]
pub(super) fn NameDialog(props: &NameProps) -> Html {
    let name = use_state(|| props.name.to_string());
    use_effect_with((), |()| browser::focus(NAME));
    let onsubmit = {
        let (name, onname) = (name.to_string(), props.onname.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !name.trim().is_empty() {
                onname.emit(name.trim().to_owned());
            }
        })
    };
    let oninput = {
        let name = name.setter();
        Callback::from(move |text| name.set(text))
    };
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="submit" form={FORM} class="btn btn--primary">{ t!("passkey-go") }</button>
        </>
    };
    html! {
        <Dialog title={props.title.clone()} onclose={props.onclose.clone()} {actions}>
            <form id={FORM} {onsubmit} novalidate=true>
                <Field id={NAME} label={t!("field-name")} hint={t!("passkey-name-hint")}>
                    <TextField id={NAME} value={(*name).clone()} {oninput} autocomplete="off" most={100} />
                </Field>
            </form>
        </Dialog>
    }
}
