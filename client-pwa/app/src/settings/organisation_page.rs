//! What the organisation says of itself, for whoever administers it.

use shared_model::organisation::{
    AccentColour, ColourProblem, LEAST_CONTRAST_HUNDREDTHS, OrganisationChange, OrganisationSettings,
};
use shared_model::units::Quantity;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::logo_field::LogoField;
use super::time_zone_field::TimeZoneField;
use crate::browser;
use crate::hooks::use_layout;
use crate::locale::{self, Language, t};
use crate::people::change;
use crate::route::Route;
use crate::shell::Page;
use crate::widgets::{Empty, Field, SelectField, Skeleton, TextField, Toast, icon, icon_sized, use_toast};

const FORM: &str = "organisation";
const COLOUR: &str = "accent-colour";
/// What the style sheet has where no colour is chosen.
const COLOUR_OF_APP: &str = "#1b57de";

/// What the server said; `Ok(None)`: it has not answered yet.
type Answer = Result<Option<OrganisationSettings>, AttrValue>;

#[component]
pub fn OrganisationPage() -> Html {
    let answer = use_state(|| Answer::Ok(None));
    {
        let answer = answer.setter();
        use_effect_with((), move |()| {
            spawn_local(async move {
                answer.set(api::organisation().await.map(Some).map_err(|problem| api::explain(&problem)));
            });
        });
    }
    let back = use_layout().is_phone().then_some(Route::More);
    match &*answer {
        Err(text) => {
            html! { <Page title={t!("organisation")} {back}><Empty icon="cloud-off" title={text.clone()} /></Page> }
        }
        Ok(None) => {
            html! { <Page title={t!("organisation")} {back}><Skeleton label={t!("loading")} /></Page> }
        }
        Ok(Some(known)) => {
            let answer = answer.setter();
            let onsaved = Callback::from(move |now| answer.set(Ok(Some(now))));
            html! { <OrganisationForm known={known.clone()} {onsaved} /> }
        }
    }
}

#[derive(Clone, PartialEq, Properties)]
struct FormProps {
    known: OrganisationSettings,
    onsaved: Callback<OrganisationSettings>,
}

#[component]
fn OrganisationForm(props: &FormProps) -> Html {
    let draft = use_state(|| props.known.clone());
    let busy = use_state_eq(|| false);
    let toast = use_toast();
    let phone = use_layout().is_phone();
    let onsubmit = {
        let (props, draft, busy) = (props.clone(), draft.clone(), busy.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if colour_problem(&draft).is_some() {
                browser::focus(COLOUR);
                return;
            }
            let (draft, props, busy, toast) = (draft.clone(), props.clone(), busy.clone(), toast.clone());
            let change = changed(&props.known, &draft);
            busy.set(true);
            spawn_local(async move {
                match api::change_organisation(&change).await {
                    Ok(now) => {
                        toast.show(Toast::new("check", t!("people-saved")));
                        draft.set(now.clone());
                        props.onsaved.emit(now);
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
        <Page title={t!("organisation")} subtitle={t!("organisation-subtitle")} back={phone.then_some(Route::More)} {foot} {actions} class="detail">
            <div class="stack" style="--gap:1rem;max-inline-size:52rem">
                <form id={FORM} class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" novalidate=true {onsubmit}>
                    { fields(&draft) }
                </form>
                <LogoField />
            </div>
        </Page>
    }
}

fn fields(draft: &UseStateHandle<OrganisationSettings>) -> Html {
    let languages = Language::ALL.map(|language| (language.tag().into(), language.name().into()));
    let languages: Vec<(AttrValue, AttrValue)> =
        std::iter::once((AttrValue::default(), t!("settings-of-device"))).chain(languages).collect();
    let onlanguage = change(draft, |draft, code: AttrValue| {
        draft.language = Some(code.to_string()).filter(|code| !code.is_empty());
    });
    html! {
        <>
            <Field id="organisation-name" label={t!("field-name")}>
                <TextField id="organisation-name" value={draft.name.clone()} most={200} oninput={change(draft, |draft, text| draft.name = text)} />
            </Field>
            { colour(draft) }
            <Field id="organisation-language" label={t!("organisation-language")}>
                <SelectField id="organisation-language" options={languages} chosen={draft.language.clone().unwrap_or_default()} onchoose={onlanguage} />
            </Field>
            <TimeZoneField id="organisation-zone" label={t!("organisation-zone")} none={t!("settings-of-device")}
                chosen={draft.time_zone.clone()} onchoose={change(draft, |draft, zone| draft.time_zone = zone)} />
            <p class="t-14 muted">{ t!("organisation-hint") }</p>
        </>
    }
}

fn colour(draft: &UseStateHandle<OrganisationSettings>) -> Html {
    let value = draft.accent_colour.clone().unwrap_or_else(|| COLOUR_OF_APP.to_owned());
    let problem = colour_problem(draft);
    let oninput = change(draft, |draft, colour| draft.accent_colour = Some(colour));
    let reset = change(draft, |draft, _: MouseEvent| draft.accent_colour = None);
    html! {
        <Field id={COLOUR} label={t!("accent-colour")} hint={t!("accent-colour-hint")} problem={problem.clone().unwrap_or_default()}>
            <div class="row" style="--gap:.75rem">
                <TextField id={COLOUR} kind="color" {value} {oninput} invalid={problem.is_some()} style="inline-size:4rem;padding:.25rem" />
                if draft.accent_colour.is_some() {
                    <button type="button" class="btn" onclick={reset}>{ icon("undo-2") }{ t!("accent-colour-standard") }</button>
                }
            </div>
        </Field>
    }
}

/// What speaks against the colour.
fn colour_problem(draft: &OrganisationSettings) -> Option<AttrValue> {
    let contrast =
        |hundredths: u32| locale::decimal(Quantity::from_thousandths(i64::from(hundredths) * 10)).to_string();
    match AccentColour::parse(draft.accent_colour.as_deref()?).err()? {
        ColourProblem::Form => Some(t!("settings-value")),
        ColourProblem::TooLight { contrast_hundredths } => Some(t!(
            "accent-colour-light",
            contrast = contrast(contrast_hundredths),
            least = contrast(LEAST_CONTRAST_HUNDREDTHS)
        )),
    }
}

/// What stands otherwise in the form: the rest may have changed meanwhile, and stays.
fn changed(known: &OrganisationSettings, draft: &OrganisationSettings) -> OrganisationChange {
    OrganisationChange {
        name: (draft.name != known.name).then(|| draft.name.clone()),
        accent_colour: (draft.accent_colour != known.accent_colour).then(|| draft.accent_colour.clone()),
        language: (draft.language != known.language).then(|| draft.language.clone()),
        time_zone: (draft.time_zone != known.time_zone).then(|| draft.time_zone.clone()),
    }
}
