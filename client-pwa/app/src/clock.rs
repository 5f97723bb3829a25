//! The browser's clock and calendar. What it says is shown to people and stamps what they write; it never
//! decides a merge. Days and times are those of the time zone that the person or their organisation chose, else of the device.

use std::cell::RefCell;

use js_sys::Date;
use shared_model::instant::{DAY_MS, MINUTE_MS, Timestamp};

use crate::intl::{self, DateTimeFormat};

/// Clocks of a time zone are put forward or back at no other moments.
const STEP_MS: i64 = 15 * MINUTE_MS;
/// Offsets that are remembered: ten days of them, or as many single ones as lists ask for.
const MOST_OFFSETS: usize = 1_024;

/// A time zone that is not the device's.
struct Zone {
    name: String,
    /// Writes how far its clocks are ahead.
    format: DateTimeFormat,
    /// Steps and what was written for them, each in its place: lists ask for the same few again and again.
    offsets: Vec<(i64, i64)>,
}

thread_local! {
    static ZONE: RefCell<Option<Zone>> = const { RefCell::new(None) };
}

/// Goes by this time zone from now on; by the device's where none is named, or one that the browser does not know.
pub fn go_by(zone: Option<&str>) {
    ZONE.with_borrow_mut(|known| {
        if known.as_ref().map(|known| known.name.as_str()) == zone {
            return;
        }
        let other = zone.filter(|name| intl::time_zone().as_deref() != Some(name));
        *known = other.and_then(|name| {
            let options = [("timeZone", name), ("timeZoneName", "longOffset")];
            let format = intl::format("en-US", &options).ok()?;
            Some(Zone { name: name.to_owned(), format, offsets: vec![(i64::MIN, 0); MOST_OFFSETS] })
        });
    });
}

/// The time zone that times are shown in, where it is not the device's.
pub fn zone() -> Option<String> {
    ZONE.with_borrow(|zone| zone.as_ref().map(|zone| zone.name.clone()))
}

/// The present time.
pub fn now() -> Timestamp {
    Timestamp::from_millis(Date::new_0().get_time() as i64)
}

/// The number of the calendar day an instant falls on here, counted from 1970.
pub fn local_day(at: Timestamp) -> i64 {
    (at.as_millis() + offset_ms(at)).div_euclid(DAY_MS)
}

/// The calendar year an instant falls in here.
pub fn local_year(at: Timestamp) -> u32 {
    local(at).get_utc_full_year()
}

/// A date whose fields in UTC are what clocks and calendars say here at an instant.
pub fn local(at: Timestamp) -> Date {
    date(at.plus_millis(offset_ms(at)))
}

/// An instant as a `datetime-local` input wants it: `2026-11-20T14:32`.
pub fn to_input(at: Timestamp) -> String {
    String::from(local(at).to_iso_string()).chars().take(16).collect()
}

/// Reads what a `datetime-local` input gives, in local time.
pub fn from_input(text: &str) -> Option<Timestamp> {
    let millis = Date::parse(&format!("{text}Z"));
    if millis.is_nan() {
        return None;
    }
    let clock = Timestamp::from_millis(millis as i64);
    // The offset is that of the instant, which is not known before the offset is: the second guess is right.
    let guess = clock.plus_millis(-offset_ms(clock));
    Some(clock.plus_millis(-offset_ms(guess)))
}

/// `at` as a JavaScript date.
pub fn date(at: Timestamp) -> Date {
    Date::new(&wasm_bindgen::JsValue::from_f64(at.as_millis() as f64))
}

/// How far the clocks here are ahead of UTC.
fn offset_ms(at: Timestamp) -> i64 {
    let of_device = || -(date(at).get_timezone_offset() as i64) * MINUTE_MS;
    ZONE.with_borrow_mut(|zone| {
        let Some(zone) = zone else { return of_device() };
        let step = at.as_millis().div_euclid(STEP_MS);
        let place = step.rem_euclid(MOST_OFFSETS as i64) as usize;
        let (known, offset) = zone.offsets[place];
        if known == step {
            return offset;
        }
        let said = zone.format.format(at.as_millis() as f64);
        let offset = offset_minutes(&said).map_or_else(of_device, |minutes| minutes * MINUTE_MS);
        zone.offsets[place] = (step, offset);
        offset
    })
}

/// Reads `12/1/2026, GMT+05:30`; without a number it is UTC.
fn offset_minutes(said: &str) -> Option<i64> {
    let (_, offset) = said.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (sign, digits) = match offset.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        (_, digits) => (-1, digits.trim_start_matches(|digit: char| !digit.is_ascii_digit())),
    };
    let mut parts = digits.split(':');
    let hours: i64 = parts.next()?.parse().ok()?;
    let minutes: i64 = parts.next().map_or(Ok(0), str::parse).ok()?;
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_browsers_write_them() {
        for (said, minutes) in [
            ("12/1/2026, GMT", Some(0)),
            ("12/1/2026, GMT+01:00", Some(60)),
            ("12/1/2026, GMT+05:30", Some(330)),
            ("11/30/2026, GMT-09:30", Some(-570)),
            ("1/1/1890, GMT-00:01:15", Some(-1)),
            ("12/1/2026", None),
            ("12/1/2026, GMT+x", None),
        ] {
            assert_eq!(offset_minutes(said), minutes, "{said}");
        }
    }
}
