//! Hooks that know no domain: media queries, a ticking clock, drafts, loading, watched values.

mod draft;
mod event;
mod loadable;
mod media;
mod tick;
mod watched;

pub use draft::{Commit, use_draft, use_text_draft};
pub use event::use_event;
pub use loadable::Loadable;
pub use media::{Layout, use_layout, use_layout_watch};
pub use tick::use_now;
pub use watched::{Watched, use_watched};
