//! The parameter `group_by`.

use serde::Deserialize;

/// Dimensions to group by; none means one grand total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[expect(clippy::struct_excessive_bools, reason = "a set of dimensions")]
pub struct Groups {
    pub day: bool,
    pub show: bool,
    pub venue: bool,
    pub hour: bool,
    pub category: bool,
    pub ticket_type: bool,
    pub method: bool,
}

impl Groups {
    /// Returns `true` if the sums of whole days are too coarse.
    pub fn is_fine(self) -> bool {
        self.hour || self.method || self.is_of_seats()
    }

    /// Returns `true` if bookings are divided into their seats.
    pub fn is_of_seats(self) -> bool {
        self.category || self.ticket_type
    }
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
                "hour" => groups.hour = true,
                "category" => groups.category = true,
                "ticket_type" => groups.ticket_type = true,
                "method" => groups.method = true,
                _ => {
                    return Err(
                        "must be show, venue, day, hour, category, ticket_type, method, or several of them joined \
                                by commas",
                    );
                }
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
        assert_eq!(
            of("show,venue, day"),
            Ok(Groups { day: true, show: true, venue: true, ..Groups::default() })
        );
        let fine = of("hour,category,ticket_type,method").unwrap();
        assert!(fine.is_fine() && fine.is_of_seats() && !of("show,day").unwrap().is_fine());
        assert!(of("week").is_err());
    }
}
