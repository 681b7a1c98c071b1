//! Counts the mails of a cascade, for whoever watches it: the table `sagas.cascade_mails`.

use sqlx::PgPool;
use ticketshow_nats::Mail;

use crate::reaction::Halt;

#[derive(Debug)]
pub(super) struct CascadeMails(PgPool);

impl CascadeMails {
    pub fn new(pool: &PgPool) -> Self {
        Self(pool.clone())
    }

    /// The mail server has this mail. To be told before that is noted in the sent-log: after a crash in between it is told again.
    pub async fn sent(&self, mail: &Mail) -> Result<(), Halt> {
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
