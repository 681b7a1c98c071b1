//! Tills: the cash of each session adds up, and the cash of each sale and refund at the counter is in one session.

use std::collections::HashMap;

use jiff::Timestamp;
use ticketshow_domain::{
    BookingId, PaymentId, TillId,
    booking::{self, PaymentMethod},
    screening,
    till::Event,
};
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::findings::{Findings, InFlight, Invariant};

/// Sessions, and the cash that they should contain.
#[derive(Debug, Default)]
pub(super) struct Tills {
    /// Expected cash of each session, in minor units.
    sessions: HashMap<TillId, i64>,
    sales: Movements,
    refunds: Movements,
}

/// Cash that moved one way, by payment.
#[derive(Debug, Default)]
struct Movements {
    /// According to screenings and bookings.
    decided: HashMap<PaymentId, Cash>,
    /// According to the tills.
    entered: HashMap<PaymentId, Entry>,
}

#[derive(Debug)]
struct Cash {
    booking: BookingId,
    entry: (Option<TillId>, i64),
    position: u64,
    since: Timestamp,
}

#[derive(Debug)]
struct Entry {
    entry: (Option<TillId>, i64),
    position: u64,
}

impl Tills {
    pub fn take_till(&mut self, recorded: &RecordedEvent, event: &Event, findings: &mut Findings) {
        let mut wrong = |detail| findings.violated(Invariant::TillAdds, recorded.position, detail);
        match event {
            Event::TillOpened { till, float, .. } => {
                if self.sessions.insert(*till, float.amount_minor).is_some() {
                    wrong(format!("session {till} was opened again"));
                }
            }
            Event::CashTaken { till, payment, amount, .. } => {
                self.enter(*till, amount.amount_minor, recorded, findings);
                self.sales.enter(*payment, *till, amount.amount_minor, recorded, findings);
            }
            Event::CashReturned { till, payment, amount, .. } => {
                self.enter(*till, -amount.amount_minor, recorded, findings);
                self.refunds.enter(*payment, *till, amount.amount_minor, recorded, findings);
            }
            Event::TillClosed { till, expected, .. } => {
                if self.sessions.get(till) != Some(&expected.amount_minor) {
                    wrong(format!("session {till} was closed with a wrong expectation"));
                }
            }
        }
    }

    fn enter(&mut self, till: TillId, minor: i64, recorded: &RecordedEvent, findings: &mut Findings) {
        if let Some(expected) = self.sessions.get_mut(&till) {
            *expected += minor;
        } else {
            let detail = format!("session {till} is not open");
            findings.violated(Invariant::TillAdds, recorded.position, detail);
        }
    }

    pub fn take_screening(&mut self, recorded: &RecordedEvent, event: &screening::Event) {
        if let screening::Event::SeatsSoldAtCounter { booking, amount, sale, .. } = event
            && sale.method == PaymentMethod::Cash
        {
            let entry = (sale.till, amount.amount_minor);
            self.sales.decide(sale.payment, *booking, entry, recorded);
        }
    }

    pub fn take_booking(&mut self, recorded: &RecordedEvent, event: &booking::Event) {
        if let booking::Event::SeatsReturned { booking, returned, due, .. } = event
            && let Some(counter) = returned.counter
        {
            self.refunds.decide(returned.id, *booking, (counter.till, due.amount.amount_minor), recorded);
        }
        if let booking::Event::BookingRefunded {
            booking,
            payment,
            target,
            amount,
            counter: Some(counter),
            ..
        } = event
            && *target == PaymentMethod::Cash
        {
            self.refunds.decide(*payment, *booking, (counter.till, amount.amount_minor), recorded);
        }
    }

    /// Compares the cash of sales and refunds with the entries at the end of the log.
    pub fn finish(&self, settled_before: Option<Timestamp>, findings: &mut Findings) {
        self.sales.finish("sale", settled_before, findings);
        self.refunds.finish("refund", settled_before, findings);
    }
}

impl Movements {
    fn enter(
        &mut self,
        payment: PaymentId,
        till: TillId,
        minor: i64,
        recorded: &RecordedEvent,
        findings: &mut Findings,
    ) {
        let position = recorded.position;
        if self.entered.insert(payment, Entry { entry: (Some(till), minor), position }).is_some() {
            let detail = format!("cash of payment {payment} was entered again");
            findings.violated(Invariant::CashInTill, position, detail);
        }
    }

    fn decide(
        &mut self,
        payment: PaymentId,
        booking: BookingId,
        entry: (Option<TillId>, i64),
        recorded: &RecordedEvent,
    ) {
        let (position, since) = (recorded.position, recorded.metadata.time);
        self.decided.insert(payment, Cash { booking, entry, position, since });
    }

    fn finish(&self, what: &str, settled_before: Option<Timestamp>, findings: &mut Findings) {
        for (payment, Cash { booking, entry, position, since }) in &self.decided {
            let (position, since) = (*position, *since);
            match self.entered.get(payment) {
                Some(entered) if entered.entry == *entry => {}
                Some(entered) => {
                    let detail = format!("cash of the {what} of payment {payment} was entered differently");
                    findings.violated(Invariant::CashInTill, entered.position, detail);
                }
                None if settled_before.is_some_and(|settled_before| since < settled_before) => {
                    let detail = format!("cash of the {what} of payment {payment} is in no till");
                    findings.violated(Invariant::CashInTill, position, detail);
                }
                None => findings.in_flight(InFlight {
                    booking: Some(*booking),
                    payment: *payment,
                    position,
                    since,
                    waits_for: "its cash in the till",
                }),
            }
        }
        for (payment, entered) in &self.entered {
            if !self.decided.contains_key(payment) {
                let detail = format!("cash of payment {payment} was entered without a {what}");
                findings.violated(Invariant::CashInTill, entered.position, detail);
            }
        }
    }
}
