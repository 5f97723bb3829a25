//! Permissions to choose from, by noun and in plain words.

use shared_model::permission::Permission;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::role_words::{by_noun, noun_name, permission_name};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct Props {
    /// Those that there are to choose.
    pub offered: Vec<Permission>,
    pub chosen: Vec<Permission>,
    /// Only those in whose name all of these words stand.
    #[prop_or_default]
    pub search: AttrValue,
    /// Nothing: they are only shown.
    #[prop_or_default]
    pub onchange: Option<Callback<Vec<Permission>>>,
}

#[component]
pub(super) fn PermissionList(props: &Props) -> Html {
    let shown = |permission: &&Permission| {
        props.offered.contains(permission) && is_found(&permission_name(**permission), &props.search)
    };
    let group = |permissions: &'static [Permission]| {
        let lines: Vec<Html> =
            permissions.iter().filter(shown).map(|permission| line(props, *permission)).collect();
        let heading = noun_name(permissions[0]);
        (!lines.is_empty()).then(|| {
            html! {
                <fieldset key={permissions[0].code()} class="stack" style="--gap:.25rem;border:0;padding:0;margin:0;min-inline-size:0">
                    <legend class="t-14 w-str" style="padding:0;margin-block-end:.25rem">{ heading }</legend>
                    { for lines }
                </fieldset>
            }
        })
    };
    html! { <>{ for by_noun().into_iter().filter_map(group) }</> }
}

fn line(props: &Props, permission: Permission) -> Html {
    let chosen = props.chosen.contains(&permission);
    let onchange = props.onchange.clone().map(|onchange| {
        let before = props.chosen.clone();
        Callback::from(move |event: Event| {
            let on = event.target_unchecked_into::<HtmlInputElement>().checked();
            let mut next: Vec<Permission> =
                before.iter().copied().filter(|other| *other != permission).collect();
            next.extend(on.then_some(permission));
            onchange.emit(next);
        })
    });
    let disabled = onchange.is_none();
    html! {
        <label key={permission.code()} class="row row--top t-15" style="--gap:.625rem;padding-block:.375rem">
            <input type="checkbox" class="check" style="margin-block-start:.125rem" checked={chosen} {disabled} {onchange} />
            <span class="grow">{ permission_name(permission) }</span>
        </label>
    }
}

/// Do all words of a search stand in this text?
pub(super) fn is_found(text: &str, search: &str) -> bool {
    let text = text.to_lowercase();
    search.to_lowercase().split_whitespace().all(|word| text.contains(word))
}
