//! How far a role or a key reaches, as a choice.

use shared_model::directory::DirectoryTeam;
use shared_model::document::DocumentKind;
use shared_model::features::Row;
use shared_model::permission::GrantLimit;
use yew::prelude::*;

use crate::features;
use crate::locale::t;
use crate::row_store::use_rows;

/// Value and label of each site and team.
#[hook]
pub(super) fn use_places(teams: &[DirectoryTeam]) -> Vec<(AttrValue, AttrValue)> {
    let locations = use_rows(DocumentKind::Location);
    let sites =
        locations.iter().filter(|entry| matches!(&entry.row, Row::Location(row) if row.parent.is_none()));
    let sites = sites.map(|entry| {
        let name = features::name(&entry.row);
        (reach_code(GrantLimit::Site(entry.id)).into(), t!("people-reach-site", name = name))
    });
    let teams = teams.iter().map(|team| {
        (reach_code(GrantLimit::Team(team.id)).into(), t!("people-reach-team", name = team.name.clone()))
    });
    sites.chain(teams).collect()
}

pub(super) fn everywhere() -> (AttrValue, AttrValue) {
    (reach_code(GrantLimit::Organisation).into(), t!("people-reach-everything"))
}

pub(super) fn reach_code(limit: GrantLimit) -> String {
    match limit {
        GrantLimit::Organisation => "organisation".to_owned(),
        GrantLimit::Own => "own".to_owned(),
        GrantLimit::Site(site) => format!("site:{site}"),
        GrantLimit::Team(team) => format!("team:{team}"),
    }
}

pub(super) fn reach(code: &str) -> Option<GrantLimit> {
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
