//! Of what a person is told, and how.

use shared_model::personal_settings::{Channels, NotificationKind, PersonalSettings, QuietHours};
use yew::prelude::*;

use crate::locale::{self, t};
use crate::people::change;
use crate::widgets::{Field, TextField};

/// What is proposed to whoever wants quiet hours.
const NIGHT: QuietHours = QuietHours { from_minute: 22 * 60, to_minute: 6 * 60 };

pub(super) fn notifications(draft: &UseStateHandle<PersonalSettings>) -> Html {
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-labelledby="notifications">
            <h2 id="notifications" class="t-16">{ t!("notifications") }</h2>
            <p class="t-14 muted">{ t!("notifications-hint") }</p>
            { for NotificationKind::ALL.iter().map(|kind| row(draft, *kind)) }
        </section>
    }
}

fn row(draft: &UseStateHandle<PersonalSettings>, kind: NotificationKind) -> Html {
    let label = locale::text(&format!("notification-{}", kind.code()), None);
    let known = draft.notifications.get(kind.code()).copied();
    let channels = known.unwrap_or_else(|| kind.unless_chosen());
    let choose = |change_one: fn(&mut Channels)| {
        change(draft, move |draft, _: Event| {
            let chosen = draft.notifications.entry(kind.code().to_owned()).or_insert(channels);
            change_one(chosen);
        })
    };
    let way = |label: AttrValue, checked: bool, onchange: Callback<Event>| {
        html! {
            <label class="row t-15" style="--gap:.5rem;min-block-size:var(--control)">
                <input type="checkbox" class="check" {checked} {onchange} />{ label }
            </label>
        }
    };
    html! {
        <div key={kind.code()} class="row row--wrap" style="--gap:.25rem 1rem" role="group" aria-label={label.clone()}>
            <span class="t-15" style="flex:1 1 14rem">{ label }</span>
            <span class="row" style="--gap:1rem">
                { way(t!("channel-email"), channels.email, choose(|channels| channels.email = !channels.email)) }
                { way(t!("channel-push"), channels.push, choose(|channels| channels.push = !channels.push)) }
            </span>
        </div>
    }
}

pub(super) fn quiet_hours(draft: &UseStateHandle<PersonalSettings>) -> Html {
    let hours = draft.quiet_hours;
    let toggle = change(draft, |draft, _: Event| {
        draft.quiet_hours = draft.quiet_hours.is_none().then_some(NIGHT);
    });
    let problem = hours.filter(|hours| !hours.is_sound()).map(|_| t!("quiet-hours-same")).unwrap_or_default();
    let from = change(draft, |draft, text: String| set(draft, &text, |hours| &mut hours.from_minute));
    let to = change(draft, |draft, text: String| set(draft, &text, |hours| &mut hours.to_minute));
    html! {
        <section class="card stack" style="padding:1rem;border-radius:16px;--gap:.75rem" aria-label={t!("quiet-hours")}>
            <label class="row t-15" style="--gap:.625rem;min-block-size:var(--control)">
                <input type="checkbox" class="switch" role="switch" checked={hours.is_some()} onchange={toggle} />{ t!("quiet-hours") }
            </label>
            if let Some(hours) = hours {
                <div class="row row--wrap row--top" style="--gap:1rem">
                    <Field id="quiet-from" label={t!("quiet-hours-from")}>
                        <TextField id="quiet-from" kind="time" value={clock(hours.from_minute)} oninput={from} />
                    </Field>
                    <Field id="quiet-to" label={t!("quiet-hours-to")} {problem}>
                        <TextField id="quiet-to" kind="time" value={clock(hours.to_minute)} oninput={to} invalid={!hours.is_sound()} />
                    </Field>
                </div>
            }
            <p class="t-14 muted">{ t!("quiet-hours-hint") }</p>
        </section>
    }
}

fn set(draft: &mut PersonalSettings, text: &str, which: fn(&mut QuietHours) -> &mut u16) {
    if let (Some(hours), Some(minute)) = (&mut draft.quiet_hours, minute(text)) {
        *which(hours) = minute;
    }
}

/// Minutes after midnight as a `time` input wants them: `06:30`.
fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Reads what a `time` input gives.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    Some(hours.parse::<u16>().ok()? * 60 + minutes.get(..2)?.parse::<u16>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for minutes in [0, 59, 60, 6 * 60 + 30, 24 * 60 - 1] {
            assert_eq!(minute(&clock(minutes)), Some(minutes));
        }
        assert_eq!(minute("06:30:15"), Some(390), "some browsers say seconds");
        assert_eq!((minute(""), minute("6"), minute("x:10"), minute("06:é")), (None, None, None, None));
    }
}
