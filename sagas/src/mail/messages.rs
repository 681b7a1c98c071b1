//! Mails with a message to everybody who booked a screening. Their ids are derived from the event, so a repeat queues no mail twice, and
//! queuing can resume after a crash at any point.

use ticketshow_domain::{
    ScreeningId,
    mail::MailKind,
    screening::{ClaimStatus, Message, Screening},
};
use ticketshow_nats::{
    consumers::{mail::Mail, mail_batches::MailBatches},
    log::envelope::RecordedEvent,
};

use super::guests::queue_all;
use crate::worker::{error::SagaError, reaction::Reaction};

/// Queues a mail to everybody who has paid seats.
pub(super) async fn queue(
    reaction: &Reaction<'_>,
    queue: &MailBatches,
    cause: &RecordedEvent,
    message: &Message,
) -> Result<(), SagaError> {
    let screening: ScreeningId = cause.id.parse().map_err(SagaError::permanent)?;
    let screening: Screening = reaction.read(&screening).await?;
    let mails = mails(cause, &screening, message).collect();
    queue_all(reaction, queue, &screening, mails).await
}

fn mails(cause: &RecordedEvent, screening: &Screening, message: &Message) -> impl Iterator<Item = Mail> {
    let paid = screening.active().filter(|(_, claim)| matches!(claim.status, ClaimStatus::Sold(_)));
    paid.map(|(booking, claim)| {
        let Message { subject, text } = message.clone();
        Mail::following(cause, claim.customer, MailKind::Message { booking, subject, text })
    })
}
