//! `cascades`: consequences of cancelling a show, closing a venue or calling off a screening, counted as they happen.
//! Failures are parked and not counted here.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{AnyEvent, booking, screen, screening, show, venue};
use ticketshow_nats::log::envelope::RecordedEvent;
use uuid::Uuid;

use crate::{
    columns::{own_id, stored},
    error::{Misfit, ProjectError},
    table::{Table, table},
};

table! {
    /// A cascade at its beginning.
    struct Begun in cascades {
        cascade_id: Uuid as key,
        kind: String,
        subject_id: Uuid,
        reason: Option<String>,
        started_at: Timestamp,
        spread: bool,
        screenings: i32,
        screenings_cleared: i32,
        total: i32,
        cancelled: i32,
        refunds_due: i32,
        refunded: i32,
        changed_at: Timestamp,
        position: i64,
    }
}

table! {
    /// The counts that a batch adds to a cascade.
    struct Added in cascades {
        cascade_id: Uuid as key,
        spread: bool as any,
        screenings: i32 as sum,
        screenings_cleared: i32 as sum,
        total: i32 as sum,
        cancelled: i32 as sum,
        refunds_due: i32 as sum,
        refunded: i32 as sum,
        changed_at: Timestamp,
        position: i64,
    }
}

/// The table: changes of the current batch.
#[derive(Default)]
pub(crate) struct Cascades {
    begun: BTreeMap<Uuid, Begun>,
    added: BTreeMap<Uuid, Added>,
}

impl Cascades {
    pub fn apply(&mut self, recorded: &RecordedEvent) -> Result<(), ProjectError> {
        let Some(cascade) = recorded.event.cascade() else { return Ok(()) };
        let added = self.added.entry(cascade).or_insert_with(|| Added::nothing(cascade, recorded));
        (added.changed_at, added.position) = (recorded.metadata.time.to_sqlx(), stored(recorded.position));
        added.count(&recorded.event);
        if let Some(begun) = Begun::by(cascade, recorded)? {
            self.begun.entry(cascade).or_insert(begun);
        }
        Ok(())
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.added.is_empty() {
            return Ok(());
        }
        Begun::insert_new(connection, &self.begun.values().collect::<Vec<_>>()).await?;
        let added: Vec<_> = self.added.values().collect();
        if Added::update(connection, &added).await? < added.len() as u64 {
            let position = added.iter().map(|added| added.position).min().unwrap_or_default().cast_unsigned();
            let key = format!("among {:?}", self.added.keys().collect::<Vec<_>>());
            let source = Misfit::NoRow { table: Added::NAME, key };
            return Err(ProjectError::Inapplicable { position, source });
        }
        self.begun.clear();
        self.added.clear();
        Ok(())
    }
}

impl Begun {
    /// Returns the cascade that an event begins, unless it began before.
    fn by(cascade: Uuid, recorded: &RecordedEvent) -> Result<Option<Self>, ProjectError> {
        let (kind, subject_id, reason) = match &recorded.event {
            AnyEvent::Show(show::Event::ShowCancelled { cascade: _, reason }) => {
                ("show", own_id(recorded)?, reason.clone())
            }
            AnyEvent::Venue(venue::Event::VenueDeactivated { cascade: _, reason }) => {
                ("venue", own_id(recorded)?, reason.clone())
            }
            AnyEvent::Screen(screen::Event::ScreeningUnscheduled { screening, reason, .. }) => {
                ("screening", screening.0, reason.clone())
            }
            AnyEvent::Screening(screening::Event::MessageSent { message, .. }) => {
                ("message", own_id(recorded)?, Some(message.subject.clone()))
            }
            AnyEvent::Screening(screening::Event::ScreeningChanged { .. }) => {
                ("change", own_id(recorded)?, None)
            }
            AnyEvent::Account(_)
            | AnyEvent::Show(_)
            | AnyEvent::Venue(_)
            | AnyEvent::Screen(_)
            | AnyEvent::Screening(_)
            | AnyEvent::Booking(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_)
            | AnyEvent::Till(_)
            | AnyEvent::Promotion(_)
            | AnyEvent::Invoices(_) => return Ok(None),
        };
        let at = recorded.metadata.time.to_sqlx();
        Ok(Some(Self {
            cascade_id: cascade,
            kind: kind.to_owned(),
            subject_id,
            reason,
            started_at: at,
            // A cascade of one screening, a message or a change has nothing else to spread to.
            spread: matches!(kind, "screening" | "message" | "change"),
            screenings: 0,
            screenings_cleared: 0,
            total: 0,
            cancelled: 0,
            refunds_due: 0,
            refunded: 0,
            changed_at: at,
            position: stored(recorded.position),
        }))
    }
}

impl Added {
    fn nothing(cascade: Uuid, recorded: &RecordedEvent) -> Self {
        Self {
            cascade_id: cascade,
            spread: false,
            screenings: 0,
            screenings_cleared: 0,
            total: 0,
            cancelled: 0,
            refunds_due: 0,
            refunded: 0,
            changed_at: recorded.metadata.time.to_sqlx(),
            position: stored(recorded.position),
        }
    }

    fn count(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Show(show::Event::ShowCleared { .. })
            | AnyEvent::Venue(venue::Event::VenueCleared { .. }) => self.spread = true,
            AnyEvent::Screen(screen::Event::ScreeningUnscheduled { .. }) => self.screenings += 1,
            AnyEvent::Screening(
                screening::Event::ScreeningCancelled { bookings, .. }
                | screening::Event::MessageSent { bookings, .. }
                | screening::Event::ScreeningChanged { bookings, .. },
            ) => {
                self.total += i32::try_from(*bookings).unwrap_or(i32::MAX);
            }
            AnyEvent::Screening(screening::Event::ScreeningCleared { .. }) => self.screenings_cleared += 1,
            AnyEvent::Booking(booking::Event::BookingCancelled { refund_due, .. }) => {
                self.cancelled += 1;
                self.refunds_due += i32::from(refund_due.is_some());
            }
            AnyEvent::Booking(booking::Event::BookingRefunded { .. }) => self.refunded += 1,
            AnyEvent::Account(_)
            | AnyEvent::Show(_)
            | AnyEvent::Venue(_)
            | AnyEvent::Screen(_)
            | AnyEvent::Screening(_)
            | AnyEvent::Booking(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_)
            | AnyEvent::Till(_)
            | AnyEvent::Promotion(_)
            | AnyEvent::Invoices(_) => {}
        }
    }
}
