//! Mails to many guests of a screening at once.

use futures_util::{TryStreamExt, stream};
use ticketshow_domain::{booking::Booking, screening::Screening};
use ticketshow_nats::consumers::{mail::Mail, mail_batches::MailBatches};

use crate::worker::{error::SagaError, reaction::Reaction};

/// Mails queued concurrently, most of them in one write.
const MAILS_AT_ONCE: usize = 256;

/// Queues mails about bookings of a screening, except to buyers at the counter who were erased.
pub(super) async fn queue_all(
    reaction: &Reaction<'_>,
    queue: &MailBatches,
    screening: &Screening,
    mails: Vec<Mail>,
) -> Result<(), SagaError> {
    stream::iter(mails.into_iter().map(Ok))
        .try_for_each_concurrent(MAILS_AT_ONCE, async |mail| {
            let booking = mail.matter.booking();
            let at_counter = |booking| screening.claim(booking).is_some_and(|claim| claim.sale.is_some());
            if let Some(booking) = booking.filter(|booking| at_counter(*booking)) {
                let booking: Booking = reaction.read(&booking).await?;
                if booking.buyer_erased {
                    return Ok(());
                }
            }
            Ok(queue.want(&mail).await?)
        })
        .await
}
