//! One page: its title, what can be done, its content, and what lies under the thumb.

use web_sys::HtmlElement;
use yew::prelude::*;
use yew_router::prelude::*;

use super::account::AccountButton;
use super::tab_bar::TabBar;
use crate::browser;
use crate::features::sync_panel::{Place, SyncLine};
use crate::hooks::use_layout;
use crate::locale::t;
use crate::route::Route;
use crate::settings::Logo;
use crate::widgets::icon_sized;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Of the document and, without `heading`, of the page.
    pub title: AttrValue,
    #[prop_or_default]
    pub subtitle: Option<AttrValue>,
    /// Instead of the title and subtitle.
    #[prop_or_default]
    pub heading: Option<Html>,
    /// A page that was opened from another one leads back to it.
    #[prop_or_default]
    pub back: Option<Route>,
    /// Beside the title.
    #[prop_or_default]
    pub actions: Html,
    /// Search and filters.
    #[prop_or_default]
    pub tools: Option<Html>,
    /// Under the thumb on a phone: above the tab bar, or instead of it on a page with a way back.
    #[prop_or_default]
    pub foot: Option<Html>,
    /// Columns of a page that scrolls in parts; such a page has no padding of its own.
    #[prop_or_default]
    pub columns: Option<AttrValue>,
    #[prop_or_default]
    pub class: Classes,
    pub children: Children,
}

#[component]
pub fn Page(props: &Props) -> Html {
    let body = use_node_ref();
    {
        let body = body.clone();
        use_effect_with(props.title.clone(), move |title| {
            browser::set_title(&t!("document-title", page = title.to_string()));
            let adrift =
                browser::document().active_element().is_none_or(|element| element.tag_name() == "BODY");
            // Whoever navigates by keyboard goes on from the new page's content.
            if adrift && let Some(body) = body.cast::<HtmlElement>() {
                let _ = body.focus();
            }
        });
    }
    if use_layout().is_phone() { phone(props, body) } else { desk(props, body) }
}

fn phone(props: &Props, body: NodeRef) -> Html {
    let title = match (&props.heading, props.back) {
        (Some(heading), _) => heading.clone(),
        (None, Some(_)) => html! { <h1 class="t-16">{ props.title.clone() }</h1> },
        (None, None) => html! { <h1 style="font-size:1.75rem">{ props.title.clone() }</h1> },
    };
    let head = html! {
        <div class="row" style={props.back.map(|_| "--gap:.25rem;margin-inline:-.5rem")}>
            if let Some(back) = props.back { <BackLink to={back} /> } else { <Logo /> }
            <div class="grow">
                { title }
                if let Some(subtitle) = &props.subtitle { <p class="t-14 muted clip">{ subtitle.clone() }</p> }
            </div>
            { props.actions.clone() }
            if props.back.is_none() { <AccountButton /> }
        </div>
    };
    html! {
        <>
            <header class="phone__head stack" style="--gap:.625rem">
                { head }
                <SyncLine place={if props.back.is_none() { Place::Header } else { Place::Trouble }} />
                if let Some(tools) = &props.tools { { tools.clone() } }
            </header>
            <main ref={body} id="content" tabindex="-1" class={classes!("phone__body", props.class.clone())}>{ props.children.clone() }</main>
            <footer class="phone__foot">
                if let Some(foot) = &props.foot { { foot.clone() } }
                if props.back.is_none() { <TabBar /> }
            </footer>
        </>
    }
}

fn desk(props: &Props, body: NodeRef) -> Html {
    let flush = props.columns.as_ref().map(|_| "page--flush");
    html! {
        <>
            <header class="topbar">
                if let Some(back) = props.back { <BackLink to={back} /> }
                if let Some(heading) = &props.heading { { heading.clone() } } else { <h1>{ props.title.clone() }</h1> }
                if let Some(subtitle) = &props.subtitle { <span class="t-13 muted nowrap">{ subtitle.clone() }</span> }
                <span class="push row">{ props.actions.clone() }</span>
            </header>
            <main ref={body} id="content" tabindex="-1" class={classes!("page", flush, props.class.clone())}
                style={props.columns.as_ref().map(|columns| format!("--cols:{columns}"))}>
                if let Some(tools) = &props.tools { <div class="stack page__tools" style="--gap:.625rem">{ tools.clone() }</div> }
                { props.children.clone() }
            </main>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BackProps {
    to: Route,
}

/// Back to where one came from; to the list when the page was opened directly.
#[component]
fn BackLink(props: &BackProps) -> Html {
    html! {
        <Link<Route> to={props.to} classes="btn btn--ghost btn--icon">
            { icon_sized("arrow-left", 24) }<span class="sr">{ t!("back") }</span>
        </Link<Route>>
    }
}
