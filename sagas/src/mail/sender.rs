//! Runs both halves: queuing and sending mails.

use std::sync::Arc;

use sqlx::PgPool;
use ticketshow_nats::{executor::Executor, server::connection::Connection, subjects::consumers};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{mailer::Mailer, mailing::Mailing, mornings::Mornings, notification::Notification};
use crate::worker::{clock::Clock, keep_running, pause, run_consumer};

/// Queues and sends mails.
#[derive(Debug, Clone)]
pub(crate) struct MailSender {
    pub connection: Connection,
    pub executor: Executor,
    pub clock: Clock,
    pub pool: PgPool,
    /// Without one, queued mails wait.
    pub mailer: Option<Mailer>,
}

impl MailSender {
    /// Starts both halves, until `stop`.
    pub fn start(self, work: &mut JoinSet<()>, stop: &CancellationToken) {
        let Self { connection, executor, clock, pool, mailer } = &self;
        if let Some(mailer) = mailer {
            let mailing = Arc::new(Mailing::new(connection, executor, *clock, pool, mailer.clone()));
            let stop = stop.clone();
            work.spawn(async move {
                keep_running(consumers::MAILING, &stop, || Arc::clone(&mailing).run(stop.clone())).await;
            });
        } else {
            tracing::info!("no mail server is configured (SMTP_URL): mails wait in the stream MAILS");
        }
        work.spawn(Mornings::new(connection, executor, *clock, pool).run(stop.clone()));
        work.spawn(self.notify(stop.clone()));
    }

    async fn notify(self, stop: CancellationToken) {
        let notification = loop {
            let Self { connection, executor, clock, pool, .. } = &self;
            match Notification::start(connection, executor, *clock, pool).await {
                Ok(notification) => break notification,
                Err(error) => tracing::warn!(error = error.source(), "cannot queue mails yet"),
            }
            if !pause(&stop).await {
                return;
            }
        };
        run_consumer(self.connection, Notification::durable(), notification.into(), stop).await;
    }
}
