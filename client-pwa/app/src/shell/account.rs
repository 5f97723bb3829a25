//! The person's own corner: theme, language, sign-in and security, signed-in devices, signing out.

use yew::prelude::*;
use yew_router::prelude::*;

use super::theme::Theme;
use crate::engine_client::{Engine, use_engine};
use crate::hooks::use_watched;
use crate::locale::{self, Language, t};
use crate::route::Route;
use crate::session::{self, SignOut, use_session};
use crate::settings::organisation_name;
use crate::widgets::{Menu, MenuItem, Segment, Segmented, avatar, icon};

/// At the foot of the rail.
#[component]
pub fn AccountMenu() -> Html {
    let session = use_session();
    let engine = use_engine();
    let locks = use_watched(engine.sync()).locks;
    let leaving = use_state(|| false);
    let redraw = use_force_update();
    let navigator = use_navigator();
    let name = session.signed_in.person.display_name.clone();
    let directory = use_watched(engine.directory());
    let built_in = || session.role().map(|role| locale::text(&format!("role-{}", role.code()), None));
    let custom = directory.custom_role(engine.person()).map(|role| AttrValue::from(role.name.clone()));
    let role = custom.or_else(built_in).unwrap_or_default();
    let leave = {
        let leaving = leaving.clone();
        Callback::from(move |()| leaving.set(true))
    };
    let stay = {
        let leaving = leaving.clone();
        Callback::from(move |()| leaving.set(false))
    };
    let mut items = choices(&redraw);
    let show = |route: Route| {
        let navigator = navigator.clone();
        Callback::from(move |()| {
            if let Some(navigator) = &navigator {
                navigator.push(&route);
            }
        })
    };
    let show_settings = show(Route::Settings);
    let show_security = show(Route::Security);
    let (show_sessions, show_lock) = (show(Route::Sessions), show(Route::DeviceLock));
    if engine.administers() {
        let places = ADMINISTRATION.iter();
        items.extend(
            places.map(|(route, icon, label)| MenuItem::new(icon, locale::text(label, None), show(*route))),
        );
    }
    items.push(MenuItem::new("settings", t!("own-settings"), show_settings));
    items.push(MenuItem::new("lock-keyhole", t!("security"), show_security));
    items.push(MenuItem::new("monitor", t!("sessions"), show_sessions));
    items.push(MenuItem::new("lock-keyhole", t!("lock-device"), show_lock));
    items.extend(on_this_device(&engine, locks));
    items.push(MenuItem::new("power-off", t!("sign-out"), leave));
    html! {
        <>
            <Menu label={t!("account-of", name = name.clone())} {items} class={classes!("rail__account")}>
                { avatar(&name.clone(), "av--28") }
                <span class="grow">
                    <span class="clip" style="display:block;line-height:1.25;color:var(--ink)">{ name }</span>
                    <span class="t-12 muted" style="display:block;line-height:1.25">{ role }</span>
                </span>
            </Menu>
            if *leaving { <SignOut onclose={stay} /> }
        </>
    }
}

/// What whoever administers the organisation may open besides: where, its icon, and the key of its name.
const ADMINISTRATION: [(Route, &str, &str); 5] = [
    (Route::Organisation, "building-2", "organisation"),
    (Route::People, "users", "people"),
    (Route::Roles, "badge-check", "roles"),
    (Route::ApiKeys, "file-lock", "api-keys"),
    (Route::Audit, "shield-check", "audit"),
];

/// Making room for somebody else, and locking.
fn on_this_device(engine: &Engine, locks: bool) -> Vec<MenuItem> {
    let mut items = vec![MenuItem::new("users", t!("switch-person"), switch_person(engine))];
    if locks {
        let engine = engine.clone();
        items.push(MenuItem::new("lock", t!("lock-now"), Callback::from(move |()| engine.lock())));
    }
    items
}

/// Somebody else wants to work here: a locked database is locked for that.
fn switch_person(engine: &Engine) -> Callback<()> {
    let engine = engine.clone();
    Callback::from(move |()| {
        session::set_current(None);
        engine.lock();
    })
}

