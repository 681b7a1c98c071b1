//! The cookie of a browser that has signed in to an account before. Its wrong passwords are counted apart from those of
//! strangers, who can therefore not lock the account's owner out.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ticketshow_domain::AccountKey;
use ticketshow_http::{Edge, Keys};
use uuid::Uuid;

use crate::accounts::refresh_cookie::is_secure;

const NAME: &str = "ticketshow_device";
/// Lifetime in seconds: 400 days, the longest that browsers keep a cookie.
const SECONDS: i64 = 400 * 24 * 60 * 60;

/// Returns the id of the browser that sent a request, if it has signed in to `account` before.
pub fn read(headers: &HeaderMap, keys: &Keys, account: &AccountKey) -> Option<Uuid> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == NAME)?;
    let (device, proof) = value.trim().split_once('.')?;
    let device = Uuid::try_parse(device).ok()?;
    // The proof opens nothing: it only chooses the counter, so a comparison in constant time is not needed.
    (proof == encoded(keys, account, device)).then_some(device)
}

/// Returns the header that lets a browser be recognised.
pub fn set(
    headers: &HeaderMap,
    edge: &Edge,
    account: &AccountKey,
    device: Uuid,
) -> (HeaderName, HeaderValue) {
    let proof = encoded(&edge.keys, account, device);
    let secure = if is_secure(headers, &edge.origin) { "; Secure" } else { "" };
    let cookie = format!(
        "{NAME}={device}.{proof}; Path=/api/v1/auth; Max-Age={SECONDS}; HttpOnly; SameSite=Lax{secure}"
    );
    (header::SET_COOKIE, HeaderValue::try_from(cookie).expect("hex, hyphens and base64 are visible ASCII"))
}

fn encoded(keys: &Keys, account: &AccountKey, device: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(keys.device(account, device))
}

#[cfg(test)]
mod tests {
    use ticketshow_http::Secret;

    use super::*;

    #[test]
    fn a_browser_is_recognised_for_its_own_account_only() {
        let keys = Keys::new(&Secret::new([7; 32]).unwrap());
        let (ada, bob) = (keys.account("ada@example.org"), keys.account("bob@example.org"));
        let device = Uuid::from_u128(5);
        let pair = format!("{NAME}={device}.{}", encoded(&keys, &ada, device));
        let sent = |cookie: &str| HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);

        assert_eq!(read(&sent(&pair), &keys, &ada), Some(device));
        assert_eq!(read(&sent(&pair), &keys, &bob), None);
        let forged = pair.replace("0005.", "0006.");
        assert_ne!(forged, pair);
        for other in [forged.as_str(), "ticketshow_device=", "ticketshow_device=a.b", "a=b"] {
            assert_eq!(read(&sent(other), &keys, &ada), None, "{other}");
        }
    }
}
