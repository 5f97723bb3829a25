//! Days, times and durations in words: `Thu 20 Nov`, `14:32`, `1 h 30 min`.

use std::cell::{OnceCell, RefCell};

use js_sys::{Object, Reflect};
use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use wasm_bindgen::prelude::*;
use yew::AttrValue;

use super::t;
use crate::clock;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl)]
    fn new(locale: &str, options: &Object) -> DateTimeFormat;
    #[wasm_bindgen(method)]
    fn format(this: &DateTimeFormat, millis: f64) -> String;
}

struct Formats {
    weekday: DateTimeFormat,
    month: DateTimeFormat,
}

/// Days in words that are remembered: about as many as a screen shows.
const MOST_DAYS: usize = 64;

thread_local! {
    static FORMATS: OnceCell<Formats> = const { OnceCell::new() };
    /// The words for a day, as said on another one: a list says the same few days in every row.
    static DAYS: RefCell<Vec<((i64, i64), AttrValue)>> = const { RefCell::new(Vec::new()) };
}

fn part(option: &str) -> DateTimeFormat {
    let options = Object::new();
    // Setting a key of a fresh object cannot be refused.
    let _ = Reflect::set(&options, &option.into(), &"short".into());
    DateTimeFormat::new(super::language().format_tag(), &options)
}

fn names(at: Timestamp) -> (String, String) {
    FORMATS.with(|cell| {
        let formats = cell.get_or_init(|| Formats { weekday: part("weekday"), month: part("month") });
        let millis = at.as_millis() as f64;
        (formats.weekday.format(millis), formats.month.format(millis))
    })
}

/// `Thu 20 Nov`; with the year when it is another one.
pub fn day(at: Timestamp) -> AttrValue {
    let key = (clock::local_day(at), clock::local_day(clock::now()));
    DAYS.with(|days| {
        let mut days = days.borrow_mut();
        if let Some((_, words)) = days.iter().find(|(day, _)| *day == key) {
            return words.clone();
        }
        if days.len() >= MOST_DAYS {
            days.clear();
        }
        let words = day_words(at);
        days.push((key, words.clone()));
        words
    })
}

fn day_words(at: Timestamp) -> AttrValue {
    let (weekday, month) = names(at);
    let date = clock::date(at);
    let year = date.get_full_year();
    if year == clock::local_year(clock::now()) {
        t!("date-day", weekday = weekday, day = date.get_date(), month = month)
    } else {
        t!("date-day-year", day = date.get_date(), month = month, year = year.to_string())
    }
}

/// `14:32`.
pub fn clock_time(at: Timestamp) -> AttrValue {
    let date = clock::date(at);
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes()).into()
}

/// `today 14:32`, `yesterday 14:32`, else `Thu 20 Nov, 14:32`, as it stands inside a sentence; [`capitalised`] where
/// it stands by itself.
pub fn day_and_time(at: Timestamp) -> AttrValue {
    let time = clock_time(at).to_string();
    match clock::local_day(clock::now()) - clock::local_day(at) {
        0 => t!("date-today", time = time),
        1 => t!("date-yesterday", time = time),
        _ => t!("date-day-time", day = day(at).to_string(), time = time),
    }
}

/// With a capital, as at the beginning of a line.
pub fn capitalised(text: &AttrValue) -> AttrValue {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if first.is_lowercase() => first.to_uppercase().chain(letters).collect::<String>().into(),
        _ => text.clone(),
    }
}

/// How long ago: `now`, `12 min`, else the time, else the day.
pub fn since(at: Timestamp, now: Timestamp) -> AttrValue {
    let ago = now.millis_since(at);
    if ago < MINUTE_MS {
        t!("date-now")
    } else if ago < HOUR_MS {
        duration(ago / MINUTE_MS)
    } else if clock::local_day(at) == clock::local_day(now) {
        clock_time(at)
    } else {
        day(at)
    }
}

/// `48 min`, `2 h`, `1 h 30 min`.
pub fn duration(minutes: i64) -> AttrValue {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => t!("duration-minutes", minutes = minutes),
        (hours, 0) => t!("duration-hours", hours = hours),
        (hours, minutes) => t!("duration-hours-minutes", hours = hours, minutes = minutes),
    }
}

/// A running time: `0:42:17`.
pub fn elapsed(millis: i64) -> AttrValue {
    let seconds = millis.max(0) / 1000;
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60).into()
}

/// When something is due, as the distance that matters: `2 h 10 min over`, `Due 16:00`, `Fri 21 Nov`.
pub fn due_text(due: Timestamp, now: Timestamp) -> AttrValue {
    let left = due.millis_since(now);
    let days = clock::local_day(due) - clock::local_day(now);
    if left < 0 {
        let over = -left;
        return match days {
            _ if over < DAY_MS / 2 || days == 0 => {
                t!("due-over", time = duration((over / MINUTE_MS).max(1)).to_string())
            }
            -1 => t!("due-yesterday"),
            _ => t!("due-days-over", days = -days),
        };
    }
    match days {
        0 => t!("due-today", time = clock_time(due).to_string()),
        1 => t!("due-tomorrow"),
        _ => day(due),
    }
}
