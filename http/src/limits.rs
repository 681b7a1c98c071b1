//! Quotas per address, user and e-mail, in bounded memory, never in the log.

use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    str::FromStr,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use jiff::Timestamp;

use crate::{PlacesPerAddress, identity::address::Network, sync::lock};

/// Most callers that one limiter remembers, at 16 bytes each plus the table.
const CALLERS_MAX: usize = 65_536;

/// A burst of `count`, replenished evenly over `per`. Written `10/15m` (`s`, `m`, `h`); `0` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Size of the burst; 0 is no limit.
    pub count: u32,
    /// Time to replenish the whole burst.
    pub per: Duration,
}

impl Quota {
    /// No limit.
    pub const OFF: Self = Self { count: 0, per: Duration::ZERO };
}

impl FromStr for Quota {
    type Err = NotAQuota;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || NotAQuota(text.to_owned());
        if text == "0" {
            return Ok(Self::OFF);
        }
        let (count, per) = text.split_once('/').ok_or_else(wrong)?;
        let count = count.parse().map_err(|_| wrong())?;
        let units = [('s', 1), ('m', 60), ('h', 3_600)];
        let (number, unit_seconds) = units
            .into_iter()
            .find_map(|(unit, seconds)| Some((per.strip_suffix(unit)?, seconds)))
            .ok_or_else(wrong)?;
        let number: u32 = number.parse().map_err(|_| wrong())?;
        if number == 0 {
            return Err(wrong());
        }
        Ok(Self { count, per: Duration::from_secs(u64::from(number) * unit_seconds) })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            0 => f.write_str("0"),
            count => write!(f, "{count}/{}s", self.per.as_secs()),
        }
    }
}

/// A text that is not a quota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a quota like 10/15m, nor 0")]
pub struct NotAQuota(String);

/// All quotas of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests of any kind, per address.
    pub requests_per_address: Quota,
    /// New accounts, per address.
    pub registrations_per_address: Quota,
    /// Wrong passwords per e-mail and network, or per e-mail and browser that has signed in before.
    pub failed_logins_per_email: Quota,
    /// Wrong passwords per e-mail, from all networks together.
    pub failed_logins_per_account: Quota,
    /// Right passwords per e-mail.
    pub logins_per_account: Quota,
    /// Wrong passwords per address, for any e-mail.
    pub failed_logins_per_address: Quota,
    /// Commands of a signed-in customer, per user.
    pub commands_per_user: Quota,
    /// Mails to reset a password, per e-mail and network.
    pub reset_mails_per_email: Quota,
    /// Mails to reset a password, per e-mail.
    pub reset_mails_per_account: Quota,
    /// Mails to reset a password, per address that requests them.
    pub reset_mails_per_address: Quota,
    /// Repeated confirmation mails, per booking.
    pub mails_per_booking: Quota,
    /// Reservations, per customer.
    pub holds_per_user: Quota,
    /// Attempts to pay, per customer.
    pub payments_per_user: Quota,
    /// Cancellations, per customer.
    pub cancellations_per_user: Quota,
    /// Top-ups of the wallet, per customer.
    pub top_ups_per_user: Quota,
    /// Repeated confirmation mails, and those about changes of an account, per customer.
    pub mails_per_user: Quota,
    /// Changes of the profile, the password and the second factor, per customer; choices about reminders by their link, per e-mail.
    pub profile_changes_per_user: Quota,
    /// Searches and suggestions, per address.
    pub searches_per_address: Quota,
    /// Ticket documents, per customer.
    pub documents_per_user: Quota,
    /// Exports of everything kept about a person, per person.
    pub exports_per_user: Quota,
    /// Unknown promotion codes, per customer.
    pub promotion_codes_per_user: Quota,
    /// Mailed codes that browsers unknown to the account may try per day and account.
    pub code_tries_per_account: u32,
    /// Unpaid holds at one time, per customer, of all screenings together; 0 is no limit.
    pub live_holds_per_user: u32,
    /// Unpaid seats at one time, per screening and address; 0 is no limit.
    pub held_seats_per_address: u32,
    /// Checkout pages open at one time, per customer; 0 is no limit.
    pub open_checkouts_per_user: u32,
    /// Screenings that a customer waits for at one time; 0 is no limit.
    pub waiting_places_per_user: u32,
    /// Live seat maps open at the same time, per address; 0 is no limit.
    pub live_maps_per_address: usize,
}

