//! How an asset does, as words and tone.

use shared_model::features::asset::{AssetStatus, Criticality, Level};
use yew::prelude::*;

use crate::locale::{self, t};
use crate::widgets::icon_sized;

/// Status and criticality as tags.
pub fn tags(status: AssetStatus, criticality: Option<Criticality>) -> Html {
    let (tone, icon) = match status {
        AssetStatus::Operating => ("green", "circle-play"),
        AssetStatus::Standby => ("neutral", "circle-pause"),
        AssetStatus::Down => ("red", "octagon-alert"),
        AssetStatus::UnderMaintenance => ("accent", "wrench"),
        AssetStatus::Decommissioned => ("neutral", "power-off"),
    };
    let criticality = criticality.map(|criticality| {
        let tone = match criticality { Criticality::A => "orange", Criticality::B | Criticality::C => "neutral" };
        html! { <span class="tag" data-tone={tone}>{ icon_sized("shield", 12) }{ t!("criticality", class = criticality.code().to_uppercase()) }</span> }
    });
    html! {
        <div class="row row--wrap" style="--gap:.5rem">
            <span class="tag" data-tone={tone}>{ icon_sized(icon, 12) }{ status_label(status) }</span>
            { criticality }
        </div>
    }
}

/// The word for a status.
pub fn status_label(status: AssetStatus) -> AttrValue {
    locale::text(&format!("asset-status-{}", status.code()), None)
}

/// The word for a level.
pub fn level_label(level: Level) -> AttrValue {
    locale::text(&format!("asset-level-{}", level.code()), None)
}
