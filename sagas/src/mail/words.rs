//! Texts of mails that are not in their templates.

use ticketshow_domain::{Language, hold::PricedSeat};
use ticketshow_tickets::ticket_type;

pub(super) struct Words {
    pub show: &'static str,
    pub starts: &'static str,
    pub venue: &'static str,
    pub screen: &'static str,
    pub seats: &'static str,
    pub discount: &'static str,
    pub fees: &'static str,
    pub total: &'static str,
    pub tax_included: &'static str,
    pub booking: &'static str,
    /// Money that the house keeps of a cancelled booking, or of seats that were given back, and the reasons for it.
    pub kept: &'static str,
    pub cancellation_fee: &'static str,
    pub fee_kept: &'static str,
    /// Part of a refund with its destination; `{}` is the amount.
    pub to_card: &'static str,
    pub to_wallet: &'static str,
    pub from_bank: &'static str,
    pub at_box_office: &'static str,
    /// Before the name of one seat.
    pub seat: &'static str,
    /// In a sentence, before the name of one seat and of several; in Hindi, before a postposition.
    pub seat_named: &'static str,
    pub seats_named: &'static str,
    /// Description of the picture of a code; `{}` is the seat.
    pub code: &'static str,
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
    seats: "Seats",
    discount: "Discount",
    fees: "Booking fee",
    total: "Total",
    tax_included: "Tax included",
    booking: "Booking",
    kept: "Kept",
    cancellation_fee: "cancellation fee",
    fee_kept: "booking fee",
    to_card: "{} to your card",
    to_wallet: "{} to your wallet",
    from_bank: "{} from your bank",
    at_box_office: "{} at the box office",
    seat: "Seat",
    seat_named: "seat",
    seats_named: "seats",
    code: "QR code of seat {}",
};

const HINDI: Words = Words {
    show: "शो",
    starts: "समय",
    venue: "थिएटर",
    screen: "स्क्रीन",
    seats: "सीटें",
    discount: "छूट",
    fees: "बुकिंग शुल्क",
    total: "कुल",
    tax_included: "शामिल टैक्स",
    booking: "बुकिंग",
    kept: "कटौती",
    cancellation_fee: "रद्द करने का शुल्क",
    fee_kept: "बुकिंग शुल्क",
    to_card: "{} आपके कार्ड पर",
    to_wallet: "{} आपके वॉलेट में",
    from_bank: "{} आपके बैंक से",
    at_box_office: "{} बॉक्स ऑफ़िस पर",
    seat: "सीट",
    seat_named: "सीट",
    seats_named: "सीटों",
    code: "सीट {} का QR कोड",
};

/// Returns a seat with its price before discounts and, if it has one, the type of its ticket, after its level if the room has
/// several: `Balcony A-1 (Child, ₹150.00)`.
pub(super) fn in_words(
    priced: &PricedSeat,
    level: Option<&str>,
    language: Language,
    money: &impl Fn(i64) -> String,
) -> String {
    let (kind, price) = (&priced.ticket_type, money(priced.price_minor));
    let seat = level.map_or_else(|| priced.seat.to_string(), |level| format!("{level} {}", priced.seat));
    if kind.is_standard() {
        return format!("{seat} ({price})");
    }
    format!("{seat} ({}, {price})", ticket_type(kind, language))
}