impl Limits {
    /// No limits: for load tests.
    pub const OFF: Self = Self {
        requests_per_address: Quota::OFF,
        registrations_per_address: Quota::OFF,
        failed_logins_per_email: Quota::OFF,
        failed_logins_per_account: Quota::OFF,
        logins_per_account: Quota::OFF,
        failed_logins_per_address: Quota::OFF,
        commands_per_user: Quota::OFF,
        reset_mails_per_email: Quota::OFF,
        reset_mails_per_account: Quota::OFF,
        reset_mails_per_address: Quota::OFF,
        mails_per_booking: Quota::OFF,
        holds_per_user: Quota::OFF,
        payments_per_user: Quota::OFF,
        cancellations_per_user: Quota::OFF,
        top_ups_per_user: Quota::OFF,
        mails_per_user: Quota::OFF,
        profile_changes_per_user: Quota::OFF,
        searches_per_address: Quota::OFF,
        documents_per_user: Quota::OFF,
        exports_per_user: Quota::OFF,
        promotion_codes_per_user: Quota::OFF,
        code_tries_per_account: u32::MAX,
        live_holds_per_user: 0,
        held_seats_per_address: 0,
        open_checkouts_per_user: 0,
        waiting_places_per_user: 0,
        live_maps_per_address: 0,
    };
}

impl Default for Limits {
    /// Generous, because in offices and mobile networks many people share an address.
    fn default() -> Self {
        let minutes = |count, minutes: u64| Quota { count, per: Duration::from_secs(60 * minutes) };
        Self {
            requests_per_address: minutes(6_000, 1),
            registrations_per_address: minutes(60, 60),
            // Nobody mistypes a password ten times in a row.
            failed_logins_per_email: minutes(10, 15),
            // Ten networks at once, which no family has. A browser that has signed in before is not counted.
            failed_logins_per_account: minutes(100, 60),
            // One every nine seconds: more than people do, and too few to keep a core busy with hashes.
            logins_per_account: minutes(100, 15),
            failed_logins_per_address: minutes(100, 15),
            // Each may be a commit in the log, which is never emptied.
            commands_per_user: minutes(120, 1),
            reset_mails_per_email: minutes(3, 60),
            // Three from each of some networks; more would fill a mailbox.
            reset_mails_per_account: minutes(12, 60),
            reset_mails_per_address: minutes(30, 60),
            mails_per_booking: minutes(3, 60),
            // A change of mind every minute; a hold that is given back leaves as much in the log as a booking.
            holds_per_user: minutes(60, 60),
            // Every hold twice: a first attempt may fail.
            payments_per_user: minutes(60, 60),
            cancellations_per_user: minutes(60, 60),
            // Each opens a page at the provider, whose calls are counted for the whole house.
            top_ups_per_user: minutes(10, 24 * 60),
            mails_per_user: minutes(10, 60),
            profile_changes_per_user: minutes(10, 60),
            // Fifty people of a lobby who type at the same time.
            searches_per_address: minutes(600, 1),
            // The tickets of six bookings of ten seats, opened one by one.
            documents_per_user: minutes(60, 10),
            exports_per_user: minutes(5, 24 * 60),
            // A code read aloud and mistyped in several ways; a code of six random characters is found after ten thousand years.
            promotion_codes_per_user: minutes(20, 60),
            // Two codes mistyped by their owner and two by a stranger; one in 50,000 to guess one, a day.
            code_tries_per_account: 20,
            // Two screenings to the limit of one.
            live_holds_per_user: 6,
            // Fifty couples of a lobby who pay for the same screening at the same time.
            held_seats_per_address: 100,
            open_checkouts_per_user: 5,
            // Every evening of a week, and some more.
            waiting_places_per_user: 10,
            live_maps_per_address: 200,
        }
    }
}

/// The limiters of an installation, one per quota, and one more for `reminder_choices_per_account`: it has the quota of
/// `profile_changes_per_user`, for those who need not sign in.
#[derive(Debug)]
#[expect(missing_docs, reason = "as in `Limits`")]
pub struct Limiters {
    pub requests_per_address: AddressLimiter,
    pub registrations_per_address: AddressLimiter,
    pub failed_logins_per_email: Limiter,
    pub failed_logins_per_account: Limiter,
    pub logins_per_account: Limiter,
    pub failed_logins_per_address: AddressLimiter,
    pub commands_per_user: Limiter,
    pub reset_mails_per_email: Limiter,
    pub reset_mails_per_account: Limiter,
    pub reset_mails_per_address: AddressLimiter,
    pub mails_per_booking: Limiter,
    pub holds_per_user: Limiter,
    pub payments_per_user: Limiter,
    pub cancellations_per_user: Limiter,
    pub top_ups_per_user: Limiter,
    pub mails_per_user: Limiter,
    pub profile_changes_per_user: Limiter,
    pub reminder_choices_per_account: Limiter,
    pub searches_per_address: AddressLimiter,
    pub documents_per_user: Limiter,
    pub exports_per_user: Limiter,
    pub promotion_codes_per_user: Limiter,
    pub live_maps_per_address: PlacesPerAddress,
}

