//! The roles of a person, each with how far it reaches.

use shared_model::directory::DirectoryTeam;
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::permission::{GrantLimit, Role, RoleGrant};
use yew::prelude::*;

use super::list_page::role_label;
use crate::features;
use crate::locale::t;
use crate::row_store::use_rows;
use crate::widgets::{SelectField, icon, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub roles: Vec<RoleGrant>,
    pub teams: Vec<DirectoryTeam>,
    pub onchange: Callback<Vec<RoleGrant>>,
}

#[component]
pub(super) fn RoleRows(props: &Props) -> Html {
    let locations = use_rows(DocumentKind::Location);
    let mut reaches = vec![
        (AttrValue::from(reach_code(GrantLimit::Organisation)), t!("people-reach-everything")),
        (AttrValue::from(reach_code(GrantLimit::Own)), t!("people-reach-own")),
    ];
    let sites =
        locations.iter().filter(|entry| matches!(&entry.row, Row::Location(row) if row.parent.is_none()));
    reaches.extend(sites.map(|entry| {
        let name = features::name(&entry.row);
        (reach_code(GrantLimit::Site(entry.id)).into(), t!("people-reach-site", name = name))
    }));
    reaches.extend(props.teams.iter().map(|team| {
        (reach_code(GrantLimit::Team(team.id)).into(), t!("people-reach-team", name = team.name.clone()))
    }));
    let add = {
        let (roles, onchange) = (props.roles.clone(), props.onchange.clone());
        Callback::from(move |_: MouseEvent| {
            let more = RoleGrant { role: Role::Technician, limit: GrantLimit::Organisation };
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
    let onrole = with(|grant, code| grant.role = Role::from_code(code).unwrap_or(grant.role));
    let onreach = with(|grant, code| grant.limit = reach(code).unwrap_or(grant.limit));
    let remove = {
        let (mut fewer, onchange) = (props.roles.clone(), props.onchange.clone());
        fewer.remove(index);
        Callback::from(move |_: MouseEvent| onchange.emit(fewer.clone()))
    };
    let roles: Vec<(AttrValue, AttrValue)> =
        Role::ALL.iter().map(|role| (AttrValue::from(role.code()), role_label(role.code()))).collect();
    let number = index + 1;
    html! {
        <div key={index} class="row" style="--gap:.5rem">
            <span class="grow" style="flex-basis:0"><SelectField id={format!("role-{index}")} options={roles} chosen={grant.role.code()} onchoose={onrole} label={t!("people-role-n", number = number)} /></span>
            <span class="grow" style="flex-basis:0"><SelectField id={format!("reach-{index}")} options={reaches.to_vec()} chosen={reach_code(grant.limit)} onchoose={onreach} label={t!("people-reach-n", number = number)} /></span>
            if props.roles.len() > 1 {
                <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("people-role-remove", number = number)} onclick={remove}>{ icon_sized("x", 20) }</button>
            }
        </div>
    }
}

fn reach_code(limit: GrantLimit) -> String {
    match limit {
        GrantLimit::Organisation => "organisation".to_owned(),
        GrantLimit::Own => "own".to_owned(),
        GrantLimit::Site(site) => format!("site:{site}"),
        GrantLimit::Team(team) => format!("team:{team}"),
    }
}

fn reach(code: &str) -> Option<GrantLimit> {
    match code.split_once(':') {
        None if code == "own" => Some(GrantLimit::Own),
        None => Some(GrantLimit::Organisation),
        Some(("site", id)) => id.parse().ok().map(GrantLimit::Site),
        Some((_, id)) => id.parse().ok().map(GrantLimit::Team),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_model::identity::{DocumentId, TeamId};

    #[test]
    fn every_reach_survives_its_code() {
        let (site, team) = (DocumentId::from_bytes([7; 16]), TeamId::from_bytes([8; 16]));
        for limit in
            [GrantLimit::Organisation, GrantLimit::Own, GrantLimit::Site(site), GrantLimit::Team(team)]
        {
            assert_eq!(reach(&reach_code(limit)), Some(limit));
        }
    }
}
