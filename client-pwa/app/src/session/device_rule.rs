//! Whether an organisation wants its devices locked: whoever administers it says so.

use shared_model::account::{DeviceLock, DeviceLockRule};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::call;
use super::pin_form::IDLE_CHOICES;
use crate::locale::t;
use crate::widgets::{Field, SelectField, Toast, use_toast};

const PATH: &str = "/api/organisation/device-lock";

#[component]
pub fn DeviceRule() -> Html {
    let rule = use_state(|| None::<DeviceLock>);
    let toast = use_toast();
    {
        let rule = rule.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { rule.set(call("GET", PATH, None::<()>).await.ok()) });
        });
    }
    let Some(known) = *rule else { return Html::default() };
    let onchoose = {
        let rule = rule.setter();
        Callback::from(move |value: AttrValue| {
            let required = value.parse().ok().map(|idle_minutes| DeviceLockRule { idle_minutes });
            let (rule, toast) = (rule.clone(), toast.clone());
            spawn_local(async move {
                match call("PUT", PATH, Some(DeviceLock { required })).await {
                    Ok(now) => {
                        rule.set(Some(now));
                        toast.show(Toast::new("check", t!("people-saved")));
                    }
                    Err(_) => toast.show(Toast::new("circle-alert", t!("people-unreachable"))),
                }
            });
        })
    };
    let chosen = known.required.map(|rule| rule.idle_minutes);
    let mut minutes = IDLE_CHOICES.to_vec();
    minutes.extend(chosen.filter(|chosen| !IDLE_CHOICES.contains(chosen)));
    minutes.sort_unstable();
    let no = (AttrValue::from("no"), t!("device-rule-no"));
    let yes =
        minutes.into_iter().map(|each| (each.to_string().into(), t!("device-rule-after", count = each)));
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.5rem">
            <Field id="device-rule" label={t!("device-rule")} hint={t!("device-rule-hint")}>
                <SelectField id="device-rule" options={std::iter::once(no).chain(yes).collect::<Vec<_>>()}
                    chosen={chosen.map_or_else(|| "no".to_owned(), |minutes| minutes.to_string())} {onchoose} />
            </Field>
        </section>
    }
}
