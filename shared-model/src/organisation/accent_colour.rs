//! The colour of an organisation. White stands on it, on buttons, and it stands on white, so it has to be dark enough: the contrast
//! of WCAG 2.1, <https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio>.

use std::fmt;

/// The least contrast with white in hundredths, of text as WCAG 2.1 asks for it at level AA.
pub const LEAST_CONTRAST_HUNDREDTHS: u32 = 450;

/// A colour on which white can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccentColour([u8; 3]);

/// Why a colour is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColourProblem {
    /// It is not `#` and six hexadecimal digits.
    Form,
    /// White on it cannot be read well enough.
    TooLight {
        /// The contrast in hundredths, rounded down: from 100 (white) to 2100 (black).
        contrast_hundredths: u32,
    },
}

impl AccentColour {
    /// Reads `#rrggbb`, in either case.
    pub fn parse(text: &str) -> Result<Self, ColourProblem> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(ColourProblem::Form)?;
        let bytes = crate::hex::decode(&digits.to_ascii_lowercase()).ok_or(ColourProblem::Form)?;
        let colour: [u8; 3] = bytes.try_into().map_err(|_| ColourProblem::Form)?;
        // Rounded down, so that what is told never reads as enough.
        let contrast_hundredths = (contrast_with_white(colour) * 100.0) as u32;
        if contrast_hundredths < LEAST_CONTRAST_HUNDREDTHS {
            return Err(ColourProblem::TooLight { contrast_hundredths });
        }
        Ok(Self(colour))
    }
}

impl fmt::Display for AccentColour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(formatter, "#{red:02x}{green:02x}{blue:02x}")
    }
}

fn contrast_with_white([red, green, blue]: [u8; 3]) -> f64 {
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    1.05 / (luminance + 0.05)
}

/// The light of a channel of sRGB.
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.040_45 {
        return value / 12.92;
    }
    let base = (value + 0.055) / 1.055;
    // To the power of 2.4. The function for any power is a large one to bring to every device for this alone.
    let square = base * base;
    square * fifth_root(square)
}

/// Of a number from 0.005 to 1, by Newton: every step is nearer, from above.
fn fifth_root(number: f64) -> f64 {
    (0..16).fold(1.0, |root, _| (4.0 * root + number / (root * root * root * root)) / 5.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_right() {
        for number in [0.005, 0.008, 0.1, 0.5, 0.99, 1.0_f64] {
            assert!((fifth_root(number).powi(5) - number).abs() < 1e-12, "{number}");
        }
        for channel in 0..=u8::MAX {
            let value = f64::from(channel) / 255.0;
            let expected =
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) };
            assert!((linear(channel) - expected).abs() < 1e-12, "{channel}");
        }
    }

    #[test]
    fn a_colour_is_six_digits_and_dark_enough_for_white() {
        for (text, written) in [("#1b57de", "#1b57de"), ("#7A1FA2", "#7a1fa2"), ("#000000", "#000000")] {
            assert_eq!(AccentColour::parse(text).map(|colour| colour.to_string()), Ok(written.to_owned()));
        }
        // The well-known border between two greys.
        assert!(AccentColour::parse("#767676").is_ok());
        for light in ["#777777", "#ffeb3b", "#ffffff", "#00ffff"] {
            assert!(matches!(AccentColour::parse(light), Err(ColourProblem::TooLight { .. })), "{light}");
        }
        for odd in ["", "#", "7a1fa2", "#7a1fa", "#7a1fa2ff", "#7a1fag", "red", "#ééé", "url(#a)"] {
            assert_eq!(AccentColour::parse(odd), Err(ColourProblem::Form), "{odd}");
        }
    }

    #[test]
    fn contrast_is_from_1_to_21() {
        assert!((contrast_with_white([0; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast_with_white([255; 3]) - 1.0).abs() < 1e-9);
    }
}
