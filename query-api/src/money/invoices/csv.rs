//! Invoices and credit notes as CSV, with amounts in units of the currency and headings in the language of the caller.

use std::fmt::Write as _;

use ticketshow_domain::{
    BookingId, Language,
    invoices::{DocumentKind, Tax},
};

use super::Row;
use crate::machinery::{
    csv::{UTF8_MARK, text},
    formatting::{in_units, money},
};

struct Words {
    headings: [&'static str; 11],
    invoice: &'static str,
    credit_note: &'static str,
}

const ENGLISH: Words = Words {
    headings: [
        "Number",
        "Kind",
        "Day",
        "Booking",
        "Show",
        "Venue",
        "Amount",
        "Without tax",
        "Tax",
        "Tax by rate",
        "Currency",
    ],
    invoice: "Invoice",
    credit_note: "Credit note",
};

const HINDI: Words = Words {
    headings: [
        "नंबर",
        "प्रकार",
        "दिन",
        "बुकिंग",
        "शो",
        "थिएटर",
        "रकम",
        "बिना टैक्स",
        "टैक्स",
        "दर के हिसाब से टैक्स",
        "मुद्रा",
    ],
    invoice: "इनवॉइस",
    credit_note: "क्रेडिट नोट",
};

/// Encodes a line per document, after the headings. Amounts of credit notes are negative.
pub(super) fn encode(rows: &[Row], language: Language) -> String {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Hi => &HINDI,
    };
    let mut lines = format!("{UTF8_MARK}{}\r\n", words.headings.join(","));
    for row in rows {
        let (kind, sign) = match row.kind.0 {
            DocumentKind::Invoice => (words.invoice, 1),
            DocumentKind::CreditNote => (words.credit_note, -1),
        };
        let amount = |minor: i64| in_units(money(sign * minor, row.currency));
        let share = |tax: &Tax| {
            let percent = f64::from(tax.percent_hundredths) / 100.0;
            format!("{} {percent} %: {}", tax.name, amount(tax.amount_minor))
        };
        let shares = row.tax.iter().map(share).collect::<Vec<_>>().join("; ");
        let net_minor = row.net_minor();
        let [sum, net, tax] = [row.amount_minor, net_minor, row.amount_minor - net_minor].map(amount);
        let (number, day, currency) = (&row.number, row.day.to_jiff(), row.currency);
        let reference = BookingId(row.booking_id).reference();
        let [show, venue, shares] =
            [&row.show_title, &row.venue_name, &shares].map(|name| text(Some(name.as_str())));
        let _ = write!(
            lines,
            "{number},{kind},{day},{reference},{show},{venue},{sum},{net},{tax},{shares},{currency}\r\n"
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::{Currency, invoices::Line};
    use uuid::Uuid;

    use super::*;
    use crate::machinery::word::Word;

    fn row(kind: DocumentKind) -> Row {
        let tax = |name: &str| Tax { name: name.to_owned(), percent_hundredths: 900, amount_minor: 3_890 };
        Row {
            version: 1,
            number: "INV-2026-000042".to_owned(),
            kind: Word(kind),
            day: jiff_sqlx::ToSqlx::to_sqlx(jiff::civil::date(2026, 11, 29)),
            issued_at: jiff::Timestamp::UNIX_EPOCH.into(),
            booking_id: Uuid::nil(),
            show_title: "Rain, \"Fog\"".to_owned(),
            venue_name: "=Rex".to_owned(),
            amount_minor: 51_000,
            fees_minor: 1_000,
            currency: Currency::INR,
            lines: sqlx::types::Json(Vec::<Line>::new()),
            tax: sqlx::types::Json(vec![tax("CGST"), tax("SGST")]),
            seller_name: String::new(),
            seller_address: String::new(),
            tax_number: String::new(),
            service_code: String::new(),
            buyer: None,
            promotion_code: None,
            promotion_name: None,
        }
    }

    #[test]
    fn documents_are_written_with_headings_in_words_and_amounts_in_units() {
        let rows = [row(DocumentKind::Invoice), row(DocumentKind::CreditNote)];
        let english = encode(&rows, Language::En);
        let lines: Vec<&str> = english.split("\r\n").collect();
        let headings = "Number,Kind,Day,Booking,Show,Venue,Amount,Without tax,Tax,Tax by rate,Currency";
        assert_eq!(lines[0], format!("\u{feff}{headings}"));
        let reference = BookingId(Uuid::nil()).reference();
        let place = format!("2026-11-29,{reference},\"Rain, \"\"Fog\"\"\",'=Rex");
        let shares = "CGST 9 %: 38.90; SGST 9 %: 38.90";
        assert_eq!(lines[1], format!("INV-2026-000042,Invoice,{place},510.00,432.20,77.80,{shares},INR"));
        let shares = "CGST 9 %: -38.90; SGST 9 %: -38.90";
        assert_eq!(
            lines[2],
            format!("INV-2026-000042,Credit note,{place},-510.00,-432.20,-77.80,{shares},INR")
        );

        let hindi = encode(&rows, Language::Hi);
        assert!(hindi.starts_with("\u{feff}नंबर,प्रकार,") && hindi.contains(",क्रेडिट नोट,"), "{hindi}");
    }
}
