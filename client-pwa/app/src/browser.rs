//! The few things of the browser window the app asks for outside of its components.

use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlElement, Storage, Url, Window,
};

/// A browser has begun to read a file it was offered after so long.
const READ_WITHIN_MS: u32 = 60_000;

/// The window the app runs in.
pub fn window() -> Window {
    web_sys::window().expect("the app runs in a window")
}

/// The page.
pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The form of texts and choices that stand in none: a browser writes what stands in a control into the files of its tabs, but for
/// controls whose form says otherwise.
pub const UNKEPT: &str = "unkept";

/// The place the app is drawn in; what the page showed until now makes room for it.
pub fn app_root() -> Element {
    let page = document();
    let root = page.create_element("div").expect("a page makes elements");
    root.set_id("app");
    if let Some(body) = page.body() {
        body.set_text_content(None);
        // Fresh elements fit into every body.
        if let Ok(form) = page.create_element("form") {
            form.set_id(UNKEPT);
            let _ = form.set_attribute("autocomplete", "off");
            let _ = body.append_child(&form);
        }
        let _ = body.append_child(&root);
    }
    root
}

/// What is stored under this name; `None` as well when the browser forbids storage.
pub fn stored(name: &str) -> Option<String> {
    storage()?.get_item(name).ok()?
}

/// Stores a small setting. Where storage is forbidden the setting lasts as long as the page.
pub fn store(name: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(name, value);
    }
}

/// Forgets a stored setting.
pub fn forget(name: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(name);
    }
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

thread_local! {
    /// Titles of pages stand in the browser's history, on the disk.
    static PRIVATE_TITLES: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// From now on, titles say no more than the name of the app.
pub fn keep_titles_private(private: bool) {
    PRIVATE_TITLES.set(private);
}

/// Names the page.
pub fn set_title(title: &str) {
    document().set_title(if PRIVATE_TITLES.get() { "MaintainPro" } else { title });
}

/// The languages the person reads, best first.
pub fn languages() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

/// Is the device connected, as far as the browser knows?
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Is the page in sight?
pub fn visible() -> bool {
    !document().hidden()
}

/// Milliseconds of a clock that never goes back.
pub fn monotonic_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// Shows the first page in the address, and forgets what stood there: a secret must not stay in the history.
pub fn go_home() {
    if let Ok(history) = window().history() {
        // It refuses only addresses of other servers.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some("/"));
    }
}

/// Begins at the first page, without what stood in the address.
pub fn go_to_sign_in() {
    go_home();
    reload();
}

/// An address below this server's own, in full.
pub fn absolute(path: &str) -> String {
    format!("{}{path}", window().location().origin().unwrap_or_default())
}

/// Starts the page again.
pub fn reload() {
    // The browser refuses only while it is closing the page, which is as good.
    let _ = window().location().reload();
}

/// Tells the page around the app something, for example that an update is accepted.
pub fn announce(event: &str) {
    if let Ok(event) = web_sys::CustomEvent::new(event) {
        let _ = window().dispatch_event(&event);
    }
}

/// Asks the browser to keep what is stored, also when space runs out.
pub fn keep_storage() {
    // The answer shows in the sync panel; there is nothing to do about a no.
    let _ = window().navigator().storage().persist();
}

/// Does any field hold text that is saved nowhere yet? Fields mark themselves with `data-unsent`.
pub fn has_unsent_text() -> bool {
    document().query_selector("[data-unsent]").ok().flatten().is_some()
}

/// Stands something on the page that would be lost if it were drawn anew: text that is saved nowhere, a draft of a form, a dialog,
/// which may show what is shown once?
pub fn has_something_to_lose() -> bool {
    document().query_selector("[data-unsent], [data-draft], dialog").ok().flatten().is_some()
}

/// Gives an element the focus, if it is there.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(element) = element {
        // It refuses nothing.
        let _ = element.focus();
    }
}

/// Leaves the field that has the focus, which saves what was typed.
pub fn leave_field() {
    let field = document().active_element().and_then(|element| element.dyn_into::<HtmlElement>().ok());
    if let Some(field) = field {
        // It refuses nothing.
        let _ = field.blur();
    }
}

/// A name of this device people recognise, guessed once: they can change it.
pub fn device_name() -> String {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let kinds = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac", "Mac"),
        ("Linux", "Linux"),
    ];
    let kind = kinds.iter().find(|(sign, _)| agent.contains(sign)).map_or("Browser", |(_, name)| name);
    let browsers = [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    match browsers.iter().find(|(sign, _)| agent.contains(sign)) {
        Some((_, browser)) => format!("{kind}, {browser}"),
        None => kind.to_owned(),
    }
}

/// Writes a line to the browser's console, for the person who looks into a problem.
pub fn log(message: &str) {
    web_sys::console::warn_1(&JsValue::from_str(message));
}

/// Gives a text to the person as a file; false when the browser did not take it.
pub fn save_file(name: &str, json: &str) -> bool {
    let offered = offer_file(name, json);
    if let Err(error) = &offered {
        log(&format!("The file could not be offered: {error:?}"));
    }
    offered.is_ok()
}

fn offer_file(name: &str, json: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&json.into()), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser reads it after this.
    Timeout::new(READ_WITHIN_MS, move || drop(Url::revoke_object_url(&url))).forget();
    Ok(())
}
