//! What the provider says of payments and refunds, by whichever way it comes: a notice it sent, a question we asked, its
//! list of all movements. Every way tells the aggregates the same, so any order and any number of repeats is fine. What
//! moved is also written down for the reconciliation (`sagas.provider_movements`).

use std::sync::Arc;

use bytes::Bytes;
use jiff_sqlx::ToSqlx;
use sqlx::PgPool;
use ticketshow_domain::{
    Money, PaymentId, UserId,
    payment::{Command, Payment, Purpose, RefundTarget, Refusal},
};
use ticketshow_nats::{Executor, Verdict, consumers};
use uuid::Uuid;

use crate::{
    dodo::{self, NoticeOf},
    provider::{ProviderPayment, ProviderRefund, ProviderStatus, RefundProgress},
    reaction::{Halt, Reaction, verdict},
};

/// Tells the payments what the provider says of them.
#[derive(Debug, Clone)]
pub(crate) struct Notices {
    executor: Executor,
    pool: PgPool,
}

impl Notices {
    pub fn new(executor: &Executor, pool: &PgPool) -> Self {
        Self { executor: executor.clone(), pool: pool.clone() }
    }

    /// Works off one notice as it came.
    pub async fn received(self: Arc<Self>, body: Bytes) -> Verdict {
        let reaction = Reaction::to_time(consumers::WEBHOOKS, &self.executor);
        verdict(match dodo::read_notice(&body) {
            Ok(NoticeOf::Payment(told)) => self.payment_is(&reaction, &told).await,
            Ok(NoticeOf::Refund(told)) => self.refund_is(&reaction, &told).await,
            Ok(NoticeOf::Nothing) => Ok(()),
            Err(error) => Err(Halt::stuck(error)),
        })
    }

    /// Tells a payment of ours where the provider has it.
    pub async fn payment_is(&self, reaction: &Reaction<'_>, told: &ProviderPayment) -> Result<(), Halt> {
        let Some(payment) = told.payment else { return Ok(()) };
        let state: Payment = reaction.read(&payment).await?;
        let Some(opened) = state.opened else {
            tracing::warn!(%payment, provider_payment = told.id, "the provider tells of a payment nobody asked for");
            return Ok(());
        };
        match &told.status {
            ProviderStatus::Pending => Ok(()),
            ProviderStatus::Failed(reason) => {
                let command = Command::FailPayment { reason: reason.clone() };
                reaction.execute::<Payment, _>(&payment, command, |_| ()).await?.map_err(Halt::stuck)
            }
            ProviderStatus::Succeeded => {
                let captured = received(opened.amount, told);
                let provider_payment = told.id.clone();
                let command = Command::CapturePayment { provider_payment, captured };
                match reaction.execute::<Payment, _>(&payment, command, |_| ()).await? {
                    Ok(()) => self.captured(payment, told, captured).await,
                    Err(Refusal::OtherProviderPayment) => {
                        self.stray(reaction, payment, opened.customer, told).await
                    }
                    Err(refusal) => Err(Halt::stuck(refusal)),
                }
            }
        }
    }

    /// A second capture of one attempt becomes a payment of its own, which goes back.
    async fn stray(
        &self,
        reaction: &Reaction<'_>,
        of: PaymentId,
        customer: UserId,
        told: &ProviderPayment,
    ) -> Result<(), Halt> {
        let payment = PaymentId(Uuid::new_v5(&of.0, told.id.as_bytes()));
        let (purpose, amount) = (Purpose::Stray { of }, told.total);
        let request = Command::RequestPayment { payment, customer, purpose, amount, fingerprint: None };
        reaction.execute::<Payment, _>(&payment, request, |_| ()).await?.map_err(Halt::stuck)?;
        let capture = Command::CapturePayment { provider_payment: told.id.clone(), captured: amount };
        reaction.execute::<Payment, _>(&payment, capture, |_| ()).await?.map_err(Halt::stuck)?;
        self.captured(payment, told, amount).await
    }

