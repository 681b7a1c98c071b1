//! `credits`: credits by administrators, proposed and given.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{
    Currency, UserId,
    wallet::{EntryKind, Event},
};
use ticketshow_nats::log::{envelope::RecordedEvent, metadata::Actor};
use uuid::Uuid;

use crate::{
    error::ProjectError,
    table::{Table, table},
    text::Word,
};

table! {
    struct Credit in credits {
        customer_id: Uuid as key,
        credit_id: Uuid as key,
        amount_minor: i64 as fixed,
        currency: Word<Currency> as fixed,
        reason: Option<String> as fixed,
        status: String,
        made_by: Option<Uuid> as fixed,
        created_at: Timestamp as fixed,
        given_by: Option<Uuid>,
    }
}

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Credits(BTreeMap<(UserId, Uuid), Credit>);

impl Credits {
    pub fn apply(&mut self, recorded: &RecordedEvent, event: &Event) {
        let actor = match recorded.metadata.actor {
            Actor::User(user) => Some(user.0),
            Actor::System | Actor::Saga(_) => None,
        };
        let (customer, reference, amount, reason, status, made_by) = match event {
            Event::CreditProposed { customer, reference, amount, reason, by } => {
                (*customer, *reference, *amount, reason, "pending", Some(by.0))
            }
            Event::WalletCredited { customer, reference, amount, reason, .. } => {
                (*customer, *reference, *amount, reason, "given", actor)
            }
            Event::WalletDebited { .. } | Event::WalletDebitDeclined { .. } => return,
        };
        if reference.kind != EntryKind::Credit {
            return;
        }
        let credit = self.0.entry((customer, reference.id)).or_insert_with(|| Credit {
            customer_id: customer.0,
            credit_id: reference.id,
            amount_minor: amount.amount_minor,
            currency: Word(amount.currency),
            reason: reason.clone(),
            status: status.to_owned(),
            // Of a credit that was proposed in an earlier batch, the row keeps who did.
            made_by,
            created_at: recorded.metadata.time.to_sqlx(),
            given_by: None,
        });
        if status == "given" {
            status.clone_into(&mut credit.status);
            credit.given_by = actor;
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.0.is_empty() {
            return Ok(());
        }
        Credit::upsert(connection, &self.0.values().collect::<Vec<_>>()).await?;
        self.0.clear();
        Ok(())
    }
}
