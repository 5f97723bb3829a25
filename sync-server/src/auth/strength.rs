//! How hard a password is to guess. It is estimated here and not on the page, because the lists of words and names that it
//! takes are larger than the whole app; and what is estimated is what is enforced.

use shared_model::people::{PasswordStrength, PasswordWeakness};
use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

use super::password::MIN_CHARACTERS;

/// “Safely unguessable”: more than 10⁸ guesses.
const ENOUGH: Score = Score::Three;

/// Estimates a password of somebody of whom all this is known: name, address, organisation.
pub fn estimate(password: &str, known: &[&str]) -> PasswordStrength {
    let parts: Vec<&str> = known
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|part| part.len() > 2)
        .collect();
    let entropy = zxcvbn(password, &parts);
    let is_long_enough = password.chars().count() >= MIN_CHARACTERS;
    let is_enough = is_long_enough && entropy.score() >= ENOUGH;
    let weakness = if is_enough {
        None
    } else if is_long_enough && zxcvbn(password, &[]).score() > entropy.score() {
        Some(PasswordWeakness::Known)
    } else {
        match entropy.feedback().and_then(zxcvbn::feedback::Feedback::warning) {
            Some(warning) => Some(weakness(warning)),
            None => (!is_long_enough).then_some(PasswordWeakness::Short),
        }
    };
    let score = if is_long_enough { entropy.score() } else { entropy.score().min(Score::One) };
    PasswordStrength { score: score.into(), is_enough, weakness }
}

const fn weakness(warning: Warning) -> PasswordWeakness {
    match warning {
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => PasswordWeakness::Common,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => PasswordWeakness::Word,
        Warning::StraightRowsOfKeysAreEasyToGuess
        | Warning::ShortKeyboardPatternsAreEasyToGuess
        | Warning::RepeatsLikeAaaAreEasyToGuess
        | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
        | Warning::SequencesLikeAbcAreEasyToGuess => PasswordWeakness::Pattern,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => PasswordWeakness::Date,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["Ana Okonjo-Frampton", "ana.okonjo@kestrel.example", "Kestrel Foods"];

    #[test]
    fn what_is_easy_to_guess_is_not_enough_and_says_why() {
        for (password, expected) in [
            ("qzv4", PasswordWeakness::Short),
            ("password1", PasswordWeakness::Common),
            ("P@ssw0rd", PasswordWeakness::Common),
            ("qwertyuiop", PasswordWeakness::Common),
            ("zzzzzzzzzzzz", PasswordWeakness::Pattern),
            ("14.07.1989", PasswordWeakness::Date),
            ("framptonframpton", PasswordWeakness::Known),
        ] {
            let strength = estimate(password, &KNOWN);
            assert!(!strength.is_enough, "{password}: {strength:?}");
            assert_eq!(strength.weakness, Some(expected), "{password}: {strength:?}");
        }
    }

    #[test]
    fn what_is_hard_to_guess_is_enough() {
        for password in
            ["correct horse battery staple", "gland-drips-at-noon", "Tr1bol0gy.on.Mars", "ключ под ковриком"]
        {
            let strength = estimate(password, &KNOWN);
            assert!(strength.is_enough && strength.weakness.is_none(), "{password}: {strength:?}");
        }
    }

    #[test]
    fn endless_input_is_estimated_by_its_beginning() {
        assert!(estimate(&"gland-drips-at-noon ".repeat(50_000), &KNOWN).is_enough);
        assert_eq!(estimate("", &KNOWN).score, 0);
    }
}
