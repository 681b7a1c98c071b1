//! Counter of the mails sent for each cascade, in the table `sagas.cascade_mails`.

use sqlx::PgPool;
use ticketshow_nats::consumers::mail::Mail;

use crate::worker::error::SagaError;

#[derive(Debug)]
pub(super) struct CascadeMails(PgPool);

impl CascadeMails {
    pub fn new(pool: &PgPool) -> Self {
        Self(pool.clone())
    }

    /// Counts a mail that was recorded as sent. Called again at every redelivery, so a crash before it loses no mail.
    pub async fn sent(&self, mail: &Mail) -> Result<(), SagaError> {
        if let (Some(cascade), Some(booking)) = (mail.cascade, mail.matter.booking()) {
            sqlx::query("INSERT INTO sagas.cascade_mails VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(cascade)
                .bind(booking.0)
                .execute(&self.0)
                .await?;
        }
        Ok(())
    }
}
