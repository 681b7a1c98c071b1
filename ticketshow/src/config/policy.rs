//! The operator's policy as settings: limits and time windows. Their defaults are [`Policy::default`].

use clap::Args;
use ticketshow_domain::Policy;

/// One setting per field of [`Policy`].
#[derive(Debug, Clone, Args)]
pub struct PolicySettings {
    /// Time that seats are held for payment, in seconds, 1 to 86400. Default 480.
    #[arg(long, env = "TICKETSHOW_HOLD_SECONDS", default_value_t = Policy::default().hold_seconds,
        value_parser = clap::value_parser!(i64).range(1..=86_400))]
    hold_seconds: i64,

    /// Extension of the hold when a checkout opens, in seconds, 0 to 86400. Default 600.
    #[arg(long, env = "TICKETSHOW_EXTENSION_SECONDS", default_value_t = Policy::default().extension_seconds,
        value_parser = clap::value_parser!(i64).range(0..=86_400))]
    extension_seconds: i64,

    /// Maximum seats per booking, from 1. Default 10.
    #[arg(long, env = "TICKETSHOW_BOOKING_SEATS_MAX", default_value_t = Policy::default().booking_seats_max)]
    booking_seats_max: usize,

    /// Maximum unpaid holds per customer and screening, from 1. Default 3.
    #[arg(long, env = "TICKETSHOW_HOLDS_MAX", default_value_t = Policy::default().holds_max)]
    holds_max: usize,

    /// Maximum seats per customer and screening, held and sold, from 1. Default 20.
    #[arg(long, env = "TICKETSHOW_CUSTOMER_SEATS_MAX", default_value_t = Policy::default().customer_seats_max)]
    customer_seats_max: usize,

    /// Time before the start after which customers cannot cancel, in seconds, from 0. Default 7200.
    #[arg(long, env = "TICKETSHOW_CANCEL_CUTOFF_SECONDS", default_value_t = Policy::default().cancel_cutoff_seconds,
        value_parser = clap::value_parser!(i64).range(0..))]
    cancel_cutoff_seconds: i64,

    /// Maximum lapsed bookings released per commit, 1 to 500. Default 500.
    #[arg(long, env = "TICKETSHOW_LAPSES_PER_COMMIT", default_value_t = Policy::default().lapses_per_commit)]
    lapses_per_commit: usize,

    /// Smallest top-up of a wallet, in minor units, from 1. Default 100.
    #[arg(long, env = "TICKETSHOW_TOP_UP_MIN_MINOR", default_value_t = Policy::default().top_up_min_minor,
        value_parser = clap::value_parser!(i64).range(1..))]
    top_up_min_minor: i64,

    /// Largest top-up of a wallet, in minor units, from 1. Default 5000000.
    #[arg(long, env = "TICKETSHOW_TOP_UP_MAX_MINOR", default_value_t = Policy::default().top_up_max_minor,
        value_parser = clap::value_parser!(i64).range(1..))]
    top_up_max_minor: i64,
}

impl PolicySettings {
    /// Returns the policy.
    pub fn policy(&self) -> Policy {
        Policy {
            hold_seconds: self.hold_seconds,
            extension_seconds: self.extension_seconds,
            booking_seats_max: self.booking_seats_max,
            holds_max: self.holds_max,
            customer_seats_max: self.customer_seats_max,
            cancel_cutoff_seconds: self.cancel_cutoff_seconds,
            lapses_per_commit: self.lapses_per_commit,
            top_up_min_minor: self.top_up_min_minor,
            top_up_max_minor: self.top_up_max_minor,
        }
    }
}
