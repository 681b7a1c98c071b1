//! `accounts`: users and their roles. Passwords stay in the log.

use std::sync::Arc;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::account::{Event, Role};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    error::ProjectError,
    rows::{Row, Rows},
    table::table,
    text::Word,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;

table! {
    struct Account in accounts {
        user_id: Uuid as key,
        account_key: String as lookup,
        email: String as fixed,
        name: String,
        city: Option<String>,
        role: Word<Role>,
        created_at: Timestamp as fixed,
        disabled: bool,
        disabled_reason: Option<String>,
        second_factor: bool,
    }
}

impl Row for Account {
    fn changed_at(&mut self, _position: i64) {}
}

/// The table, by account key: the later events of an account do not name its user.
pub(crate) struct Accounts(Rows<Arc<str>, Account>);

impl Accounts {
    pub fn new() -> Self {
        Self(Rows::new("accounts", KEPT))
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
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
                    disabled: false,
                    disabled_reason: None,
                    second_factor: false,
                };
                self.0.insert(key, account);
                Ok(())
            }
            Event::ProfileUpdated { name, city } => {
                let (name, city) = (name.clone(), city.clone());
                self.0.change(key, position, move |row| (row.name, row.city) = (name, city))
            }
            Event::RoleGranted { role, by: _ } => {
                let role = Word(*role);
                self.0.change(key, position, move |row| row.role = role)
            }
            Event::AccountDisabled { reason, by: _ } => {
                let reason = reason.clone();
                let close = |row: &mut Account| (row.disabled, row.disabled_reason) = (true, Some(reason));
                self.0.change(key, position, close)
            }
            Event::AccountEnabled { .. } => {
                self.0.change(key, position, |row| (row.disabled, row.disabled_reason) = (false, None))
            }
            Event::SecondFactorSet { .. } => self.0.change(key, position, |row| row.second_factor = true),
            Event::SecondFactorRemoved {} => self.0.change(key, position, |row| row.second_factor = false),
            Event::PasswordChanged { .. } | Event::OtpUsed { .. } | Event::RecoveryCodeUsed { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        self.0.flush(connection, ToString::to_string, |row| row.account_key.as_str().into()).await
    }
}
