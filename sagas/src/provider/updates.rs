//! Provider updates, from webhooks, polling or reconciliation. All of them send the same commands, so order and repetition
//! do not matter. Money that moved is also recorded for the reconciliation page (`sagas.provider_movements`).

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    Money, PaymentId, UserId,
    payment::{Command, DisputeStatus, Payment, Purpose, RefundTarget, Refusal},
};
use ticketshow_nats::{consumers::verdict::Verdict, executor::Executor, subjects::consumers};
use uuid::Uuid;

use super::{
    budget::Lane,
    dodo::{self, Webhook},
    interface::{
        Provider, ProviderDispute, ProviderError, ProviderPayment, ProviderRefund, ProviderStatus,
        RefundProgress,
    },
};
use crate::worker::{
    clock::Clock,
    error::{SagaError, verdict},
    reaction::{Reaction, Reactions},
};

/// Money that moved at the provider.
struct Movement<'a> {
    id: &'a str,
    kind: &'static str,
    provider_payment: &'a str,
    /// Our payment, if the provider names it.
    payment: Option<PaymentId>,
    /// `None` if the provider does not name it.
    amount: Option<Money>,
    occurred_at: Timestamp,
    /// The log holds it too.
    matched: bool,
}

/// Applies provider updates to payments.
#[derive(Debug, Clone)]
pub(crate) struct ProviderUpdates {
    reactions: Reactions,
    clock: Clock,
    pool: PgPool,
}

impl ProviderUpdates {
    pub fn new(executor: &Executor, clock: Clock, pool: &PgPool) -> Self {
        Self { reactions: Reactions::new(consumers::WEBHOOKS, executor, clock), clock, pool: pool.clone() }
    }