/// Theme and language.
fn choices(redraw: &UseForceUpdateHandle) -> Vec<MenuItem> {
    let mut items: Vec<MenuItem> = Theme::ALL
        .into_iter()
        .map(|theme| {
            let redraw = redraw.clone();
            let choose = Callback::from(move |()| {
                theme.choose();
                redraw.force_update();
            });
            let icon = match theme {
                Theme::System => "monitor",
                Theme::Light => "sun",
                Theme::Dark => "circle",
            };
            let mut item =
                MenuItem::new(icon, locale::text(&format!("theme-{}", theme.code()), None), choose);
            item.checked = Some(Theme::chosen() == theme);
            item
        })
        .collect();
    items.extend(Language::ALL.into_iter().map(|language| {
        let mut item = MenuItem::new(
            "languages",
            language.name().into(),
            Callback::from(move |()| locale::choose(language)),
        );
        item.checked = Some(locale::language() == language);
        item
    }));
    items
}

/// In the header of a phone: leads to the page with the same choices.
#[component]
pub fn AccountButton() -> Html {
    let name = use_session().signed_in.person.display_name.clone();
    html! {
        <Link<Route> to={Route::More} classes="btn btn--ghost btn--icon">
            { avatar(&name, "av--40") }<span class="sr">{ t!("your-account") }</span>
        </Link<Route>>
    }
}

/// The same choices as a list, for a phone.
#[component]
pub fn AccountSettings() -> Html {
    let session = use_session();
    let engine = use_engine();
    let locks = use_watched(engine.sync()).locks;
    let directory = use_watched(engine.directory());
    let leaving = use_state(|| false);
    let theme = use_state(Theme::chosen);
    let leave = {
        let leaving = leaving.clone();
        Callback::from(move |_: MouseEvent| leaving.set(true))
    };
    let stay = {
        let leaving = leaving.clone();
        Callback::from(move |()| leaving.set(false))
    };
    let themes = Theme::ALL
        .map(|theme| Segment::new(theme.code(), locale::text(&format!("theme-{}", theme.code()), None)));
    let choose_theme = {
        let theme = theme.clone();
        Callback::from(move |code: Option<AttrValue>| {
            if let Some(chosen) = Theme::ALL.into_iter().find(|theme| code.as_deref() == Some(theme.code())) {
                chosen.choose();
                theme.set(chosen);
            }
        })
    };
    let languages = Language::ALL.map(|language| Segment::new(language.tag(), language.name()));
    let choose_language = Callback::from(|tag: Option<AttrValue>| {
        if let Some(language) =
            Language::ALL.into_iter().find(|language| tag.as_deref() == Some(language.tag()))
        {
            locale::choose(language);
        }
    });
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:1rem" aria-label={t!("settings")}>
            <div class="row" style="--gap:.75rem">
                { avatar(&session.signed_in.person.display_name.clone(), "av--40") }
                <span class="grow">
                    <b class="t-16 clip" style="display:block">{ &session.signed_in.person.display_name }</b>
                    <span class="t-14 muted clip" style="display:block">{ organisation_name(&directory, &session) }</span>
                </span>
            </div>
            <div class="field"><span class="label" id="theme-label">{ t!("theme") }</span>
                <Segmented segments={themes.to_vec()} chosen={AttrValue::from(theme.code())} onchoose={choose_theme} labelled_by="theme-label" />
            </div>
            <div class="field"><span class="label" id="language-label">{ t!("language") }</span>
                <Segmented segments={languages.to_vec()} chosen={AttrValue::from(locale::language().tag())} onchoose={choose_language} labelled_by="language-label" />
            </div>
            if engine.administers() {
                { for ADMINISTRATION.iter().map(|(route, symbol, label)| html! {
                    <Link<Route> key={*label} to={*route} classes="btn btn--block">{ icon(symbol) }{ locale::text(label, None) }</Link<Route>>
                }) }
            }
            <Link<Route> to={Route::Settings} classes="btn btn--block">{ icon("settings") }{ t!("own-settings") }</Link<Route>>
            <Link<Route> to={Route::Security} classes="btn btn--block">{ icon("lock-keyhole") }{ t!("security") }</Link<Route>>
            <Link<Route> to={Route::Sessions} classes="btn btn--block">{ icon("monitor") }{ t!("sessions") }</Link<Route>>
            <Link<Route> to={Route::DeviceLock} classes="btn btn--block">{ icon("lock-keyhole") }{ t!("lock-device") }</Link<Route>>
            { for on_this_device(&engine, locks).into_iter().map(as_button) }
            <button type="button" class="btn btn--block" onclick={leave}>{ icon("power-off") }{ t!("sign-out") }</button>
            if *leaving { <SignOut onclose={stay} /> }
        </section>
    }
}

fn as_button(item: MenuItem) -> Html {
    let onclick = item.onclick.reform(|_: MouseEvent| ());
    html! { <button type="button" class="btn btn--block" {onclick}>{ icon(&item.icon) }{ item.label }</button> }
}
