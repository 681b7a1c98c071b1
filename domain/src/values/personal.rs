//! Texts about a person, which are stored sealed.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::UserId;

/// Start of every sealed text.
const SEALED: &str = "sealed:";
/// Shortest sealed text, in bytes: longer than any name, city or address, so that no typed text looks sealed.
const SEALED_BYTES_MIN: usize = 80;

/// A text about a person. Wherever it is stored it is sealed with a key of that person, except in an installation without such
/// keys and in entries of earlier versions. Only the edges of the program read it; everything in between treats it as opaque.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// Word shown in place of a text whose key was destroyed.
    pub const ERASED: &str = "erased";

    /// A text in clear.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A text sealed with a key of `user`. `encoded` is the sealed text in Base64.
    #[must_use]
    pub fn sealed(user: UserId, encoded: &str) -> Self {
        Self(format!("{SEALED}{user}:{encoded}"))
    }

    /// Returns the text if it is in clear.
    #[must_use]
    pub fn in_clear(&self) -> Option<&str> {
        self.seal().is_none().then_some(&self.0)
    }

    /// Returns the user with whose key it is sealed, and the sealed text in Base64.
    #[must_use]
    pub fn seal(&self) -> Option<(UserId, &str)> {
        let (user, encoded) = self.0.strip_prefix(SEALED)?.split_once(':')?;
        let user = Uuid::try_parse(user).ok()?;
        (self.0.len() >= SEALED_BYTES_MIN).then_some((UserId(user), encoded))
    }

    /// Returns the stored form, which identifies the text without revealing it if it is sealed.
    #[must_use]
    pub fn as_stored(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

/// Hides the text: it may be in clear.
impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personal(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_names_its_user_and_no_typed_text_looks_like_one() {
        let user = UserId(Uuid::from_u128(7));
        let sealed = Personal::sealed(user, &"A".repeat(40));
        assert_eq!(sealed.seal(), Some((user, &*"A".repeat(40))));
        assert_eq!(sealed.in_clear(), None);
        for typed in ["ada@example.org", "sealed:ada", &format!("sealed:{user}:AAAA"), ""] {
            let typed = Personal::plain(typed);
            assert_eq!(typed.in_clear(), Some(typed.as_stored()));
        }
    }

    #[test]
    fn debug_output_hides_the_text() {
        assert_eq!(format!("{:?}", Personal::plain("Ada")), "Personal(…)");
    }
}
