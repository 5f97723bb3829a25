//! What stands where nothing is yet.

use yew::prelude::*;

use super::icon_sized;

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub icon: AttrValue,
    pub title: AttrValue,
    #[prop_or_default]
    pub text: AttrValue,
    /// One way to start.
    #[prop_or_default]
    pub children: Children,
}

/// Says what will appear here and offers one way to start.
#[component]
pub fn Empty(props: &Props) -> Html {
    html! {
        <div class="empty">
            <span class="empty__art">{ icon_sized(&props.icon.clone(), 24) }</span>
            <h2 class="empty__title">{ props.title.clone() }</h2>
            if !props.text.is_empty() { <p>{ props.text.clone() }</p> }
            if !props.children.is_empty() { <div class="row">{ props.children.clone() }</div> }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct SkeletonProps {
    /// Said to screen readers instead of the shapes.
    pub label: AttrValue,
    #[prop_or(4)]
    pub cards: usize,
}

/// The shape of cards that are coming; it appears only when they take their time.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    let card = |_| {
        html! {
            <div class="wo" aria-hidden="true">
                <div class="skel" style="block-size:.875rem;inline-size:45%" />
                <div class="skel" style="block-size:1.125rem;inline-size:80%" />
                <div class="skel" style="block-size:.875rem;inline-size:60%" />
            </div>
        }
    };
    html! {
        <div class="patient" role="status" aria-label={props.label.clone()}>{ for (0..props.cards).map(card) }</div>
    }
}
