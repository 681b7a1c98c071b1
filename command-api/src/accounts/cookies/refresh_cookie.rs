//! The cookie that keeps a browser signed in. It holds a session's id and a secret; the server stores the secret's
//! hash.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use ticketshow_domain::AccountKey;
use ticketshow_http::{Keys, Problem, SiteOrigin};
use ticketshow_nats::kv::sessions::{Session, TokenHash};
use uuid::Uuid;

use crate::accounts::cookies::cookie::Cookie;

/// Lifetime of a session, in seconds: 30 days. House rule.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

const COOKIE: Cookie = Cookie { name: "ticketshow_refresh", seconds: SESSION_SECONDS };

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

    /// The cookie of a request, if there is one, and only one, and it is well-formed.
    pub fn read(request: &HeaderMap, site: &SiteOrigin) -> Option<Self> {
        let mut parts = COOKIE.read(request, site)?.splitn(3, '.');
        let (account, session, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let is_key = account.len() == 32 && account.bytes().all(|b| b.is_ascii_hexdigit());
        let secret = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let session = Uuid::try_parse(session).ok()?;
        is_key.then_some(Self { account: AccountKey(account.to_owned()), session, secret })
    }

    /// The header that sets it.
    pub fn set(&self, request: &HeaderMap, site: &SiteOrigin) -> (HeaderName, HeaderValue) {
        let Self { account, session, secret } = self;
        let secret = URL_SAFE_NO_PAD.encode(secret);
        COOKIE.set(&format!("{account}.{session}.{secret}"), request, site)
    }

    /// The header that removes it.
    pub fn clear(request: &HeaderMap, site: &SiteOrigin) -> (HeaderName, HeaderValue) {
        COOKIE.clear(request, site)
    }
}

