//! What moved last, as far as this device has it.

use shared_model::features::View;
use shared_model::features::part::PartSummary;
use shared_model::features::stock_movement::MovementLine;
use shared_model::features::storeroom::Storeroom;
use shared_model::identity::DocumentId;
use yew::prelude::*;
use yew_router::prelude::*;

use super::words::{movement_icon, movement_label};
use crate::engine_client::Directory;
use crate::features;
use crate::locale::{capitalised, day_and_time, signed, t};
use crate::route::Route;
use crate::row_store::RowStore;
use crate::sorting::sort_by_key;
use crate::widgets::icon;

const SHOWN: usize = 10;

/// The movements of a part in these storerooms.
pub fn movements(part: &PartSummary, rooms: &[View], rows: &RowStore, directory: &Directory) -> Html {
    let lines = latest(rooms, part.id);
    let line = |(room, line): &(&Storeroom, &MovementLine)| {
        let order = line.movement.work_order.and_then(|id| rows.find(id));
        let order = order.map(|entry| html! { <>{ " · " }<Link<Route> to={Route::WorkOrder { id: entry.id }}>{ features::name(&entry.row) }</Link<Route>></> });
        moved(line, room, &part.unit, directory, order.unwrap_or_default())
    };
    html! {
        <section aria-labelledby="h-movements">
            <h3 id="h-movements" style="margin-block-end:.625rem">{ t!("movements") }</h3>
            if lines.is_empty() { <p class="muted t-14">{ t!("movements-none") }</p> }
            <ol class="tl">{ for lines.iter().map(line) }</ol>
        </section>
    }
}

fn latest(views: &[View], part: DocumentId) -> Vec<(&Storeroom, &MovementLine)> {
    let rooms = views.iter().filter_map(|view| match view {
        View::Storeroom(room) => Some(&**room),
        _ => None,
    });
    let of_part = |room| Storeroom::recent_of(room, part).map(move |line| (room, line));
    let mut lines: Vec<_> = rooms.flat_map(of_part).collect();
    sort_by_key(&mut lines, |(_, line)| std::cmp::Reverse((line.at, line.id)));
    lines.truncate(SHOWN);
    lines
}

fn moved(line: &MovementLine, room: &Storeroom, unit: &str, directory: &Directory, order: Html) -> Html {
    let movement = &line.movement;
    let (symbol, tone) = movement_icon(movement.kind);
    html! {
        <li key={line.id.to_string()}>
            <span class="tl__dot" data-tone={tone}>{ icon(symbol) }</span>
            <div class="tl__body">
                <div class="row row--between"><span class="clip">{ movement_label(movement.kind) }{ order }</span><b class="num nowrap">{ signed(movement.quantity) }{ " " }{ unit }</b></div>
                if let Some(note) = &movement.note { <div class="soft">{ note }</div> }
                <div class="muted t-12">{ directory.author(line.author) }{ " · " }{ &room.name }{ " · " }<time>{ capitalised(&day_and_time(line.at)) }</time></div>
            </div>
        </li>
    }
}