impl Limiters {
    /// Limiters with their full quotas.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            requests_per_address: AddressLimiter::new(limits.requests_per_address),
            registrations_per_address: AddressLimiter::new(limits.registrations_per_address),
            failed_logins_per_email: Limiter::new(limits.failed_logins_per_email),
            failed_logins_per_account: Limiter::new(limits.failed_logins_per_account),
            logins_per_account: Limiter::new(limits.logins_per_account),
            failed_logins_per_address: AddressLimiter::new(limits.failed_logins_per_address),
            commands_per_user: Limiter::new(limits.commands_per_user),
            reset_mails_per_email: Limiter::new(limits.reset_mails_per_email),
            reset_mails_per_account: Limiter::new(limits.reset_mails_per_account),
            reset_mails_per_address: AddressLimiter::new(limits.reset_mails_per_address),
            mails_per_booking: Limiter::new(limits.mails_per_booking),
            holds_per_user: Limiter::new(limits.holds_per_user),
            payments_per_user: Limiter::new(limits.payments_per_user),
            cancellations_per_user: Limiter::new(limits.cancellations_per_user),
            top_ups_per_user: Limiter::new(limits.top_ups_per_user),
            mails_per_user: Limiter::new(limits.mails_per_user),
            profile_changes_per_user: Limiter::new(limits.profile_changes_per_user),
            reminder_choices_per_account: Limiter::new(limits.profile_changes_per_user),
            searches_per_address: AddressLimiter::new(limits.searches_per_address),
            documents_per_user: Limiter::new(limits.documents_per_user),
            exports_per_user: Limiter::new(limits.exports_per_user),
            promotion_codes_per_user: Limiter::new(limits.promotion_codes_per_user),
            live_maps_per_address: PlacesPerAddress::new(limits.live_maps_per_address),
        }
    }
}

/// A rate limiter by the generic cell rate algorithm (ITU-T I.371). It stores one number per caller: the time at which
/// everything taken is paid off.
#[derive(Debug)]
pub struct Limiter {
    /// Cost of one take and the largest debt, both in microseconds. `None` is no limit.
    cost_and_credit: Option<(i64, i64)>,
    hasher: RandomState,
    paid_off: Mutex<HashMap<u64, i64>>,
    callers_max: usize,
}

impl Limiter {
    /// A limiter with its full quota.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        let credit = i64::try_from(quota.per.as_micros()).unwrap_or(i64::MAX / 4);
        let cost_and_credit = (quota.count > 0).then(|| (credit / i64::from(quota.count), credit));
        let (hasher, paid_off) = (RandomState::new(), Mutex::default());
        Self { cost_and_credit, hasher, paid_off, callers_max: CALLERS_MAX }
    }

    /// Takes one for `caller`.
    ///
    /// # Errors
    ///
    /// The time to wait if the quota is used up. Nothing is taken then.
    pub fn take(&self, caller: impl Hash, now: Timestamp) -> Result<(), Duration> {
        self.take_share(caller, 1, now)
    }

    /// Takes one for a caller who has `share` times the quota.
    fn take_share(&self, caller: impl Hash, share: i64, now: Timestamp) -> Result<(), Duration> {
        let Some((cost, credit)) = self.cost_and_credit else { return Ok(()) };
        let cost = cost / share;
        let (caller, now) = (self.hasher.hash_one(caller), now.as_microsecond());
        let mut paid_off = self.lock();
        let owed_until = paid_off.get(&caller).copied().unwrap_or(now).max(now) + cost;
        if owed_until - now > credit {
            return Err(Duration::from_micros((owed_until - now - credit).unsigned_abs()));
        }
        if paid_off.len() >= self.callers_max && !paid_off.contains_key(&caller) {
            forget_some(&mut paid_off, now);
        }
        paid_off.insert(caller, owed_until);
        Ok(())
    }

    /// Returns a take that turned out not to count.
    pub fn give_back(&self, caller: impl Hash) {
        self.give_share_back(caller, 1);
    }

    fn give_share_back(&self, caller: impl Hash, share: i64) {
        let Some((cost, _)) = self.cost_and_credit else { return };
        let cost = cost / share;
        if let Some(owed_until) = self.lock().get_mut(&self.hasher.hash_one(caller)) {
            *owed_until -= cost;
        }
    }

    /// Forgets everything that `caller` took.
    pub fn clear(&self, caller: impl Hash) {
        self.lock().remove(&self.hasher.hash_one(caller));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, i64>> {
        lock(&self.paid_off)
    }
}

/// A rate limiter by address. An IPv6 address also uses the larger quotas of the networks around it.
#[derive(Debug)]
pub struct AddressLimiter(Limiter);

