//! Numbers without gaps, each document once, however often it is sent.

use super::*;
use crate::{
    booking::{self, CancelledBy, PaymentMethod, RefundDue},
    examples::{Given, at, booking as booking_id, gold, inr, payment, promise, screening, user, uuid},
    hold::{PricedSeat, Reservation},
    pricing::Charges,
};

fn seller(name: &str) -> Seller {
    Seller { name: name.to_owned(), ..Seller::default() }
}

fn document(kind: DocumentKind, position: u64, day: &str) -> Draft {
    Draft {
        kind,
        source: Source { position, version: 3 },
        booking: booking_id(1),
        customer: user(1),
        screening: screening(1),
        at: at(0),
        day: day.parse().unwrap(),
        show_title: "Rain".to_owned(),
        venue_name: "Rex".to_owned(),
        lines: Vec::new(),
        fees_minor: 0,
        amount: inr(500),
        tax: Vec::new(),
        promotion: None,
    }
}

fn invoice(position: u64) -> Draft {
    document(DocumentKind::Invoice, position, "2026-12-31")
}

fn issue(drafts: &[Draft]) -> Command {
    Command::IssueDocuments { seller: seller("Rex Ltd"), drafts: drafts.to_vec() }
}

fn numbers(events: &[Event]) -> Vec<String> {
    let number = |event: &Event| match event {
        Event::DocumentIssued { number, .. } => Some(number.to_string()),
        Event::SellerNamed { .. } => None,
    };
    events.iter().filter_map(number).collect()
}

#[test]
fn numbers_count_up_by_kind_and_year() {
    let drafts = [
        invoice(4),
        document(DocumentKind::CreditNote, 5, "2026-12-31"),
        invoice(7),
        document(DocumentKind::Invoice, 8, "2027-01-01"),
        // Paid before midnight, and in the log after it.
        invoice(9),
    ];
    let events = Given::<Invoices>::new(&[]).decide(issue(&drafts), at(0)).unwrap();
    assert_eq!(
        numbers(&events),
        ["INV-2026-000001", "CN-2026-000001", "INV-2026-000002", "INV-2027-000001", "INV-2026-000003"]
    );
    assert_eq!(events[0], Event::SellerNamed { seller: seller("Rex Ltd") });
}

#[test]
fn a_document_that_is_sent_again_keeps_its_number_and_gets_no_other() {
    let events = Given::<Invoices>::new(&[]).decide(issue(&[invoice(4), invoice(7)]), at(0)).unwrap();
    let again = Given::<Invoices>::new(&events).decide(issue(&[invoice(4), invoice(7)]), at(1)).unwrap();
    assert_eq!(again, []);
    let overlapping = issue(&[invoice(7), invoice(9)]);
    let next = Given::<Invoices>::new(&events).decide(overlapping, at(1)).unwrap();
    assert_eq!(numbers(&next), ["INV-2026-000003"]);
}

#[test]
fn two_events_of_one_commit_have_a_document_each() {
    let second = Draft { source: Source { position: 4, version: 4 }, ..invoice(4) };
    let events = Given::<Invoices>::new(&[]).decide(issue(&[invoice(4), second]), at(0)).unwrap();
    assert_eq!(numbers(&events), ["INV-2026-000001", "INV-2026-000002"]);
}

#[test]
fn a_party_is_named_when_it_changes() {
    let events = Given::<Invoices>::new(&[]).decide(issue(&[invoice(4)]), at(0)).unwrap();
    let command = Command::IssueDocuments { seller: seller("Regal Ltd"), drafts: vec![invoice(5)] };
    let next = Given::<Invoices>::new(&events).decide(command.clone(), at(1)).unwrap();
    assert_eq!((next.len(), &next[0]), (2, &Event::SellerNamed { seller: seller("Regal Ltd") }));
    let all: Vec<Event> = events.into_iter().chain(next).collect();
    assert_eq!(Given::<Invoices>::new(&all).decide(command, at(2)), Ok(vec![]), "nothing to issue");
}

#[test]
fn only_money_that_moves_has_a_document() {
    let (booking, screening, customer) = (booking_id(1), screening(1), user(1));
    let confirmed = |minor, method| booking::Event::BookingConfirmed {
        booking,
        screening,
        customer,
        payment: payment(1),
        method,
        amount: inr(minor),
        tickets: Vec::new(),
    };
    assert!(Cause::of(&confirmed(500, PaymentMethod::Wallet)).is_some());
    assert_eq!(Cause::of(&confirmed(0, PaymentMethod::Complimentary)), None);
    let cancelled = |refund_due| booking::Event::BookingCancelled {
        booking,
        screening,
        customer,
        by: CancelledBy::House,
        reason: None,
        cascade: None,
        refund_due,
    };
    let due = RefundDue { payment: payment(1), method: PaymentMethod::Wallet, amount: inr(500), to: None };
    assert!(Cause::of(&cancelled(Some(due))).is_some());
    assert_eq!(Cause::of(&cancelled(None)), None, "the house keeps the money, or there was none");
}

#[test]
fn an_invoice_says_what_each_ticket_cost_less_and_by_which_promotion() {
    let (booking, screening, customer) = (booking_id(1), screening(1), user(1));
    let issued = |seats: Vec<PricedSeat>| {
        let amount = inr(seats.iter().map(PricedSeat::net_minor).sum());
        let reservation = Reservation {
            booking,
            customer,
            screening,
            seats,
            amount,
            starts_at: at(90_000),
            cancel_until: at(80_000),
            charges: Charges::default(),
            cancellation_fee_minor: 0,
            promotion: Some(PromotionId(uuid(7))),
        };
        let opened = booking::Event::BookingOpened { reservation, sale: None };
        let booked = Given::<booking::Booking>::new(&[opened]).0.opened.unwrap();
        let (method, tickets) = (PaymentMethod::Wallet, Vec::new());
        let confirmed = booking::Event::BookingConfirmed {
            booking,
            screening,
            customer,
            payment: payment(1),
            method,
            amount,
            tickets,
        };
        let cause = Cause::of(&confirmed).unwrap();
        cause.draft(Source { position: 4, version: 3 }, at(0), &booked, &promise())
    };
    let cheap = PricedSeat { discount_minor: 5_000, ..gold("A-1", 30_000) };
    let draft = issued(vec![cheap, gold("A-2", 30_000)]);
    let sums: Vec<_> = draft.lines.iter().map(|line| (line.amount_minor, line.discount_minor)).collect();
    assert_eq!(sums, [(25_000, 5_000), (30_000, 0)]);
    assert_eq!((draft.amount, draft.promotion), (inr(55_000), Some(PromotionId(uuid(7)))));

    let full = issued(vec![gold("A-1", 30_000)]);
    assert_eq!(full.promotion, None);
    let written = serde_json::to_value(&full).unwrap();
    assert!(written.get("promotion").is_none() && written["lines"][0].get("discount_minor").is_none());
}
