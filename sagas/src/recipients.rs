//! Account keys by user, in the table `sagas.recipients`. Reads new accounts from the log when a user is missing. Address
//! and name are then read from the account itself.

use sqlx::PgPool;
use ticketshow_domain::{AccountKey, AnyEvent, Decider, UserId, account};
use ticketshow_nats::{
    log::{envelope::Commit, history::Log},
    server::connection::Connection,
};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::worker::error::SagaError;

/// Finds the accounts of users.
#[derive(Debug)]
pub(crate) struct Recipients {
    log: Log,
    pool: PgPool,
    /// Held while the table is brought up to date.
    reading: Mutex<()>,
}

impl Recipients {
    pub fn new(connection: &Connection, pool: &PgPool) -> Self {
        Self { log: Log::new(connection), pool: pool.clone(), reading: Mutex::default() }
    }

    /// Returns the account of a user, or `None` if the log has none yet.
    pub async fn account_of(&self, user: UserId) -> Result<Option<AccountKey>, SagaError> {
        if let Some(account) = self.known(user).await? {
            return Ok(Some(account));
        }
        self.catch_up().await?;
        self.known(user).await
    }

    async fn known(&self, user: UserId) -> Result<Option<AccountKey>, SagaError> {
        let account = sqlx::query_scalar("SELECT account_key FROM sagas.recipients WHERE user_id = $1")
            .bind(user.0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(account.map(AccountKey))
    }

    /// Adds all accounts registered since the last update of the table.
    async fn catch_up(&self) -> Result<(), SagaError> {
        let _reading = self.reading.lock().await;
        let read: i64 =
            sqlx::query_scalar("SELECT position FROM sagas.recipients_read").fetch_one(&self.pool).await?;
        let mut position = read.cast_unsigned();
        loop {
            let page = self.log.page_of(account::Account::TYPE, position).await?;
            let Some(last) = page.last() else { return Ok(()) };
            position = last.position;
            self.take(&page, position).await?;
        }
    }

    /// Writes accounts and their position in one transaction.
    async fn take(&self, commits: &[Commit], position: u64) -> Result<(), SagaError> {
        let (mut users, mut keys): (Vec<Uuid>, Vec<String>) = (Vec::new(), Vec::new());
        for commit in commits {
            for recorded in commit.events()? {
                if let AnyEvent::Account(account::Event::AccountRegistered { user, .. }) = recorded.event {
                    users.push(user.0);
                    keys.push(recorded.id.to_string());
                }
            }
        }
        let mut transaction = self.pool.begin().await?;
        sqlx::query(
            "INSERT INTO sagas.recipients (user_id, account_key) SELECT * FROM UNNEST($1::uuid[], $2::text[])
             ON CONFLICT (user_id) DO NOTHING",
        )
        .bind(users)
        .bind(keys)
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE sagas.recipients_read SET position = greatest(position, $1)")
            .bind(position.cast_signed())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
