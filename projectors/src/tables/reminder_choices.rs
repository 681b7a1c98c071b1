//! `reminder_choices`: addresses that turned reminders on or off, by account key. They need not have an account.

use std::collections::BTreeMap;

use sqlx::PgConnection;
use ticketshow_domain::account::Event;
use ticketshow_nats::log::envelope::RecordedEvent;

use crate::{
    error::{ProjectError, database},
    table::{Table, table},
};

table! {
    struct ReminderChoice in reminder_choices {
        account_key: String as key,
        wanted: bool,
    }
}

/// The table: changes of the current batch. `None` for a person who was erased.
#[derive(Default)]
pub(crate) struct ReminderChoices(BTreeMap<String, Option<bool>>);

impl ReminderChoices {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let choice = match event {
            Event::RemindersChosen { wanted } => Some(*wanted),
            Event::PersonalDataErased { .. } => None,
            Event::AccountRegistered { .. }
            | Event::PasswordChanged { .. }
            | Event::ProfileUpdated { .. }
            | Event::RoleGranted { .. }
            | Event::AccountDisabled { .. }
            | Event::AccountEnabled { .. }
            | Event::SecondFactorSet { .. }
            | Event::OtpUsed { .. }
            | Event::RecoveryCodeUsed { .. }
            | Event::SecondFactorRemoved {}
            | Event::LanguageChosen { .. }
            | Event::SalesMailChosen { .. } => return,
        };
        self.0.insert(recorded.id.to_string(), choice);
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        let mut erased = Vec::new();
        let mut chosen = Vec::new();
        for (account_key, choice) in std::mem::take(&mut self.0) {
            match choice {
                Some(wanted) => chosen.push(ReminderChoice { account_key, wanted }),
                None => erased.push(account_key),
            }
        }
        if !chosen.is_empty() {
            ReminderChoice::upsert(connection, &chosen.iter().collect::<Vec<_>>()).await?;
        }
        if !erased.is_empty() {
            const ERASE: &str = "DELETE FROM reminder_choices WHERE account_key = ANY($1)";
            let done = sqlx::query(ERASE).bind(erased).execute(connection).await;
            done.map_err(database("erasing choices about reminders"))?;
        }
        Ok(())
    }
}
