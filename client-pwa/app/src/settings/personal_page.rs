//! What a person chooses for themselves: language, time zone, and of what they are told how.

use shared_model::personal_settings::{PersonalSettings, PersonalSettingsChange, QuietHours};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::notification_list::{notifications, quiet_hours};
use super::time_zone_field::TimeZoneField;
use crate::engine_client::use_engine;
use crate::hooks::use_layout;
use crate::locale::{self, Language, t};
use crate::people::change;
use crate::route::Route;
use crate::session::{self, use_session};
use crate::shell::Page;
use crate::widgets::{Empty, Field, SelectField, Skeleton, Toast, icon_sized, use_toast};

const FORM: &str = "own-settings";

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<PersonalSettings>, AttrValue>;

#[component]
pub fn PersonalPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    {
        let answer = answer.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                answer.set(api::own().await.map(Some).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let back = use_layout().is_phone().then_some(Route::More);
    match &*answer {
        Err(text) => {
            html! { <Page title={t!("own-settings")} {back}><Empty icon="cloud-off" title={text.clone()} /></Page> }
        }
        Ok(None) => {
            html! { <Page title={t!("own-settings")} {back}><Skeleton label={t!("loading")} /></Page> }
        }
        Ok(Some(known)) => {
            let answer = answer.setter();
            let onsaved = Callback::from(move |now| answer.set(Ok(Some(now))));
            html! { <PersonalForm known={known.clone()} {onsaved} /> }
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    known: PersonalSettings,
    onsaved: Callback<PersonalSettings>,
}

#[component]
fn PersonalForm(props: &FormProps) -> Html {
    let draft = use_state(|| props.known.clone());
    let busy = use_state_eq(|| false);
    let (toast, refresh) = (use_toast(), use_refresh());
    let phone = use_layout().is_phone();
    let onsubmit = {
        let (props, draft, busy) = (props.clone(), draft.clone(), busy.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if !draft.quiet_hours.is_none_or(QuietHours::is_sound) {
                return;
            }
            let (draft, props, busy) = (draft.clone(), props.clone(), busy.clone());
            let (toast, refresh) = (toast.clone(), refresh.clone());
            let change = changed(&props.known, &draft);
            busy.set(true);
            spawn_local(async move {
                match api::change_own(&change).await {
                    Ok(now) => {
                        toast.show(Toast::new("check", t!("people-saved")));
                        if change.language.is_some() {
                            locale::forget_choice();
                        }
                        draft.set(now.clone());
                        props.onsaved.emit(now);
                        refresh.emit(());
                    }
                    Err(problem) => toast.show(Toast::new("circle-alert", api::explain(&problem))),
                }
                busy.set(false);
            });
        })
    };
    let button = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)} disabled={*busy}>{ icon_sized("check", 20) }{ t!("save") }</button> }
    };
    let foot = phone.then(|| html! { <div class="actionbar">{ button("btn--xl grow") }</div> });
    let actions = if phone { Html::default() } else { button("") };
    html! {
        <Page title={t!("own-settings")} subtitle={t!("own-settings-subtitle")} back={phone.then_some(Route::More)} {foot} {actions} class="detail">
            <form id={FORM} class="stack" style="--gap:1rem;max-inline-size:52rem" novalidate=true {onsubmit}>
                <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("own-settings-place")}>
                    { language(&draft) }
                    <TimeZoneField id="own-zone" label={t!("time-zone")} none={t!("settings-of-organisation")}
                        chosen={draft.time_zone.clone()} onchoose={change(&draft, |draft, zone| draft.time_zone = zone)} />
                </section>
                { notifications(&draft) }
                { quiet_hours(&draft) }
            </form>
        </Page>
    }
}

fn language(draft: &UseStateHandle<PersonalSettings>) -> Html {
    let languages = Language::ALL.map(|language| (language.tag().into(), language.name().into()));
    let options: Vec<(AttrValue, AttrValue)> =
        std::iter::once((AttrValue::default(), t!("settings-of-organisation"))).chain(languages).collect();
    let onchoose = change(draft, |draft, code: AttrValue| {
        draft.language = Some(code.to_string()).filter(|code| !code.is_empty());
    });
    html! {
        <Field id="own-language" label={t!("language")} hint={t!("own-language-hint")}>
            <SelectField id="own-language" {options} chosen={draft.language.clone().unwrap_or_default()} {onchoose} />
        </Field>
    }
}

/// Asks the server who this is: what they chose holds on this device from then on, also without a network.
#[hook]
fn use_refresh() -> Callback<()> {
    let (session, engine) = (use_session(), use_engine());
    Callback::from(move |()| {
        let (session, engine) = (session.clone(), engine.clone());
        spawn_local(async move {
            if let Ok(fresh) = session::renew().await {
                engine.session_changed(Some(&fresh));
                session.renewed(fresh);
            }
        });
    })
}

/// What stands otherwise in the form.
fn changed(known: &PersonalSettings, draft: &PersonalSettings) -> PersonalSettingsChange {
    let others = draft.notifications_unlike(known);
    PersonalSettingsChange {
        language: (draft.language != known.language).then(|| draft.language.clone()),
        time_zone: (draft.time_zone != known.time_zone).then(|| draft.time_zone.clone()),
        notifications: others.map(|(kind, chosen)| (kind.clone(), *chosen)).collect(),
        quiet_hours: (draft.quiet_hours != known.quiet_hours).then_some(draft.quiet_hours),
    }
}
