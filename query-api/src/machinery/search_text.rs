//! Search text in query parameters.

use serde::Deserialize;

/// One line of at most 200 characters, trimmed.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct SearchText(pub String);

impl TryFrom<String> for SearchText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // Control characters match nothing, and Postgres rejects some of them.
        if text.chars().count() > 200 || text.chars().any(char::is_control) {
            return Err("must be one line of at most 200 characters");
        }
        Ok(Self(text.trim().to_owned()))
    }
}

/// The text of an optional filter.
pub fn text(filter: Option<SearchText>) -> Option<String> {
    filter.map(|SearchText(text)| text)
}
