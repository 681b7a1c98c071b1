//! Quotas for mails that anyone can request for any address.

use std::net::IpAddr;

use jiff::Timestamp;
use ticketshow_domain::AccountKey;
use ticketshow_http::neighbourhood;

use crate::machinery::app::App;

/// Counts a mail. By network too, so that others do not use up the mails of an address's owner; each kind for itself, so
/// that one who registers can still have a password reset.
pub fn allows(app: &App, kind: &str, account: &AccountKey, address: IpAddr, now: Timestamp) -> bool {
    let limiters = &app.edge.limiters;
    let network = neighbourhood(address);
    limiters.reset_mails_per_email.take((kind, account, network), now).is_ok()
        && limiters.reset_mails_per_account.take((kind, account), now).is_ok()
}
