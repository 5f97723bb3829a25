//! What can be written down of an organisation and of what people choose, and what cannot.

use axum::http::StatusCode;
use chrono_tz::Tz;
use shared_model::organisation::{
    AccentColour, ColourProblem, LEAST_CONTRAST_HUNDREDTHS, Logo, LogoProblem, MAX_LOGO_BYTES, MAX_LOGO_SIDE,
};
use shared_model::people::Language;

use crate::error::{ApiError, ApiResult};

/// A language that the app speaks.
pub(crate) fn language(code: &str) -> ApiResult<Language> {
    Language::from_code(code).ok_or_else(|| {
        ApiError::wrong_value("language", format!("The app speaks {}.", Language::CODES.join(" and ")))
    })
}

/// A time zone of the IANA database, by its exact name.
pub(crate) fn time_zone(name: &str) -> ApiResult<String> {
    match name.parse::<Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(ApiError::wrong_value(
            "time_zone",
            "There is no such time zone. Name one of the IANA database, for example Europe/Berlin.",
        )),
    }
}

/// A colour on which white can be read.
pub(super) fn accent_colour(text: &str) -> ApiResult<String> {
    let problem = match AccentColour::parse(text) {
        Ok(colour) => return Ok(colour.to_string()),
        Err(problem) => problem,
    };
    let title = match problem {
        ColourProblem::Form => "A colour is # and six hexadecimal digits, for example #1b57de.".to_owned(),
        ColourProblem::TooLight { contrast_hundredths } => format!(
            "White cannot be read well enough on this colour: its contrast is {}, and {} is needed. Choose a darker one.",
            hundredths(contrast_hundredths),
            hundredths(LEAST_CONTRAST_HUNDREDTHS),
        ),
    };
    Err(ApiError::wrong_value("accent_colour", title))
}

fn hundredths(number: u32) -> String {
    format!("{}.{:02}", number / 100, number % 100)
}

/// A picture made of pixels, of a bearable size.
pub(super) fn logo(bytes: &[u8]) -> ApiResult<Logo> {
    Logo::read(bytes).map_err(|problem| {
        let (code, title) = match problem {
            LogoProblem::TooLarge => {
                ("logo_too_large", format!("A logo has at most {} kB.", MAX_LOGO_BYTES / 1024))
            }
            LogoProblem::Format => ("logo_format", "A logo is a picture as PNG, JPEG or WebP.".to_owned()),
            LogoProblem::Side => {
                ("logo_side", format!("A logo has from 1 to {MAX_LOGO_SIDE} pixels on each side."))
            }
        };
        ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, code, title).with("field", "logo")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_database_also_by_their_older_names() {
        for name in
            ["Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Calcutta", "Asia/Kolkata", "UTC"]
        {
            assert_eq!(time_zone(name).unwrap(), name);
        }
        for odd in ["", "Mars/Olympus", "europe/berlin", "CEST", "+02:00", "Europe/Berlin\n"] {
            assert_eq!(time_zone(odd).unwrap_err().code, "value", "{odd}");
        }
    }

    #[test]
    fn a_contrast_just_below_never_reads_as_enough() {
        let refused = accent_colour("#777777").unwrap_err();
        assert!(refused.title.contains("its contrast is 4.47, and 4.50 is needed"), "{}", refused.title);
    }
}
