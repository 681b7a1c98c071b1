//! Labels on a pass.

use ticketshow_domain::Language;

pub(super) struct Words {
    pub show: &'static str,
    pub starts: &'static str,
    pub venue: &'static str,
    pub screen: &'static str,
    pub level: &'static str,
    pub seat: &'static str,
    pub ticket_type: &'static str,
    pub price: &'static str,
    pub booking: &'static str,
    pub address: &'static str,
    pub advice: &'static str,
    /// Read out to people who do not see the pass; `{}` is the show.
    pub description: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
    }
}

const ENGLISH: Words = Words {
    show: "Show",
    starts: "Starts",
    venue: "Venue",
    screen: "Screen",
    level: "Level",
    seat: "Seat",
    ticket_type: "Ticket",
    price: "Price",
    booking: "Booking",
    address: "Address",
    advice: "Show this code at the door. It lets one person in, once. If the booking is changed, add its tickets again: this pass does not change by itself.",
    description: "Ticket for {}",
};

const HINDI: Words = Words {
    show: "शो",
    starts: "समय",
    venue: "थिएटर",
    screen: "स्क्रीन",
    level: "तल",
    seat: "सीट",
    ticket_type: "टिकट",
    price: "कीमत",
    booking: "बुकिंग",
    address: "पता",
    advice: "यह कोड प्रवेश द्वार पर दिखाएँ। इससे एक व्यक्ति एक बार अंदर जा सकता है। बुकिंग बदलने पर टिकट फिर से जोड़ें: यह पास अपने आप नहीं बदलता।",
    description: "{} का टिकट",
};
