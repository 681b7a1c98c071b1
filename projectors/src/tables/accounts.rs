//! `accounts`: users and their roles. Passwords stay in the log.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::{PgConnection, types::Json};
use ticketshow_domain::{
    Language, Personal, VenueId,
    account::{Event, Role},
};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    error::{ProjectError, database},
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
        /// Venues that the role is granted for; null is all of them.
        venues: Option<Json<BTreeSet<VenueId>>>,
        created_at: Timestamp as fixed,
        disabled: bool,
        disabled_reason: Option<String>,
        second_factor: bool,
        erased: bool as fixed,
        /// Language that the person chose; null for none.
        language: Option<Word<Language>>,
        /// `true` if the account gets the daily mail about sales.
        sales_mail: bool,
    }
}

impl Row for Account {
    fn changed_at(&mut self, _position: i64) {}
}

/// The table, by account key: the later events of an account do not name its user.
pub(crate) struct Accounts {
    rows: Rows<Arc<str>, Account>,
    /// Persons erased in this batch, by account key.
    erased: HashMap<Arc<str>, Uuid>,
    /// Events of these keys after the erasure: another account of the address.
    later: Vec<(RecordedEvent, Event)>,
}

impl Accounts {
    pub fn new() -> Self {
        Self { rows: Rows::new("accounts", KEPT), erased: HashMap::new(), later: Vec::new() }
    }

    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) -> Result<(), ProjectError> {
        if self.erased.contains_key(&recorded.id) {
            self.later.push((recorded.clone(), event.clone()));
            return Ok(());
        }
        let (key, position) = (Arc::clone(&recorded.id), recorded.position);
        match event {
            Event::AccountRegistered { user, email, name, city, role, password_hash: _, fingerprint: _ } => {
                let account = Account {
                    user_id: user.0,
                    account_key: key.to_string(),
                    email: email.as_stored().to_owned(),
                    name: name.as_stored().to_owned(),
                    city: text(city.as_ref()),
                    role: Word(*role),
                    venues: None,
                    created_at: recorded.metadata.time.to_sqlx(),
                    disabled: false,
                    disabled_reason: None,
                    second_factor: false,
                    erased: false,
                    language: None,
                    sales_mail: false,
                };
                self.rows.insert(key, account);
                Ok(())
            }
            Event::ProfileUpdated { name, city } => {
                let (name, city) = (name.as_stored().to_owned(), text(city.as_ref()));
                self.rows.change(key, position, move |row| (row.name, row.city) = (name, city))
            }
            Event::RoleGranted { role, venues, by: _ } => {
                let (role, venues) = (Word(*role), venues.clone().map(Json));
                self.rows.change(key, position, move |row| (row.role, row.venues) = (role, venues))
            }
            Event::LanguageChosen { language } => {
                let language = Some(Word(*language));
                self.rows.change(key, position, move |row| row.language = language)
            }
            Event::SalesMailChosen { wanted } => {
                let wanted = *wanted;
                self.rows.change(key, position, move |row| row.sales_mail = wanted)
            }
            Event::PersonalDataErased { user } => {
                self.erased.insert(key, user.0);
                Ok(())
            }
            Event::AccountDisabled { reason, by: _ } => {
                let reason = reason.as_stored().to_owned();
                let close = |row: &mut Account| (row.disabled, row.disabled_reason) = (true, Some(reason));
                self.rows.change(key, position, close)
            }
            Event::AccountEnabled { .. } => {
                self.rows.change(key, position, |row| (row.disabled, row.disabled_reason) = (false, None))
            }
            Event::SecondFactorSet { .. } => self.rows.change(key, position, |row| row.second_factor = true),
            Event::SecondFactorRemoved {} => self.rows.change(key, position, |row| row.second_factor = false),
            Event::PasswordChanged { .. }
            | Event::OtpUsed { .. }
            | Event::RecoveryCodeUsed { .. }
            // It belongs to the address, which may have no account.
            | Event::RemindersChosen { .. } => Ok(()),
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        loop {
            let rows = &mut self.rows;
            rows.flush(connection, ToString::to_string, |row| row.account_key.as_str().into()).await?;
            if self.erased.is_empty() {
                return Ok(());
            }
            let (keys, users): (Vec<_>, Vec<_>) = self.erased.drain().unzip();
            erase(connection, users).await?;
            for key in keys {
                self.rows.forget(&key);
            }
            for (recorded, event) in std::mem::take(&mut self.later) {
                self.apply(&recorded, &event)?;
            }
        }
    }
}

/// Replaces the texts of rows, which also become unreachable by their account key.
async fn erase(connection: &mut PgConnection, users: Vec<Uuid>) -> Result<(), ProjectError> {
    const ERASE: &str = "
        UPDATE accounts SET account_key = 'erased:' || user_id, email = $2, name = $2, city = NULL, role = 'customer', venues = NULL,
            disabled = false, disabled_reason = NULL, second_factor = false, erased = true, language = NULL, sales_mail = false
        WHERE user_id = ANY($1)";
    let erased = sqlx::query(ERASE).bind(users).bind(Personal::ERASED).execute(connection).await;
    erased.map(drop).map_err(database("erasing accounts"))
}

/// The text of a column. The feed has unsealed it.
fn text(text: Option<&Personal>) -> Option<String> {
    text.map(|text| text.as_stored().to_owned())
}
