//! Sessions of staff and administrators as settings. Their defaults are [`StaffSessions::default`].

use clap::Args;
use jiff::SignedDuration;
use ticketshow_command_api::StaffSessions;

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
}

impl StaffSessionSettings {
    /// Returns the rules. In production a second factor is demanded.
    pub fn rules(&self, mode: Mode) -> StaffSessions {
        StaffSessions {
            idle_max: SignedDuration::from_mins(self.staff_idle_minutes),
            life_max: SignedDuration::from_hours(self.staff_session_hours),
            fresh: SignedDuration::from_secs(self.confirmation_seconds),
            second_factor: mode == Mode::Production,
        }
    }
}
