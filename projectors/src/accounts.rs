//! `accounts`: who has an account, and as what. Passwords stay in the log.

use std::sync::Arc;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::account::{Event, Role};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
    rows::{Rows, column},
    words::Word,
};

/// Rows kept at hand.
const KEPT: usize = 1_000;

const SELECT: &str = "SELECT * FROM accounts WHERE account_key = ANY($1)";

const UPSERT: &str = "
    INSERT INTO accounts (user_id, account_key, email, name, city, role, created_at)
    SELECT * FROM UNNEST($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
    ON CONFLICT (user_id) DO UPDATE SET name = EXCLUDED.name, city = EXCLUDED.city, role = EXCLUDED.role";

#[derive(sqlx::FromRow)]
struct Account {
    user_id: Uuid,
    account_key: String,
    email: String,
    name: String,
    city: Option<String>,
    role: Word<Role>,
    created_at: Timestamp,
}

/// The table, by account key: the later events of an account do not name its user.
pub(crate) struct Accounts(Rows<Arc<str>, Account>);

impl Accounts {
    pub fn new() -> Self {
        Self(Rows::new("accounts", KEPT))
    }

    pub fn apply(&mut self, recorded: &Recorded, event: &Event) -> Result<(), ProjectError> {
        let (key, position) = (Arc::clone(&recorded.id), recorded.position);
        match event {
            Event::AccountRegistered { user, email, name, city, role, password_hash: _, fingerprint: _ } => {
                let account = Account {
                    user_id: user.0,
                    account_key: key.to_string(),
                    email: email.clone(),
                    name: name.clone(),
                    city: city.clone(),
                    role: Word(*role),
                    created_at: recorded.metadata.time.to_sqlx(),
                };
                self.0.insert(key, account);
                Ok(())
            }
            Event::ProfileUpdated { name, city } => {
                let (name, city) = (name.clone(), city.clone());
                self.0.change(key, position, move |row| {
                    (row.name, row.city) = (name, city);
                    Ok(())
                })
            }
            Event::RoleGranted { role, by: _ } => {
                let role = Word(*role);
                self.0.change(key, position, move |row| {
                    row.role = role;
                    Ok(())
                })
            }
            Event::PasswordChanged { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.load(connection, SELECT, ToString::to_string, |row| row.account_key.as_str().into()).await?;
        let rows = self.0.changed();
        if !rows.is_empty() {
            sqlx::query(UPSERT)
                .bind(column(&rows, |_, row| row.user_id))
                .bind(column(&rows, |_, row| row.account_key.as_str()))
                .bind(column(&rows, |_, row| row.email.as_str()))
                .bind(column(&rows, |_, row| row.name.as_str()))
                .bind(column(&rows, |_, row| row.city.as_deref()))
                .bind(column(&rows, |_, row| row.role))
                .bind(column(&rows, |_, row| row.created_at))
                .execute(connection)
                .await
                .map_err(database("writing accounts"))?;
        }
        self.0.written();
        Ok(())
    }
}
