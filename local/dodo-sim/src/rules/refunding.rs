//! Refunds: their limits and their settlement.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use crate::{
    refusal::Refusal,
    rules::checking_out::checked,
    state::{
        book::Entry,
        clock::plus,
        faults::RefundFault,
        ids::mint,
        records::{
            About, Line, Metadata, Movement, MovementKind, Payment, PaymentStatus, Refund, RefundStatus,
        },
        world::World,
    },
};

/// Time after the payment in which a refund may be requested: 30 days on the provider's rules page, 90 in its error text.
const WINDOW: Duration = Duration::from_hours(24 * 30);
/// Longest reason, in characters.
const REASON_MAX: usize = 3000;

/// The body of `POST /refunds`.
#[derive(Debug, Deserialize)]
pub struct RefundRequest {
    payment_id: String,
    reason: Option<String>,
    metadata: Option<Metadata>,
    /// `None` for everything that is left.
    items: Option<Vec<Item>>,
}

#[derive(Debug, Deserialize)]
struct Item {
    item_id: String,
    /// `None` for everything that is left of the product.
    amount: Option<i64>,
    /// The amount includes the tax. Default true.
    tax_inclusive: Option<bool>,
}

impl World {
    /// Requests a refund.
    ///
    /// # Errors
    ///
    /// 404 for an unknown payment, 400 for money that cannot be refunded, 422 for an invalid request.
    pub fn refund(&mut self, request: RefundRequest) -> Result<Refund, Refusal> {
        let payment = self.book.payment(&request.payment_id).ok_or_else(|| Refusal::not_found("Payment"))?;
        let payment = payment.clone();
        self.check_refundable(&payment)?;
        let reason = request.reason;
        if reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON_MAX) {
            return Err(Refusal::body(format!("reason must not be longer than {REASON_MAX} characters")));
        }
        let metadata = checked(request.metadata.unwrap_or_default())?;
        let left = self.left_of(&payment);
        let items = match request.items {
            None => left.iter().map(|(id, left)| (id.clone(), *left)).filter(|(_, left)| *left > 0).collect(),
            Some(items) => parts(&payment, &left, &items)?,
        };
        let amount = items.iter().map(|(_, amount)| amount).sum();
        let faults = self.draw_for_refund(&payment.payment_id);
        let (becomes, moves) = match faults.first() {
            Some(RefundFault::NoFunds) => {
                let message = "The wallet balance is too low for this refund";
                return Err(Refusal::bad_request("INSUFFICIENT_WALLET_FUNDS", message));
            }
            Some(RefundFault::Fail) => (RefundStatus::Failed, true),
            Some(RefundFault::Review) => (RefundStatus::Review, true),
            Some(RefundFault::StayPending) => (RefundStatus::Pending, false),
            Some(RefundFault::DisputeAfter) | None => (RefundStatus::Succeeded, true),
        };
        let now = self.now();
        let refund = Refund {
            refund_id: mint("ref"),
            payment_id: payment.payment_id.clone(),
            amount,
            currency: payment.currency.clone(),
            is_partial: amount != payment.total_amount,
            items,
            reason,
            metadata,
            status: RefundStatus::Pending,
            becomes,
            disputed: faults.contains(&RefundFault::DisputeAfter),
            created_at: now,
            due: moves.then(|| plus(now, Duration::from_millis(self.behaviour.refund_delay_millis))),
        };
        self.book.keep(vec![Entry::Refund(Box::new(refund.clone()))]);
        Ok(refund)
    }

    fn check_refundable(&self, payment: &Payment) -> Result<(), Refusal> {
        if payment.status != PaymentStatus::Succeeded {
            let message =
                format!("The payment is {}, only a succeeded one is refunded", payment.status.name());
            return Err(Refusal::bad_request("PAYMENT_NOT_SUCCEEDED", message));
        }
        if plus(payment.created_at, WINDOW) < self.now() {
            let message = "The refund window of 30 days has expired";
            return Err(Refusal::bad_request("REFUND_WINDOW_EXPIRED", message));
        }
        // A lost dispute does not forbid a refund: the merchant then pays twice, and the ledger shows it.
        if self.left_of(payment).values().all(|left| *left == 0) {
            let message = "The payment has been refunded already";
            return Err(Refusal::bad_request("PAYMENT_ALREADY_REFUNDED", message));
        }
        Ok(())
    }

    /// Returns the refundable amount of each product, in minor units with tax.
    pub fn left_of(&self, payment: &Payment) -> BTreeMap<String, i64> {
        let mut left: BTreeMap<String, i64> =
            payment.lines.iter().map(|line| (line.product_id.clone(), line.amount)).collect();
        let refunds = self.book.refunds_of(&payment.payment_id).filter(|refund| refund.counts());
        for (item, amount) in refunds.flat_map(|refund| &refund.items) {
            if let Some(left) = left.get_mut(item) {
                *left -= amount;
            }
        }
        left
    }

    /// Settles a refund.
    pub fn settle_refund(&mut self, id: &str) {
        let Some(refund) = self.book.refund(id) else { return };
        let becomes = refund.becomes;
        self.set_refund_status(id, becomes);
    }

    /// Changes the status of a refund, which may move money and send a notice. A refund that has succeeded or failed stays
    /// unchanged.
    pub fn set_refund_status(&mut self, id: &str, status: RefundStatus) {
        let Some(refund) = self.book.refund(id) else { return };
        let refund = Refund { status, due: None, ..refund.clone() };
        let before = self.book.refund(id).map(|refund| refund.status);
        match before {
            Some(RefundStatus::Pending | RefundStatus::Review) => {}
            Some(RefundStatus::Succeeded | RefundStatus::Failed) | None => return,
        }
        let about = About::Refund(id.to_owned());
        let mut entries = match status {
            RefundStatus::Succeeded => {
                let mut entries = self.notices("refund.succeeded", about);
                entries.push(Entry::Movement(self.returned(&refund)));
                entries
            }
            RefundStatus::Failed => self.notices("refund.failed", about),
            // The provider sends no notice.
            RefundStatus::Pending | RefundStatus::Review => Vec::new(),
        };
        let disputed = refund.disputed && status == RefundStatus::Succeeded;
        let payment = refund.payment_id.clone();
        entries.push(Entry::Refund(Box::new(refund)));
        self.book.keep(entries);
        if disputed {
            self.open_dispute(&payment);
        }
    }

    fn returned(&self, refund: &Refund) -> Movement {
        let payment = self.book.payment(&refund.payment_id);
        Movement {
            at: self.now(),
            kind: MovementKind::Refund,
            payment_id: refund.payment_id.clone(),
            refund_id: Some(refund.refund_id.clone()),
            amount: refund.amount,
            currency: refund.currency.clone(),
            metadata: payment.map(|payment| payment.metadata.clone()).unwrap_or_default(),
            refund_metadata: refund.metadata.clone(),
        }
    }
}

