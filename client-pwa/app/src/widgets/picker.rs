//! One of many: a button that shows what is chosen, and a sheet to search for something else.

use std::rc::Rc;

use yew::prelude::*;

use super::{CardList, Search, Sheet, icon_sized, icon_with};
use crate::locale::t;
use crate::sorting::sort_by;

/// Something to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub value: AttrValue,
    pub title: AttrValue,
    pub detail: AttrValue,
}

impl Choice {
    /// By title; with `by_detail` by what stands below it first.
    pub fn sorted(mut choices: Vec<Self>, by_detail: bool) -> Vec<Self> {
        fn key(choice: &Choice, by_detail: bool) -> (&str, &str) {
            (if by_detail { choice.detail.as_str() } else { "" }, choice.title.as_str())
        }
        sort_by(&mut choices, |a, b| key(a, by_detail).cmp(&key(b, by_detail)));
        choices
    }
}

/// Where choices come from.
#[derive(Clone, PartialEq)]
pub struct Finder {
    /// What the search box says.
    pub label: AttrValue,
    /// What a search finds; everything without words.
    pub find: Callback<String, Vec<Choice>>,
    /// The words for a value.
    pub name: Callback<AttrValue, AttrValue>,
}

#[derive(Clone, PartialEq, Properties)]
pub struct SheetProps {
    pub title: AttrValue,
    pub finder: Finder,
    pub onchoose: Callback<AttrValue>,
    pub onclose: Callback<()>,
}

/// The sheet alone.
#[component]
pub fn PickSheet(props: &SheetProps) -> Html {
    let search = use_state(String::new);
    let found = props.finder.find.emit((*search).clone());
    let count = found.len();
    let choose = props.onchoose.clone();
    let card: Rc<dyn Fn(usize) -> Html> = Rc::new(move |index| {
        let Choice { value, title, detail } = found[index].clone();
        let key = value.to_string();
        let onclick = choose.reform(move |_: MouseEvent| value.clone());
        html! {
            <button {key} type="button" class="list__row pick-row" {onclick}>
                <span class="grow"><span class="t-16 w-med clip" style="display:block">{ title }</span><span class="t-14 muted clip" style="display:block">{ detail }</span></span>
                { icon_with("chevron-right", 20, "muted") }
            </button>
        }
    });
    let oninput = {
        let search = search.setter();
        Callback::from(move |text| search.set(text))
    };
    html! {
        <Sheet title={props.title.clone()} onclose={props.onclose.clone()}>
            <div class="sheet__find"><Search label={props.finder.label.clone()} value={search.to_string()} {oninput} /></div>
            <div class="list">
                <CardList {count} {card} />
                if count == 0 { <p class="list__row muted">{ t!("nothing-found") }</p> }
            </div>
        </Sheet>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub id: AttrValue,
    pub label: AttrValue,
    /// What is chosen; empty: nothing.
    pub value: AttrValue,
    pub finder: Finder,
    /// The new value; empty: nothing any more.
    pub onchoose: Callback<String>,
}

/// A field of a form.
#[component]
pub fn Picker(props: &Props) -> Html {
    let picking = use_state_eq(|| false);
    let set = |open: bool| {
        let picking = picking.setter();
        move || picking.set(open)
    };
    let (show, hide) = (set(true), set(false));
    let open = Callback::from(move |_: MouseEvent| show());
    let onclose = Callback::from(move |()| hide());
    let onchoose = {
        let (chosen, hide) = (props.onchoose.clone(), set(false));
        Callback::from(move |value: AttrValue| {
            chosen.emit(value.to_string());
            hide();
        })
    };
    let clear = props.onchoose.reform(|_: MouseEvent| String::new());
    let chosen = !props.value.is_empty();
    let shown = if chosen { props.finder.name.emit(props.value.clone()) } else { t!("choose") };
    // The label of the field alone would hide what is chosen from a reader.
    let aria_label = format!("{}: {shown}", props.label);
    html! {
        <div class="row">
            <button id={props.id.clone()} type="button" class="input grow pick" aria-haspopup="dialog" aria-label={aria_label} onclick={open}><span class={classes!("clip", (!chosen).then_some("muted"))}>{ shown }</span>{ icon_sized("chevron-down", 18) }</button>
            if chosen { <button type="button" class="btn btn--ghost btn--icon" aria-label={t!("clear-field", field = props.label.to_string())} onclick={clear}>{ icon_sized("x", 20) }</button> }
            if *picking { <PickSheet title={props.label.clone()} finder={props.finder.clone()} {onchoose} {onclose} /> }
        </div>
    }
}
