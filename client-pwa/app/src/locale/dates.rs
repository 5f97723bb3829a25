//! Days, times and durations in words: `Thu 20 Nov`, `14:32`, `1 h 30 min`.

use std::cell::RefCell;

use shared_model::instant::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use yew::AttrValue;

use super::t;
use crate::clock;
use crate::intl::{self, DateTimeFormat};

struct Formats {
    weekday: DateTimeFormat,
    month: DateTimeFormat,
}

/// Days in words that are remembered: about as many as a screen shows.
const MOST_DAYS: usize = 64;

thread_local! {
    static FORMATS: RefCell<Option<Formats>> = const { RefCell::new(None) };
    /// The words for a day, as said on another one: a list says the same few days in every row.
    static DAYS: RefCell<Vec<((i64, i64), AttrValue)>> = const { RefCell::new(Vec::new()) };
}

/// Says days anew: the language is another one.
pub(super) fn forget() {
    FORMATS.set(None);
    DAYS.set(Vec::new());
}

impl Formats {
    fn new() -> Option<Self> {
        // What is formatted has been put into local time before.
        let part = |option| {
            intl::format(super::language().format_tag(), &[(option, "short"), ("timeZone", "UTC")]).ok()
        };
        Some(Self { weekday: part("weekday")?, month: part("month")? })
    }
}

fn names(local_millis: f64) -> (String, String) {
    FORMATS.with_borrow_mut(|known| {
        if known.is_none() {
            *known = Formats::new();
        }
        let names =
            |formats: &Formats| (formats.weekday.format(local_millis), formats.month.format(local_millis));
        known.as_ref().map(names).unwrap_or_default()
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
    let date = clock::local(at);
    let (weekday, month) = names(date.get_time());
    let year = date.get_utc_full_year();
    if year == clock::local_year(clock::now()) {
        t!("date-day", weekday = weekday, day = date.get_utc_date(), month = month)
    } else {
        t!("date-day-year", day = date.get_utc_date(), month = month, year = year.to_string())
    }
}

/// `14:32`.
pub fn clock_time(at: Timestamp) -> AttrValue {
    let date = clock::local(at);
    format!("{:02}:{:02}", date.get_utc_hours(), date.get_utc_minutes()).into()
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
