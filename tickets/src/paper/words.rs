//! Words on a ticket.

use ticketshow_domain::{Language, pricing::TicketType};

/// Words of one language. Labels of English are in capitals; Hindi has none.
pub(super) struct Words {
    pub admit_one: &'static str,
    pub venue: &'static str,
    pub starts: &'static str,
    pub screen: &'static str,
    pub seat: &'static str,
    /// Before the number of a seat in a sentence.
    pub seat_named: &'static str,
    pub booking: &'static str,
    pub tickets: &'static str,
    pub advice: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
    }
}

const ENGLISH: Words = Words {
    admit_one: "ADMIT ONE",
    venue: "VENUE",
    starts: "STARTS",
    screen: "SCREEN",
    seat: "SEAT",
    seat_named: "Seat",
    booking: "Booking",
    tickets: "Tickets",
    advice: "Show this code at the door, on paper or on your phone. It lets one person in, once.",
};

const HINDI: Words = Words {
    admit_one: "एक व्यक्ति का प्रवेश",
    venue: "थिएटर",
    starts: "समय",
    screen: "स्क्रीन",
    seat: "सीट",
    seat_named: "सीट",
    booking: "बुकिंग",
    tickets: "टिकट",
    advice: "यह कोड प्रवेश द्वार पर दिखाएँ, काग़ज़ पर या फ़ोन में। इससे एक व्यक्ति एक बार अंदर जा सकता है।",
};

/// Returns a ticket type as people read it, in their language if it is a usual one: `Child`, `Group of 4`.
#[must_use]
pub fn ticket_type(kind: &TicketType, language: Language) -> String {
    let known = match language {
        Language::En => None,
        Language::Hi => HINDI_TYPES.iter().find(|(name, _)| *name == kind.0).map(|(_, word)| *word),
    };
    let own = kind.0.replace(['-', '_'], " ");
    let mut letters = own.chars();
    let capital = letters.next().map(|first| first.to_uppercase().chain(letters).collect());
    known.map_or_else(|| capital.unwrap_or_default(), str::to_owned)
}

const HINDI_TYPES: [(&str, &str); 8] = [
    ("standard", "टिकट"),
    ("adult", "वयस्क"),
    ("child", "बच्चा"),
    ("senior", "वरिष्ठ नागरिक"),
    ("student", "छात्र"),
    ("companion", "सहायक"),
    ("member", "सदस्य"),
    ("group", "समूह"),
];
