//! What a developer sees in the browser's console. Never what people wrote.

/// Something odd that the engine can live with.
pub fn warn(text: &str) {
    web_sys::console::warn_1(&text.into());
}
