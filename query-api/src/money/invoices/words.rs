//! Words of invoices and credit notes.

use ticketshow_domain::Language;

/// Words of one language.
pub(super) struct Words {
    pub invoice: &'static str,
    /// An invoice that names the tax in its amount.
    pub tax_invoice: &'static str,
    pub credit_note: &'static str,
    pub total: &'static str,
    pub total_returned: &'static str,
    pub seller: &'static str,
    pub tax_number: &'static str,
    pub service_code: &'static str,
    pub buyer: &'static str,
    pub date: &'static str,
    pub booking: &'static str,
    pub subject: &'static str,
    /// Before the number of the invoice that a credit note corrects.
    pub to_invoice: &'static str,
    pub booking_fee: &'static str,
    pub discount: &'static str,
    pub difference: &'static str,
    pub given_back: &'static str,
    pub without_tax: &'static str,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
    }
}

const ENGLISH: Words = Words {
    invoice: "Invoice",
    tax_invoice: "Tax invoice",
    credit_note: "Credit note",
    total: "Total",
    total_returned: "Total returned",
    seller: "From",
    tax_number: "Tax number",
    service_code: "Service code",
    buyer: "To",
    date: "Date",
    booking: "Booking",
    subject: "For",
    to_invoice: "To invoice",
    booking_fee: "Booking fee",
    discount: "Discount",
    difference: "Difference for other seats",
    given_back: "Tickets given back or exchanged",
    without_tax: "Without tax",
};

const HINDI: Words = Words {
    invoice: "बीजक",
    tax_invoice: "कर बीजक",
    credit_note: "जमा पत्र",
    total: "कुल",
    total_returned: "कुल वापसी",
    seller: "विक्रेता",
    tax_number: "कर संख्या",
    service_code: "सेवा कोड",
    buyer: "ग्राहक",
    date: "तारीख",
    booking: "बुकिंग",
    subject: "विवरण",
    to_invoice: "मूल बीजक",
    booking_fee: "बुकिंग शुल्क",
    discount: "छूट",
    difference: "दूसरी सीटों के दाम का अंतर",
    given_back: "लौटाए या बदले गए टिकट",
    without_tax: "कर के बिना",
};
