//! The logo of the organisation: the one there is, another one, or none.

use shared_model::organisation::MAX_LOGO_BYTES;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::api;
use super::mark::Logo;
use crate::engine_client::use_engine;
use crate::hooks::use_watched;
use crate::locale::t;
use crate::session::ApiProblem;
use crate::widgets::{Field, Toast, icon, use_toast};

const ID: &str = "logo";
/// What a dialog offers; the server looks into the file.
const KINDS: &str = "image/png,image/jpeg,image/webp";

#[component]
pub(super) fn LogoField() -> Html {
    let engine = use_engine();
    let is_there =
        use_watched(engine.directory()).organisation.as_ref().is_some_and(|told| told.logo.is_some());
    let busy = use_state_eq(|| false);
    let problem = use_state_eq(AttrValue::default);
    let toast = use_toast();
    let ended = {
        let (busy, problem) = (busy.setter(), problem.setter());
        Callback::from(move |answer: Result<(), ApiProblem>| {
            busy.set(false);
            problem.set(answer.as_ref().err().map(api::explain).unwrap_or_default());
            if answer.is_ok() {
                toast.show(Toast::new("check", t!("people-saved")));
            }
        })
    };
    let onchange = {
        let (busy, ended, problem) = (busy.setter(), ended.clone(), problem.setter());
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
            // The same file can be chosen again, once it is another one.
            input.set_value("");
            // A server that refuses a large file may close the connection before the browser hears why.
            if file.size() > MAX_LOGO_BYTES as f64 {
                problem.set(t!("logo-too-large"));
                return;
            }
            let ended = ended.clone();
            busy.set(true);
            spawn_local(async move { ended.emit(api::put_logo(&file).await) });
        })
    };
    let remove = {
        let busy = busy.setter();
        Callback::from(move |_: MouseEvent| {
            let ended = ended.clone();
            busy.set(true);
            spawn_local(async move { ended.emit(api::remove_logo().await) });
        })
    };
    let described = (!problem.is_empty()).then(|| format!("{ID}-problem"));
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("logo")}>
            <Field id={ID} label={t!("logo")} hint={t!("logo-hint")} problem={(*problem).clone()}>
                <div class="row row--wrap" style="--gap:.75rem">
                    <Logo />
                    <input id={ID} class="input" style="flex:1 1 10rem;min-inline-size:0;max-inline-size:26rem;padding-block:.3rem" type="file" accept={KINDS} disabled={*busy} aria-describedby={described} {onchange} />
                    if is_there {
                        <button type="button" class="btn" onclick={remove} disabled={*busy}>{ icon("trash-2") }{ t!("logo-remove") }</button>
                    }
                </div>
            </Field>
        </section>
    }
}
