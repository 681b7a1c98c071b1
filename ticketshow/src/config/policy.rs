//! The operator's policy as settings: limits and time windows. Their defaults are [`Policy::default`].

use clap::{Args, builder::RangedU64ValueParser};
use ticketshow_domain::{CAPACITY_MAX, Policy};

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

    /// Maximum seats per booking, 1 to 100. Default 10.
    #[arg(long, env = "TICKETSHOW_BOOKING_SEATS_MAX", default_value_t = Policy::default().booking_seats_max,
        value_parser = counted(Policy::BOOKING_SEATS_LARGEST))]
    booking_seats_max: usize,

    /// Maximum unpaid holds per customer and screening, 1 to 1000. Default 3.
    #[arg(long, env = "TICKETSHOW_HOLDS_MAX", default_value_t = Policy::default().holds_max,
        value_parser = counted(1_000))]
    holds_max: usize,

    /// Maximum seats per customer and screening, held and sold, 1 to 250000. Default 40.
    #[arg(long, env = "TICKETSHOW_CUSTOMER_SEATS_MAX", default_value_t = Policy::default().customer_seats_max,
        value_parser = counted(CAPACITY_MAX))]
    customer_seats_max: usize,

    /// Holds of a customer and screening that may lapse within a day before the next one has to wait, 0 to 1000. Default 2.
    #[arg(long, env = "TICKETSHOW_LAPSES_EXCUSED", default_value_t = Policy::default().lapses_excused,
        value_parser = clap::value_parser!(u32).range(0..=1_000))]
    lapses_excused: u32,

    /// First wait after that, in seconds, 0 (none) to 86400; it doubles with each hold that lapses. Default 300.
    #[arg(long, env = "TICKETSHOW_COOL_DOWN_SECONDS", default_value_t = Policy::default().cool_down_seconds,
        value_parser = clap::value_parser!(i64).range(0..=86_400))]
    cool_down_seconds: i64,

    /// Time before the start after which customers cannot cancel, in seconds, 0 to 31536000 (a year). Default 7200.
    #[arg(long, env = "TICKETSHOW_CANCEL_CUTOFF_SECONDS", default_value_t = Policy::default().cancel_cutoff_seconds,
        value_parser = clap::value_parser!(i64).range(0..=31_536_000))]
    cancel_cutoff_seconds: i64,

    /// Time before the start from which tickets are checked in, in seconds, 0 to 31536000 (a year). Default 10800.
    #[arg(long, env = "TICKETSHOW_CHECK_IN_SECONDS", default_value_t = Policy::default().check_in_seconds,
        value_parser = clap::value_parser!(i64).range(0..=31_536_000))]
    check_in_seconds: i64,

    /// Difference that the clock of a door without a network may have, in seconds, 0 to 3600. Default 300.
    #[arg(long, env = "TICKETSHOW_DOOR_CLOCK_SKEW_SECONDS", default_value_t = Policy::default().door_clock_skew_seconds,
        value_parser = clap::value_parser!(i64).range(0..=3_600))]
    door_clock_skew_seconds: i64,

    /// Maximum check-ins reported at once by a door that had no network, 1 to 200. Default 200.
    #[arg(long, env = "TICKETSHOW_DOOR_BATCH_MAX", default_value_t = Policy::default().door_batch_max,
        value_parser = counted(Policy::DOOR_BATCH_LARGEST))]
    door_batch_max: usize,

    /// Maximum lapsed bookings released per commit, 1 to 500. Default 500.
    #[arg(long, env = "TICKETSHOW_LAPSES_PER_COMMIT", default_value_t = Policy::default().lapses_per_commit,
        value_parser = counted(Policy::LAPSES_LARGEST))]
    lapses_per_commit: usize,

    /// Smallest top-up of a wallet, in minor units, 1 to 1000000000000. Default 100.
    #[arg(long, env = "TICKETSHOW_TOP_UP_MIN_MINOR", default_value_t = Policy::default().top_up_min_minor,
        value_parser = clap::value_parser!(i64).range(1..=1_000_000_000_000))]
    top_up_min_minor: i64,

    /// Largest top-up of a wallet, in minor units, 1 to 1000000000000. Default 5000000.
    #[arg(long, env = "TICKETSHOW_TOP_UP_MAX_MINOR", default_value_t = Policy::default().top_up_max_minor,
        value_parser = clap::value_parser!(i64).range(1..=1_000_000_000_000))]
    top_up_max_minor: i64,

    /// Smallest card payment of a booking, in minor units, 1 to 1000000000000. Default 50.
    #[arg(long, env = "TICKETSHOW_CARD_MIN_MINOR", default_value_t = Policy::default().card_min_minor,
        value_parser = clap::value_parser!(i64).range(1..=Policy::AMOUNT_LARGEST))]
    card_min_minor: i64,

    /// Maximum seats of a new layout, 1 to 250000. Default 10000.
    #[arg(long, env = "TICKETSHOW_SCREEN_SEATS_MAX", default_value_t = Policy::default().screen_seats_max,
        value_parser = counted(CAPACITY_MAX))]
    screen_seats_max: usize,

    /// Largest credit that one administrator gives alone, in minor units, 0 to 1000000000000. Default 5000000.
    #[arg(long, env = "TICKETSHOW_CREDIT_MAX_MINOR", default_value_t = Policy::default().credit_max_minor,
        value_parser = clap::value_parser!(i64).range(0..=Policy::AMOUNT_LARGEST))]
    credit_max_minor: i64,

    /// Time to pay for seats that are offered to those on a waiting list, in seconds, 1 to 86400. Default 900.
    #[arg(long, env = "TICKETSHOW_OFFER_SECONDS", default_value_t = Policy::default().offer_seconds,
        value_parser = clap::value_parser!(i64).range(1..=86_400))]
    offer_seconds: i64,

    /// Maximum customers who wait for one screening, 0 (no waiting lists) to 200. Default 200.
    #[arg(long, env = "TICKETSHOW_WAITING_PLACES_MAX", default_value_t = Policy::default().waiting_places_max,
        value_parser = RangedU64ValueParser::<usize>::new().range(0..=Policy::WAITING_PLACES_LARGEST as u64))]
    waiting_places_max: usize,

    /// Time in which bookings can be cancelled without charge after the house changed the time or the screen, in seconds, 0 to 7776000
    /// (90 days); never past the start. Default 604800 (7 days).
    #[arg(long, env = "TICKETSHOW_FREE_CANCELLATION_SECONDS",
        default_value_t = Policy::default().free_cancellation_seconds,
        value_parser = clap::value_parser!(i64).range(0..=7_776_000))]
    free_cancellation_seconds: i64,

    /// Guests are reminded by mail this many seconds before the start, 0 (no reminders) to 172800 (2 days). Bookings made later than that
    /// get none. Default 10800.
    #[arg(long, env = "TICKETSHOW_REMINDER_SECONDS", default_value_t = Policy::default().reminder_seconds,
        value_parser = clap::value_parser!(i64).range(0..=172_800))]
    reminder_seconds: i64,

    /// Days after the end of their screening for which buyers at the counter without an account are kept, 1 to 3650. Default 400.
    #[arg(long, env = "TICKETSHOW_BUYERS_DAYS", default_value_t = Policy::default().buyers_days,
        value_parser = clap::value_parser!(i64).range(1..=3_650))]
    buyers_days: i64,
}

