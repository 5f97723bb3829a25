//! A new key for a program. Its secret is shown once.

use shared_model::api_key::{
    DEFAULT_LIFETIME_DAYS, IssuedApiKey, MAX_LIFETIME_DAYS, NewApiKey, is_for_programs,
};
use shared_model::directory::DirectoryTeam;
use shared_model::permission::{GrantLimit, Permission};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use super::draft::change;
use super::permission_list::PermissionList;
use super::reach::{everywhere, reach, reach_code, use_places};
use super::secret_dialog::SecretDialog;
use crate::engine_client::use_engine;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::{Route, use_replace};
use crate::session::ApiProblem;
use crate::shell::Page;
use crate::widgets::{Field, SelectField, TextField, Toast, icon_sized, use_toast};

const FORM: &str = "key";
const LIFETIMES: [u16; 4] = [30, DEFAULT_LIFETIME_DAYS, 180, MAX_LIFETIME_DAYS];

#[component]
pub fn KeyPage() -> Html {
    let engine = use_engine();
    let (toast, goes) = (use_toast(), use_replace());
    let phone = use_layout().is_phone();
    let draft = use_state(|| NewApiKey {
        name: String::new(),
        permissions: Vec::new(),
        reach: GrantLimit::Organisation,
        expires_in_days: DEFAULT_LIFETIME_DAYS,
    });
    let teams = use_state(Vec::<DirectoryTeam>::new);
    let busy = use_state_eq(|| false);
    let issued = use_state(|| None::<String>);
    {
        let teams = teams.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { teams.set(api::teams().await.unwrap_or_default()) });
        });
    }
    let reaches: Vec<_> = std::iter::once(everywhere()).chain(use_places(&teams)).collect();
    let onsubmit = {
        let (draft, busy, issued) = (draft.clone(), busy.clone(), issued.setter());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy {
                return;
            }
            busy.set(true);
            let (new, busy, issued, toast) = ((*draft).clone(), busy.setter(), issued.clone(), toast.clone());
            spawn_local(async move {
                match api::create_key(&new).await {
                    Ok(IssuedApiKey { secret, .. }) => issued.set(Some(secret)),
                    Err(problem) => toast.show(Toast::new("circle-alert", explain(&problem))),
                }
                busy.set(false);
            });
        })
    };
    let offered: Vec<Permission> = Permission::ALL
        .iter()
        .copied()
        .filter(|permission| is_for_programs(*permission) && engine.may(*permission))
        .collect();
    let button = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)} disabled={*busy}>{ icon_sized("check", 20) }{ t!("keys-make") }</button> }
    };
    let foot = phone.then(|| html! { <div class="actionbar">{ button("btn--xl grow") }</div> });
    let actions = if phone { Html::default() } else { button("") };
    let onclose = Callback::from(move |()| goes.emit(Route::ApiKeys));
    html! {
        <Page title={t!("keys-new")} back={Route::ApiKeys} {foot} {actions} class="detail">
            <form id={FORM} data-draft="" class="formpage stack form" style="--gap:1.25rem" novalidate=true {onsubmit}>
                <p class="t-14 muted">{ t!("keys-hint") }</p>
                { choices(&draft, reaches) }
                <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("roles-permissions")}>
                    <h2 class="t-16">{ t!("roles-permissions") }</h2>
                    <PermissionList {offered} chosen={draft.permissions.clone()} onchange={Some(change(&draft, |draft, chosen| draft.permissions = chosen))} />
                </section>
            </form>
            if let Some(secret) = &*issued {
                <SecretDialog title={t!("keys-secret-title", name = draft.name.clone())} text={t!("keys-secret-text")} label={t!("keys-secret")} secret={secret.clone()} {onclose} />
            }
        </Page>
    }
}

fn choices(draft: &UseStateHandle<NewApiKey>, reaches: Vec<(AttrValue, AttrValue)>) -> Html {
    let lifetimes: Vec<(AttrValue, AttrValue)> =
        LIFETIMES.iter().map(|days| (days.to_string().into(), t!("keys-days", count = *days))).collect();
    let onreach = change(draft, |draft, code: AttrValue| {
        draft.reach = reach(&code).unwrap_or(GrantLimit::Organisation);
    });
    let ondays = change(draft, |draft, days: AttrValue| {
        draft.expires_in_days = days.parse().unwrap_or(DEFAULT_LIFETIME_DAYS);
    });
    html! {
        <>
            <Field id="key-name" label={t!("field-name")} hint={t!("keys-name-hint")}>
                <TextField id="key-name" value={draft.name.clone()} oninput={change(draft, |draft, text| draft.name = text)} autocomplete="off" />
            </Field>
            <Field id="key-reach" label={t!("audit-field-reach")}>
                <SelectField id="key-reach" options={reaches} chosen={reach_code(draft.reach)} onchoose={onreach} />
            </Field>
            <Field id="key-days" label={t!("keys-lifetime")}>
                <SelectField id="key-days" options={lifetimes} chosen={draft.expires_in_days.to_string()} onchoose={ondays} />
            </Field>
        </>
    }
}

fn explain(problem: &ApiProblem) -> AttrValue {
    match problem.code() {
        "value" => t!("keys-value"),
        _ => api::explain(problem),
    }
}
