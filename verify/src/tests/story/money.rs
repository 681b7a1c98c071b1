//! Events of payments, wallets, tills and documents.

use ticketshow_domain::{
    AnyEvent, RegisterId,
    examples::inr,
    invoices::{self, DocumentKind, DocumentNumber, Draft, Source},
    payment::{self, Purpose, RefundReason, RefundTarget, ReviewDecision},
    seat_return::RefundWay,
    till,
    wallet::{self, EntryKind, Reference},
};

use crate::tests::story::*;

pub fn till_opened(n: u8, float: i64) -> Step {
    let (till, seller, float, fingerprint) = (session(n), customer(), inr(float), None);
    on_till(till::Event::TillOpened { till, seller, float, fingerprint })
}

pub fn cash_taken(n: u8, by: u8, amount: i64) -> Step {
    let (till, booking, payment, amount) = (session(n), booking(by), payment(by), inr(amount));
    on_till(till::Event::CashTaken { till, booking, payment, amount })
}

pub fn cash_returned(n: u8, by: u8, amount: i64) -> Step {
    cash_returned_for(n, by, by, amount)
}

/// Cash for booking `of` that was returned in session `n` under the id of payment `by`.
pub fn cash_returned_for(n: u8, of: u8, by: u8, amount: i64) -> Step {
    let (till, booking, payment, amount) = (session(n), booking(of), payment(by), inr(amount));
    on_till(till::Event::CashReturned { till, booking, payment, amount })
}

pub fn till_closed(n: u8, expected: i64) -> Step {
    let (till, counted, expected, at) = (session(n), inr(0), inr(expected), time(0));
    on_till(till::Event::TillClosed { till, counted, expected, at })
}

/// A part of payment `n` is split off.
pub fn split_off(n: u8, part: u8, amount: i64) -> Step {
    let (part, amount, refund) = (payment(part), inr(amount), RefundWay::Original);
    on_payment(n, payment::Event::PartSplitOff { part, amount, refund })
}

/// Payment `part`, which refunds a part of payment `n`.
pub fn part_opened(n: u8, part: u8, amount: i64) -> [Step; 2] {
    let purpose = Purpose::Part { of: payment(n), booking: booking(n) };
    [opened_of(part, purpose, amount), captured_of(part, amount)]
}

pub fn captured(n: u8) -> Step {
    captured_of(n, 300)
}

pub fn refund_requested_to_wallet(n: u8) -> Step {
    let (target, reason) = (RefundTarget::Wallet, RefundReason::PaidTwice);
    on_payment(n, payment::Event::RefundRequested { target, reason, amount: inr(300) })
}

/// Card payment `n` for a booking of 300 rupees.
pub fn card_opened(of: u8, n: u8) -> Step {
    card_opened_of(of, n, 300)
}

pub fn card_opened_of(of: u8, n: u8, amount: i64) -> Step {
    opened_of(n, Purpose::Booking { booking: booking(of) }, amount)
}

/// Card payment `n` for the difference of a move of booking `of`.
pub fn difference_opened(of: u8, n: u8, amount: i64) -> Step {
    opened_of(n, Purpose::Difference { booking: booking(of) }, amount)
}

/// Payment `n`: money that the provider captured a second time for payment `of`.
pub fn stray_opened(n: u8, of: u8) -> Step {
    opened_for(n, Purpose::Stray { of: payment(of) })
}

pub fn top_up_opened(n: u8) -> Step {
    opened_for(n, Purpose::TopUp)
}

fn opened_for(n: u8, purpose: Purpose) -> Step {
    opened_of(n, purpose, 300)
}

fn opened_of(n: u8, purpose: Purpose, amount: i64) -> Step {
    let (payment, customer, amount) = (payment(n), customer(), inr(amount));
    on_payment(n, payment::Event::PaymentOpened { payment, customer, purpose, amount, fingerprint: None })
}

pub fn captured_of(n: u8, amount: i64) -> Step {
    let (provider_payment, captured) = (format!("pay_{n}"), inr(amount));
    on_payment(n, payment::Event::PaymentCaptured { provider_payment, captured })
}

pub fn mismatched(n: u8, amount: i64) -> Step {
    let (provider_payment, captured) = (format!("pay_{n}"), inr(amount));
    on_payment(n, payment::Event::PaymentMismatched { provider_payment, captured })
}

pub fn accepted(n: u8) -> Step {
    let (decision, by) = (ReviewDecision::Accept, customer());
    on_payment(n, payment::Event::ReviewDecided { decision, by })
}

pub fn refund_requested(n: u8, amount: i64) -> Step {
    let (target, reason) = (RefundTarget::Card, RefundReason::PaidTwice);
    on_payment(n, payment::Event::RefundRequested { target, reason, amount: inr(amount) })
}

pub fn refund_completed(n: u8, amount: i64) -> Step {
    let (target, amount) = (RefundTarget::Card, inr(amount));
    on_payment(n, payment::Event::RefundCompleted { target, amount })
}

pub fn refund_completed_to_wallet(n: u8) -> Step {
    let (target, amount) = (RefundTarget::Wallet, inr(300));
    on_payment(n, payment::Event::RefundCompleted { target, amount })
}

pub fn top_up(n: u8) -> Reference {
    Reference { kind: EntryKind::TopUp, id: payment(n).0 }
}

pub fn credit(n: u8) -> Reference {
    Reference { kind: EntryKind::Credit, id: id(8, n) }
}

pub fn refund(n: u8) -> Reference {
    Reference::refund(payment(n))
}

pub fn credited(reference: Reference, amount: i64, balance_after_minor: i64) -> Step {
    on_wallet(wallet::Event::WalletCredited {
        customer: customer(),
        reference,
        amount: inr(amount),
        balance_after_minor,
        booking: None,
        reason: None,
    })
}

pub fn debited(n: u8, by: u8, amount: i64, balance_after_minor: i64) -> Step {
    on_wallet(wallet::Event::WalletDebited {
        customer: customer(),
        reference: Reference::payment(payment(by)),
        amount: inr(amount),
        balance_after_minor,
        booking: booking(n),
    })
}

/// Document `number` for what booking `n` paid or got back with an event: its position, and its version in the booking.
pub fn issued(kind: DocumentKind, number: u64, n: u8, source: (u64, u64), minor: i64) -> Step {
    let draft = Draft {
        kind,
        source: Source { position: source.0, version: source.1 },
        booking: booking(n),
        customer: customer(),
        screening: screening_id(),
        at: time(0),
        day: "2026-11-30".parse().unwrap(),
        show_title: "Rain".to_owned(),
        venue_name: "Rex".to_owned(),
        lines: Vec::new(),
        fees_minor: 0,
        promotion: None,
        amount: inr(minor),
        tax: Vec::new(),
    };
    let number = DocumentNumber { kind, year: 2026, number };
    let event = AnyEvent::Invoices(invoices::Event::DocumentIssued { number, draft });
    Step { aggregate: "invoices", id: RegisterId::ONLY.0, event }
}
