//! Documents: the numbers of invoices and of credit notes have no gap, and each payment and refund of a booking has one document.

use std::collections::HashMap;

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, Money, booking,
    invoices::{DocumentKind, DocumentNumber, Draft, Event},
    seat_return::RefundWay,
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, Invariant};

/// The register, and the money that it should contain.
#[derive(Debug, Default)]
pub(super) struct Invoices {
    /// Money without a document so far, by position and version in its booking.
    owed: HashMap<(u64, u64), Owed>,
    issued: HashMap<(DocumentKind, i16), u64>,
    /// Source of the last document.
    last: Option<(u64, u64)>,
}

#[derive(Debug)]
struct Owed {
    kind: DocumentKind,
    booking: BookingId,
    amount: Money,
    since: Timestamp,
}

impl Invoices {
    pub fn take_booking(&mut self, recorded: &RecordedEvent, event: &booking::Event) {
        let Some((kind, booking, amount)) = moved(event) else { return };
        if amount.amount_minor > 0 {
            let owed = Owed { kind, booking, amount, since: recorded.metadata.time };
            self.owed.insert((recorded.position, recorded.version), owed);
        }
    }

    pub fn take(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let Event::DocumentIssued { number, draft } = event else { return };
        self.count(recorded, *number, findings);
        let source = (draft.source.position, draft.source.version);
        let mut wrong = |detail| findings.violated(Invariant::MoneyDocumented, recorded.position, detail);
        if self.last.replace(source).is_some_and(|last| last >= source) {
            wrong(format!("{number} is about an event before that of the last document"));
        }
        match self.owed.remove(&source) {
            Some(owed) if owed.fits(draft) => {}
            Some(Owed { booking, .. }) => {
                wrong(format!("{number} does not have what booking {booking} paid or got back"));
            }
            None => {
                wrong(format!("{number} is about nothing that was paid or given back, or about it again"));
            }
        }
        let lines: i64 = draft.lines.iter().map(|line| line.amount_minor).sum();
        if !draft.lines.is_empty() && lines + draft.fees_minor != draft.amount.amount_minor {
            wrong(format!("the lines of {number} do not add up"));
        }
    }

    fn count(&mut self, recorded: &RecordedEvent, number: DocumentNumber, findings: &mut Findings) {
        let before = self.issued.insert((number.kind, number.year), number.number).unwrap_or_default();
        if number.number != before + 1 {
            let detail = format!("{number} comes after number {before}");
            findings.violated(Invariant::NumbersGapless, recorded.position, detail);
        }
    }

    /// Looks for money without a document. A log without any is of a version that issued none.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        let Some(last) = self.last else { return };
        for (source, owed) in &self.owed {
            let was_skipped = *source <= last;
            if was_skipped || settled_before.is_some_and(|settled_before| owed.since < settled_before) {
                let detail =
                    format!("booking {} paid or got back {} without a document", owed.booking, owed.amount);
                findings.violated(Invariant::MoneyDocumented, source.0, detail);
            }
        }
    }
}

impl Owed {
    fn fits(&self, draft: &Draft) -> bool {
        (self.kind, self.booking, self.amount) == (draft.kind, draft.booking, draft.amount)
    }
}

/// Money that an event of a booking reports as paid or refunded.
fn moved(event: &booking::Event) -> Option<(DocumentKind, BookingId, Money)> {
    match event {
        booking::Event::BookingConfirmed { booking, amount, .. } => {
            Some((DocumentKind::Invoice, *booking, *amount))
        }
        booking::Event::BookingCancelled { booking, refund_due: Some(due), .. } => {
            Some((DocumentKind::CreditNote, *booking, due.amount))
        }
        booking::Event::SeatsReturned { booking, returned, due, .. }
            if returned.refund != RefundWay::None =>
        {
            Some((DocumentKind::CreditNote, *booking, due.amount))
        }
        booking::Event::BookingMoved { booking, moved, .. } => match (moved.to_pay, moved.due) {
            (Some(amount), _) => Some((DocumentKind::Invoice, *booking, amount)),
            (None, Some(amount)) => Some((DocumentKind::CreditNote, *booking, amount)),
            (None, None) => None,
        },
        booking::Event::BookingCancelled { refund_due: None, .. }
        | booking::Event::SeatsReturned { .. }
        | booking::Event::BookingOpened { .. }
        | booking::Event::PaymentAttemptStarted { .. }
        | booking::Event::PaymentAttemptFailed { .. }
        | booking::Event::BookingExpired { .. }
        | booking::Event::ReturnRefunded { .. }
        | booking::Event::BookingRefunded { .. }
        | booking::Event::NoteAdded { .. }
        | booking::Event::BuyerErased { .. }
        | booking::Event::TicketShared { .. }
        | booking::Event::ShareEnded { .. }
        | booking::Event::MoveRequested { .. }
        | booking::Event::DiscountApplied { .. }
        | booking::Event::DiscountRemoved { .. }
        | booking::Event::MovePaid { .. }
        | booking::Event::MoveRefused { .. }
        | booking::Event::BookingRescheduled { .. } => None,
    }
}
