//! What the browser knows of languages and time zones.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Writes points in time.
    #[wasm_bindgen(js_namespace = Intl)]
    pub type DateTimeFormat;
    #[wasm_bindgen(constructor, catch, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method)]
    pub fn format(this: &DateTimeFormat, millis: f64) -> String;
    #[wasm_bindgen(method, js_name = resolvedOptions)]
    fn resolved_options(this: &DateTimeFormat) -> Object;
    #[wasm_bindgen(catch, js_namespace = Intl, js_name = supportedValuesOf)]
    fn supported_values_of(key: &str) -> Result<Array, JsValue>;
}

/// A format with these options; the browser refuses what it does not know.
pub fn format(locale: &str, options: &[(&str, &str)]) -> Result<DateTimeFormat, JsValue> {
    let named = Object::new();
    for (option, value) in options {
        // Setting a key of a fresh object cannot be refused.
        let _ = Reflect::set(&named, &(*option).into(), &(*value).into());
    }
    DateTimeFormat::new(locale, &named)
}

/// The time zone of the device, by its name in the IANA database.
pub fn time_zone() -> Option<String> {
    let options = format("en-US", &[]).ok()?.resolved_options();
    Reflect::get(&options, &"timeZone".into()).ok()?.as_string()
}

/// Every time zone that the browser knows, by name. Older browsers do not tell.
pub fn time_zones() -> Vec<String> {
    let known = supported_values_of("timeZone").unwrap_or_default();
    known.iter().filter_map(|zone| zone.as_string()).collect()
}
