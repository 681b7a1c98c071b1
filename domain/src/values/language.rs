//! Languages of mails and tickets.

use serde::{Deserialize, Serialize};

/// A language of mails and tickets. The web app has its own texts of each (`web/src/i18n`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English, as it is written in India.
    #[default]
    En,
    /// Hindi.
    Hi,
}

impl Language {
    /// All languages, English first.
    pub const ALL: [Self; 2] = [Self::En, Self::Hi];

    /// Returns the tag of the language (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Hi => "hi",
        }
    }

    /// Returns the language of a tag. Regions do not matter: `hi-IN` is Hindi.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_stored_as_its_tag_and_found_by_it() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
            assert_eq!(Language::of_tag(&language.tag().to_uppercase()), Some(language));
        }
        assert_eq!(Language::of_tag("hi-IN"), Some(Language::Hi));
        assert_eq!([Language::of_tag("fr"), Language::of_tag(""), Language::of_tag("hindi")], [None; 3]);
    }
}
