//! `cascades`: what follows from cancelling a show, closing a venue or calling off a screening, counted as it happens. Its
//! failures are not here: they are parked.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use sqlx::PgConnection;
use ticketshow_domain::{AnyEvent, booking, screen, screening, show, venue};
use ticketshow_nats::Recorded;
use uuid::Uuid;

use crate::{
    error::{Misfit, ProjectError, database},
    read_models::{own_id, stored},
    rows::column,
};

const BEGIN: &str = "
    INSERT INTO cascades (cascade_id, kind, subject_id, reason, started_at, spread, screenings, screenings_cleared, total,
                          cancelled, refunds_due, refunded, changed_at, position)
    SELECT cascade_id, kind, subject_id, reason, started_at, spread, 0, 0, 0, 0, 0, 0, started_at, position
    FROM UNNEST($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::boolean[], $7::bigint[])
         AS new (cascade_id, kind, subject_id, reason, started_at, spread, position)
    ON CONFLICT (cascade_id) DO NOTHING";

const COUNT: &str = "
    UPDATE cascades SET
        spread = cascades.spread OR new.spread, screenings = cascades.screenings + new.screenings,
        screenings_cleared = cascades.screenings_cleared + new.screenings_cleared, total = cascades.total + new.total,
        cancelled = cascades.cancelled + new.cancelled, refunds_due = cascades.refunds_due + new.refunds_due,
        refunded = cascades.refunded + new.refunded, changed_at = new.changed_at, position = new.position
    FROM UNNEST($1::uuid[], $2::boolean[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
                $9::timestamptz[], $10::bigint[])
         AS new (cascade_id, spread, screenings, screenings_cleared, total, cancelled, refunds_due, refunded, changed_at,
                 position)
    WHERE cascades.cascade_id = new.cascade_id";

/// How a cascade began.
struct Begun {
    kind: &'static str,
    subject: Uuid,
    reason: Option<String>,
    /// One screening is all that there is to spread to.
    spread: bool,
    started_at: Timestamp,
    position: u64,
}

/// What a batch adds to a cascade.
struct Added {
    spread: bool,
    screenings: i32,
    screenings_cleared: i32,
    total: i32,
    cancelled: i32,
    refunds_due: i32,
    refunded: i32,
    changed_at: Timestamp,
    position: u64,
}

/// The table: what the current batch brought.
#[derive(Default)]
pub(crate) struct Cascades {
    begun: BTreeMap<Uuid, Begun>,
    added: BTreeMap<Uuid, Added>,
}

impl Cascades {
    pub fn apply(&mut self, recorded: &Recorded) -> Result<(), ProjectError> {
        let Some(cascade) = recorded.event.cascade() else { return Ok(()) };
        let added = self.added.entry(cascade).or_insert_with(|| Added::nothing(recorded));
        (added.changed_at, added.position) = (recorded.metadata.time.to_sqlx(), recorded.position);
        added.count(&recorded.event);
        if let Some(begun) = Begun::by(recorded)? {
            self.begun.entry(cascade).or_insert(begun);
        }
        Ok(())
    }

    pub async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), ProjectError> {
        if self.added.is_empty() {
            return Ok(());
        }
        let begun: Vec<_> = self.begun.iter().collect();
        sqlx::query(BEGIN)
            .bind(column(&begun, |cascade, _| *cascade))
            .bind(column(&begun, |_, begun| begun.kind))
            .bind(column(&begun, |_, begun| begun.subject))
            .bind(column(&begun, |_, begun| begun.reason.as_deref()))
            .bind(column(&begun, |_, begun| begun.started_at))
            .bind(column(&begun, |_, begun| begun.spread))
            .bind(column(&begun, |_, begun| stored(begun.position)))
            .execute(&mut *connection)
            .await
            .map_err(database("beginning cascades"))?;
        let added: Vec<_> = self.added.iter().collect();
        let done = sqlx::query(COUNT)
            .bind(column(&added, |cascade, _| *cascade))
            .bind(column(&added, |_, added| added.spread))
            .bind(column(&added, |_, added| added.screenings))
            .bind(column(&added, |_, added| added.screenings_cleared))
            .bind(column(&added, |_, added| added.total))
            .bind(column(&added, |_, added| added.cancelled))
            .bind(column(&added, |_, added| added.refunds_due))
            .bind(column(&added, |_, added| added.refunded))
            .bind(column(&added, |_, added| added.changed_at))
            .bind(column(&added, |_, added| stored(added.position)))
            .execute(connection)
            .await
            .map_err(database("counting cascades"))?;
        if done.rows_affected() < added.len() as u64 {
            let position = self.added.values().map(|added| added.position).min().unwrap_or_default();
            let key = format!("among {:?}", self.added.keys().collect::<Vec<_>>());
            let source = Misfit::NoRow { table: "cascades", key };
            return Err(ProjectError::Inapplicable { position, source });
        }
        self.begun.clear();
        self.added.clear();
        Ok(())
    }
}

impl Begun {
    /// Whatever calls screenings off begins a cascade, unless it began before.
    fn by(recorded: &Recorded) -> Result<Option<Self>, ProjectError> {
        let (started_at, position) = (recorded.metadata.time.to_sqlx(), recorded.position);
        Ok(match &recorded.event {
            AnyEvent::Show(show::Event::ShowCancelled { cascade: _, reason }) => {
                let (kind, subject, reason) = ("show", own_id(recorded)?, reason.clone());
                Some(Self { kind, subject, reason, spread: false, started_at, position })
            }
            AnyEvent::Venue(venue::Event::VenueDeactivated { cascade: _, reason }) => {
                let (kind, subject, reason) = ("venue", own_id(recorded)?, reason.clone());
                Some(Self { kind, subject, reason, spread: false, started_at, position })
            }
            AnyEvent::Screen(screen::Event::ScreeningUnscheduled { screening, reason, .. }) => {
                let (kind, subject, reason) = ("screening", screening.0, reason.clone());
                Some(Self { kind, subject, reason, spread: true, started_at, position })
            }
            AnyEvent::Account(_)
            | AnyEvent::Show(_)
            | AnyEvent::Venue(_)
            | AnyEvent::Screen(_)
            | AnyEvent::Screening(_)
            | AnyEvent::Booking(_)
            | AnyEvent::Payment(_)
            | AnyEvent::Wallet(_) => None,
        })
    }
}

impl Added {
    fn nothing(recorded: &Recorded) -> Self {
        Self {
            spread: false,
            screenings: 0,
            screenings_cleared: 0,
            total: 0,
            cancelled: 0,
            refunds_due: 0,
            refunded: 0,
            changed_at: recorded.metadata.time.to_sqlx(),
            position: recorded.position,
        }
    }

    fn count(&mut self, event: &AnyEvent) {
        match event {
            AnyEvent::Show(show::Event::ShowCleared { .. })
            | AnyEvent::Venue(venue::Event::VenueCleared { .. }) => self.spread = true,
            AnyEvent::Screen(screen::Event::ScreeningUnscheduled { .. }) => self.screenings += 1,
            AnyEvent::Screening(screening::Event::ScreeningCancelled { bookings, .. }) => {
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
            | AnyEvent::Wallet(_) => {}
        }
    }
}
