//! Sum of the credits that an administrator has given alone in a day. Those of the last minutes are counted in memory, because the read
//! models may lag; older ones, and those of other replicas, come from the read models.

use std::{collections::HashMap, sync::Mutex};

use jiff::{SignedDuration, Timestamp};
use sqlx::PgPool;
use ticketshow_domain::UserId;
use ticketshow_http::sync::lock;
use uuid::Uuid;

/// Time after which a credit is in the read models.
const LAG_MAX: SignedDuration = SignedDuration::from_mins(10);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const GIVEN: &str = "
    SELECT COALESCE(sum(amount_minor), 0)::text FROM credits
    WHERE given_by = $1 AND given_by = made_by AND created_at > $2::timestamptz AND credit_id <> ALL($3)";

/// Credits of each administrator.
#[derive(Debug)]
pub struct CreditsPerDay {
    /// Largest sum in minor units. `None` is no limit.
    max_minor: Option<i64>,
    recent: Mutex<HashMap<UserId, HashMap<Uuid, Given>>>,
}

#[derive(Debug, Clone, Copy)]
struct Given {
    at: Timestamp,
    amount_minor: i64,
}

impl CreditsPerDay {
    pub fn new(max_minor: Option<i64>) -> Self {
        Self { max_minor, recent: Mutex::default() }
    }

    /// Counts a credit; one that fails then counts for some minutes. Returns `false`, and counts nothing, if it exceeds the sum of its administrator, or if that cannot be read.
    pub async fn admits(
        &self,
        database: &PgPool,
        by: UserId,
        credit: Uuid,
        amount_minor: i64,
        now: Timestamp,
    ) -> bool {
        let Some(max_minor) = self.max_minor else { return true };
        // Counted before the others are read, so that credits at once count too.
        let recent = self.note(by, credit, Given { at: now, amount_minor });
        let ids: Vec<Uuid> = recent.keys().copied().collect();
        let select = sqlx::query_scalar::<_, String>(GIVEN);
        let earlier = select.bind(by.0).bind((now - DAY).to_string()).bind(ids).fetch_one(database).await;
        let earlier = earlier.map(|sum| sum.parse().unwrap_or(i128::MAX / 2));
        let together: i128 = recent.values().map(|given| i128::from(given.amount_minor)).sum();
        let is_admitted = match earlier {
            Ok(earlier) => earlier + together <= i128::from(max_minor),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(
                    error,
                    "the credits of a day cannot be read: a second administrator has to approve"
                );
                false
            }
        };
        if !is_admitted {
            lock(&self.recent).entry(by).or_default().remove(&credit);
        }
        is_admitted
    }

    /// Notes a credit and returns the latest ones of its administrator.
    fn note(&self, by: UserId, credit: Uuid, given: Given) -> HashMap<Uuid, Given> {
        let mut recent = lock(&self.recent);
        for given_by in recent.values_mut() {
            given_by.retain(|_, earlier| given.at.duration_since(earlier.at) < LAG_MAX);
        }
        recent.retain(|_, given_by| !given_by.is_empty());
        let of_one = recent.entry(by).or_default();
        of_one.insert(credit, given);
        of_one.clone()
    }
}
