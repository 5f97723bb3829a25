//! What a person chose for themselves, as both ends of `/api/account/settings` see it: language, time zone, and of what they want to
//! be told, how and when. A device needs language and time zone without a network, so these come with
//! [`SignedInPerson`](crate::account::SignedInPerson) as well.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::named::named;

/// Minutes of a day.
const DAY_MINUTES: u16 = 24 * 60;
/// Most bytes of the name of a time zone; the longest there is has 32.
pub const MAX_TIME_ZONE_BYTES: usize = 64;

codes! {
    /// Something that a person can be told of.
    NotificationKind {
        /// Work was assigned to them, or to a team of theirs.
        Assigned = "assigned",
        /// Somebody wrote a comment on their work.
        Commented = "commented",
        /// Their work is due soon.
        DueSoon = "due_soon",
        /// Their work is overdue.
        Overdue = "overdue",
        /// A request of theirs was answered.
        RequestAnswered = "request_answered",
        /// Something about their work waits for a decision: a conflict, a refused change.
        NeedsAttention = "needs_attention",
    }
}

/// By which ways somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channels {
    /// By email.
    pub email: bool,
    /// On their devices, also while the app is closed.
    pub push: bool,
}

impl NotificationKind {
    /// How whoever chose nothing is told: on their devices of everything, by email of what cannot wait until they look.
    pub const fn unless_chosen(self) -> Channels {
        match self {
            Self::Assigned | Self::Overdue | Self::RequestAnswered => Channels { email: true, push: true },
            Self::Commented | Self::DueSoon | Self::NeedsAttention => Channels { email: false, push: true },
        }
    }
}

/// From when to when nobody is told anything, on the clock of the person's time zone. It may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuietHours {
    /// Minutes after midnight at which it begins.
    pub from_minute: u16,
    /// Minutes after midnight at which it is over.
    pub to_minute: u16,
}

impl QuietHours {
    /// Both are times of a day, and time lies between them.
    pub const fn is_sound(self) -> bool {
        self.from_minute < DAY_MINUTES && self.to_minute < DAY_MINUTES && self.from_minute != self.to_minute
    }

    /// Is it quiet at so many minutes after midnight?
    pub const fn covers(self, minute: u16) -> bool {
        let Self { from_minute: from, to_minute: to } = self;
        if from < to { from <= minute && minute < to } else { from <= minute || minute < to }
    }
}

/// `GET /api/account/settings`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalSettings {
    /// Of the app and of emails, `en` or `de`; nothing: the organisation's, else that of each device.
    #[serde(default)]
    pub language: Option<String>,
    /// By its name in the IANA database; nothing: the organisation's, else that of each device.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// By kind of event: `assigned`, `commented`, `due_soon`, `overdue`, `request_answered`, `needs_attention`.
    pub notifications: BTreeMap<String, Channels>,
    /// Nothing: there are none.
    #[serde(default)]
    pub quiet_hours: Option<QuietHours>,
}

impl PersonalSettings {
    /// The kinds of events that are told otherwise than before.
    pub fn notifications_unlike<'a>(
        &'a self,
        before: &'a Self,
    ) -> impl Iterator<Item = (&'a String, &'a Channels)> {
        self.notifications.iter().filter(|(kind, chosen)| before.notifications.get(*kind) != Some(chosen))
    }
}

/// `PATCH /api/account/settings`: what is named becomes so, the rest stays; `null` stands for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalSettingsChange {
    /// `en` or `de`.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub language: Option<Option<String>>,
    /// By its name in the IANA database, for example `Europe/Berlin`.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub time_zone: Option<Option<String>>,
    /// Those that become otherwise.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notifications: BTreeMap<String, Channels>,
    /// From when to when it is quiet.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<QuietHours>))]
    pub quiet_hours: Option<Option<QuietHours>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_hours_go_over_midnight() {
        let night = QuietHours { from_minute: 22 * 60, to_minute: 6 * 60 };
        assert!(night.is_sound());
        assert!([22 * 60, 23 * 60 + 59, 0, 6 * 60 - 1].into_iter().all(|minute| night.covers(minute)));
        assert!([6 * 60, 12 * 60, 22 * 60 - 1].into_iter().all(|minute| !night.covers(minute)));
        let noon = QuietHours { from_minute: 12 * 60, to_minute: 13 * 60 };
        assert!(noon.covers(12 * 60) && !noon.covers(13 * 60) && !noon.covers(0));
    }

    #[test]
    fn quiet_hours_are_times_of_a_day_with_time_between_them() {
        for (from_minute, to_minute) in [(1_440, 60), (60, 1_440), (60, 60), (u16::MAX, 0)] {
            assert!(!QuietHours { from_minute, to_minute }.is_sound(), "{from_minute} to {to_minute}");
        }
        assert!(QuietHours { from_minute: 0, to_minute: 1_439 }.is_sound());
    }

    #[test]
    fn whoever_chose_nothing_is_told_of_everything_somehow() {
        for kind in NotificationKind::ALL {
            assert!(kind.unless_chosen().push, "{kind:?}");
            assert_eq!(NotificationKind::from_code(kind.code()), Some(*kind));
        }
        assert_eq!(NotificationKind::from_code("lunch"), None);
    }

    #[test]
    fn a_change_names_what_it_changes() {
        let change: PersonalSettingsChange = serde_json::from_str(
            r#"{"quiet_hours":null,"notifications":{"overdue":{"email":false,"push":true}}}"#,
        )
        .unwrap();
        assert_eq!((change.language, change.quiet_hours), (None, Some(None)));
        assert_eq!(change.notifications["overdue"], Channels { email: false, push: true });
        let refused = serde_json::from_str::<PersonalSettingsChange>(r#"{"notifications":{"overdue":{}}}"#);
        assert!(refused.is_err(), "both ways are said");
    }
}
