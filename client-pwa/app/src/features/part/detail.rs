//! One part: what it is, where it lies, how many are left in each place, and what moved last.

use std::rc::Rc;

use shared_model::document::DocumentKind;
use shared_model::features::part::{Part, PartSummary};
use shared_model::features::{Row, View};
use shared_model::identity::DocumentId;
use shared_model::permission::Permission;
use shared_model::units::Quantity;
use yew::prelude::*;
use yew_router::prelude::*;

use super::move_stock::{Deed, StockSheet};
use super::movements::movements;
use super::stock::{Stock, StockPlace, places_of};
use super::words::state_tag;
use crate::engine_client::{use_engine, use_views};
use crate::features::conflict::{ConflictNote, value_words};
use crate::hooks::{Layout, use_layout, use_watched};
use crate::locale::{decimal, t};
use crate::route::Route;
use crate::row_store::use_rows;
use crate::shell::Page;
use crate::widgets::{Empty, icon, icon_sized};

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: DocumentId,
    /// The drawer is closed.
    pub onclose: Callback<()>,
}

/// A page of its own on a phone, a drawer beside the list at a desk.
#[component]
pub fn Detail(props: &Props) -> Html {
    let engine = use_engine();
    let layout = use_layout();
    let parts = use_rows(DocumentKind::Part);
    let rooms = use_rows(DocumentKind::Storeroom);
    let directory = use_watched(engine.directory());
    let doing = use_state_eq(|| None::<Deed>);
    let shown: Vec<DocumentId> = rooms.iter().map(|entry| entry.id).chain([props.id]).collect();
    let views = use_views(&shown);
    let Some(Row::Part(part)) = parts.get(props.id).map(|entry| &entry.row) else {
        return html! { <Empty icon="package" title={t!("part-missing")} /> };
    };
    let whole = views.iter().find_map(|view| match view {
        View::Part(whole) => Some(&**whole),
        _ => None,
    });
    let places = places_of(&rooms, part.id);
    // A place below zero is the one to count.
    let room = places.iter().find(|place| place.is_below_zero()).or(places.first()).map(|place| place.room);
    let body = html! {
        <div class="stack" style="--gap:1.125rem">
            { facts(part, whole, &Stock::of(places)) }
            { movements(part, &views, engine.rows(), &directory) }
        </div>
    };
    let set = doing.setter();
    let buttons = engine
        .may(Permission::StockAdjust)
        .then(|| buttons(&Callback::from(move |deed| set.set(Some(deed)))));
    let set = doing.setter();
    let sheet = doing.map(|deed| html! { <StockSheet part={Rc::new(part.clone())} {deed} {room} onclose={Callback::from(move |()| set.set(None))} /> });
    let edit = engine.may(Permission::PartEdit).then(|| edit_link(part.id));
    match layout {
        Layout::Phone => html! {
            <Page title={part.name.clone()} subtitle={AttrValue::from(part.number.clone())} back={Route::Parts} actions={edit.unwrap_or_default()}
                foot={buttons.map(|buttons| html! { <div class="actionbar">{ buttons }</div> })} class="detail">{ body }{ sheet }</Page>
        },
        Layout::Desk => html! {
            <aside class="drawer" aria-label={part.name.clone()}>
                <div class="drawer__head"><div class="grow"><h2 class="t-16 clip">{ &part.name }</h2><span class="id">{ &part.number }</span></div>
                    { edit }
                    <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("close")} onclick={props.onclose.reform(|_: MouseEvent| ())}>{ icon("x") }</button></div>
                <div class="scroll-y" style="padding:1rem">{ body }</div>
                if let Some(buttons) = buttons { <div class="drawer__foot row">{ buttons }</div> }
                { sheet }
            </aside>
        },
    }
}

fn edit_link(id: DocumentId) -> Html {
    html! { <Link<Route> to={Route::EditPart { id }} classes="btn">{ icon_sized("pencil", 18) }<span>{ t!("edit") }</span></Link<Route>> }
}

