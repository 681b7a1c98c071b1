//! How often is too often, as settings; the defaults are [`Limits::default`].

use clap::Args;
use ticketshow_http::{Limits, Quota};

/// One setting a quota. A quota is written `count/time`, `10/15m` say, with `s`, `m` or `h`; `0` is no limit.
#[derive(Debug, Clone, Args)]
pub struct LimitSettings {
    /// Requests of any kind from one address. Default `6000/60s`.
    #[arg(long, env = "TICKETSHOW_REQUESTS_PER_ADDRESS", default_value_t = Limits::default().requests_per_address)]
    requests_per_address: Quota,

    /// New accounts from one address. Default `60/3600s`.
    #[arg(long, env = "TICKETSHOW_REGISTRATIONS_PER_ADDRESS",
        default_value_t = Limits::default().registrations_per_address)]
    registrations_per_address: Quota,

    /// Wrong passwords for one e-mail, from wherever. Default `10/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_EMAIL",
        default_value_t = Limits::default().failed_logins_per_email)]
    failed_logins_per_email: Quota,

    /// Wrong passwords from one address, for whatever e-mail. Default `100/900s`.
    #[arg(long, env = "TICKETSHOW_FAILED_LOGINS_PER_ADDRESS",
        default_value_t = Limits::default().failed_logins_per_address)]
    failed_logins_per_address: Quota,

    /// Mails to choose a new password with, to one e-mail. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_EMAIL",
        default_value_t = Limits::default().reset_mails_per_email)]
    reset_mails_per_email: Quota,

    /// The same, asked for from one address. Default `30/3600s`.
    #[arg(long, env = "TICKETSHOW_RESET_MAILS_PER_ADDRESS",
        default_value_t = Limits::default().reset_mails_per_address)]
    reset_mails_per_address: Quota,

    /// Confirmations of one booking, mailed again. Default `3/3600s`.
    #[arg(long, env = "TICKETSHOW_MAILS_PER_BOOKING", default_value_t = Limits::default().mails_per_booking)]
    mails_per_booking: Quota,
}

impl LimitSettings {
    /// The limits they make.
    pub fn limits(&self) -> Limits {
        Limits {
            requests_per_address: self.requests_per_address,
            registrations_per_address: self.registrations_per_address,
            failed_logins_per_email: self.failed_logins_per_email,
            failed_logins_per_address: self.failed_logins_per_address,
            reset_mails_per_email: self.reset_mails_per_email,
            reset_mails_per_address: self.reset_mails_per_address,
            mails_per_booking: self.mails_per_booking,
        }
    }
}
