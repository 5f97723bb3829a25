//! A page that is one form: fields, and a button under the thumb that saves them.

use yew::prelude::*;

use super::Page;
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::Route;
use crate::widgets::{Form, FormField, Values, icon_sized};

const FORM: &str = "form";

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub title: AttrValue,
    pub back: Route,
    pub fields: Vec<FormField>,
    pub onsubmit: Callback<Values>,
}

#[component]
pub fn FormPage(props: &Props) -> Html {
    let save = |class: &'static str| {
        html! { <button type="submit" form={FORM} class={classes!("btn", "btn--primary", class)}>{ icon_sized("check", 20) }{ t!("save") }</button> }
    };
    let phone = use_layout().is_phone();
    let foot = phone.then(|| html! { <div class="actionbar">{ save("btn--xl grow") }</div> });
    let actions = if phone { Html::default() } else { save("") };
    html! {
        <Page title={props.title.clone()} back={props.back} {foot} {actions} class="detail">
            <div class="formpage"><Form id={FORM} fields={props.fields.clone()} onsubmit={props.onsubmit.clone()} /></div>
        </Page>
    }
}