/// Accepts requests of our own pages, and of programs, which send no `Origin`.
///
/// # Errors
///
/// 403 `foreign-origin` if a page of another site sent it.
pub fn check_origin(request: &HeaderMap, site: &SiteOrigin) -> Result<(), Problem> {
    let host = text(request, header::HOST.as_str()).unwrap_or_default();
    // Sent by browsers, and no page can change it. `none` is an address that was typed.
    let is_from_here =
        text(request, SEC_FETCH_SITE).is_none_or(|from| ["same-origin", "none"].contains(&from));
    let is_from_us = text(request, header::ORIGIN.as_str()).is_none_or(|origin| site.owns(origin, host));
    if is_from_here && is_from_us {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign-origin", "A page of another site sent this request"))
}

/// Returns `true` if a page in a browser sent a request, and `false` for programs.
pub fn is_from_a_page(request: &HeaderMap) -> bool {
    [SEC_FETCH_SITE, header::ORIGIN.as_str()].iter().any(|name| request.contains_key(*name))
}

/// Header in which browsers name the origin of a request: no page can leave it out.
const SEC_FETCH_SITE: &str = "sec-fetch-site";

fn text<'a>(request: &'a HeaderMap, name: &str) -> Option<&'a str> {
    request.get(name).map(|value| value.to_str().unwrap_or_default())
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

    fn local() -> SiteOrigin {
        SiteOrigin::default()
    }

    fn public() -> SiteOrigin {
        SiteOrigin::of("https://tickets.example.org")
    }

    #[test]
    fn a_cookie_is_read_back_as_it_was_set() {
        for (site, host) in
            [(local(), "localhost:8000"), (public(), "tickets.example.org"), (public(), "localhost:8000")]
        {
            let request = headers(&[(header::HOST, host)]);
            let (_, set) = cookie().set(&request, &site);
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let all = format!("theme=dark; {pair}; a=b");
            let read = RefreshCookie::read(&headers(&[(header::HOST, host), (header::COOKIE, &all)]), &site)
                .unwrap();
            assert_eq!(read.session, Uuid::from_u128(5));
            assert_eq!(read.set(&request, &site), (header::SET_COOKIE, set));
        }
    }

    #[test]
    fn malformed_cookies_are_ignored() {
        for value in
            ["", "a.b.c", "ticketshow_refresh=", "ticketshow_refresh=a.b.c", "ticketshow_refresh=tix.*.>"]
        {
            let request = headers(&[(header::HOST, "localhost"), (header::COOKIE, value)]);
            assert_eq!(RefreshCookie::read(&request, &local()), None, "{value}");
        }
    }

    #[test]
    fn of_two_cookies_none_counts_and_one_without_the_prefix_only_locally() {
        let value = |site: &SiteOrigin, host| {
            let (_, set) = cookie().set(&headers(&[(header::HOST, host)]), site);
            set.to_str().unwrap().split(';').next().unwrap().to_owned()
        };
        let read = |site: &SiteOrigin, host, cookies: &[&str]| {
            let mut request: Vec<_> = cookies.iter().map(|cookie| (header::COOKIE, *cookie)).collect();
            request.push((header::HOST, host));
            let mut all = HeaderMap::new();
            for (name, value) in request {
                all.append(name, value.parse().unwrap());
            }
            RefreshCookie::read(&all, site).is_some()
        };
        for (site, host) in [(local(), "localhost"), (public(), "tickets.example.org")] {
            let (mine, theirs) = (value(&site, host), value(&site, host));
            assert!(read(&site, host, &[&mine]));
            assert!(!read(&site, host, &[&theirs, &mine]));
            assert!(!read(&site, host, &[&format!("{theirs}; {mine}")]));
        }
        let planted = value(&local(), "localhost");
        assert!(planted.starts_with("ticketshow_refresh="));
        assert!(!read(&public(), "tickets.example.org", &[&planted]));
    }

    #[test]
    fn only_local_cookies_lack_secure_and_the_prefix() {
        let is_secure = |site: &SiteOrigin, host| {
            let (_, set) = cookie().set(&headers(&[(header::HOST, host)]), site);
            let set = set.to_str().unwrap();
            let is_bound =
                set.starts_with("__Host-") && set.contains("; Path=/;") && set.contains("SameSite=Strict");
            assert_eq!(set.contains("; Secure"), is_bound, "{set}");
            is_bound
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
        assert_eq!(
            hosts.map(|host| is_secure(&local(), host)),
            [false, false, false, false, true, true, true]
        );
        assert_eq!(hosts.map(|host| is_secure(&public(), host)), [true; 7]);
    }

    #[test]
    fn requests_of_other_sites_are_rejected() {
        let allowed = |site: &SiteOrigin, host, origin| {
            check_origin(&headers(&[(header::HOST, host), (header::ORIGIN, origin)]), site).is_ok()
        };
        let origins = [
            "http://localhost:8000",
            "http://localhost:5173",
            "https://evil.org",
            "null",
            "evil://localhost:8000",
        ];
        assert_eq!(
            origins.map(|origin| allowed(&local(), "localhost:8000", origin)),
            [true, false, false, false, false]
        );
        // A proxy has changed the `Host`.
        assert!(allowed(&public(), "127.0.0.1:8000", "https://tickets.example.org"));
        assert!(!allowed(&public(), "tickets.example.org", "http://tickets.example.org"));
        assert!(check_origin(&HeaderMap::new(), &local()).is_ok());
    }

    #[test]
    fn browsers_say_when_another_site_sent_a_request() {
        let from = |site| headers(&[(HeaderName::from_static(SEC_FETCH_SITE), site)]);
        let allowed = |site| check_origin(&from(site), &local()).is_ok();
        assert_eq!(
            ["same-origin", "none", "same-site", "cross-site", ""].map(allowed),
            [true, true, false, false, false]
        );
        assert!(is_from_a_page(&from("same-origin")));
        assert!(is_from_a_page(&headers(&[(header::ORIGIN, "http://localhost:8000")])));
        assert!(!is_from_a_page(&headers(&[(header::HOST, "localhost:8000")])));
    }
}
