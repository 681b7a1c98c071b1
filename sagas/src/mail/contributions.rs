//! Sums of refunds to which several payments of a booking contribute. The contributions' events come first in the commit, and
//! the mail is about the last event, which names the occasion.

use ticketshow_domain::{
    AnyEvent,
    booking::{Event, RefundDue},
    mail::MailKind,
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
            self.0.push(*due);
        }
    }

    /// Adds refunds to the same destination to the sum that a notice names. The wallet and the provider show the rest.
    pub fn add_to(&self, mut notice: Notice) -> Notice {
        if let Notice::Mail(_, matter) | Notice::IfReachable(_, _, matter) = &mut notice
            && let MailKind::BookingCancelled { refund_due: Some(due), .. }
            | MailKind::SeatsReturned { refund_due: Some(due), .. } = matter
        {
            let is_same = |other: &&RefundDue| due.to.is_some() || other.method == due.method;
            let more: i64 = self.0.iter().filter(is_same).map(|other| other.amount.amount_minor).sum();
            due.amount.amount_minor += more;
        }
        notice
    }
}
