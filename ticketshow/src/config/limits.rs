//! Rate limits as settings. Their defaults are [`Limits::default`].

use std::time::Duration;

use clap::{Args, builder::RangedU64ValueParser};
use ticketshow_http::{Limits, Quota};

/// Maximum number of commands per user that a setting may allow, because the log is never emptied.
const COMMANDS_MAX: u32 = 100_000;
/// Longest time over which they may be counted.
const COMMANDS_TIME_MAX: Duration = Duration::from_hours(1);
/// Longest time over which anything else may be counted.
const DAY: Duration = Duration::from_hours(24);

/// One setting per quota. A quota is written `count/time`, for example `10/15m`, with `s`, `m` or `h`, at most 100000 in at most a day; `0`
/// means no limit.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// Requests of any kind per address. Default `6000/60s`.
    #[arg(long, env = "TICKETSHOW_REQUESTS_PER_ADDRESS", default_value_t = Limits::default().requests_per_address,
        value_parser = a_day)]
    requests_per_address: Quota,

    /// New accounts per address. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_REGISTRATIONS_PER_ADDRESS",
        default_value_t = Limits::default().registrations_per_address,
        value_parser = a_day)]
    registrations_per_address: Quota,

    /// Wrong passwords per e-mail and network, or per e-mail and browser that has signed in before. Default `10/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_EMAIL",
        default_value_t = Limits::default().failed_logins_per_email,
        value_parser = a_day)]
    failed_logins_per_email: Quota,

    /// Wrong passwords per e-mail, from all networks together. A browser that has signed in before is not counted. Default
    /// `100/3600s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_ACCOUNT",
        default_value_t = Limits::default().failed_logins_per_account,
        value_parser = a_day)]
    failed_logins_per_account: Quota,

    /// Right passwords per e-mail. Default `100/900s`.
    #[arg(long, env = "TICKETSHOW_LOGINS_PER_ACCOUNT", default_value_t = Limits::default().logins_per_account,
        value_parser = a_day)]
    logins_per_account: Quota,

    /// Wrong passwords per address, for any e-mail. Default `100/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_ADDRESS",
        default_value_t = Limits::default().failed_logins_per_address,
        value_parser = a_day)]
    failed_logins_per_address: Quota,

    /// Commands per signed-in customer, such as reserving, paying and cancelling; at most 100000 in at most an hour. Default
    /// `120/60s`.
    #[arg(long, env = "TICKETSHOW_COMMANDS_PER_USER", default_value_t = Limits::default().commands_per_user,
        value_parser = commands)]
    commands_per_user: Quota,

    /// Password reset mails per e-mail and network that requests them. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_EMAIL",
        default_value_t = Limits::default().reset_mails_per_email,
        value_parser = a_day)]
    reset_mails_per_email: Quota,

    /// Password reset mails per e-mail. Default `12/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_ACCOUNT",
        default_value_t = Limits::default().reset_mails_per_account,
        value_parser = a_day)]
    reset_mails_per_account: Quota,

    /// Password reset mails requested per address. Default `30/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_ADDRESS",
        default_value_t = Limits::default().reset_mails_per_address,
        value_parser = a_day)]
    reset_mails_per_address: Quota,

    /// Confirmation mails sent again per booking. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_MAILS_PER_BOOKING", default_value_t = Limits::default().mails_per_booking,
        value_parser = a_day)]
    mails_per_booking: Quota,

    /// Reservations per customer; a hold that is given back counts too. At most 100000 in at most a day. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_HOLDS_PER_USER", default_value_t = Limits::default().holds_per_user,
        value_parser = a_day)]
    holds_per_user: Quota,

    /// Attempts to pay per customer. At most 100000 in at most a day. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_PAYMENTS_PER_USER", default_value_t = Limits::default().payments_per_user,
        value_parser = a_day)]
    payments_per_user: Quota,

    /// Cancellations per customer. At most 100000 in at most a day. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_CANCELLATIONS_PER_USER", default_value_t = Limits::default().cancellations_per_user,
        value_parser = a_day)]
    cancellations_per_user: Quota,

    /// Top-ups of the wallet per customer. At most 100000 in at most a day. Default `10/86400s`.
    #[arg(long, env = "TICKETSHOW_TOP_UPS_PER_USER", default_value_t = Limits::default().top_ups_per_user,
        value_parser = a_day)]
    top_ups_per_user: Quota,

    /// Confirmation mails sent again per customer, and as many about changes of the account. At most 100000 in at most a day.
    /// Default `10/3600s`.
    #[arg(long, env = "TICKETSHOW_MAILS_PER_USER", default_value_t = Limits::default().mails_per_user,
        value_parser = a_day)]
    mails_per_user: Quota,

    /// Changes of the profile, the password and the second factor per customer, and of the choice about reminders by its link per
    /// e-mail. At most 100000 in at most a day. Default `10/3600s`.
    #[arg(long, env = "TICKETSHOW_PROFILE_CHANGES_PER_USER", default_value_t = Limits::default().profile_changes_per_user,
        value_parser = a_day)]
    profile_changes_per_user: Quota,

    /// Searches and suggestions per address. At most 100000 in at most a day. Default `600/60s`.
    #[arg(long, env = "TICKETSHOW_SEARCHES_PER_ADDRESS", default_value_t = Limits::default().searches_per_address,
        value_parser = a_day)]
    searches_per_address: Quota,

    /// Ticket documents (PDF and QR codes) per customer. At most 100000 in at most a day. Default `60/600s`.
    #[arg(long, env = "TICKETSHOW_DOCUMENTS_PER_USER", default_value_t = Limits::default().documents_per_user,
        value_parser = a_day)]
    documents_per_user: Quota,

    /// Exports of everything kept about a person, per person. At most 100000 in at most a day. Default `5/86400s`.
    #[arg(long, env = "TICKETSHOW_EXPORTS_PER_USER", default_value_t = Limits::default().exports_per_user,
        value_parser = a_day)]
    exports_per_user: Quota,

    /// Unknown promotion codes per customer. At most 100000 in at most a day. Default `20/3600s`.
    #[arg(long, env = "TICKETSHOW_PROMOTION_CODES_PER_USER",
        default_value_t = Limits::default().promotion_codes_per_user,
        value_parser = a_day)]
    promotion_codes_per_user: Quota,

    /// Mailed codes that browsers unknown to an account may try per day and account, 5 to 100. Default 20: a guess
    /// succeeds once in 50,000 days.
    #[arg(long, env = "TICKETSHOW_CODE_TRIES_PER_ACCOUNT", default_value_t = Limits::default().code_tries_per_account,
        value_parser = clap::value_parser!(u32).range(5..=100))]
    code_tries_per_account: u32,

    /// Unpaid holds at one time per customer, of all screenings together, 0 (no limit) to 100000. Default 6.
    #[arg(long, env = "TICKETSHOW_LIVE_HOLDS_PER_USER", default_value_t = Limits::default().live_holds_per_user,
        value_parser = clap::value_parser!(u32).range(0..=100_000))]
    live_holds_per_user: u32,

    /// Unpaid seats at one time per screening and address, 0 (no limit) to 100000. Default 100.
    #[arg(long, env = "TICKETSHOW_HELD_SEATS_PER_ADDRESS", default_value_t = Limits::default().held_seats_per_address,
        value_parser = clap::value_parser!(u32).range(0..=100_000))]
    held_seats_per_address: u32,

    /// Checkout pages open at one time per customer, 0 (no limit) to 100000. Default 5.
    #[arg(long, env = "TICKETSHOW_OPEN_CHECKOUTS_PER_USER", default_value_t = Limits::default().open_checkouts_per_user,
        value_parser = clap::value_parser!(u32).range(0..=100_000))]
    open_checkouts_per_user: u32,

    /// Screenings that a customer waits for at one time, 0 (no limit) to 1000. Default 10.
    #[arg(long, env = "TICKETSHOW_WAITING_PLACES_PER_USER", default_value_t = Limits::default().waiting_places_per_user,
        value_parser = clap::value_parser!(u32).range(0..=1_000))]
    waiting_places_per_user: u32,

    /// Live seat maps open at the same time per address, up to 10000; 0 means no limit. Default 200: a lobby and some school
    /// classes.
    #[arg(long, env = "TICKETSHOW_LIVE_MAPS_PER_ADDRESS", default_value_t = Limits::default().live_maps_per_address,
        value_parser = RangedU64ValueParser::<usize>::new().range(0..=10_000))]
    live_maps_per_address: usize,
}

