//! The rights of the person as all components see them: whoever asks the engine is drawn again when they change.

use shared_model::permission::Grants;
use yew::prelude::*;

use super::Engine;
use crate::hooks::use_watched;

/// The rights of this moment.
#[derive(Clone, PartialEq)]
pub(super) struct Rights(Option<Grants>);

#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    pub engine: Engine,
    pub children: Children,
}

/// Everything below it may ask the engine.
#[component]
pub fn EngineProvider(props: &Props) -> Html {
    let directory = use_watched(props.engine.directory());
    let rights = Rights(directory.grants.clone().or_else(|| props.engine.0.start.grants.clone()));
    html! {
        <ContextProvider<Engine> context={props.engine.clone()}>
            <ContextProvider<Rights> context={rights}>{ props.children.clone() }</ContextProvider<Rights>>
        </ContextProvider<Engine>>
    }
}
