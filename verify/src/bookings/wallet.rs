//! Movements in wallets that bookings caused.

use ticketshow_domain::{PaymentId, wallet};
use ticketshow_nats::log::envelope::RecordedEvent;

use super::Bookings;
use crate::findings::{Findings, Invariant};

impl Bookings {
    pub fn take_wallet(&mut self, recorded: &RecordedEvent, event: &wallet::Event, findings: &mut Findings) {
        let mut unsettled = |detail| findings.violated(Invariant::DebitSettled, recorded.position, detail);
        match event {
            wallet::Event::WalletDebited { reference, amount, .. } => {
                let payment = PaymentId(reference.id);
                if let Some(to_pay) = self.moves.debit(payment) {
                    if to_pay != amount.amount_minor {
                        unsettled(format!("move {payment} debited a different amount than requested"));
                    }
                    return;
                }
                let Some(attempt) = self.attempts.get_mut(&payment) else {
                    return unsettled(format!("payment {payment} was debited without a request"));
                };
                let asked = self.opened.get(&attempt.booking).map(|booking| booking.amount_minor);
                if asked.is_some_and(|asked| asked != amount.amount_minor) {
                    unsettled(format!("payment {payment} debited a different amount than requested"));
                }
                attempt.debited_minor = Some(amount.amount_minor);
                self.refunds.add_paid(payment, amount.amount_minor);
            }
            wallet::Event::WalletCredited { reference, amount, .. } => match reference.kind {
                wallet::EntryKind::Refund => {
                    let payment = PaymentId(reference.id);
                    if self.refunds.is_sent_to_wallet(payment) {
                        self.refunds.record(payment, amount.amount_minor, recorded, findings);
                        return;
                    }
                    if let Some(taken) = self.moves.credit(payment) {
                        if taken != amount.amount_minor {
                            unsettled(format!("move {payment} was refunded a different amount than debited"));
                        }
                        return;
                    }
                    if let Some(back) = self.returns.get_mut(&payment) {
                        if back.amount_minor != amount.amount_minor {
                            unsettled(format!("return {payment} was refunded a different amount than due"));
                        }
                        if !std::mem::replace(&mut back.credited, true) {
                            self.refunds.record(payment, amount.amount_minor, recorded, findings);
                        }
                        return;
                    }
                    let attempt = self.attempts.get_mut(&payment);
                    let Some(attempt) = attempt.filter(|attempt| attempt.debited_minor.is_some()) else {
                        return unsettled(format!("payment {payment} was refunded but never debited"));
                    };
                    let owed = attempt.owed_minor();
                    if owed != Some(amount.amount_minor) {
                        unsettled(format!("payment {payment} was refunded a different amount than debited"));
                    }
                    // A second credit to the same wallet is reported as a repeated reference.
                    if attempt.credited_minor.replace(amount.amount_minor).is_none() {
                        self.refunds.record(payment, amount.amount_minor, recorded, findings);
                    }
                }
                wallet::EntryKind::TopUp | wallet::EntryKind::Payment | wallet::EntryKind::Credit => {}
            },
            wallet::Event::CreditProposed { .. } | wallet::Event::WalletDebitDeclined { .. } => {}
        }
    }
}