/// Numbers from 1 to `largest`.
fn counted(largest: usize) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=largest as u64)
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
            lapses_excused: self.lapses_excused,
            cool_down_seconds: self.cool_down_seconds,
            cancel_cutoff_seconds: self.cancel_cutoff_seconds,
            check_in_seconds: self.check_in_seconds,
            door_clock_skew_seconds: self.door_clock_skew_seconds,
            door_batch_max: self.door_batch_max,
            lapses_per_commit: self.lapses_per_commit,
            top_up_min_minor: self.top_up_min_minor,
            top_up_max_minor: self.top_up_max_minor,
            card_min_minor: self.card_min_minor,
            screen_seats_max: self.screen_seats_max,
            credit_max_minor: self.credit_max_minor,
            offer_seconds: self.offer_seconds,
            waiting_places_max: self.waiting_places_max,
            free_cancellation_seconds: self.free_cancellation_seconds,
            reminder_seconds: self.reminder_seconds,
            buyers_days: self.buyers_days,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Service {
        #[command(flatten)]
        policy: PolicySettings,
    }

    #[test]
    fn a_setting_out_of_range_is_refused() {
        for (setting, least, most) in [
            ("--hold-seconds", 1, 86_400),
            ("--extension-seconds", 0, 86_400),
            ("--booking-seats-max", 1, 100),
            ("--holds-max", 1, 1_000),
            ("--customer-seats-max", 1, 250_000),
            ("--lapses-excused", 0, 1_000),
            ("--cool-down-seconds", 0, 86_400),
            ("--cancel-cutoff-seconds", 0, 31_536_000),
            ("--check-in-seconds", 0, 31_536_000),
            ("--door-clock-skew-seconds", 0, 3_600),
            ("--door-batch-max", 1, 200),
            ("--lapses-per-commit", 1, 500),
            ("--top-up-min-minor", 1, 1_000_000_000_000_i64),
            ("--top-up-max-minor", 1, 1_000_000_000_000),
            ("--card-min-minor", 1, 1_000_000_000_000),
            ("--screen-seats-max", 1, 250_000),
            ("--credit-max-minor", 0, 1_000_000_000_000),
            ("--buyers-days", 1, 3_650),
        ] {
            let is_accepted =
                |value: i64| Service::try_parse_from(["service", &format!("{setting}={value}")]).is_ok();
            for (value, expected) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
                assert_eq!(is_accepted(value), expected, "{setting}={value}");
            }
        }
    }
}
