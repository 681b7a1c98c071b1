//! The cookie that keeps a browser signed in. It holds a session's id and a secret; the server stores the secret's
//! hash.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use ticketshow_domain::AccountKey;
use ticketshow_http::{Keys, Problem};
use ticketshow_nats::kv::sessions::{Session, TokenHash};
use uuid::Uuid;

const NAME: &str = "ticketshow_refresh";
/// Lifetime of a session, in seconds: 30 days. House rule.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Content of the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshCookie {
    /// Stream key of the account.
    pub account: AccountKey,
    /// Id of the session.
    pub session: Uuid,
    secret: [u8; 32],
}

impl RefreshCookie {
    /// A new secret for a session that begins.
    pub fn new(account: AccountKey, session: Uuid) -> Self {
        Self { account, session, secret: rand::random() }
    }

    /// The cookie that replaces this one.
    pub fn refreshed(&self, keys: &Keys) -> Self {
        Self { secret: keys.refreshed(&self.secret), ..self.clone() }
    }

    /// Hash of the secret, as the server stores it. The secret cannot be guessed, so a plain hash is safe.
    pub fn token(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.secret).into())
    }

    /// Returns `true` if `session` had this token before its valid one: each token is computed from the one before.
    pub fn precedes(&self, session: &Session, keys: &Keys) -> bool {
        let mut later = self.clone();
        (0..session.rotations).any(|_| {
            later = later.refreshed(keys);
            later.token() == session.token
        })
    }

    /// The cookie of a request, if present and well-formed.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, _)| name.trim() == NAME)?;
        let mut parts = value.trim().splitn(3, '.');
        let (account, session, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let is_key = account.len() == 32 && account.bytes().all(|b| b.is_ascii_hexdigit());
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let session = Uuid::try_parse(session).ok()?;
        is_key.then_some(Self { account: AccountKey(account.to_owned()), session, secret })
    }

    /// The header that sets it.
    pub fn set(&self, request: &HeaderMap) -> (header::HeaderName, HeaderValue) {
        let Self { account, session, secret } = self;
        let secret = URL_SAFE_NO_PAD.encode(secret);
        set(&format!("{account}.{session}.{secret}"), SESSION_SECONDS, request)
    }

    /// The header that removes it.
    pub fn clear(request: &HeaderMap) -> (header::HeaderName, HeaderValue) {
        set("", 0, request)
    }
}

fn set(value: &str, seconds: i64, request: &HeaderMap) -> (header::HeaderName, HeaderValue) {
    // Browsers do not send a Secure cookie over plain HTTP, which only local servers use.
    let secure = if is_local(request) { "" } else { "; Secure" };
    let cookie =
        format!("{NAME}={value}; Path=/api/v1/auth; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    (header::SET_COOKIE, HeaderValue::try_from(cookie).expect("hex, digits and base64 are visible ASCII"))
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Returns `true` for a request to this machine, which is not encrypted.
pub fn is_local(headers: &HeaderMap) -> bool {
    let host = host(headers);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    ["localhost", "127.0.0.1", "[::1]"].contains(&name)
}

/// Accepts requests of our own pages, and of programs, which send no `Origin`.
///
/// # Errors
///
/// 403 `foreign-origin` if a page of another site sent it.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let authority = origin.to_str().ok().and_then(|origin| Some(origin.split_once("://")?.1));
    if authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host(headers))) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "A page of another site sent this request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn cookie() -> RefreshCookie {
        RefreshCookie::new(AccountKey("0123456789abcdef0123456789abcdef".to_owned()), Uuid::from_u128(5))
    }

    #[test]
    fn a_cookie_is_read_back_as_it_was_set() {
        let (_, set) = cookie().set(&headers(&[(header::HOST, "example.org")]));
        let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        let all = format!("theme=dark; {pair}; a=b");
        let read = RefreshCookie::read(&headers(&[(header::COOKIE, &all)])).unwrap();
        assert_eq!(read.session, Uuid::from_u128(5));
        assert_eq!(read.set(&HeaderMap::new()), (header::SET_COOKIE, set));
    }

    #[test]
    fn malformed_cookies_are_ignored() {
        for value in
            ["", "a.b.c", "ticketshow_refresh=", "ticketshow_refresh=a.b.c", "ticketshow_refresh=tix.*.>"]
        {
            assert_eq!(RefreshCookie::read(&headers(&[(header::COOKIE, value)])), None, "{value}");
        }
    }

    #[test]
    fn only_local_cookies_lack_secure() {
        let secure = |host| {
            let (_, set) = cookie().set(&headers(&[(header::HOST, host)]));
            set.to_str().unwrap().contains("; Secure")
        };
        let hosts = [
            "localhost:8000",
            "localhost",
            "127.0.0.1:8000",
            "[::1]:8000",
            "example.org",
            "localhost.evil.org",
            "",
        ];
        assert_eq!(hosts.map(secure), [false, false, false, false, true, true, true]);
    }

    #[test]
    fn requests_of_other_sites_are_rejected() {
        let allowed = |origin| {
            check_origin(&headers(&[(header::HOST, "localhost:8000"), (header::ORIGIN, origin)])).is_ok()
        };
        let origins = ["http://localhost:8000", "http://localhost:5173", "https://evil.org", "null"];
        assert_eq!(origins.map(allowed), [true, false, false, false]);
        assert!(check_origin(&HeaderMap::new()).is_ok());
    }
}
