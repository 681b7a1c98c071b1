//! Queues the mail about yesterday's sales, each morning, for staff who want it. No event triggers this: every minute, the read models
//! list the candidates, and the log decides about each of them. The id of a mail is derived from its recipient and its day, so each mail
//! is queued once, even if processes are killed or restarted.

use std::{collections::HashMap, time::Duration};

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use sqlx::{FromRow, PgPool};
use ticketshow_domain::{
    AccountKey, TimeZoneName, UserId,
    account::{Account, Profile},
    mail::MailKind,
};
use ticketshow_nats::{
    consumers::{mail::Mail, mails::Mails},
    executor::Executor,
    server::connection::Connection,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::source::NoLongerRelevant;
use crate::worker::{
    clock::Clock,
    error::SagaError,
    reaction::{Reaction, Reactions},
};

/// Interval between two runs.
const EVERY: Duration = Duration::from_mins(1);
/// Delay of the first run, so that it does not slow the start.
const FIRST: Duration = Duration::from_secs(5);
/// Hour of the day at the venue from which yesterday's sales are mailed.
const MORNING_HOUR: i8 = 7;
/// Time after that hour for which a mail is still queued, after an outage or to those who turn it on during the day.
const LATE_MAX: SignedDuration = SignedDuration::from_hours(12);

/// Queues the mails of the morning.
#[derive(Debug)]
pub(super) struct Mornings {
    reactions: Reactions,
    clock: Clock,
    mails: Mails,
    pool: PgPool,
}

/// A member of staff who wants the mail, with the time zones of the venues that they may see.
#[derive(FromRow)]
struct Reader {
    user_id: Uuid,
    account_key: String,
    zones: Vec<String>,
}

impl Mornings {
    const NAME: &'static str = "sales-mails";

    pub fn new(connection: &Connection, executor: &Executor, clock: Clock, pool: &PgPool) -> Self {
        let (mails, pool) = (Mails::new(connection), pool.clone());
        Self { reactions: Reactions::new(Self::NAME, executor, clock), clock, mails, pool }
    }

    /// Runs periodically until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let (mut pause, mut queued) = (FIRST, HashMap::new());
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = EVERY;
            match stop.run_until_cancelled(self.queue_due(&mut queued)).await {
                Some(Ok(count @ 1..)) => tracing::info!(count, "mails about the sales of a day were queued"),
                Some(Ok(0)) | None => {}
                Some(Err(error)) => {
                    tracing::warn!(error = error.source(), "cannot queue mails about sales yet");
                }
            }
        }
    }

    /// Queues the mails that are due, except those in `queued`, and returns their number.
    async fn queue_due(&self, queued: &mut HashMap<UserId, Date>) -> Result<usize, SagaError> {
        let mut count = 0;
        for Reader { user_id, account_key, zones } in self.readers().await? {
            let user = UserId(user_id);
            let reaction = self.reactions.to_outside();
            let zones: Vec<TimeZone> = zones.iter().filter_map(|zone| zone_of(zone)).collect();
            let Some(day) = day_due(&zones, reaction.now()) else { continue };
            if queued.get(&user) == Some(&day) {
                continue;
            }
            count += usize::from(self.queue(&reaction, user, &AccountKey(account_key), day).await?);
            queued.insert(user, day);
        }
        Ok(count)
    }

    /// Queues the mail if the account, as the log knows it, still wants it.
    async fn queue(
        &self,
        reaction: &Reaction<'_>,
        user: UserId,
        account: &AccountKey,
        day: Date,
    ) -> Result<bool, SagaError> {
        let state: Account = reaction.read(account).await?;
        let is_wanted =
            state.profile.is_some_and(|profile| profile.user == user && profile.gets_sales_mail());
        if is_wanted {
            let (matter, correlation) = (MailKind::SalesOfDay { day }, self.clock.new_id());
            self.mails.want(&Mail::of_day(day, user, matter, reaction.now(), correlation)).await?;
        }
        Ok(is_wanted)
    }

    async fn readers(&self) -> Result<Vec<Reader>, SagaError> {
        const SELECT: &str = "
            SELECT a.user_id, a.account_key, array_agg(DISTINCT v.timezone) AS zones
            FROM read.accounts a
            JOIN read.venues v ON v.status = 'active' AND (a.venues IS NULL OR a.venues ? v.venue_id::text)
            WHERE a.sales_mail AND NOT a.disabled
            GROUP BY a.user_id, a.account_key";
        Ok(sqlx::query_as(SELECT).fetch_all(&self.pool).await?)
    }
}