impl LimitSettings {
    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        Limits {
            requests_per_address: self.requests_per_address,
            registrations_per_address: self.registrations_per_address,
            failed_logins_per_email: self.failed_logins_per_email,
            failed_logins_per_account: self.failed_logins_per_account,
            logins_per_account: self.logins_per_account,
            failed_logins_per_address: self.failed_logins_per_address,
            commands_per_user: self.commands_per_user,
            reset_mails_per_email: self.reset_mails_per_email,
            reset_mails_per_account: self.reset_mails_per_account,
            reset_mails_per_address: self.reset_mails_per_address,
            mails_per_booking: self.mails_per_booking,
            holds_per_user: self.holds_per_user,
            payments_per_user: self.payments_per_user,
            cancellations_per_user: self.cancellations_per_user,
            top_ups_per_user: self.top_ups_per_user,
            mails_per_user: self.mails_per_user,
            profile_changes_per_user: self.profile_changes_per_user,
            searches_per_address: self.searches_per_address,
            documents_per_user: self.documents_per_user,
            exports_per_user: self.exports_per_user,
            promotion_codes_per_user: self.promotion_codes_per_user,
            code_tries_per_account: self.code_tries_per_account,
            live_holds_per_user: self.live_holds_per_user,
            held_seats_per_address: self.held_seats_per_address,
            open_checkouts_per_user: self.open_checkouts_per_user,
            waiting_places_per_user: self.waiting_places_per_user,
            live_maps_per_address: self.live_maps_per_address,
        }
    }
}

