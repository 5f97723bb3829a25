//! The teams of a person, and a way to a new one.

use shared_model::directory::DirectoryTeam;
use shared_model::identity::TeamId;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::api;
use crate::locale::t;
use crate::widgets::{Dialog, Field, FilterChip, TextField, icon};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// All there are.
    pub teams: Vec<DirectoryTeam>,
    pub chosen: Vec<TeamId>,
    pub onchange: Callback<Vec<TeamId>>,
    /// There is one more.
    pub oncreated: Callback<DirectoryTeam>,
}

#[component]
pub(super) fn TeamChips(props: &Props) -> Html {
    let creating = use_state_eq(|| false);
    let set = |open: bool| {
        let creating = creating.setter();
        move || creating.set(open)
    };
    let (show, hide) = (set(true), set(false));
    let chip = |team: &DirectoryTeam| {
        let (id, pressed) = (team.id, props.chosen.contains(&team.id));
        let (chosen, onchange) = (props.chosen.clone(), props.onchange.clone());
        let onclick = Callback::from(move |()| {
            let mut next: Vec<TeamId> = chosen.iter().copied().filter(|other| *other != id).collect();
            if !pressed {
                next.push(id);
            }
            onchange.emit(next);
        });
        html! { <FilterChip key={id.to_string()} label={team.name.clone()} {pressed} {onclick} /> }
    };
    let oncreated = {
        let (created, hide) = (props.oncreated.clone(), set(false));
        Callback::from(move |team| {
            created.emit(team);
            hide();
        })
    };
    html! {
        <div class="field" role="group" aria-labelledby="teams-label">
            <span class="label" id="teams-label">{ t!("people-teams") }</span>
            <div class="row row--wrap" style="--gap:.5rem">
                { for props.teams.iter().map(chip) }
                <button type="button" class="chip chip--add" onclick={Callback::from(move |_: MouseEvent| show())}>{ icon("plus") }{ t!("people-team-new") }</button>
            </div>
            if *creating { <NewTeam {oncreated} onclose={Callback::from(move |()| hide())} /> }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct NewTeamProps {
    oncreated: Callback<DirectoryTeam>,
    onclose: Callback<()>,
}

#[component]
fn NewTeam(props: &NewTeamProps) -> Html {
    let name = use_state(String::new);
    let problem = use_state(AttrValue::default);
    let oninput = {
        let name = name.setter();
        Callback::from(move |text| name.set(text))
    };
    let create = {
        let (name, problem, oncreated) = (name.clone(), problem.setter(), props.oncreated.clone());
        Callback::from(move |()| {
            let (name, problem, oncreated) = (name.to_string(), problem.clone(), oncreated.clone());
            spawn_local(async move {
                match api::create_team(name).await {
                    Ok(team) => oncreated.emit(team),
                    Err(refused) => problem.set(api::explain(&refused)),
                }
            });
        })
    };
    let close = props.onclose.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn" onclick={close}>{ t!("close") }</button>
            <button type="button" class="btn btn--primary" onclick={create.reform(|_: MouseEvent| ())}>{ t!("people-team-create") }</button>
        </>
    };
    // The dialog stands in the form of the person, which Enter would send.
    let onkeydown = {
        let create = create.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Enter" {
                event.prevent_default();
                create.emit(());
            }
        })
    };
    html! {
        <Dialog title={t!("people-team-new")} onclose={props.onclose.clone()} {actions}>
            <div {onkeydown}><Field id="team-name" label={t!("field-name")} problem={(*problem).clone()}>
                <TextField id="team-name" value={(*name).clone()} {oninput} onleave={Callback::noop()} />
            </Field></div>
        </Dialog>
    }
}