/// What the storekeeper does with it.
fn buttons(onchoose: &Callback<Deed>) -> Html {
    html! {
        <>
            <button type="button" class="btn btn--lg grow" onclick={onchoose.reform(|_: MouseEvent| Deed::Count)}>{ icon_sized("check-check", 20) }{ t!("stock-count") }</button>
            <button type="button" class="btn btn--lg btn--primary grow" onclick={onchoose.reform(|_: MouseEvent| Deed::Receive)}>{ icon_sized("download", 20) }{ t!("stock-receive") }</button>
        </>
    }
}

fn facts(part: &PartSummary, whole: Option<&Part>, stock: &Stock) -> Html {
    let facts = [
        (t!("part-unit"), Some(&part.unit)),
        (t!("part-category"), part.category.as_ref()),
        (t!("asset-manufacturer"), part.manufacturer.as_ref()),
        (t!("part-barcode"), part.barcode.as_ref()),
    ];
    html! {
        <>
            { for whole.map(versions) }
            <div class="row row--between">
                <span class="kpi__v" style="font-size:1.75rem">{ decimal(stock.balance) }{ " " }<small>{ &part.unit }</small></span>
                { state_tag(stock.state()) }
            </div>
            if let Some(text) = whole.map(|whole| &whole.description).filter(|text| !text.is_empty()) { <p class="prose soft">{ text }</p> }
            <section aria-labelledby="h-rooms"><h3 id="h-rooms" style="margin-block-end:.25rem">{ t!("stock-by-storeroom") }</h3>
                <ul class="list" style="border-block:1px solid var(--line)">{ for stock.places.iter().map(|place| line(place, &part.unit)) }</ul>
                if stock.places.is_empty() { <p class="muted">{ t!("stock-not-kept") }</p> }
            </section>
            <dl class="kv">{ for facts.into_iter().filter_map(|(label, value)| value.map(|value| html! { <><dt>{ label }</dt><dd>{ value }</dd></> })) }</dl>
        </>
    }
}

fn versions(part: &Part) -> Html {
    part.conflicts
        .iter()
        .map(|conflict| {
            let field = match conflict.field.as_str() {
                "number" => t!("part-number"),
                "name" => t!("field-name"),
                "unit" => t!("part-unit"),
                "category" => t!("part-category"),
                "manufacturer" => t!("asset-manufacturer"),
                "barcode" => t!("part-barcode"),
                _ => t!("field-other"),
            };
            let words: Vec<AttrValue> = conflict.values.iter().map(|value| value_words(&value.value)).collect();
            html! { <ConflictNote key={conflict.field.clone()} document={part.id} kind={DocumentKind::Part} conflict={conflict.clone()} {field} {words} /> }
        })
        .collect()
}

fn line(place: &StockPlace, unit: &str) -> Html {
    let limit = |words: fn(Quantity) -> AttrValue, value: Option<Quantity>| {
        value.map(words).map(|text| text.to_string())
    };
    let facts = [
        place.bin.clone().map(|bin| t!("bin-named", bin = bin).to_string()),
        limit(|min| t!("min", value = decimal(min).to_string()), place.min),
        limit(|max| t!("max", value = decimal(max).to_string()), place.max),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let below_zero = place.is_below_zero();
    html! {
        <li key={place.room.to_string()} style="padding-block:.625rem">
            <div class="row row--between">
                <span class="grow"><b class="w-med t-14 clip" style="display:block">{ &place.name }</b><span class="id">{ facts }</span></span>
                if below_zero { <span class="tag" data-tone="red">{ icon_sized("triangle-alert", 12) }{ t!("stock-below-zero") }</span> }
                else if place.low { <span class="tag" data-tone="amber">{ icon_sized("package-minus", 12) }{ t!("stock-reorder") }</span> }
                <b class="num t-14 nowrap">{ decimal(place.balance) }{ " " }{ unit }</b>
            </div>
            if below_zero { <p class="t-13 soft">{ t!("stock-below-zero-text") }</p> }
        </li>
    }
}
