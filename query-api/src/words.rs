//! A word to look for.

use serde::Deserialize;

/// What somebody looks for: one line of at most 200 characters, without the blanks around it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Words(pub String);

impl TryFrom<String> for Words {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Control characters would not find anything, and Postgres refuses some of them.
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err("must be one line of at most 200 characters");
        }
        Ok(Self(text.trim().to_owned()))
    }
}

/// The text of a filter, if it is set.
pub fn text(words: Option<Words>) -> Option<String> {
    words.map(|Words(text)| text)
}
