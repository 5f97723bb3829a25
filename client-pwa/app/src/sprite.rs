//! The icons: fetched once into the page, so that every icon drawn later needs no network.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{XmlHttpRequest, XmlHttpRequestResponseType};

use crate::browser;

const SPRITE: &str = "/assets/sprite.svg";

/// Fetches the sprite; icons appear when it is there.
pub fn load() {
    if let Err(error) = fetch() {
        browser::log(&format!("The icons could not be fetched: {error:?}"));
    }
}

fn fetch() -> Result<(), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open("GET", SPRITE)?;
    // As a document: the browser parses it, no markup goes through a string.
    request.set_response_type(XmlHttpRequestResponseType::Document);
    let answered = request.clone();
    let onload = Closure::once_into_js(move || {
        if let Err(error) = insert(&answered) {
            browser::log(&format!("The icons could not be shown: {error:?}"));
        }
    });
    request.set_onload(Some(onload.unchecked_ref()));
    request.send()
}

fn insert(answered: &XmlHttpRequest) -> Result<(), JsValue> {
    let Some(sprite) = answered.response_xml()?.and_then(|document| document.document_element()) else {
        return Ok(());
    };
    let page = browser::document();
    let own = page.import_node_with_deep(&sprite, true)?;
    if let (Some(body), Some(element)) = (page.body(), own.dyn_ref::<web_sys::Element>()) {
        element.set_attribute("width", "0")?;
        element.set_attribute("height", "0")?;
        element.set_attribute("style", "position:absolute")?;
        element.set_attribute("aria-hidden", "true")?;
        body.append_child(&own)?;
    }
    Ok(())
}
