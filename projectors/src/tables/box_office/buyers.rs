//! `buyers`: names and addresses that people gave at the counter, the latest per person.

use sqlx::PgConnection;
use ticketshow_domain::{Personal, UserId, account, booking, counter::Buyer, screening};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::stored,
    error::{ProjectError, database},
    rows::Rows,
    table::table,
};

/// Rows kept in memory.
const KEPT: usize = 1_000;

table! {
    struct Row in buyers {
        user_id: Uuid as key,
        name: Option<String>,
        email: Option<String>,
        phone: Option<String>,
        position: i64,
    }
}

/// The table.
pub(crate) struct Buyers {
    rows: Rows<UserId, Row>,
    /// Persons erased in this batch.
    erased: Vec<UserId>,
}

impl Buyers {
    pub fn new() -> Self {
        Self { rows: Rows::new("buyers", KEPT), erased: Vec::new() }
    }

    pub fn apply_screening(&mut self, recorded: &RecordedEvent, event: &screening::Event) {
        let screening::Event::SeatsSoldAtCounter { customer, sale, .. } = event else { return };
        if sale.buyer == Buyer::default() {
            return;
        }
        // The feed has unsealed it.
        let text = |text: &Option<Personal>| text.as_ref().map(|text| text.as_stored().to_owned());
        let Buyer { name, email, phone } = &sale.buyer;
        let row = Row {
            user_id: customer.0,
            name: text(name),
            email: text(email),
            phone: text(phone),
            position: stored(recorded.position),
        };
        self.rows.insert(*customer, row);
    }

    pub fn apply_account(&mut self, event: &account::Event) {
        if let account::Event::PersonalDataErased { user } = event {
            self.erased.push(*user);
        }
    }

    pub fn apply_booking(&mut self, event: &booking::Event) {
        if let booking::Event::BuyerErased { customer, .. } = event {
            self.erased.push(*customer);
        }
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        const ERASE: &str = "
            UPDATE buyers SET name = CASE WHEN name IS NOT NULL THEN $2 END,
                email = CASE WHEN email IS NOT NULL THEN $2 END, phone = CASE WHEN phone IS NOT NULL THEN $2 END
            WHERE user_id = ANY($1)";
        self.rows.flush(connection, |user| user.0, |row| UserId(row.user_id)).await?;
        let erased = std::mem::take(&mut self.erased);
        if erased.is_empty() {
            return Ok(());
        }
        for user in &erased {
            self.rows.forget(user);
        }
        let erased: Vec<Uuid> = erased.into_iter().map(|user| user.0).collect();
        let done = sqlx::query(ERASE).bind(erased).bind(Personal::ERASED).execute(connection).await;
        done.map(drop).map_err(database("erasing buyers"))
    }
}
