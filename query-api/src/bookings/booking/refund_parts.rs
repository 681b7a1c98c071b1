//! Shares of the payments of a booking in its refund.

use serde::{Deserialize, Serialize};
use ticketshow_domain::{
    Currency, Money, PaymentId,
    booking::{
        PaymentMethod, RefundDue,
        sources::{Source, cancellation_shares},
    },
};
use ticketshow_http::schema;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::machinery::{formatting::money, word::Word};

/// A payment of a booking with the money that it did not give back, as `select_bookings!` reads it.
#[derive(Debug, Deserialize)]
pub struct StoredSource {
    payment: Uuid,
    method: PaymentMethod,
    left_minor: i64,
}

/// Share of one payment in the refund of a cancellation.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundPart {
    /// Destination of the share.
    #[schema(value_type = schema::PaymentMethod)]
    to: Word<PaymentMethod>,
    #[schema(value_type = schema::Money)]
    amount: Money,
    /// Money of this payment in the booking. Seats that are given back take from the second part first, then from those after it, and
    /// from the first part at last.
    #[schema(value_type = schema::Money)]
    left: Money,
}

impl RefundPart {
    /// Returns the destination, unless the house keeps all that the payment took.
    pub fn destination(&self) -> Option<Word<PaymentMethod>> {
        (self.amount.amount_minor > 0).then_some(self.to)
    }
}

/// Divides the refund of a cancellation among the payments that have money in the booking.
pub fn parts(refund_minor: i64, sources: &[StoredSource], currency: Currency) -> Vec<RefundPart> {
    let source = |&StoredSource { payment, method, left_minor }: &StoredSource| Source {
        payment: PaymentId(payment),
        method,
        left: money(left_minor, currency),
    };
    let sources: Vec<Source> = sources.iter().map(source).collect();
    let shares = cancellation_shares(money(refund_minor, currency), &sources);
    let part = |(RefundDue { method, amount, .. }, source): (RefundDue, &Source)| RefundPart {
        to: Word(method),
        amount,
        left: source.left,
    };
    let has_money = |part: &RefundPart| part.left.amount_minor > 0 || part.amount.amount_minor > 0;
    shares.into_iter().zip(&sources).map(part).filter(has_money).collect()
}

#[cfg(test)]
mod tests {
    use PaymentMethod::{Card, Wallet};

    use super::*;

    fn divided(refund_minor: i64, sources: &[(PaymentMethod, i64)]) -> Vec<(PaymentMethod, i64, i64)> {
        let stored = |&(method, left_minor): &_| StoredSource { payment: Uuid::nil(), method, left_minor };
        let stored: Vec<StoredSource> = sources.iter().map(stored).collect();
        let shown = |part: &RefundPart| (part.to.0, part.amount.amount_minor, part.left.amount_minor);
        parts(refund_minor, &stored, Currency::INR).iter().map(shown).collect()
    }

    #[test]
    fn each_payment_refunds_what_it_has_left() {
        let mixed = [(Card, 20_000), (Wallet, 10_000)];
        assert_eq!(divided(30_000, &mixed), [(Card, 20_000, 20_000), (Wallet, 10_000, 10_000)]);
        assert_eq!(divided(25_000, &mixed), [(Card, 20_000, 20_000), (Wallet, 5_000, 10_000)]);
        assert_eq!(divided(15_000, &mixed), [(Card, 15_000, 20_000), (Wallet, 0, 10_000)]);
    }

    #[test]
    fn a_payment_that_gave_everything_back_has_no_part() {
        let left = [(Card, 0), (Wallet, 10_000), (Card, 0)];
        assert_eq!(divided(10_000, &left), [(Wallet, 10_000, 10_000)]);
        assert_eq!(divided(0, &[]), []);
    }
}