    /// Starts a reaction to an update.
    pub fn reaction(&self) -> Reaction<'_> {
        self.reactions.to_outside()
    }

    /// Processes a webhook.
    pub async fn received<P: Provider>(self: Arc<Self>, provider: Arc<P>, body: Bytes) -> Verdict {
        let reaction = self.reaction();
        verdict(match dodo::read_webhook(&body) {
            Ok(Webhook::Payment(update)) => self.apply_payment(&reaction, &update).await,
            Ok(Webhook::Refund(update)) => self.apply_refund(&reaction, &update).await,
            Ok(Webhook::Dispute(update)) => self.apply_dispute(&*provider, &reaction, &update).await,
            Ok(Webhook::Nothing) => Ok(()),
            Err(error) => Err(SagaError::permanent(error)),
        })
    }

    /// Applies the state of a payment at the provider to ours. A capture of a payment that the log does not know is recorded
    /// for an administrator.
    pub async fn apply_payment(
        &self,
        reaction: &Reaction<'_>,
        update: &ProviderPayment,
    ) -> Result<(), SagaError> {
        let Some(payment) = update.payment else { return self.record_unknown(update).await };
        let state: Payment = reaction.read(&payment).await?;
        let Some(opened) = state.opened() else { return self.record_unknown(update).await };
        match &update.status {
            ProviderStatus::Pending => Ok(()),
            ProviderStatus::Failed(reason) => {
                let command = Command::FailPayment { reason: reason.clone() };
                reaction.must::<Payment>(&payment, command).await
            }
            ProviderStatus::Succeeded => {
                let captured = received(opened.amount, update);
                let provider_payment = update.id.clone();
                let command = Command::CapturePayment { provider_payment, captured };
                match reaction.execute::<Payment>(&payment, command).await? {
                    Ok(()) => self.record_capture(Some(payment), update, captured, true).await,
                    Err(Refusal::OtherProviderPayment) => {
                        self.return_stray(reaction, payment, opened.customer, update).await
                    }
                    Err(refusal) => Err(SagaError::permanent(refusal)),
                }
            }
        }
    }

    /// Records a second capture of one attempt as a payment of its own, which is refunded.
    async fn return_stray(
        &self,
        reaction: &Reaction<'_>,
        of: PaymentId,
        customer: UserId,
        update: &ProviderPayment,
    ) -> Result<(), SagaError> {
        let payment = PaymentId(Uuid::new_v5(&of.0, update.id.as_bytes()));
        let (purpose, amount) = (Purpose::Stray { of }, update.total);
        let request = Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
        reaction.must::<Payment>(&payment, request).await?;
        let capture = Command::CapturePayment { provider_payment: update.id.clone(), captured: amount };
        reaction.must::<Payment>(&payment, capture).await?;
        self.record_capture(Some(payment), update, amount, true).await
    }

    async fn record_unknown(&self, update: &ProviderPayment) -> Result<(), SagaError> {
        if update.status != ProviderStatus::Succeeded {
            return Ok(());
        }
        tracing::warn!(payment = ?update.payment, provider_payment = update.id, "the provider captured a payment that was never requested");
        self.record_capture(update.payment, update, update.total, false).await
    }

    /// Applies the state of a dispute at the provider to the disputed payment, and records it.
    pub async fn apply_dispute<P: Provider>(
        &self,
        provider: &P,
        reaction: &Reaction<'_>,
        update: &ProviderDispute,
    ) -> Result<(), SagaError> {
        let mut payment = self.payment_captured_as(&update.provider_payment).await?;
        if payment.is_none() {
            // The report of its capture may be lost, or still on its way.
            let [turn] = provider.budget().turns(Lane::Reconciliation).await;
            match provider.payment(turn, &update.provider_payment).await {
                Ok(capture) => self.apply_payment(reaction, &capture).await?,
                // The provider does not know it either: only the dispute is recorded.
                Err(ProviderError::Refused { .. }) => {}
                Err(error @ ProviderError::Unavailable(_)) => return Err(SagaError::transient(error)),
            }
            payment = self.payment_captured_as(&update.provider_payment).await?;
        }
        if let Some(payment) = payment {
            let state: Payment = reaction.read(&payment).await?;
            if let Some((_, captured)) = state.captured() {
                let (dispute, amount) = (update.id.clone(), update.amount.unwrap_or(captured));
                let command = Command::RecordDispute { dispute, amount, status: update.status };
                reaction.must::<Payment>(&payment, command).await?;
            }
        }
        self.record_dispute(payment, update).await
    }

    /// Returns our payment that a capture paid, if the capture is recorded.
    async fn payment_captured_as(&self, provider_payment: &str) -> Result<Option<PaymentId>, SagaError> {
        let select =
            "SELECT payment_id FROM sagas.provider_movements WHERE provider_id = $1 AND kind = 'capture'";
        let payment: Option<Option<Uuid>> =
            sqlx::query_scalar(select).bind(provider_payment).fetch_optional(&self.pool).await?;
        Ok(payment.flatten().map(PaymentId))
    }

    /// Returns true if the provider has returned money of a payment, in part or whole, other than the parts that were split off
    /// it.
    pub async fn is_refunded(&self, provider_payment: &str, payment: PaymentId) -> Result<bool, SagaError> {
        let select = "SELECT EXISTS (SELECT FROM sagas.provider_movements
                                     WHERE provider_payment_id = $1 AND kind = 'refund'
                                       AND (payment_id IS NULL OR payment_id = $2))";
        let select = sqlx::query_scalar(select).bind(provider_payment).bind(payment.0);
        Ok(select.fetch_one(&self.pool).await?)
    }

    /// Applies the state of a refund at the provider to our payment. Refunds that are not ours are only recorded.
    pub async fn apply_refund(
        &self,
        reaction: &Reaction<'_>,
        update: &ProviderRefund,
    ) -> Result<(), SagaError> {
        if update.status == RefundProgress::Succeeded {
            self.record_refund(update).await?;
        }
        let Some(payment) = update.payment else { return Ok(()) };
        let submitted = Command::RecordRefundSubmitted { provider_refund: update.id.clone() };
        match reaction.execute::<Payment>(&payment, submitted).await? {
            // The refund is over, or has another target by now.
            Ok(()) | Err(Refusal::NoRefund) => {}
            Err(refusal) => return Err(SagaError::permanent(refusal)),
        }
        let state: Payment = reaction.read(&payment).await?;
        let is_current = state
            .refund()
            .is_some_and(|refund| refund.provider_refund.as_deref() == Some(update.id.as_str()));
        let command = match update.status {
            RefundProgress::Pending => return Ok(()),
            RefundProgress::Succeeded => Command::CompleteRefund { target: RefundTarget::Card },
            RefundProgress::Failed if is_current => {
                Command::FailRefund { reason: "the provider could not return the money".to_owned() }
            }
            RefundProgress::InReview if is_current => {
                Command::ReviewRefund { reason: "under review at the provider".to_owned() }
            }
            // An update about an earlier attempt.
            RefundProgress::Failed | RefundProgress::InReview => return Ok(()),
        };
        reaction.must::<Payment>(&payment, command).await?;
        let is_full = |left| update.amount.is_none_or(|amount| amount == left);
        if update.status == RefundProgress::Succeeded && is_current && state.left().is_some_and(is_full) {
            self.mark_matched(&update.id).await?;
        }
        Ok(())
    }

    /// Records a capture. A payment that the log knows holds the same capture by then.
    async fn record_capture(
        &self,
        payment: Option<PaymentId>,
        update: &ProviderPayment,
        captured: Money,
        matched: bool,
    ) -> Result<(), SagaError> {
        let movement = Movement {
            id: &update.id,
            kind: "capture",
            provider_payment: &update.id,
            payment,
            amount: Some(captured),
            occurred_at: update.created_at,
            matched,
        };
        self.record(&movement).await
    }

    /// Records a refund before the log holds it.
    async fn record_refund(&self, update: &ProviderRefund) -> Result<(), SagaError> {
        let movement = Movement {
            id: &update.id,
            kind: "refund",
            provider_payment: &update.provider_payment,
            payment: update.payment,
            amount: update.amount,
            occurred_at: update.created_at,
            matched: false,
        };
        self.record(&movement).await
    }

    /// Stores a movement and adds it to the sums; one that is stored already stays as it is.
    async fn record(&self, movement: &Movement<'_>) -> Result<(), SagaError> {
        let insert = "WITH new AS (
                          INSERT INTO sagas.provider_movements
                              (provider_id, kind, provider_payment_id, payment_id, amount_minor, currency, occurred_at, matched)
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
                          RETURNING kind, currency, amount_minor)
                      INSERT INTO sagas.provider_sums (kind, currency, count, amount_minor)
                      SELECT kind, currency, 1, amount_minor FROM new WHERE amount_minor IS NOT NULL AND currency IS NOT NULL
                      ON CONFLICT (kind, currency) DO UPDATE
                      SET count = provider_sums.count + 1, amount_minor = provider_sums.amount_minor + EXCLUDED.amount_minor";
        sqlx::query(insert)
            .bind(movement.id)
            .bind(movement.kind)
            .bind(movement.provider_payment)
            .bind(movement.payment.map(|payment| payment.0))
            .bind(movement.amount.map(|amount| amount.amount_minor))
            .bind(movement.amount.map(|amount| amount.currency.code().to_owned()))
            .bind(movement.occurred_at.to_sqlx())
            .bind(movement.matched)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Marks a movement that the log holds too, so that reconciliation need not compare it.
    async fn mark_matched(&self, provider_id: &str) -> Result<(), SagaError> {
        let update =
            "UPDATE sagas.provider_movements SET matched = true WHERE provider_id = $1 AND NOT matched";
        sqlx::query(update).bind(provider_id).execute(&self.pool).await?;
        Ok(())
    }

    async fn record_dispute(
        &self,
        payment: Option<PaymentId>,
        update: &ProviderDispute,
    ) -> Result<(), SagaError> {
        let upsert = "INSERT INTO sagas.provider_disputes
                          (dispute_id, provider_payment_id, payment_id, status, amount_minor, currency, opened_at,
                           changed_at)
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                      ON CONFLICT (dispute_id) DO UPDATE
                      SET payment_id = EXCLUDED.payment_id, status = EXCLUDED.status, changed_at = EXCLUDED.changed_at
                      WHERE provider_disputes.status <> EXCLUDED.status
                         OR provider_disputes.payment_id IS DISTINCT FROM EXCLUDED.payment_id";
        sqlx::query(upsert)
            .bind(&update.id)
            .bind(&update.provider_payment)
            .bind(payment.map(|payment| payment.0))
            .bind(word(update.status))
            .bind(update.amount.map(|amount| amount.amount_minor))
            .bind(update.amount.map(|amount| amount.currency.code().to_owned()))
            .bind(update.created_at.to_sqlx())
            .bind(self.clock.now().to_sqlx())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// Word of a status in `sagas.provider_disputes`.
pub(super) fn word(status: DisputeStatus) -> &'static str {
    match status {
        DisputeStatus::Open => "open",
        DisputeStatus::Won => "won",
        DisputeStatus::Lost => "lost",
    }
}

/// Returns the captured amount: the requested one if the total matches it with tax included or on top.
fn received(asked: Money, update: &ProviderPayment) -> Money {
    let same_currency = update.total.currency == asked.currency;
    let total = update.total.amount_minor;
    if same_currency && (total == asked.amount_minor || total - update.tax_minor == asked.amount_minor) {
        asked
    } else {
        update.total
    }
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::examples::inr;

    use super::*;

    fn update(total: Money, tax_minor: i64) -> ProviderPayment {
        ProviderPayment {
            id: "pay_1".to_owned(),
            payment: None,
            status: ProviderStatus::Succeeded,
            total,
            tax_minor,
            refunds: Vec::new(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_total_with_tax_included_or_on_top_is_the_requested_amount() {
        assert_eq!(received(inr(500), &update(inr(500), 76)), inr(500));
        assert_eq!(received(inr(500), &update(inr(590), 90)), inr(500));
    }

    #[test]
    fn any_other_total_is_captured_as_it_is() {
        let euros = Money { currency: "EUR".parse().unwrap(), ..inr(500) };
        for other in [inr(499), inr(501), euros] {
            assert_eq!(received(inr(500), &update(other, 0)), other);
        }
    }
}