    /// Tells a payment of ours where the provider has its refund. Refunds that we did not ask for are written down only.
    pub async fn refund_is(&self, reaction: &Reaction<'_>, told: &ProviderRefund) -> Result<(), Halt> {
        if told.status == RefundProgress::Succeeded {
            self.went_back(told).await?;
        }
        let Some(payment) = told.payment else { return Ok(()) };
        let submitted = Command::RecordRefundSubmitted { provider_refund: told.id.clone() };
        match reaction.execute::<Payment, _>(&payment, submitted, |_| ()).await? {
            // It is over, or goes another way by now.
            Ok(()) | Err(Refusal::NoRefund) => {}
            Err(refusal) => return Err(Halt::stuck(refusal)),
        }
        let state: Payment = reaction.read(&payment).await?;
        let is_current =
            state.refund.is_some_and(|refund| refund.provider_refund.as_deref() == Some(told.id.as_str()));
        let command = match told.status {
            RefundProgress::Pending => return Ok(()),
            RefundProgress::Succeeded => Command::CompleteRefund { target: RefundTarget::Card },
            RefundProgress::Failed if is_current => {
                Command::FailRefund { reason: "the provider could not send the money back".to_owned() }
            }
            RefundProgress::InReview if is_current => {
                Command::ReviewRefund { reason: "the provider looks at it".to_owned() }
            }
            // News of an earlier try.
            RefundProgress::Failed | RefundProgress::InReview => return Ok(()),
        };
        reaction.execute::<Payment, _>(&payment, command, |_| ()).await?.map_err(Halt::stuck)
    }

    async fn captured(
        &self,
        payment: PaymentId,
        told: &ProviderPayment,
        captured: Money,
    ) -> Result<(), Halt> {
        let insert = "INSERT INTO sagas.provider_movements
                          (provider_id, kind, provider_payment_id, payment_id, amount_minor, currency, occurred_at)
                      VALUES ($1, 'capture', $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        sqlx::query(insert)
            .bind(&told.id)
            .bind(payment.0)
            .bind(captured.amount_minor)
            .bind(captured.currency.code())
            .bind(told.created_at.to_sqlx())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn went_back(&self, told: &ProviderRefund) -> Result<(), Halt> {
        let insert = "INSERT INTO sagas.provider_movements
                          (provider_id, kind, provider_payment_id, payment_id, amount_minor, currency, occurred_at)
                      VALUES ($1, 'refund', $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        sqlx::query(insert)
            .bind(&told.id)
            .bind(&told.provider_payment)
            .bind(told.payment.map(|payment| payment.0))
            .bind(told.amount.map(|amount| amount.amount_minor))
            .bind(told.amount.map(|amount| amount.currency.code().to_owned()))
            .bind(told.created_at.to_sqlx())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

/// What came, as the payment is told: what was asked for if that is what came, with tax on top or within.
fn received(asked: Money, told: &ProviderPayment) -> Money {
    let same_currency = told.total.currency == asked.currency;
    let total = told.total.amount_minor;
    if same_currency && (total == asked.amount_minor || total - told.tax_minor == asked.amount_minor) {
        asked
    } else {
        told.total
    }
}

#[cfg(test)]
mod tests {
    use ticketshow_domain::Currency;

    use super::*;

    fn inr(amount_minor: i64) -> Money {
        Money { amount_minor, currency: Currency::INR }
    }

    fn told(total: Money, tax_minor: i64) -> ProviderPayment {
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
    fn tax_within_or_on_top_is_what_was_asked_for() {
        assert_eq!(received(inr(500), &told(inr(500), 76)), inr(500));
        assert_eq!(received(inr(500), &told(inr(590), 90)), inr(500));
    }

    #[test]
    fn anything_else_is_told_as_it_is() {
        let euros = Money { currency: "EUR".parse().unwrap(), ..inr(500) };
        for other in [inr(499), inr(501), euros] {
            assert_eq!(received(inr(500), &told(other, 0)), other);
        }
    }
}