/// Returns `None` for an unknown zone, which no venue has.
fn zone_of(name: &str) -> Option<TimeZone> {
    name.parse::<TimeZoneName>().ok().map(|zone| zone.zone())
}

/// Returns the day whose sales are due: the latest one after which the morning has come in all zones. `None` if that was too long
/// ago.
pub(super) fn day_due(zones: &[TimeZone], now: Timestamp) -> Option<Date> {
    let over = |zone: &TimeZone| {
        let local = now.to_zoned(zone.clone());
        local.date().saturating_sub(if local.hour() < MORNING_HOUR { 2.days() } else { 1.day() })
    };
    let day = zones.iter().map(over).min()?;
    let morning = day.saturating_add(1.day()).at(MORNING_HOUR, 0, 0, 0);
    let since = |zone: &TimeZone| zone.to_timestamp(morning).ok();
    let due = zones.iter().filter_map(since).max()?;
    (now.duration_since(due) < LATE_MAX).then_some(day)
}

/// Checks that a mail is still worth sending: its reader wants it and may read sales, and the day is not long over.
pub(super) fn check_reader(profile: &Profile, day: Date, now: Timestamp) -> Result<(), NoLongerRelevant> {
    if !profile.gets_sales_mail() {
        return Err(NoLongerRelevant::NotWanted);
    }
    let last = day.saturating_add(3.days());
    if now.to_zoned(TimeZone::UTC).date() > last { Err(NoLongerRelevant::LongOver) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn due(zones: &[&str], now: &str) -> Option<Date> {
        let zones: Vec<TimeZone> = zones.iter().map(|zone| zone_of(zone).unwrap()).collect();
        day_due(&zones, now.parse().unwrap())
    }

    #[test]
    fn yesterday_is_due_from_seven_in_the_morning_at_the_venue_until_the_evening() {
        let mumbai = |now: &str| due(&["Asia/Kolkata"], now);
        let yesterday = date(2026, 11, 29);
        assert_eq!(mumbai("2026-11-30T01:29:59Z"), None, "06:59 there, and the day before is long over");
        assert_eq!(mumbai("2026-11-30T01:30:00Z"), Some(yesterday));
        assert_eq!(mumbai("2026-11-30T13:29:59Z"), Some(yesterday));
        assert_eq!(mumbai("2026-11-30T13:30:00Z"), None, "19:00 there");
        assert_eq!(mumbai("2026-12-01T01:30:00Z"), Some(date(2026, 11, 30)), "the next morning");
    }

    #[test]
    fn venues_in_several_zones_wait_for_the_last_morning() {
        let both = |now: &str| due(&["Asia/Kolkata", "Europe/London"], now);
        assert_eq!(both("2026-11-30T06:59:59Z"), None, "still night in London");
        assert_eq!(both("2026-11-30T07:00:00Z"), Some(date(2026, 11, 29)));
        // Both sides of the date line.
        let wide = |now: &str| due(&["Pacific/Auckland", "Pacific/Honolulu"], now);
        assert_eq!(wide("2026-11-30T17:00:00Z"), Some(date(2026, 11, 29)), "7:00 in Honolulu");
        assert_eq!(wide("2026-11-30T16:59:59Z"), None);
    }

    #[test]
    fn a_morning_without_seven_oclock_and_one_without_venues_are_no_trouble() {
        // Samoa skipped 30 December 2011.
        assert_eq!(due(&["Pacific/Apia"], "2011-12-30T17:00:00Z"), Some(date(2011, 12, 30)));
        assert_eq!(due(&[], "2026-11-30T07:00:00Z"), None);
    }
}