impl AddressLimiter {
    /// A limiter with its full quota.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self(Limiter::new(quota))
    }

    /// Takes one for `address`.
    ///
    /// # Errors
    ///
    /// The time to wait if the quota is used up. Nothing is taken then.
    pub fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let networks = Network::around(address);
        for (index, network) in networks.iter().enumerate() {
            let taken = self.0.take_share(network, share(*network), now);
            if taken.is_err() {
                for earlier in &networks[..index] {
                    self.0.give_share_back(earlier, share(*earlier));
                }
                return taken;
            }
        }
        Ok(())
    }

    /// Returns a take that turned out not to count.
    pub fn give_back(&self, address: IpAddr) {
        for network in Network::around(address) {
            self.0.give_share_back(network, share(network));
        }
    }
}

fn share(network: Network) -> i64 {
    i64::try_from(network.share()).unwrap_or(1)
}

/// Makes room: forgets callers without debt and, if that is not enough, the half with the smallest debt.
fn forget_some(paid_off: &mut HashMap<u64, i64>, now: i64) {
    let many = paid_off.len() / 2;
    paid_off.retain(|_, owed_until| *owed_until > now);
    if paid_off.len() > many {
        let mut debts: Vec<i64> = paid_off.values().copied().collect();
        let (_, median, _) = debts.select_nth_unstable(many);
        let median = *median;
        paid_off.retain(|_, owed_until| *owed_until > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn limiter() -> Limiter {
        Limiter::new("3/30s".parse().unwrap())
    }

    #[test]
    fn a_quota_allows_a_burst_and_is_then_replenished_evenly() {
        let limiter = limiter();
        for _ in 0..3 {
            assert_eq!(limiter.take("ada", at(0)), Ok(()));
        }
        assert_eq!(limiter.take("ada", at(0)), Err(Duration::from_secs(10)));
        assert_eq!(limiter.take("ada", at(9)), Err(Duration::from_secs(1)));
        assert_eq!(limiter.take("ada", at(10)), Ok(()));
        assert!(limiter.take("ada", at(10)).is_err());
        assert_eq!(limiter.take("bob", at(0)), Ok(()), "each caller has its own quota");
    }

    #[test]
    fn a_returned_take_can_be_used_again() {
        let limiter = limiter();
        for _ in 0..10 {
            assert_eq!(limiter.take("ada", at(0)), Ok(()));
            limiter.give_back("ada");
        }
    }

    #[test]
    fn a_cleared_caller_has_the_full_quota() {
        let limiter = limiter();
        let take = || (0..4).filter(|_| limiter.take("ada", at(0)).is_ok()).count();
        assert_eq!(take(), 3);
        limiter.clear("ada");
        assert_eq!(take(), 3);
    }

    #[test]
    fn a_quota_of_zero_is_no_limit() {
        let limiter = Limiter::new("0".parse().unwrap());
        assert!((0..1_000).all(|_| limiter.take("ada", at(0)).is_ok()));
        assert!(limiter.lock().is_empty());
    }

    #[test]
    fn an_office_with_many_ipv6_networks_has_few_quotas() {
        let limiter = AddressLimiter::new("3/30s".parse().unwrap());
        let address = |subnet: u16| format!("2001:db8:1:{subnet:x}::1").parse::<IpAddr>().unwrap();
        let take = |subnet: u16| limiter.take(address(subnet), at(0));
        assert_eq!([take(0), take(0), take(0)], [Ok(()); 3]);
        assert_eq!(take(0), Err(Duration::from_secs(10)));
        assert_eq!((1..=0xffff).filter(|subnet| take(*subnet).is_ok()).count(), 3 * 16 - 3);

        limiter.give_back(address(0));
        assert_eq!(take(0), Ok(()), "a take comes back in all its networks");
        assert!(limiter.take("2001:db8:2::1".parse().unwrap(), at(0)).is_ok());
    }

    #[test]
    fn memory_is_bounded_and_the_largest_debts_are_remembered() {
        let limiter = Limiter { callers_max: 100, ..limiter() };
        for _ in 0..3 {
            limiter.take("worst", at(0)).unwrap();
        }
        for caller in 0..10_000 {
            limiter.take(caller, at(0)).unwrap();
            assert!(limiter.lock().len() <= 100);
        }
        assert!(limiter.take("worst", at(0)).is_err());
    }

    #[test]
    fn quotas_are_formatted_as_they_are_parsed() {
        assert_eq!("10/15m".parse(), Ok(Quota { count: 10, per: Duration::from_mins(15) }));
        assert_eq!("1/1h".parse::<Quota>().unwrap().to_string().parse(), "1/1h".parse::<Quota>());
        for wrong in ["", "10", "10/0s", "x/1s", "10/1d", "-1/1s", "10/s"] {
            assert_eq!(wrong.parse::<Quota>(), Err(NotAQuota(wrong.to_owned())));
        }
    }
}
