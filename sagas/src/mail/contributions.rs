//! Refunds to which several payments of a booking contribute. The contributions' events come first in the commit, and
//! the mail is about the last event, which names the occasion.

use ticketshow_domain::{
    AnyEvent,
    booking::{Event, RefundDue},
    mail::MailKind,
    payment::RefundTarget,
    seat_return::RefundWay,
};

use super::notification::Notice;

/// Refunds of one commit that come before the one that a mail is about.
#[derive(Debug, Default)]
pub(super) struct Contributions(Vec<RefundDue>);

impl Contributions {
    /// Adds the contribution of an event.
    pub fn note(&mut self, event: &AnyEvent) {
        if let AnyEvent::Booking(Event::SeatsReturned { returned, due, .. }) = event
            && returned.seats.is_empty()
        {
            let to = (returned.refund == RefundWay::Wallet).then_some(RefundTarget::Wallet);
            self.0.push(RefundDue { to, ..*due });
        }
    }

    /// Adds the contributions to a notice about a refund.
    pub fn add_to(&self, mut notice: Notice) -> Notice {
        if let Notice::Mail(_, matter) | Notice::IfReachable(_, _, matter) = &mut notice
            && let MailKind::BookingCancelled { refund_due: Some(_), others, .. }
            | MailKind::SeatsReturned { refund_due: Some(_), others, .. } = matter
        {
            others.clone_from(&self.0);
        }
        notice
    }
}
