//! Rules for new passwords. Common passwords are refused by a built-in list: the program must work without the internet, and a
//! password must never be sent to a third party.

use std::{collections::HashSet, sync::LazyLock};

use ticketshow_domain::Flaws;
use ticketshow_http::Problem;

use crate::accounts::passwords::hashing::normalised;

/// Length of a password in characters. Source: the REST surface.
const CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;

/// In lower case. Lines that begin with `#` are comments.
static COMMON: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let lines = include_str!("common_passwords.txt").lines();
    lines.filter(|line| !line.starts_with('#')).collect()
});

/// Owner of a password, whose name and address would be the first guesses.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    pub email: &'a str,
    pub name: &'a str,
}

/// Rejects a new password that is too short, too long or easily guessed.
///
/// # Errors
///
/// 422.
pub fn check_new(password: &str, owner: Owner<'_>, pointer: &str) -> Result<(), Problem> {
    let mut flaws = Flaws::default();
    note_flaws(&mut flaws, password, owner, pointer);
    flaws.into_result().map_err(|flaws| Problem::invalid(&flaws))
}

/// Adds the flaws of a new password.
pub fn note_flaws(flaws: &mut Flaws, password: &str, owner: Owner<'_>, pointer: &str) {
    let password = normalised(password);
    let (min, max) = CHARACTERS.into_inner();
    let is_valid = CHARACTERS.contains(&password.chars().count());
    flaws.unless(is_valid, pointer, format!("must have {min} to {max} characters"));
    let guessable = is_valid && is_guessable(&password, owner);
    flaws.unless(!guessable, pointer, "is too easy to guess: choose several words, for example");
}

fn is_guessable(password: &str, Owner { email, name }: Owner<'_>) -> bool {
    let password = password.to_lowercase();
    let (email, name) = (email.to_lowercase(), name.to_lowercase());
    let local = email.split('@').next().unwrap_or_default();
    let own = [email.as_str(), local, &name, "ticketshow", "ticket show"];
    // Digits and signs around a word do not help, because most people add them.
    let word = password.trim_matches(|c: char| !c.is_alphabetic());
    let mut characters = password.chars();
    let first = characters.next();
    COMMON.contains(password.as_str())
        || own.contains(&password.as_str())
        || own.contains(&word)
        || characters.all(|character| Some(character) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_accepted(password: &str) -> bool {
        let owner = Owner { email: "ada.lovelace@example.org", name: "Countess Ada" };
        check_new(password, owner, "/password").is_ok()
    }

    #[test]
    fn a_password_has_8_to_128_characters() {
        let accepted = |length| is_accepted(&"üö".repeat(64).chars().take(length).collect::<String>());
        assert_eq!([7, 8, 128].map(accepted), [false, true, true]);
        assert!(!is_accepted(&"üö".repeat(65)));
    }

    #[test]
    fn a_password_is_counted_as_it_is_hashed() {
        // Four ligatures of three letters.
        assert!(is_accepted(&"\u{fb03}a".repeat(2)));
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for guessed in [
            "password",
            "PassWord",
            "12345678",
            "qwertyuiop",
            "aaaaaaaa",
            "        ",
            "ticketshow",
            "TicketShow2026!",
            "ada.lovelace@example.org",
            "ada.lovelace",
            "countess ada",
            "Countess Ada 1815",
        ] {
            assert!(!is_accepted(guessed), "{guessed}");
        }
        for good in ["correct horse", "ticketshow and more", "long enough", "my dear countess ada"] {
            assert!(is_accepted(good), "{good}");
        }
    }
}
