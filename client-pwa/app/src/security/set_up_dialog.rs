//! Setting an authenticator app up: a secret to scan or to type, and the first code that shows that it arrived.

use shared_model::second_factor::AuthenticatorSecret;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api::{self, Failure};
use crate::browser;
use crate::locale::t;
use crate::widgets::{Dialog, Field, TextField};

const FORM: &str = "set-up-app";
const CODE: &str = "first-code";
/// White around a QR code, without which cameras do not find it, in modules.
const QUIET: u32 = 4;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) secret: AuthenticatorSecret,
    /// It is set up; recovery codes to be shown, if there are new ones.
    pub(super) ondone: Callback<Vec<String>>,
    pub(super) onfail: Callback<Failure>,
    pub(super) onclose: Callback<()>,
}

#[component]
pub(super) fn SetUpDialog(props: &Props) -> Html {
    let code = use_state(String::new);
    let problem = use_state(AttrValue::default);
    let busy = use_state_eq(|| false);
    use_effect_with((), |()| browser::focus(CODE));
    let onsubmit = {
        let (props, code, problem, busy) = (props.clone(), code.to_string(), problem.setter(), busy.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || code.trim().is_empty() {
                return;
            }
            let (props, code, problem, busy) = (props.clone(), code.clone(), problem.clone(), busy.setter());
            busy.set(true);
            spawn_local(async move {
                match api::confirm_app(props.secret.token.clone(), code).await {
                    Ok(made) => props.ondone.emit(made.codes),
                    Err(refused) if refused.code() == "wrong_code" => problem.set(super::explain(&refused)),
                    Err(refused) => props.onfail.emit(refused.into()),
                }
                busy.set(false);
            });
        })
    };
    let oninput = {
        let (code, problem) = (code.setter(), problem.setter());
        Callback::from(move |text| {
            problem.set(AttrValue::default());
            code.set(text);
        })
    };
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="submit" form={FORM} class="btn btn--primary" disabled={*busy}>{ t!("security-app-confirm") }</button>
        </>
    };
    let invalid = !problem.is_empty();
    let AuthenticatorSecret { secret, address, qr_path, qr_size, .. } = &props.secret;
    let side = qr_size + 2 * QUIET;
    let letters: Vec<char> = secret.chars().collect();
    let spoken: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    html! {
        <Dialog title={t!("security-app-set-up")} onclose={props.onclose.clone()} {actions}>
            <form id={FORM} class="stack" style="--gap:1rem" {onsubmit} novalidate=true>
                <p>{ t!("security-app-scan") }</p>
                // Cameras want it black on white, also in the dark.
                <svg role="img" aria-label={t!("security-app-qr")} viewBox={format!("-{QUIET} -{QUIET} {side} {side}")} style="inline-size:min(13rem,100%);background:#fff;border-radius:8px;align-self:center">
                    <path d={qr_path.clone()} fill="#000" />
                </svg>
                <p class="t-14">{ t!("security-app-type") }{ " " }<code class="mono" style="overflow-wrap:anywhere">{ spoken.join(" ") }</code></p>
                <p><a class="link" href={address.clone()}>{ t!("security-app-open") }</a></p>
                <Field id={CODE} label={t!("second-step-code")} problem={(*problem).clone()}>
                    <TextField id={CODE} value={(*code).clone()} {oninput} {invalid} autocomplete="one-time-code" inputmode="numeric" most={7} class={classes!("input", "mono")} />
                </Field>
            </form>
        </Dialog>
    }
}
