//! How stock stands and how it moved, as icon, word and tone.

use shared_model::features::stock_movement::MovementKind;
use shared_model::units::Quantity;
use yew::prelude::*;

use super::stock::StockState;
use crate::locale::{self, t};
use crate::widgets::icon_sized;

/// How a part stands.
pub fn state_tag(state: StockState) -> Html {
    let (tone, icon, text) = match state {
        StockState::BelowZero => ("red", "triangle-alert", t!("stock-below-zero")),
        StockState::Out => ("red", "package-x", t!("stock-out")),
        StockState::Reorder => ("amber", "package-minus", t!("stock-reorder")),
        StockState::InStock => ("green", "check", t!("stock-in")),
        StockState::NotKept => ("neutral", "minus", t!("stock-not-kept")),
    };
    html! { <span class="tag" data-tone={tone}>{ icon_sized(icon, 12) }{ text }</span> }
}

/// The word for a movement.
pub fn movement_label(kind: MovementKind) -> AttrValue {
    locale::text(&format!("movement-{}", kind.code()), None)
}

/// Icon and tone of a movement.
pub const fn movement_icon(kind: MovementKind) -> (&'static str, &'static str) {
    match kind {
        MovementKind::Receipt => ("download", "green"),
        MovementKind::Issue => ("wrench", "neutral"),
        MovementKind::Return => ("undo-2", "green"),
        MovementKind::TransferOut | MovementKind::TransferIn => ("truck", "neutral"),
        MovementKind::CountAdjustment => ("check-check", "accent"),
        MovementKind::Scrap => ("trash-2", "amber"),
    }
}

/// Reads what people write: a comma or a point, any kind of minus.
pub fn parse_quantity(text: &str) -> Option<Quantity> {
    Quantity::parse(&text.trim().replace(',', ".").replace('\u{2212}', "-")).ok()
}
