//! Booking numbers, for telephones, doors and subject lines: the beginning of the booking's id, in eight letters and digits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{BookingId, values::text::tidy_code};

/// Letters and digits that nobody confuses: without 0 and O, 1 and I. Frozen: customers have numbers made of them.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: u32 = 8;
const BITS: u32 = 5;
/// Bits of an id that its number leaves out.
const REST: u32 = u128::BITS - LENGTH * BITS;

/// Number of a booking, shown as `K7QM-3XRP`. It is the first 40 bits of the id, which are random. So it is stored
/// nowhere, and the ids with a number are a range. Bookings that an older version made for programs without an Idempotency-Key are
/// the exception: theirs begin with the time, and those of one quarter of a second share a number.
///
/// Two bookings can have the same number: among 100,000 bookings with a chance of 1 in 220, among a million there is
/// probably a pair. A search by number therefore finds all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct BookingReference(u64);

impl BookingId {
    /// Returns the number of the booking.
    #[must_use]
    pub fn reference(self) -> BookingReference {
        let mut first_bits = [0; 8];
        first_bits[3..].copy_from_slice(&self.0.as_bytes()[..5]);
        BookingReference(u64::from_be_bytes(first_bits))
    }
}

impl BookingReference {
    /// Returns the first and last id with this number.
    #[must_use]
    pub fn ids(self) -> (Uuid, Uuid) {
        let first = u128::from(self.0) << REST;
        (Uuid::from_u128(first), Uuid::from_u128(first | ((1 << REST) - 1)))
    }
}

impl fmt::Display for BookingReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in 0..LENGTH {
            if place == LENGTH / 2 {
                f.write_str("-")?;
            }
            let [.., low] = (self.0 >> (BITS * (LENGTH - 1 - place))).to_be_bytes();
            write!(f, "{}", char::from(ALPHABET[usize::from(low) % ALPHABET.len()]))?;
        }
        Ok(())
    }
}

impl From<BookingReference> for String {
    fn from(reference: BookingReference) -> Self {
        reference.to_string()
    }
}

/// Invalid booking number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a booking number like K7QM-3XRP")]
pub struct NotAReference;

/// As people type it: letter case, blanks and dashes do not matter.
impl FromStr for BookingReference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        let (mut value, mut length) = (0, 0);
        for typed in tidy_code(text).chars().filter(|c| *c != '-') {
            let typed = u8::try_from(typed.to_ascii_uppercase()).map_err(|_| NotAReference)?;
            let symbol = ALPHABET.iter().position(|symbol| *symbol == typed).ok_or(NotAReference)?;
            length += 1;
            if length > LENGTH {
                return Err(NotAReference);
            }
            value = value << BITS | symbol as u64;
        }
        if length == LENGTH { Ok(Self(value)) } else { Err(NotAReference) }
    }
}

impl TryFrom<String> for BookingReference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Self, NotAReference> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn booking(id: &str) -> BookingId {
        id.parse().unwrap()
    }

    #[test]
    fn the_number_of_a_booking_never_changes() {
        for (id, number) in [
            ("00000000-0000-4000-8000-000000000000", "2222-2222"),
            ("ffffffff-ff00-4000-8000-000000000000", "ZZZZ-ZZZZ"),
            ("8a2dd1f6-b3e5-4c2a-9d41-0c9b8f6a7e21", "KAQX-5XPM"),
        ] {
            assert_eq!(booking(id).reference().to_string(), number);
        }
    }

    #[test]
    fn a_number_is_read_however_it_is_typed() {
        let number = booking("8a2dd1f6-b3e5-4c2a-9d41-0c9b8f6a7e21").reference();
        for typed in [
            "KAQX-5XPM",
            "kaqx5xpm",
            " KAQX 5XPM\t",
            "ka-qx-5x-pm",
            "KAQX\u{2013}5XPM",
            "KAQX\u{2011}5XPM",
            "\u{FEFF}KAQX-5XPM\u{200B}",
            "ＫＡＱＸ－５ＸＰＭ",
        ] {
            assert_eq!(typed.parse(), Ok(number), "{typed}");
        }
        for wrong in [
            "",
            "KAQX-5XP",
            "KAQX-5XPMM",
            "KAQX-5XP0",
            "OAQX-5XPM",
            "1KAQX5XP",
            "IKAQX5XP",
            "KAQX-5XPÄ",
            "KAQX_5XPM",
        ] {
            assert_eq!(wrong.parse::<BookingReference>(), Err(NotAReference), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_read_as_it_is_written_and_names_its_ids(id: u128) {
            let booking = BookingId(Uuid::from_u128(id));
            let number = booking.reference();
            prop_assert_eq!(number.to_string().parse(), Ok(number));
            let json = serde_json::to_string(&number).unwrap();
            prop_assert_eq!(serde_json::from_str::<BookingReference>(&json).unwrap(), number);
            let (first, last) = number.ids();
            prop_assert!(first <= booking.0 && booking.0 <= last);
            prop_assert_eq!(BookingId(first).reference(), number);
            prop_assert_eq!(BookingId(last).reference(), number);
            let outside = first.as_u128().checked_sub(1).map(|id| BookingId(Uuid::from_u128(id)).reference());
            prop_assert_ne!(outside, Some(number));
        }
    }
}
