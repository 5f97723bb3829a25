//! What an organisation says of itself, as both ends of `/api/organisation/settings` see it: its name, its colour, its logo, and the
//! language and time zone of whoever chose none. Devices get it with the [`directory`](crate::directory).

mod accent_colour;
mod logo;

use serde::{Deserialize, Serialize};

pub use accent_colour::{AccentColour, ColourProblem, LEAST_CONTRAST_HUNDREDTHS};
pub use logo::{Logo, LogoFormat, LogoProblem, MAX_LOGO_BYTES, MAX_LOGO_SIDE};

use crate::named::named;

/// `GET /api/organisation/settings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganisationSettings {
    /// Full name, as its people read it.
    pub name: String,
    /// Of buttons and of what is chosen, as `#rrggbb`; nothing: the colour of the app.
    #[serde(default)]
    pub accent_colour: Option<String>,
    /// Of whoever chose none: `en` or `de`; nothing: as each device is set.
    #[serde(default)]
    pub language: Option<String>,
    /// Of whoever chose none, by its name in the IANA database; nothing: as each device is set.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// The logo, if there is one.
    #[serde(default)]
    pub logo: Option<LogoFacts>,
}

/// What is known of a logo beside its picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LogoFacts {
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// Pixels from side to side.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// SHA-256 of the file, in hexadecimal digits.
    pub sha256: String,
}

/// `PATCH /api/organisation/settings`: what is named becomes so, the rest stays; `null` stands for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganisationChange {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As `#rrggbb`; white is read on it, and it is read on white.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub accent_colour: Option<Option<String>>,
    /// `en` or `de`.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub language: Option<Option<String>>,
    /// By its name in the IANA database, for example `Europe/Berlin`.
    #[serde(deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub time_zone: Option<Option<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays_and_null_takes_away() {
        let change: OrganisationChange = serde_json::from_str(r#"{"accent_colour":null}"#).unwrap();
        let expected = OrganisationChange { accent_colour: Some(None), ..OrganisationChange::default() };
        assert_eq!(change, expected);
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"accent_colour":null}"#);
        let change: OrganisationChange = serde_json::from_str(r#"{"time_zone":"Europe/Oslo"}"#).unwrap();
        assert_eq!(change.time_zone, Some(Some("Europe/Oslo".to_owned())));
        assert_eq!(change.accent_colour, None);
    }
}
