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

    /// Counts a mail that the mail server accepted. Called before the mail is recorded as sent, so that a crash in between
    /// repeats the call.
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
