//! Parts every screen is made of. They know no domain: words and values come in as properties.

mod avatar;
mod card_list;
mod empty;
mod field;
mod filter_chip;
mod form;
mod icon;
mod menu;
mod overlay;
mod picker;
mod search;
mod segmented;
mod table_window;
mod toast;

pub use avatar::{avatar, avatar_labelled, initials};
pub use card_list::CardList;
pub use empty::{Empty, Skeleton};
pub use field::{DateTimeField, Field, SelectField, TextArea, TextField};
pub use filter_chip::FilterChip;
pub use form::{Form, FormField, Input, Values};
pub use icon::{icon, icon_sized, icon_with};
pub use menu::{Menu, MenuItem};
pub use overlay::{Dialog, Sheet};
pub use picker::{Choice, Finder, PickSheet, Picker};
pub use search::Search;
pub use segmented::{Segment, Segmented, move_focus};
pub use table_window::TableWindow;
pub use toast::{Toast, ToastHost, Toaster, use_toast};
