//! The roles of a person, each with how far it reaches.

use std::rc::Rc;

use shared_model::custom_role::ListedRole;
use shared_model::directory::DirectoryTeam;
use shared_model::permission::{GrantLimit, Role, RoleGrant, RoleKey};
use yew::prelude::*;

use super::reach::{everywhere, reach, reach_code, use_places};
use super::role_words::role_name;
use crate::locale::t;
use crate::widgets::{SelectField, icon, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub roles: Vec<RoleGrant>,
    pub teams: Vec<DirectoryTeam>,
    /// All roles there are.
    pub known: Rc<Vec<ListedRole>>,
    pub onchange: Callback<Vec<RoleGrant>>,
}

#[component]
pub(super) fn RoleRows(props: &Props) -> Html {
    let own = (AttrValue::from(reach_code(GrantLimit::Own)), t!("people-reach-own"));
    let reaches: Vec<_> = [everywhere(), own].into_iter().chain(use_places(&props.teams)).collect();
    let add = {
        let (roles, onchange) = (props.roles.clone(), props.onchange.clone());
        Callback::from(move |_: MouseEvent| {
            let more = RoleGrant { role: Role::Technician.into(), limit: GrantLimit::Organisation };
            onchange.emit(roles.iter().copied().chain([more]).collect());
        })
    };
    html! {
        <fieldset class="stack" style="--gap:.625rem;border:0;padding:0;margin:0;min-inline-size:0">
            <legend class="label" style="padding:0;margin-block-end:.375rem">{ t!("people-roles") }</legend>
            { for (0..props.roles.len()).map(|index| row(props, index, &reaches)) }
            <div><button type="button" class="btn btn--ghost" onclick={add}>{ icon("plus") }{ t!("people-role-add") }</button></div>
        </fieldset>
    }
}

fn row(props: &Props, index: usize, reaches: &[(AttrValue, AttrValue)]) -> Html {
    let grant = props.roles[index];
    let with = |replace: fn(&mut RoleGrant, &str)| {
        let (roles, onchange) = (props.roles.clone(), props.onchange.clone());
        Callback::from(move |value: AttrValue| {
            let mut roles = roles.clone();
            replace(&mut roles[index], &value);
            onchange.emit(roles);
        })
    };
    let onrole = with(|grant, code| grant.role = RoleKey::from_code(code).unwrap_or(grant.role));
    let onreach = with(|grant, code| grant.limit = reach(code).unwrap_or(grant.limit));
    let remove = {
        let (mut fewer, onchange) = (props.roles.clone(), props.onchange.clone());
        fewer.remove(index);
        Callback::from(move |_: MouseEvent| onchange.emit(fewer.clone()))
    };
    // One that is retired is shown to whoever has it.
    let offered = props.known.iter().filter(|role| !role.is_retired || role.role == grant.role);
    let roles: Vec<(AttrValue, AttrValue)> =
        offered.map(|role| (role.role.to_string().into(), role_name(role))).collect();
    let number = index + 1;
    html! {
        <div key={index} class="row" style="--gap:.5rem">
            <span class="grow" style="flex-basis:0"><SelectField id={format!("role-{index}")} options={roles} chosen={grant.role.to_string()} onchoose={onrole} label={t!("people-role-n", number = number)} /></span>
            <span class="grow" style="flex-basis:0"><SelectField id={format!("reach-{index}")} options={reaches.to_vec()} chosen={reach_code(grant.limit)} onchoose={onreach} label={t!("people-reach-n", number = number)} /></span>
            if props.roles.len() > 1 {
                <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("people-role-remove", number = number)} onclick={remove}>{ icon_sized("x", 20) }</button>
            }
        </div>
    }
}
