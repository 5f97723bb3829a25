//! Taking a delivery in, and saying how many there really are.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::Command;
use shared_model::features::part::PartSummary;
use shared_model::features::stock_movement::{self, Movement};
use shared_model::features::storeroom::StoreroomSummary;
use shared_model::identity::DocumentId;
use shared_model::input::MAX_NOTE_CHARS;
use shared_model::units::Quantity;
use yew::prelude::*;

use super::stock::storeroom;
use super::words::parse_quantity;
use crate::engine_client::use_attempt;
use crate::fresh_id;
use crate::locale::{decimal, t};
use crate::row_store::{Table, use_rows};
use crate::widgets::{Form, FormField, Input, Sheet, Values};

const FORM: &str = "stock";

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Receive,
    Count,
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub part: Rc<PartSummary>,
    pub deed: Deed,
    /// Chosen at first.
    pub room: Option<DocumentId>,
    pub onclose: Callback<()>,
}

#[component]
pub fn StockSheet(props: &Props) -> Html {
    let attempt = use_attempt();
    let rooms = use_rows(DocumentKind::Storeroom);
    let (title, does) = match props.deed {
        Deed::Receive => (t!("stock-receive"), t!("stock-receive-do")),
        Deed::Count => (t!("stock-count"), t!("stock-count-do")),
    };
    let onsubmit = {
        let (props, rooms) = (props.clone(), rooms.clone());
        Callback::from(move |values: Values| {
            let commands = command(&props, &rooms, &values).map(Command::StockMovement);
            attempt.run(commands.into_iter().collect(), props.onclose.clone());
        })
    };
    let actions =
        html! { <button type="submit" form={FORM} class="btn btn--lg btn--primary grow">{ does }</button> };
    let subtitle = AttrValue::from(format!("{} · {}", props.part.number, props.part.name));
    html! {
        <Sheet {title} {subtitle} onclose={props.onclose.clone()} {actions}>
            <div style="padding:.25rem var(--gutter) 1rem"><Form id={FORM} fields={fields(props, &rooms)} {onsubmit} /></div>
        </Sheet>
    }
}

fn fields(props: &Props, rooms: &Rc<Table>) -> Vec<FormField> {
    let options: Vec<(AttrValue, AttrValue)> = rooms
        .iter()
        .filter_map(|entry| storeroom(&entry.row))
        .map(|room| (room.id.to_string().into(), room.name.clone().into()))
        .collect();
    let first = options.first().map(|(value, _)| value.clone()).unwrap_or_default();
    let chosen = props.room.map_or(first, |room| room.to_string().into());
    let (known, part, unit, deed) = (rooms.clone(), props.part.id, props.part.unit.clone(), props.deed);
    let shows = move |room: &str| {
        let have = format!("{} {unit}", decimal(balance(&known, room, part)));
        t!("stock-shows", have = have)
    };
    let label = match deed {
        Deed::Receive => t!("quantity-in", unit = props.part.unit.clone()),
        Deed::Count => t!("counted-in", unit = props.part.unit.clone()),
    };
    let least = move |quantity: &Quantity| match deed {
        Deed::Receive => *quantity > Quantity::ZERO,
        Deed::Count => *quantity >= Quantity::ZERO,
    };
    let check = move |text: &str| {
        if parse_quantity(text).filter(least).is_some() {
            AttrValue::default()
        } else {
            t!("quantity-needed")
        }
    };
    vec![
        FormField::text("room", t!("storeroom"), chosen)
            .taking(Input::One(options))
            .checked(|room| if room.is_empty() { t!("storeroom-needed") } else { AttrValue::default() })
            .noted(shows),
        FormField::text("quantity", label, "").taking(Input::Decimal).checked(check),
        FormField::text("note", t!("movement-note"), "").of_at_most(MAX_NOTE_CHARS),
    ]
}

fn balance(rooms: &Table, room: &str, part: DocumentId) -> Quantity {
    let row = room.parse().ok().and_then(|id| rooms.get(id)).and_then(|entry| storeroom(&entry.row));
    let line =
        |row: &StoreroomSummary| row.stock.iter().find(|line| line.part == part).map(|line| line.balance);
    row.and_then(line).unwrap_or_default()
}

fn command(props: &Props, rooms: &Table, values: &Values) -> Option<stock_movement::Command> {
    let (id, part) = (fresh_id::record(), props.part.id);
    let (storeroom, quantity) = (values.get("room").parse().ok()?, parse_quantity(values.get("quantity"))?);
    let note = values.text("note");
    Some(match props.deed {
        Deed::Receive => stock_movement::Command::Receive(Movement {
            id,
            storeroom,
            part,
            quantity,
            work_order: None,
            note,
        }),
        Deed::Count => {
            let saw = Some(balance(rooms, values.get("room"), part));
            stock_movement::Command::Count { id, storeroom, part, counted: quantity, saw, note }
        }
    })
}
