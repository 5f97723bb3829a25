//! Several people share this browser: who wants to work? Nobody sees more of the others than their initials and how much
//! of theirs waits.

use yew::prelude::*;

use super::frame::frame;
use super::profiles::Profile;
use super::unlock_page::spaced;
use crate::browser;
use crate::locale::{day_and_time, t};
use crate::widgets::{avatar, icon};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub profiles: Vec<Profile>,
    pub onchoose: Callback<Profile>,
    pub onother: Callback<()>,
}

#[component]
pub fn ChoosePage(props: &Props) -> Html {
    use_effect_with((), |()| browser::document().set_title(&t!("choose-document-title")));
    let onother = props.onother.reform(|_: MouseEvent| ());
    frame(html! {
        <>
            <h1 style="font-size:2rem;letter-spacing:-.03em">{ t!("choose-title") }</h1>
            <ul class="card list" aria-label={t!("choose-title")}>{ for props.profiles.iter().map(|profile| row(profile, &props.onchoose)) }</ul>
            <button type="button" class="btn btn--lg btn--block" style="min-block-size:3rem" onclick={onother}>{ icon("user-plus") }{ t!("somebody-else") }</button>
        </>
    })
}

fn row(profile: &Profile, onchoose: &Callback<Profile>) -> Html {
    let chosen = profile.clone();
    let onclick = onchoose.reform(move |_: MouseEvent| chosen.clone());
    let (symbol, how) = match (&profile.lock, profile.signed_out) {
        (_, true) => ("power-off", t!("choose-signed-out")),
        (Some(_), false) => ("lock", t!("choose-locked")),
        (None, false) => ("chevron-right", t!("choose-open")),
    };
    html! {
        <li key={profile.device.to_string()}>
            <button type="button" class="list__row" style="inline-size:100%;min-block-size:3.5rem" {onclick}>
                { avatar(&spaced(&profile.initials), "av--40") }
                <span class="grow">
                    <b class="t-15" style="display:block">{ &profile.initials }</b>
                    <span class="t-14 muted" style="display:block">{ how }{ " · " }{ t!("choose-used", when = day_and_time(profile.used_at).to_string()) }</span>
                    if profile.waiting > 0 { <span class="t-14" style="display:block">{ t!("choose-waiting", count = profile.waiting) }</span> }
                </span>
                { icon(symbol) }
            </button>
        </li>
    }
}
