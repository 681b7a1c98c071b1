//! The parameter `group_by`.

use serde::Deserialize;

/// Dimensions to group by; none means one grand total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Groups {
    pub day: bool,
    pub show: bool,
    pub venue: bool,
}

impl TryFrom<String> for Groups {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut groups = Self::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "day" => groups.day = true,
                "show" => groups.show = true,
                "venue" => groups.venue = true,
                _ => return Err("must be show, venue, day, or several of them joined by commas"),
            }
        }
        Ok(groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_a_list_of_known_names() {
        let of = |text: &str| Groups::try_from(text.to_owned());
        assert_eq!(of(""), Ok(Groups::default()));
        assert_eq!(of("day"), Ok(Groups { day: true, ..Groups::default() }));
        assert_eq!(of("show,venue, day"), Ok(Groups { day: true, show: true, venue: true }));
        assert!(of("week").is_err());
    }
}
