//! Money and quantities as whole numbers: no floating point ever touches a price or a stock.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Australian dollar.
    pub const AUD: Self = Self(*b"AUD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"GBP");

    /// The code, three capital letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl std::fmt::Debug for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = NotANumber;

    fn try_from(code: String) -> Result<Self, NotANumber> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => Ok(Self(bytes)),
            _ => Err(NotANumber(code)),
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

/// A text that is not the number or code it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a plain decimal number or code")]
pub struct NotANumber(pub String);

/// An amount in minor units (cents) of a currency; negative amounts are credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Hundredths of the currency's unit.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Reads a plain decimal such as `-12.5` exactly; more than two decimals are refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, NotANumber> {
        parse_fixed(text, 2).map(|minor| Self { minor, currency })
    }

    /// The sum of each currency among these amounts, in order of their codes; amounts of two are never added.
    pub fn totals(amounts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
        for Self { minor, currency } in amounts {
            let sum = sums.entry(currency).or_insert(0);
            *sum = sum.saturating_add(minor);
        }
        sums.into_iter().map(|(currency, minor)| Self { minor, currency }).collect()
    }

    /// The amount as a plain decimal with two places, without the currency.
    pub fn to_decimal(self) -> String {
        format_fixed(self.minor, 2)
    }
}

/// An amount of something in thousandths of its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// That many thousandths of the unit.
    pub const fn from_thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// That many whole units.
    pub const fn whole(units: i64) -> Self {
        Self(units.saturating_mul(1000))
    }

    /// Thousandths of the unit.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// Reads a plain decimal such as `2` or `0.75` exactly; more than three decimals are refused.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        parse_fixed(text, 3).map(Self)
    }

    /// The sum; saturates at the ends of the range.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The same amount taken away instead of added.
    pub const fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format_fixed(self.0, 3);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// Reads `[-]digits[.digits]` with at most `places` decimals as a whole number of `10^-places`.
fn parse_fixed(text: &str, places: usize) -> Result<i64, NotANumber> {
    let refuse = || NotANumber(text.to_owned());
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty())
        || !plain(whole)
        || !plain(fraction)
        || fraction.len() > places
    {
        return Err(refuse());
    }
    let padded = format!("{whole}{fraction:0<places$}");
    let value: i64 = padded.parse().map_err(|_| refuse())?;
    Ok(if negative { -value } else { value })
}

fn format_fixed(value: i64, places: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        let aud = |text| Money::parse(text, Currency::AUD).map(|m| m.minor);
        assert_eq!(aud("183.05"), Ok(18_305));
        assert_eq!(aud("407.4"), Ok(40_740));
        assert_eq!(aud("0"), Ok(0));
        assert_eq!(aud("-.5"), Ok(-50));
        for bad in ["", ".", "-", "1,000", "1e3", "12.345", "NaN", "99999999999999999999"] {
            assert!(aud(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn quantities_print_without_trailing_zeros() {
        assert_eq!(Quantity::parse("2.50").unwrap().to_string(), "2.5");
        assert_eq!(Quantity::whole(10).to_string(), "10");
        assert_eq!(Quantity::from_thousandths(-1).to_string(), "-0.001");
        assert_eq!(Money::parse("-3", Currency::EUR).unwrap().to_decimal(), "-3.00");
    }

    #[test]
    fn amounts_of_two_currencies_have_two_totals() {
        let money = |minor, currency| Money { minor, currency };
        let spent = [money(5, Currency::GBP), money(7, Currency::EUR), money(-2, Currency::GBP)];
        assert_eq!(Money::totals(spent), [money(7, Currency::EUR), money(3, Currency::GBP)]);
    }
}
