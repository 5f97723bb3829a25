//! The app: reads rows, sends commands to the engine, shows what comes back. It never opens a document itself.

mod app;
mod audit;
mod browser;
mod clock;
mod engine_client;
mod features;
mod fresh_id;
mod hooks;
mod intl;
mod locale;
mod people;
mod route;
mod row_store;
mod security;
mod session;
mod settings;
mod shell;
mod signed_in;
mod sorting;
mod sprite;
mod widgets;

fn main() {
    sprite::load();
    yew::Renderer::<app::App>::with_root(browser::app_root()).render();
}
