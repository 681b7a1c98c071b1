//! Texts about a person: their stored form, and what is wrong with them. The edge checks them before it seals them.

use crate::{
    Flaws, Personal,
    values::text::{tidy, tidy_line},
};

/// Most characters of the reason for which an account is disabled.
const REASON_MAX: usize = 500;
/// Most characters of a name and of a city.
const NAME_MAX: usize = 100;

/// Returns the flaws of a new account. A caller that seals its texts checks them first; texts in clear are checked by
/// [`Command::RegisterAccount`](super::Command::RegisterAccount) too.
#[must_use]
pub fn flaws_of(email: &str, name: &str, city: Option<&str>) -> Flaws {
    let mut flaws = Flaws::default();
    note_address(&mut flaws, email);
    flaws.0.extend(flaws_of_names(Some(name), city).0);
    flaws
}

/// Returns the flaws of a changed name or city, as [`flaws_of`].
#[must_use]
pub fn flaws_of_names(name: Option<&str>, city: Option<&str>) -> Flaws {
    let mut flaws = Flaws::default();
    if let Some(name) = name {
        flaws.text(name, NAME_MAX, "/name");
    }
    if let Some(city) = city {
        flaws.text(city, NAME_MAX, "/city");
    }
    flaws
}

/// Returns the flaws of the reason for which an account is disabled, as [`flaws_of`].
#[must_use]
pub fn flaws_of_reason(reason: &str) -> Flaws {
    let mut flaws = Flaws::default();
    flaws.text(reason, REASON_MAX, "/reason");
    flaws
}

/// Returns a name in its stored form: composed, with one space between words. Sealed ones have it.
pub(super) fn tidied(name: &Personal) -> Personal {
    name.in_clear().map_or_else(|| name.clone(), |name| tidy_line(name).into())
}

/// The same for a city. A blank one counts as none.
pub(super) fn tidied_city(city: &Personal) -> Option<Personal> {
    city.in_clear().map_or_else(|| Some(city.clone()), |city| tidy(city).map(Into::into))
}

/// Adds a flaw if `email` is not a valid e-mail address.
pub fn note_address(flaws: &mut Flaws, email: &str) {
    flaws.unless(is_address(email), "/email", "must be an e-mail address");
}

pub(super) fn check_clear_names(flaws: &mut Flaws, name: &Personal, city: Option<&Personal>) {
    let found = flaws_of_names(name.in_clear(), city.and_then(Personal::in_clear));
    flaws.0.extend(found.0);
}

/// Returns `true` for an address that common mail servers accept: a dot-atom (RFC 5322 §3.2.3), `@` and a host name. A host name with
/// letters of another alphabet is given in ASCII (RFC 5890). Length: RFC 5321 §4.5.3.1.
#[must_use]
pub fn is_address(email: &str) -> bool {
    let Some((local, host)) = email.split_once('@') else { return false };
    let is_atom = |atom: &str| {
        !atom.is_empty()
            && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_{|}~-".contains(&b))
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    email.len() <= 254 && local.len() <= 64 && local.split('.').all(is_atom) && host.split('.').all(is_label)
}
