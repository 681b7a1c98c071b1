//! The cookie of a browser that has signed in to an account before. Its wrong passwords are counted separately from those of
//! strangers, so strangers cannot lock the account's owner out.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ticketshow_domain::{AccountKey, Personal, account::Account};
use ticketshow_http::{Edge, Keys, Problem};
use ticketshow_nats::executor::outcome::Freshness;
use uuid::Uuid;

use crate::{
    accounts::cookies::cookie::Cookie,
    machinery::{app::App, signed_in::password_digest},
};

/// 400 days, the longest that browsers keep a cookie.
const COOKIE: Cookie = Cookie { name: "ticketshow_device", seconds: 400 * 24 * 60 * 60 };

/// A browser that has signed in to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Device {
    id: Uuid,
    /// Digest of the password hash at that time: a browser is known until the password changes.
    password: String,
}

impl Device {
    fn read(headers: &HeaderMap, edge: &Edge, account: &AccountKey) -> Option<Self> {
        let mut parts = COOKIE.read(headers, &edge.origin)?.splitn(3, '.');
        let (id, password, proof) = (parts.next()?, parts.next()?, parts.next()?);
        let device = Self { id: Uuid::try_parse(id).ok()?, password: password.to_owned() };
        // The proof opens nothing: it only chooses the counter, so a comparison in constant time is not needed.
        (proof == device.proof(&edge.keys, account)).then_some(device)
    }

    fn set(&self, headers: &HeaderMap, edge: &Edge, account: &AccountKey) -> (HeaderName, HeaderValue) {
        let Self { id, password } = self;
        let proof = self.proof(&edge.keys, account);
        COOKIE.set(&format!("{id}.{password}.{proof}"), headers, &edge.origin)
    }

    fn proof(&self, keys: &Keys, account: &AccountKey) -> String {
        URL_SAFE_NO_PAD.encode(keys.device(account, self.id, &self.password))
    }
}

/// Returns the id of the browser that sent a request, if it has signed in to `account` with the current password.
///
/// # Errors
///
/// 503 during an outage.
pub async fn known(app: &App, headers: &HeaderMap, account: &AccountKey) -> Result<Option<Uuid>, Problem> {
    let Some(device) = Device::read(headers, &app.edge, account) else { return Ok(None) };
    let profile = app.state::<Account>(account, Freshness::Fresh).await?.state.profile;
    let is_known = profile.is_some_and(|profile| password_digest(&profile.password_hash) == device.password);
    Ok(is_known.then_some(device.id))
}

/// Returns the header by which a browser is known that has just signed in.
pub fn remember(
    headers: &HeaderMap,
    edge: &Edge,
    account: &AccountKey,
    password_hash: &Personal,
) -> (HeaderName, HeaderValue) {
    let id = Device::read(headers, edge, account).map_or_else(edge.new_id, |device| device.id);
    Device { id, password: password_digest(password_hash) }.set(headers, edge, account)
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use ticketshow_http::{Limits, Secret, TrustedProxies};
    use ticketshow_nats::clock;

    use super::*;

    #[test]
    fn a_browser_is_recognised_for_its_own_account_only() {
        let secret = Secret::new([7; 32]).unwrap();
        let edge = Edge::new(&secret, &Limits::OFF, TrustedProxies::default(), clock::now, clock::new_id);
        let (ada, bob) = (edge.keys.account("ada@example.org"), edge.keys.account("bob@example.org"));
        let device = Device { id: Uuid::from_u128(5), password: "digest".to_owned() };
        let host = || HeaderMap::from_iter([(header::HOST, "localhost".parse().unwrap())]);
        let (_, set) = device.set(&host(), &edge, &ada);
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        let read = |cookie: &str, account| {
            let mut headers = host();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            Device::read(&headers, &edge, account)
        };

        assert_eq!(read(pair, &ada), Some(device));
        assert_eq!(read(pair, &bob), None);
        let forged = [pair.replace("0005.", "0006."), pair.replace(".digest.", ".another.")];
        assert!(forged.iter().all(|forged| forged != pair));
        let others = ["ticketshow_device=", "ticketshow_device=a.b.c", "a=b"].map(ToOwned::to_owned);
        for other in forged.into_iter().chain(others) {
            assert_eq!(read(&other, &ada), None, "{other}");
        }
    }
}