/// Returns the amount of each requested item.
fn parts(
    payment: &Payment,
    left: &BTreeMap<String, i64>,
    items: &[Item],
) -> Result<Vec<(String, i64)>, Refusal> {
    let mut parts: Vec<(String, i64)> = Vec::new();
    for item in items {
        let line = payment.lines.iter().find(|line| line.product_id == item.item_id).ok_or_else(|| {
            let message = format!("The payment has no item {}", item.item_id);
            Refusal::bad_request("LINE_ITEM_NOT_FOUND", message)
        })?;
        if parts.iter().any(|(id, _)| *id == item.item_id) {
            let message = format!("Item {} is there twice", item.item_id);
            return Err(Refusal::bad_request("DUPLICATE_LINE_ITEMS_IN_REQUEST", message));
        }
        let left = left.get(&item.item_id).copied().unwrap_or(0);
        let amount = item.amount.map_or(left, |amount| with_tax(line, amount, item.tax_inclusive));
        if amount < 1 {
            return Err(Refusal::body("amount must be above zero"));
        }
        if amount > left {
            let message = format!("At most {left} of item {} can be refunded", item.item_id);
            return Err(if left == line.amount && items.len() == payment.lines.len() {
                Refusal::bad_request("REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", message)
            } else {
                Refusal::bad_request("LINE_ITEM_REFUND_AMOUNT_TOO_HIGH", message)
            });
        }
        parts.push((item.item_id.clone(), amount));
    }
    if parts.is_empty() { Err(Refusal::body("items must not be empty")) } else { Ok(parts) }
}

fn with_tax(line: &Line, amount: i64, tax_inclusive: Option<bool>) -> i64 {
    match tax_inclusive {
        Some(true) | None => amount,
        Some(false) => {
            let scaled = i128::from(amount) * i128::from(line.amount);
            i64::try_from(scaled / i128::from((line.amount - line.tax).max(1))).unwrap_or(i64::MAX)
        }
    }
}
