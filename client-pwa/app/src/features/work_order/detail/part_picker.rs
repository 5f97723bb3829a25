//! Finding a part, saying how many and from where.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::part::PartSummary;
use shared_model::features::work_order::{self, PartUsed};
use shared_model::features::{Command, Row};
use shared_model::identity::DocumentId;
use shared_model::units::Quantity;
use yew::prelude::*;

use crate::engine_client::use_engine;
use crate::features::part::{StockPlace, places_of};
use crate::fresh_id;
use crate::locale::{decimal, t};
use crate::row_store::{Entry, Search as Query, use_rows};
use crate::widgets::{Choice, Field, Finder, PickSheet, SelectField, Sheet, TextField};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub work_order: DocumentId,
    pub onclose: Callback<()>,
}

#[component]
pub fn PartPicker(props: &Props) -> Html {
    let parts = use_rows(DocumentKind::Part);
    let chosen = use_state(|| None::<DocumentId>);
    if let Some(part) = chosen.and_then(|id| parts.get(id)).and_then(|entry| part(entry)) {
        let onback = {
            let chosen = chosen.clone();
            Callback::from(move |()| chosen.set(None))
        };
        return html! { <HowMany work_order={props.work_order} part={Rc::new(part.clone())} {onback} onclose={props.onclose.clone()} /> };
    }
    let onchoose = {
        let chosen = chosen.clone();
        Callback::from(move |id: AttrValue| chosen.set(id.parse().ok()))
    };
    let find = Callback::from(move |text: String| {
        let search = Query::new(&text);
        let found = parts.iter().filter(|entry| entry.matches(&search));
        Choice::sorted(found.filter_map(|entry| part(entry).map(choice)).collect(), false)
    });
    let finder = Finder { label: t!("part-search"), find, name: Callback::from(|id: AttrValue| id) };
    html! { <PickSheet title={t!("add-part")} {finder} {onchoose} onclose={props.onclose.clone()} /> }
}

fn part(entry: &Entry) -> Option<&PartSummary> {
    match &entry.row {
        Row::Part(part) => Some(part),
        _ => None,
    }
}

fn choice(part: &PartSummary) -> Choice {
    Choice {
        value: part.id.to_string().into(),
        title: part.name.clone().into(),
        detail: part.number.clone().into(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct HowManyProps {
    work_order: DocumentId,
    part: Rc<PartSummary>,
    onback: Callback<()>,
    onclose: Callback<()>,
}

#[component]
fn HowMany(props: &HowManyProps) -> Html {
    let engine = use_engine();
    let rooms = use_rows(DocumentKind::Storeroom);
    let places = places_of(&rooms, props.part.id);
    let first = places.first().map_or_else(String::new, |place| place.room.to_string());
    let room = use_state(|| first);
    let quantity = use_state(|| "1".to_owned());
    let amount = Quantity::parse(&quantity.replace(',', ".")).ok().filter(|amount| *amount > Quantity::ZERO);
    let place = places.iter().find(|place| place.room.to_string() == *room);
    let short = amount.zip(place).filter(|(amount, place)| *amount > place.balance).map(|(_, place)| place);
    let hint = place.map(place_words).unwrap_or_default();
    let problem = match (amount, short) {
        (None, _) => t!("quantity-needed"),
        (Some(_), Some(place)) => t!("stock-short", left = decimal(place.balance).to_string()),
        (Some(_), None) => AttrValue::default(),
    };
    let add = {
        let (engine, props, room) = (engine.clone(), props.clone(), room.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(quantity) = amount else { return };
            engine.execute(take_part(&props, room.parse().ok(), quantity));
            props.onclose.emit(());
        })
    };
    let mut options: Vec<(AttrValue, AttrValue)> =
        places.iter().map(|place| (place.room.to_string().into(), place_name(place))).collect();
    options.push((AttrValue::default(), t!("no-storeroom")));
    let back = props.onback.reform(|_: MouseEvent| ());
    let actions = html! {
        <>
            <button type="button" class="btn btn--lg" onclick={back}>{ t!("back") }</button>
            <button type="button" class="btn btn--lg btn--primary grow" disabled={amount.is_none()} onclick={add}>{ t!("add-part") }</button>
        </>
    };
    let set = |state: &UseStateHandle<String>| {
        let state = state.clone();
        Callback::from(move |text| state.set(text))
    };
    html! {
        <Sheet title={props.part.name.clone()} subtitle={props.part.number.clone()} onclose={props.onclose.clone()} {actions}>
            <div class="stack" style="padding:.25rem var(--gutter) 1rem;--gap:1rem">
                <Field id="quantity" label={t!("quantity-in", unit = props.part.unit.clone())} {hint} {problem}>
                    <TextField id="quantity" inputmode="decimal" value={(*quantity).clone()} oninput={set(&quantity)} unsent={*quantity != "1"} />
                </Field>
                <Field id="storeroom" label={t!("storeroom")}>
                    <SelectField id="storeroom" {options} chosen={(*room).clone()} onchoose={ let room = room.clone(); Callback::from(move |value: AttrValue| room.set(value.to_string())) } />
                </Field>
            </div>
        </Sheet>
    }
}

fn place_name(place: &StockPlace) -> AttrValue {
    t!("storeroom-with-stock", name = place.name.clone(), left = decimal(place.balance).to_string())
}

fn place_words(place: &StockPlace) -> AttrValue {
    let left = decimal(place.balance).to_string();
    match &place.bin {
        Some(bin) => t!("bin-left", bin = bin.clone(), left = left),
        None => t!("left-here", left = left),
    }
}

fn take_part(props: &HowManyProps, storeroom: Option<DocumentId>, quantity: Quantity) -> Command {
    let part = PartUsed {
        key: fresh_id::item_key(),
        part: Some(props.part.id),
        storeroom,
        movement: storeroom.map(|_| fresh_id::record()),
        number: props.part.number.clone(),
        name: props.part.name.clone(),
        quantity,
        unit: props.part.unit.clone(),
    };
    Command::WorkOrder(work_order::Command::UsePart { id: props.work_order, part })
}
