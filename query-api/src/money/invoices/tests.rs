//! What invoices and credit notes say, in each language.

use ticketshow_domain::SeatName;

use super::*;

fn ticket(seat: &str, kind: &str, amount_minor: i64, discount_minor: i64) -> Line {
    let (seat, ticket_type) = (SeatName(seat.to_owned()), TicketType(kind.to_owned()));
    Line { seat, ticket_type, amount_minor, discount_minor }
}

fn row(kind: DocumentKind, lines: Vec<Line>, fees_minor: i64) -> Row {
    let amount_minor = lines.iter().map(|line| line.amount_minor).sum::<i64>() + fees_minor;
    let tax = Tax { name: "GST".to_owned(), percent_hundredths: 1_800, amount_minor: 7_000 };
    Row {
        version: 1,
        number: "INV-2026-000042".to_owned(),
        kind: Word(kind),
        day: jiff::civil::date(2026, 11, 29).to_sqlx(),
        issued_at: jiff::Timestamp::UNIX_EPOCH.into(),
        booking_id: Uuid::nil(),
        show_title: "Rain".to_owned(),
        venue_name: "Rex".to_owned(),
        amount_minor: if lines.is_empty() { 50_000 } else { amount_minor },
        fees_minor,
        currency: Currency::INR,
        lines: Stored(lines),
        tax: Stored(vec![tax]),
        seller_name: "Regal Cinemas Ltd".to_owned(),
        seller_address: String::new(),
        tax_number: "27AAPFU0939F1ZV".to_owned(),
        service_code: String::new(),
        buyer: Some("Amélie".to_owned()),
        promotion_code: Some("TUESDAY10".to_owned()),
        promotion_name: Some("Tuesday price".to_owned()),
    }
}

fn discounted() -> Row {
    let lines = vec![
        ticket("A-1", "adult", 22_500, 2_500),
        ticket("A-2", "adult", 22_499, 2_501),
        ticket("A-3", "child", 12_000, 0),
    ];
    row(DocumentKind::Invoice, lines, 1_000)
}

fn pairs(printed: &[(String, String)]) -> Vec<(&str, &str)> {
    printed.iter().map(|(text, amount)| (&**text, &**amount)).collect()
}

#[test]
fn a_discount_has_a_row_of_its_own_and_the_rows_add_up() {
    let printed = discounted().printed(None, Language::En);
    let rows = [
        ("2 × ₹250.00, Adult: A-1, A-2", "₹500.00"),
        ("1 × ₹120.00, Child: A-3", "₹120.00"),
        ("Discount (TUESDAY10)", "-₹50.01"),
        ("Booking fee", "₹10.00"),
    ];
    assert_eq!(pairs(&printed.rows), rows);
    assert_eq!(printed.total, ("Total".to_owned(), "₹579.99".to_owned()));
    assert_eq!(printed.title, "Tax invoice INV-2026-000042");
}

#[test]
fn a_discount_without_a_code_has_the_name_of_its_promotion_if_there_is_one() {
    let second = |code: Option<&str>, name: Option<&str>| {
        let [code, name] = [code, name].map(|text| text.map(str::to_owned));
        let lines = vec![ticket("A-1", "standard", 20_000, 5_000)];
        let row = Row { promotion_code: code, promotion_name: name, ..row(DocumentKind::Invoice, lines, 0) };
        row.printed(None, Language::En).rows.remove(1).0
    };
    assert_eq!(second(None, Some("Tuesday price")), "Discount (Tuesday price)");
    assert_eq!(second(None, None), "Discount");
    // Documents of older versions do not know what their tickets cost before.
    let old = row(DocumentKind::Invoice, vec![ticket("A-1", "standard", 20_000, 0)], 0);
    assert_eq!(pairs(&old.printed(None, Language::En).rows), [("1 × ₹200.00: A-1", "₹200.00")]);
}

#[test]
fn documents_are_in_the_language_of_the_reader_with_the_same_figures() {
    let (english, hindi) =
        (discounted().printed(None, Language::En), discounted().printed(None, Language::Hi));
    assert_eq!(hindi.title, "कर बीजक INV-2026-000042");
    let rows = [
        ("2 × ₹250.00, वयस्क: A-1, A-2", "₹500.00"),
        ("1 × ₹120.00, बच्चा: A-3", "₹120.00"),
        ("छूट (TUESDAY10)", "-₹50.01"),
        ("बुकिंग शुल्क", "₹10.00"),
    ];
    assert_eq!(pairs(&hindi.rows), rows);
    assert!(pairs(&hindi.facts).contains(&("तारीख", "29 नवंबर 2026")), "{:?}", hindi.facts);
    assert_eq!((&hindi.total.1, hindi.included.len()), (&english.total.1, english.included.len()));

    let note = row(DocumentKind::CreditNote, Vec::new(), 0).printed(Some("INV-2026-000001"), Language::Hi);
    assert_eq!(note.title, "जमा पत्र INV-2026-000042");
    assert_eq!(pairs(&note.rows), [("लौटाए या बदले गए टिकट", "₹500.00")]);
    assert!(pairs(&note.facts).contains(&("मूल बीजक", "INV-2026-000001")), "{:?}", note.facts);
}
