//! Choosing a time zone.

use yew::prelude::*;

use crate::intl;
use crate::widgets::{Field, SelectField};

/// Every database knows it, but not every browser tells of it.
const UTC: &str = "UTC";

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    pub(super) id: AttrValue,
    pub(super) label: AttrValue,
    /// What it is called to choose none.
    pub(super) none: AttrValue,
    pub(super) chosen: Option<String>,
    pub(super) onchoose: Callback<Option<String>>,
}

#[component]
pub(super) fn TimeZoneField(props: &Props) -> Html {
    let known = use_memo((), |()| intl::time_zones());
    let chosen = props.chosen.clone().unwrap_or_default();
    let is_other = |zone: &str| zone != UTC && !known.iter().any(|known| known == zone);
    let none = (AttrValue::default(), props.none.clone());
    let others =
        [UTC].into_iter().chain(Some(chosen.as_str()).filter(|zone| !zone.is_empty() && is_other(zone)));
    let zones = others.chain(known.iter().map(String::as_str).filter(|zone| *zone != UTC));
    let named = zones.map(|zone| (AttrValue::from(zone.to_owned()), AttrValue::from(zone.replace('_', " "))));
    let options: Vec<(AttrValue, AttrValue)> = std::iter::once(none).chain(named).collect();
    let onchoose =
        props.onchoose.reform(|zone: AttrValue| Some(zone.to_string()).filter(|zone| !zone.is_empty()));
    html! {
        <Field id={props.id.clone()} label={props.label.clone()}>
            <SelectField id={props.id.clone()} {options} {chosen} {onchoose} />
        </Field>
    }
}
