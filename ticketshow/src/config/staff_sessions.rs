//! Sessions of staff and administrators as settings. Their defaults are [`StaffSessions::default`].

use clap::Args;
use jiff::SignedDuration;
use ticketshow_command_api::StaffSessions;
use ticketshow_domain::Policy;

use crate::config::service::Mode;

/// One setting per field of [`StaffSessions`].
#[derive(Debug, Clone, Args)]
pub struct StaffSessionSettings {
    /// Time without activity after which staff and administrators sign in again, in minutes, 10 to 1440. Default 30.
    #[arg(long, env = "TICKETSHOW_STAFF_IDLE_MINUTES", default_value_t = 30,
        value_parser = clap::value_parser!(i64).range(10..=1_440))]
    staff_idle_minutes: i64,

    /// Time after which staff and administrators sign in again, in hours, 1 to 720. Default 12.
    #[arg(long, env = "TICKETSHOW_STAFF_SESSION_HOURS", default_value_t = 12,
        value_parser = clap::value_parser!(i64).range(1..=720))]
    staff_session_hours: i64,

    /// Time for which a sign-in or a confirmation lets administrators move money, change roles and begin cascades, in seconds,
    /// 0 (for good) to 43200. Default 300.
    #[arg(long, env = "TICKETSHOW_CONFIRMATION_SECONDS", default_value_t = 300,
        value_parser = clap::value_parser!(i64).range(0..=43_200))]
    confirmation_seconds: i64,

    /// Largest sum of the credits that an administrator gives alone in a day, in minor units, 1 to 1000000000000. Above it a second one
    /// approves. Default 100000000 in production, else none.
    #[arg(long, env = "TICKETSHOW_CREDITS_PER_DAY_MINOR",
        value_parser = clap::value_parser!(i64).range(1..=Policy::AMOUNT_LARGEST))]
    credits_per_day_minor: Option<i64>,
}

/// Twenty credits at the default ceiling of one. Elsewhere demo data and load tests credit thousands of wallets.
const CREDITS_PER_DAY_MINOR: i64 = 100_000_000;

impl StaffSessionSettings {
    /// Returns the rules. In production a second factor is demanded, and the credits of a day have a limit.
    pub fn rules(&self, mode: Mode) -> StaffSessions {
        let is_production = mode == Mode::Production;
        StaffSessions {
            idle_max: SignedDuration::from_mins(self.staff_idle_minutes),
            life_max: SignedDuration::from_hours(self.staff_session_hours),
            fresh: SignedDuration::from_secs(self.confirmation_seconds),
            second_factor: is_production,
            credits_per_day_minor: self
                .credits_per_day_minor
                .or_else(|| is_production.then_some(CREDITS_PER_DAY_MINOR)),
        }
    }
}
