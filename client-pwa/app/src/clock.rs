//! The browser's clock and calendar. What it says is shown to people and stamps what they write; it never
//! decides a merge.

use js_sys::Date;
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};

/// The present time.
pub fn now() -> Timestamp {
    Timestamp::from_millis(Date::new_0().get_time() as i64)
}

/// The number of the calendar day an instant falls on here, counted from 1970.
pub fn local_day(at: Timestamp) -> i64 {
    (at.as_millis() - offset_minutes(at) * MINUTE_MS).div_euclid(DAY_MS)
}

/// The calendar year an instant falls in here.
pub fn local_year(at: Timestamp) -> u32 {
    date(at).get_full_year()
}

/// An instant as a `datetime-local` input wants it: `2026-11-20T14:32`.
pub fn to_input(at: Timestamp) -> String {
    let date = date(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes(),
    )
}

/// Reads what a `datetime-local` input gives, in local time.
pub fn from_input(text: &str) -> Option<Timestamp> {
    let millis = Date::parse(text);
    (!millis.is_nan()).then(|| Timestamp::from_millis(millis as i64))
}

/// `at` as a JavaScript date.
pub fn date(at: Timestamp) -> Date {
    Date::new(&wasm_bindgen::JsValue::from_f64(at.as_millis() as f64))
}

fn offset_minutes(at: Timestamp) -> i64 {
    date(at).get_timezone_offset() as i64
}
