//! A page that is one form: fields, and a button that saves them, under the thumb on a phone.

use yew::prelude::*;

use super::Page;
use crate::hooks::Layout;
use crate::locale::t;
use crate::route::Route;
use crate::widgets::{Form, FormField, Values, icon_sized};

const FORM: &str = "form";

/// The page. A function, not a component: the page that shows it has all the state.
pub fn form_page(
    layout: Layout,
    title: AttrValue,
    back: Route,
    fields: Vec<FormField>,
    onsubmit: Callback<Values>,
) -> Html {
    let save = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)}>{ icon_sized("check", 20) }{ t!("save") }</button> }
    };
    let phone = layout.is_phone();
    let foot = phone.then(|| html! { <div class="actionbar">{ save("btn--xl grow") }</div> });
    let actions = if phone { Html::default() } else { save("") };
    html! {
        <Page {title} {back} {foot} {actions} class="detail">
            <div class="formpage"><Form id={FORM} {fields} {onsubmit} /></div>
        </Page>
    }
}