fn commands(text: &str) -> Result<Quota, String> {
    bounded(text, COMMANDS_TIME_MAX)
        .ok_or_else(|| format!("at most {COMMANDS_MAX} commands in at most an hour"))
}

fn a_day(text: &str) -> Result<Quota, String> {
    bounded(text, DAY).ok_or_else(|| format!("at most {COMMANDS_MAX} in at most 24h"))
}

fn bounded(text: &str, longest: Duration) -> Option<Quota> {
    let quota: Quota = text.parse().ok()?;
    (quota.count <= COMMANDS_MAX && quota.per <= longest).then_some(quota)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        limits: LimitSettings,
    }

    #[test]
    fn every_quota_has_an_enforced_range() {
        use clap::CommandFactory;
        let quotas = Command::command();
        let quotas = quotas.get_arguments().filter_map(|argument| argument.get_long());
        let quotas: Vec<_> = quotas.filter(|name| name.contains("-per-")).collect();
        assert!(quotas.len() > 20, "{quotas:?}");
        for name in quotas {
            for wrong in ["100001/1h", "1/25h", "-1"] {
                let setting = format!("--{name}={wrong}");
                assert!(Command::try_parse_from(["service", &setting]).is_err(), "{setting}");
            }
        }
    }

    #[test]
    fn the_quota_of_commands_has_an_enforced_range() {
        for right in ["0", "1/1s", "100000/1h", "120/60s"] {
            assert!(commands(right).is_ok(), "{right}");
        }
        for wrong in ["100001/1h", "10/2h", "10", ""] {
            assert!(commands(wrong).is_err(), "{wrong}");
        }
        for (text, right) in
            [("0", true), ("100000/24h", true), ("100001/1h", false), ("1/25h", false), ("x", false)]
        {
            assert_eq!(a_day(text).is_ok(), right, "{text}");
        }
    }
}
