//! Rate limits as settings. Their defaults are [`Limits::default`].

use std::time::Duration;

use clap::Args;
use ticketshow_http::{Limits, NotAQuota, Quota};

/// Most commands per user that may be allowed: the log is never emptied.
const COMMANDS_MAX: u32 = 100_000;
/// Longest time over which they may be counted.
const COMMANDS_TIME_MAX: Duration = Duration::from_hours(1);

/// One setting per quota. A quota is written `count/time`, for example `10/15m`, with `s`, `m` or `h`; `0` means no limit.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// Requests of any kind per address. Default `6000/60s`.
    #[arg(long, env = "TICKETSHOW_REQUESTS_PER_ADDRESS", default_value_t = Limits::default().requests_per_address)]
    requests_per_address: Quota,

    /// New accounts per address. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_REGISTRATIONS_PER_ADDRESS",
        default_value_t = Limits::default().registrations_per_address)]
    registrations_per_address: Quota,

    /// Wrong passwords per e-mail, from any address. Default `10/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_EMAIL",
        default_value_t = Limits::default().failed_logins_per_email)]
    failed_logins_per_email: Quota,

    /// Wrong passwords per address, for any e-mail. Default `100/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_ADDRESS",
        default_value_t = Limits::default().failed_logins_per_address)]
    failed_logins_per_address: Quota,

    /// Commands per signed-in customer, such as reserving, paying and cancelling; at most 100000 in at most an hour. Default
    /// `120/60s`.
    #[arg(long, env = "TICKETSHOW_COMMANDS_PER_USER", default_value_t = Limits::default().commands_per_user,
        value_parser = commands)]
    commands_per_user: Quota,

    /// Password reset mails per e-mail. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_EMAIL",
        default_value_t = Limits::default().reset_mails_per_email)]
    reset_mails_per_email: Quota,

    /// Password reset mails requested per address. Default `30/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_ADDRESS",
        default_value_t = Limits::default().reset_mails_per_address)]
    reset_mails_per_address: Quota,

    /// Confirmation mails sent again per booking. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_MAILS_PER_BOOKING", default_value_t = Limits::default().mails_per_booking)]
    mails_per_booking: Quota,
}

impl LimitSettings {
    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        Limits {
            requests_per_address: self.requests_per_address,
            registrations_per_address: self.registrations_per_address,
            failed_logins_per_email: self.failed_logins_per_email,
            failed_logins_per_address: self.failed_logins_per_address,
            commands_per_user: self.commands_per_user,
            reset_mails_per_email: self.reset_mails_per_email,
            reset_mails_per_address: self.reset_mails_per_address,
            mails_per_booking: self.mails_per_booking,
        }
    }
}

fn commands(text: &str) -> Result<Quota, String> {
    let quota: Quota = text.parse().map_err(|error: NotAQuota| error.to_string())?;
    if quota.count > COMMANDS_MAX || quota.per > COMMANDS_TIME_MAX {
        return Err(format!("at most {COMMANDS_MAX} commands in at most an hour"));
    }
    Ok(quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quota_of_commands_has_an_enforced_range() {
        for right in ["0", "1/1s", "100000/1h", "120/60s"] {
            assert!(commands(right).is_ok(), "{right}");
        }
        for wrong in ["100001/1h", "10/2h", "10", ""] {
            assert!(commands(wrong).is_err(), "{wrong}");
        }
    }
}
