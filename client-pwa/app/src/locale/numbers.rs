//! Numbers as the reader writes them: grouped thousands, decimal comma or point.

use std::cell::RefCell;

use js_sys::{Object, Reflect};
use shared_model::units::{Money, Quantity};
use wasm_bindgen::prelude::*;
use yew::AttrValue;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> NumberFormat;
    #[wasm_bindgen(method)]
    fn format(this: &NumberFormat, value: f64) -> String;
}

const MINUS: &str = "\u{2212}";

thread_local! {
    static FORMAT: RefCell<Option<NumberFormat>> = const { RefCell::new(None) };
}

/// Writes numbers anew: the language is another one.
pub(super) fn forget() {
    FORMAT.set(None);
}

fn format(value: f64) -> String {
    FORMAT.with_borrow_mut(|known| {
        let format = known.get_or_insert_with(|| {
            let options = Object::new();
            // Setting a key of a fresh object cannot be refused.
            let _ = Reflect::set(&options, &"maximumFractionDigits".into(), &3.into());
            NumberFormat::new(super::language().format_tag(), &options)
        });
        // A minus is as wide as a plus; the hyphen that programs write is not.
        format.format(value).replace('-', MINUS)
    })
}

/// A whole number: `12,706`.
pub fn integer(value: i64) -> AttrValue {
    format(value as f64).into()
}

/// A quantity with the decimals it has: `82.4`.
pub fn decimal(value: Quantity) -> AttrValue {
    format(value.thousandths() as f64 / 1000.0).into()
}

/// A quantity that came or went: `+5`, `−2`.
pub fn signed(value: Quantity) -> AttrValue {
    if value > Quantity::ZERO { format!("+{}", decimal(value)).into() } else { decimal(value) }
}

/// An amount in its currency: `€1,234.50`.
pub fn money(amount: Money) -> AttrValue {
    let options = Object::new();
    for (key, value) in [("style", "currency"), ("currency", amount.currency.code())] {
        // Setting a key of a fresh object cannot be refused.
        let _ = Reflect::set(&options, &key.into(), &value.into());
    }
    let format = NumberFormat::new(super::language().format_tag(), &options);
    format.format(amount.minor as f64 / 100.0).replace('-', MINUS).into()
}
