//! The language on screen. Every visible string is a message in `locales/<language>/<noun>.ftl`; [`t!`] writes it.

mod dates;
mod numbers;
#[cfg(test)]
mod tests;

pub use dates::{capitalised, clock_time, day, day_and_time, due_text, duration, elapsed, since};
pub use numbers::{decimal, integer, money, signed};

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};
use unic_langid::LanguageIdentifier;
use yew::AttrValue;

use crate::browser;

const STORED_LANGUAGE: &str = "maintainpro.language";

macro_rules! resources {
    ($language:literal) => {
        &[
            include_str!(concat!("../../locales/", $language, "/asset.ftl")),
            include_str!(concat!("../../locales/", $language, "/audit.ftl")),
            include_str!(concat!("../../locales/", $language, "/board.ftl")),
            include_str!(concat!("../../locales/", $language, "/checklist.ftl")),
            include_str!(concat!("../../locales/", $language, "/device.ftl")),
            include_str!(concat!("../../locales/", $language, "/part.ftl")),
            include_str!(concat!("../../locales/", $language, "/people.ftl")),
            include_str!(concat!("../../locales/", $language, "/role.ftl")),
            include_str!(concat!("../../locales/", $language, "/security.ftl")),
            include_str!(concat!("../../locales/", $language, "/session.ftl")),
            include_str!(concat!("../../locales/", $language, "/settings.ftl")),
            include_str!(concat!("../../locales/", $language, "/shell.ftl")),
            include_str!(concat!("../../locales/", $language, "/sync.ftl")),
            include_str!(concat!("../../locales/", $language, "/timeline.ftl")),
            include_str!(concat!("../../locales/", $language, "/work_order.ftl")),
        ]
    };
}

/// A language the app speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    German,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::German];

    /// Its tag, as stored and as asked of `Intl`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its own name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The regional tag for dates and numbers: days before months.
    pub(crate) const fn format_tag(self) -> &'static str {
        match self {
            Self::English => "en-GB",
            Self::German => "de-DE",
        }
    }

    fn resources(self) -> &'static [&'static str] {
        match self {
            Self::English => resources!("en"),
            Self::German => resources!("de"),
        }
    }

    fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next()?;
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// What was chosen on this device, else the first of these that the app speaks (the person's, the organisation's), else the
    /// first of the browser's, else English.
    pub fn preferred<'a>(told: impl IntoIterator<Item = &'a str>) -> Self {
        browser::stored(STORED_LANGUAGE)
            .and_then(|tag| Self::from_tag(&tag))
            .or_else(|| told.into_iter().find_map(Self::from_tag))
            .or_else(|| browser::languages().iter().find_map(|tag| Self::from_tag(tag)))
            .unwrap_or(Self::English)
    }
}

struct Locale {
    language: Language,
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, as they were said before: a list says the same few words in every row.
    said: RefCell<HashMap<String, AttrValue>>,
}

thread_local! {
    static LOCALE: RefCell<Rc<Locale>> = RefCell::new(Rc::new(Locale::new(Language::preferred([]))));
}

impl Locale {
    fn new(language: Language) -> Self {
        let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new(vec![tag]);
        bundle.set_use_isolating(false);
        for text in language.resources() {
            // A test parses every file; a message that is broken all the same is left out, the others work.
            let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(parsed, _)| parsed);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle, said: RefCell::default() }
    }

    fn text(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        Some(self.bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }
}

/// The message with this key. An unknown key shows itself: ugly, and seen at once.
pub fn text(key: &str, args: Option<&FluentArgs<'_>>) -> AttrValue {
    let locale = LOCALE.with_borrow(Rc::clone);
    let say = || AttrValue::from(locale.text(key, args).unwrap_or_else(|| key.to_owned()));
    if args.is_some() {
        return say();
    }
    if let Some(said) = locale.said.borrow().get(key) {
        return said.clone();
    }
    let text = say();
    locale.said.borrow_mut().insert(key.to_owned(), text.clone());
    text
}

/// The language on screen.
pub fn language() -> Language {
    LOCALE.with_borrow(|locale| locale.language)
}

/// Speaks this language from now on. What is on screen is for the caller to draw anew.
pub fn speak(language: Language) {
    if language == self::language() {
        return;
    }
    LOCALE.set(Rc::new(Locale::new(language)));
    dates::forget();
    numbers::forget();
    if let Some(root) = browser::document().document_element() {
        let _ = root.set_attribute("lang", language.tag());
    }
}

/// A label as it stands inside a sentence: English writes it small there, German nouns keep their capital.
pub fn in_sentence(label: &str) -> String {
    match language() {
        Language::English => {
            let mut letters = label.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        }
        Language::German => label.to_owned(),
    }
}

/// Forgets what was chosen on this device: what the person chose for themselves holds here, too.
pub fn forget_choice() {
    browser::forget(STORED_LANGUAGE);
}

/// Chooses the language of this device; the page starts again in it.
pub fn choose(language: Language) {
    browser::store(STORED_LANGUAGE, language.tag());
    browser::reload();
}

/// `t!("sync-offline")`, `t!("steps-left", count = 3)`: a message in the language on screen.
macro_rules! t {
    ($key:expr) => {
        $crate::locale::text($key, None)
    };
    ($key:expr, $($name:ident = $value:expr),+ $(,)?) => {{
        let mut args = fluent_bundle::FluentArgs::new();
        $(args.set(stringify!($name), fluent_bundle::FluentValue::from($value));)+
        $crate::locale::text($key, Some(&args))
    }};
}
pub(crate) use t;
